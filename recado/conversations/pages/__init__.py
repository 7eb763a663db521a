"""Pages of conversations: the desk, and the texts that people use again."""

from typing import Any

from recado.conversations.pages import canned, desk

handlers: list[Any] = [*desk.handlers, *canned.handlers]
