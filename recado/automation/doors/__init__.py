"""The pages about rules beside their list, one file a subject."""

from typing import Any

from recado.automation.doors import (
    attaching,
    editing,
    macros,
    ordering,
    story,
    transferring,
    trying,
    versions,
)

handlers: list[Any] = [
    one
    for door in (attaching, editing, macros, ordering, story, transferring, trying, versions)
    for one in door.handlers
]
