"""Noting what people change in the settings, wherever the code that changes it may be.

A table that declares `__noted__` is watched: each flush that a person's request causes is compared
with what was there, and before the transaction commits the differences are handed over to be
written down in it. What changes rows past the unit of work (`update()`, `delete()`) is not seen; a test
knows each such statement on a watched table, and why it needs no note.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import inspect
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.state import InstanceState

from recado.db.tables import Noted, Table

NOTES: Final = "notes"  # in a transaction's info
_BEFORE: Final = "notes before savepoints"
HIDDEN: Final = "•••"
LONGEST: Final = 20_000  # characters of a value
_SECRET: Final = re.compile(r"token|secret|password|digest|encrypted|hash|hmac")
_NO_NEWS: Final = frozenset({
    "id", "account_id", "created_at", "updated_at", "version", "position", "rules_version",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Acting:
    """On whose request the code runs, and from where."""

    account_id: int
    user_id: int
    name: str
    address: str
    way: str  # "page", "api" or "import"


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def act_for(acting: Acting | None) -> None:
    """Say on whose request the rest of this task runs."""
    _acting.set(acting)


@dataclass(slots=True)
class Note:
    """One thing that was created, changed or deleted, with its fields before and after."""

    kind: str
    what: str
    acting: Acting
    account_id: int
    subject_id: int | None
    name: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    part_of: tuple[str, int] | None = (
        None  # the table in which `subject_id` has a name, and whose part
    )

    def differences(self) -> dict[str, list[Any]]:
        """By field: what it was, and what it is."""
        fields = {**self.before, **self.after}
        return {
            one: [self.before.get(one), self.after.get(one)]
            for one in fields
            if self.before.get(one) != self.after.get(one) or fields[one] == HIDDEN
        }


def notes_of(session: Session) -> list[Note]:
    """What has changed in this transaction so far, each thing once; asked before it commits."""
    notes: dict[Table, Note] = session.info.pop(NOTES, {})
    return [one for one in notes.values() if one.what != "nothing" and one.differences()]


def keep_notes(session: Session, transaction: SessionTransaction) -> None:
    """Remember what was noted before a savepoint; for SQLAlchemy's `after_transaction_create`."""
    if transaction.nested and _acting.get() is not None:
        kept = {
            row: replace(one, before=dict(one.before), after=dict(one.after))
            for row, one in session.info.get(NOTES, {}).items()
        }
        session.info.setdefault(_BEFORE, {})[transaction] = kept


def drop_notes(session: Session, transaction: SessionTransaction) -> None:
    """Forget what a savepoint has changed that is taken back; for SQLAlchemy's `after_soft_rollback`."""
    kept = session.info.get(_BEFORE, {}).pop(transaction, None)
    if kept is not None:
        session.info[NOTES] = kept


def note_flush(session: Session, _: Any) -> None:
    """Compare what is being flushed with what was there; for SQLAlchemy's `after_flush`."""
    acting = _acting.get()
    if acting is None:
        return
    for what, rows in (
        ("created", session.new), ("changed", session.dirty), ("deleted", session.deleted)
    ):  # fmt: skip
        for row in rows:
            if isinstance(row, Table) and row.__noted__ is not None:
                _note(session.info.setdefault(NOTES, {}), row, row.__noted__, what, acting)


def _note(notes: dict[Table, Note], row: Table, noted: Noted, what: str, acting: Acting) -> None:
    state: InstanceState[Any] = inspect(row)
    before, after = _compared(state, noted, what)
    known = notes.get(row)
    if known is None:
        known = Note(
            noted.kind, what, acting, getattr(row, "account_id", acting.account_id),
            getattr(row, noted.by), str(getattr(row, noted.named, "") or ""), before, after,
            (noted.of, row.user_id) if noted.of else None,  # type: ignore[attr-defined]
        )  # fmt: skip
        notes[row] = known
        return
    known.name = str(getattr(row, noted.named, "") or "")
    known.before = {} if known.what == "created" else before | known.before
    known.after = {} if what == "deleted" else known.after | after
    if what == "deleted":
        known.what = "nothing" if known.what == "created" else what


def _compared(
    state: InstanceState[Any], noted: Noted, what: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for column in state.mapper.column_attrs:
        name = column.key
        if name in _NO_NEWS or name in noted.left_out:
            continue
        history = state.attrs[name].history
        if what == "changed" and not history.has_changes():
            continue
        was = history.deleted[0] if history.deleted else None
        now = state.dict.get(name)
        if what != "created":
            before[name] = _shown(name, now if what == "deleted" else was)
        if what != "deleted":
            after[name] = _shown(name, now)
    return before, after


def _shown(name: str, value: Any) -> Any:
    """A value as JSON has it; secrets are told by the names of their columns, and by being bytes."""
    if value is None or value == "":
        return value
    if isinstance(value, bytes) or _SECRET.search(name):
        return HIDDEN
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)[:LONGEST]
    return value
