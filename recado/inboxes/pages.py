"""Pages of inboxes."""

from typing import Any

handlers: list[Any] = []
