"""Pages of automation rules."""

from typing import Any

handlers: list[Any] = []
