"""The audit log: what people changed in the settings, written in the transaction that changes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select

from recado.accounts.models import Account, AuditEntry, User
from recado.db.database import Transaction, database_now
from recado.db.noting import Note

PAGE: Final = 50
FEWEST_DAYS: Final = 1
MOST_DAYS: Final = 3_650
_BATCH: Final = 1_000
# Kinds that are about a person.
_PERSONAL: Final = frozenset({"agent", "second_step", "password_link"})


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for; None looks for all. `since` and `until` are moments, the latter outside."""

    user_id: int | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def write_audit_entries(tx: Transaction, notes: list[Note]) -> None:
    """Write down what has changed, with the names of those whom it is about."""
    now = await database_now(tx)
    known = await tx.execute(
        select(Account.id).where(Account.id.in_({n.account_id for n in notes}))
    )
    accounts = {row[0] for row in known}
    names = await _names(tx, notes)
    entries = [_entry(one, names, now=now) for one in notes if one.account_id in accounts]
    if entries:
        await tx.execute(insert(AuditEntry), entries)


_Names = dict[tuple[str, int], str]  # by table and id


async def _names(tx: Transaction, notes: list[Note]) -> _Names:
    """What people, and what they take part in, are called now: later they may be gone."""
    wanted: dict[str, set[int]] = {}
    for note in notes:
        for table, number in _named_by(note):
            wanted.setdefault(table, set()).add(number)
    found: _Names = {}
    for place, ids in wanted.items():
        named = User.metadata.tables[place].c
        rows = await tx.execute(select(named.id, named.name).where(named.id.in_(ids)))
        found |= {(place, row[0]): row[1] for row in rows}
    return found


def _named_by(note: Note) -> list[tuple[str, int]]:
    """Whose names tell what the note is about, where the row itself has none."""
    if note.name or note.subject_id is None:
        return []
    if note.part_of:
        return [("users", note.part_of[1]), (note.part_of[0], note.subject_id)]
    return [("users", note.subject_id)] if note.kind in _PERSONAL else []


def _entry(note: Note, names: _Names, *, now: datetime) -> dict[str, Any]:
    acting = note.acting
    name = note.name or " · ".join(names[one] for one in _named_by(note) if one in names)
    return {
        "account_id": note.account_id, "user_id": acting.user_id, "user_name": acting.name,
        "address": acting.address, "way": acting.way, "kind": note.kind, "what": note.what,
        "subject_id": note.subject_id, "subject_name": name[:255],
        "changes": note.differences(), "at": now,
    }  # fmt: skip


async def audit_page(
    tx: Transaction, account_id: int, wanted: AuditFilter, *, before: int | None, limit: int = PAGE
) -> tuple[list[AuditEntry], int | None]:
    """An account's entries, newest first, and the id before which the next page goes on."""
    query = select(AuditEntry).where(AuditEntry.account_id == account_id)
    if wanted.user_id is not None:
        query = query.where(AuditEntry.user_id == wanted.user_id)
    if wanted.kind is not None:
        query = query.where(AuditEntry.kind == wanted.kind)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    found = list(await tx.scalars(query.order_by(AuditEntry.id.desc()).limit(limit + 1)))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def people_of_log(tx: Transaction, account_id: int) -> dict[int, str]:
    """Who stands in the log, by the newest name, sorted."""
    query = (
        select(AuditEntry.user_id, func.max(AuditEntry.user_name))
        .where(AuditEntry.account_id == account_id)
        .group_by(AuditEntry.user_id)
        .order_by(func.max(AuditEntry.user_name))
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def prune_audit_entries(tx: Transaction, *, now: datetime) -> int:
    """Forget entries older than their account keeps them; how many, at most a batch of each."""
    gone = 0
    rows = await tx.execute(select(Account.id, Account.audit_days))
    for account_id, days in rows.all():
        mine = (AuditEntry.account_id == account_id, AuditEntry.at < now - timedelta(days=days))
        old = select(AuditEntry.id).where(*mine).limit(_BATCH)
        found = await tx.execute(
            delete(AuditEntry).where(AuditEntry.id.in_(old)).returning(AuditEntry.id)
        )
        gone += len(found.all())
    return gone
