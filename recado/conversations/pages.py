"""Pages of conversations."""

from typing import Any

handlers: list[Any] = []
