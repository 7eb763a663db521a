"""Versions: what somebody saved, when, kept so that it can be compared and brought back.

What a snapshot holds is the business of whoever keeps it. Switching on and off is no save.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select

from recado.accounts.models import User, Version
from recado.db.database import Transaction
from recado.db.tables import Json

PAGE: Final = 50  # versions shown


@dataclass(frozen=True, slots=True)
class Subject:
    """What versions are of: a kind ("rule", "action") and its id in the account."""

    account_id: int
    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A version and the name of who saved it; None where nobody is known."""

    version: Version
    author: str | None


async def keep_version(
    tx: Transaction, subject: Subject, snapshot: Json, *, by: int | None, now: datetime
) -> int:
    """Write down what was saved, unless it is as it was; the version's number. `by` is a user."""
    query = select(Version).where(*_mine(subject)).order_by(Version.number.desc()).limit(1)
    last = await tx.scalar(query)
    if last is not None and last.snapshot == snapshot:
        return last.number
    version = Version(
        account_id=subject.account_id,
        kind=subject.kind,
        subject_id=subject.id,
        number=last.number + 1 if last else 1,
        snapshot=snapshot,
        author_id=by,
        created_at=now,
    )
    tx.add(version)
    await tx.flush()
    return version.number


async def versions_of(tx: Transaction, subject: Subject) -> list[Kept]:
    """The newest versions, newest first; one more than PAGE, to compare the last one shown."""
    query = (
        select(Version, User.name)
        .outerjoin(User, User.id == Version.author_id)
        .where(*_mine(subject))
        .order_by(Version.number.desc())
        .limit(PAGE + 1)
    )
    return [Kept(row[0], row[1]) for row in await tx.execute(query)]


async def version_in_use(tx: Transaction, subject: Subject, number: int) -> Kept | None:
    """One version, with who saved it."""
    query = select(Version, User.name).outerjoin(User, User.id == Version.author_id)
    row = (await tx.execute(query.where(*_mine(subject), Version.number == number))).first()
    return Kept(row[0], row[1]) if row else None


async def versions_since(
    tx: Transaction, account_id: int, kind: str, moment: datetime
) -> dict[int, list[Version]]:
    """Every version of what was saved after a moment, by its id, newest first."""
    mine = (Version.account_id == account_id, Version.kind == kind)
    saved = select(Version.subject_id).where(*mine, Version.created_at > moment)
    return await _by_subject(tx, *mine, Version.subject_id.in_(saved))


async def every_version(tx: Transaction, account_id: int, kind: str) -> dict[int, list[Version]]:
    """Every version of everything of a kind, by its id, newest first."""
    return await _by_subject(tx, Version.account_id == account_id, Version.kind == kind)


async def _by_subject(tx: Transaction, *which: ColumnElement[bool]) -> dict[int, list[Version]]:
    found: dict[int, list[Version]] = {}
    for version in await tx.scalars(select(Version).where(*which).order_by(Version.number.desc())):
        found.setdefault(version.subject_id, []).append(version)
    return found


async def find_version(tx: Transaction, subject: Subject, number: int) -> Version | None:
    """One version."""
    return await tx.scalar(select(Version).where(*_mine(subject), Version.number == number))


def _mine(subject: Subject) -> tuple[ColumnElement[bool], ...]:
    return (
        Version.account_id == subject.account_id,
        Version.kind == subject.kind,
        Version.subject_id == subject.id,
    )
