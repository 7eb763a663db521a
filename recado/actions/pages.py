"""Pages of custom actions."""

from typing import Any

handlers: list[Any] = []
