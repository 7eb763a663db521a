"""The pages about rules that `pages.py` has no room for, one file a subject."""

from typing import Any

from recado.automation.doors import story, trying

handlers: list[Any] = [one for door in (story, trying) for one in door.handlers]
