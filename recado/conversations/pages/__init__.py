"""Pages of conversations: the desk, and the texts that people use again."""

from typing import Any

from recado.conversations.pages import canned, desk, transcript

handlers: list[Any] = [*desk.handlers, *canned.handlers, *transcript.handlers]
