"""Pages of the delivery log."""

from typing import Any

handlers: list[Any] = []
