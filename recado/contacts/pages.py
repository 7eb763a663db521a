"""Pages of contacts, custom attributes and labels."""

from typing import Any

handlers: list[Any] = []
