"""The pages about custom actions that `pages.py` has no room for, one file a subject."""

from typing import Any

from recado.actions.doors import copying, editing, trying, typing, versions

handlers: list[Any] = [
    one for door in (copying, editing, trying, typing, versions) for one in door.handlers
]
