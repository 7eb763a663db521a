"""A version as people see it, whatever it is of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recado.accounts.keeping_versions import Kept


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version with what it changed: sentences, or Differences that also hold lines."""

    number: int
    author: str | None
    saved_at: datetime
    changes: Sequence[Any]
    is_current: bool

    @classmethod
    def of(cls, kept: Kept, changes: Sequence[Any], current: int) -> "ShownVersion":
        """From its row; `current` is the number of the version in use."""
        version = kept.version
        is_current = version.number == current
        return cls(version.number, kept.author, version.created_at, changes, is_current)
