"""A version as people see it, whatever it is of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from recado.accounts.keeping_versions import PAGE, Kept
from recado.db.tables import Json


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version with what it changed: sentences, or Differences that also hold lines."""

    number: int
    author: str | None
    saved_at: datetime
    changes: Sequence[Any]
    is_current: bool


def shown_versions(
    kept: Sequence[Kept], current: int, differences: Callable[[Json, Json], Sequence[Any]]
) -> list[ShownVersion]:
    """A page of versions, newest first; `current` is the number of the one in use.

    What the oldest that is kept changed is not known any more.
    """
    return [
        ShownVersion(
            one.version.number,
            one.author,
            one.version.created_at,
            differences(before.version.snapshot, one.version.snapshot) if before else [],
            one.version.number == current,
        )
        for one, before in zip_longest(kept, kept[1:])
    ][:PAGE]
