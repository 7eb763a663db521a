"""Pages of inboxes: the list in the settings, and the business hours of each."""

from typing import Any

from recado.inboxes.pages import hours, inboxes

handlers: list[Any] = [*inboxes.handlers, *hours.handlers]
