"""Two people in one form: the later one is shown what the other has saved before anything is lost.

A form carries the mark of what it was opened with (`opened`). Programs send none: their last word
counts, and every save is a version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recado.accounts.keeping_versions import Subject, find_version, version_in_use
from recado.db.database import Transaction
from recado.db.tables import Json
from recado.lib.numbers import number_in

OPENED: Final = "opened"  # the field's name


@dataclass(frozen=True, slots=True)
class Collision:
    """Who saved meanwhile, and when; what they changed, and what one has changed oneself."""

    author: str | None
    saved_at: datetime | None
    theirs: Sequence[Any]  # Differences or sentences
    mine: Sequence[Any]


@dataclass(frozen=True, slots=True)
class SavedMeanwhile:
    """What was saved since a form was opened; `opened` is None where that version is not kept."""

    author: str | None
    saved_at: datetime
    opened: Json | None
    current: Json


def is_outdated(form: Mapping[str, Any], mark: object) -> bool:
    """Whether a form was opened with something else than what is saved now."""
    opened = form.get(OPENED)
    if isinstance(opened, list):
        opened = next(iter(opened), None)
    return bool(opened) and str(opened) != str(mark)


async def saved_meanwhile(
    tx: Transaction, subject: Subject, form: Mapping[str, Any], number: int
) -> SavedMeanwhile | None:
    """What somebody else has saved of `subject`, whose version in use is `number`; None: nobody has."""
    if not is_outdated(form, number):
        return None
    latest = await version_in_use(tx, subject, number)
    if latest is None:
        return None
    opened = form[OPENED] if isinstance(form[OPENED], str) else form[OPENED][0]
    before = await find_version(tx, subject, number_in(opened) or 0)
    version = latest.version
    return SavedMeanwhile(
        latest.author, version.created_at, before.snapshot if before else None, version.snapshot
    )
