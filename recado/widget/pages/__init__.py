"""The visitor's pages, and the administrator's page that says how they look."""

from typing import Any

from recado.widget.pages import frame, looking

handlers: list[Any] = [*frame.handlers, *looking.handlers]
