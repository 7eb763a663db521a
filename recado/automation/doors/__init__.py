"""The pages about rules that `pages.py` has no room for, one file a subject."""

from typing import Any

from recado.automation.doors import (
    attaching,
    macros,
    ordering,
    story,
    transferring,
    trying,
    versions,
)

handlers: list[Any] = [
    one
    for door in (attaching, macros, ordering, story, transferring, trying, versions)
    for one in door.handlers
]
