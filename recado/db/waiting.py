"""Changes that can wait for one another: sent together, in one round trip, when somebody could look.

A round trip costs more than most statements. What only writes, and whose rows nobody needs in this
transaction, waits (`Direct.later`) until the transaction commits, or until a statement could see what
it changes: one of `direct.py` that names its table, or any of the session's. A savepoint is set
after what waits was sent.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import event  # noqa: TID251 - the session tells it no other way
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from recado.db.driving import LENT, fetch
from recado.db.lending import Lent

_WAITING: Final = "waiting"  # in a transaction's info
_PLACE: Final = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Change:
    """A statement with its values in their order, and the table that it changes."""

    sql: str
    values: Sequence[Any]
    table: str


class WaitingSession(Session):
    """A session that sends what waits before anything of its own."""


def put_off(info: dict[Any, Any], change: Change, *, grows: bool) -> None:
    """Have a change wait. One that `grows` has columns of rows for values: they are added to those of the
    same statement, if nothing else is to change the table in between.
    """
    waiting: list[Change] = info.setdefault(_WAITING, [])
    before = next((one for one in reversed(waiting) if one.table == change.table), None)
    if grows and before is not None and before.sql == change.sql:
        for column, more in zip(before.values, change.values, strict=True):
            column.extend(more)
    else:
        waiting.append(change)


def can_wait(info: dict[Any, Any], *, is_nested: bool) -> bool:
    """Not within a savepoint, which could be undone while the rest is kept, nor without a transaction."""
    return LENT in info and not is_nested


async def send_concerning(info: dict[Any, Any], words: frozenset[str]) -> None:
    """Send what waits, if a statement with these words could see it."""
    waiting = info.get(_WAITING)
    if waiting and any(one.table in words for one in waiting):
        await send_waiting(info)


async def send_waiting(info: dict[Any, Any], last: Change | None = None) -> None:
    """Send what waits, and a statement that changes no table behind it."""
    rounds = list(_rounds(info.pop(_WAITING, [])))
    if last is not None:
        rounds = [*rounds[:-1], [*rounds[-1], last]] if rounds else [[last]]
    for changes in rounds:
        sql = _joined(tuple(one.sql for one in changes), changes[-1] is last)
        await fetch(info, sql, [value for one in changes for value in one.values])


def _rounds(changes: list[Change]) -> Iterator[list[Change]]:
    """Those of one table after one another: within a statement neither would see the other."""
    while changes:
        first: dict[str, Change] = {}
        later = [one for one in changes if first.setdefault(one.table, one) is not one]
        yield list(first.values())
        changes = later


@lru_cache(maxsize=256)
def _joined(statements: tuple[str, ...], has_last: bool) -> str:
    """One statement that does what these do."""
    if len(statements) == 1:
        return statements[0]
    parts = counted_on(statements)
    last = parts.pop() if has_last else "select"
    changes = ", ".join(f"change_{number} as ({part})" for number, part in enumerate(parts))
    return f"with {changes} {last}"


def counted_on(statements: Iterable[str]) -> list[str]:
    """Statements that each count their values from 1, as parts of one that has the values of all."""
    parts, shift = [], 0
    for one in statements:
        parts.append(_shifted(one, shift))
        shift += max((int(place) for place in _PLACE.findall(one)), default=0)
    return parts


def _shifted(statement: str, shift: int) -> str:
    return _PLACE.sub(lambda place: f"${int(place[1]) + shift}", statement)


def _send_first(session: Session) -> None:
    if session.info.get(_WAITING):
        lent: Lent = session.info[LENT]
        lent.adapted.run_async(lambda _driver: send_waiting(session.info))


@event.listens_for(WaitingSession, "do_orm_execute")
def _before_statements(state: ORMExecuteState) -> None:
    _send_first(state.session)


@event.listens_for(WaitingSession, "before_flush")
def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    _send_first(session)


@event.listens_for(WaitingSession, "after_transaction_create")
def _before_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        _send_first(session)
