"""Counting ended calls by the day: the worker adds each hour once it is over, and each once.

What the delivery log forgets stays counted. What is not counted yet is read from the log itself.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Select, and_, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import Insert, insert

from recado.accounts.models import Account
from recado.db.database import Transaction
from recado.deliveries.models import Attempt, Delivery
from recado.reports.latencies import GROWTH, LONGEST, NO_ANSWER
from recado.reports.models import CallTotal, CountedUntil

_NAME: Final = "calls"
_SETTLED: Final = timedelta(minutes=2)  # after the hour: who recorded in it has committed by then
_STRIDE: Final = timedelta(hours=24)  # counted in one transaction

_BUCKET: Final[ColumnElement[int]] = case(
    (Attempt.status.is_(None), NO_ANSWER),
    else_=func.least(
        LONGEST,
        func.floor(func.ln(func.greatest(Attempt.milliseconds, 1.0)) / func.ln(literal(GROWTH))),
    ),
)
_DAY: Final = cast(func.timezone(Account.time_zone, Delivery.finished_at), Date)
_KEYS: Final = (
    Delivery.account_id,
    _DAY,
    Delivery.action_id,
    Delivery.lane,
    Delivery.state,
    _BUCKET,
)


async def count_calls(tx: Transaction, *, now: datetime) -> bool:
    """Count some of the hours that are over; whether there are more."""
    end = _hour(now - _SETTLED)
    progress = await _progress(tx, end)
    if progress is None or progress.at >= end:
        return False
    until = min(end, progress.at + _STRIDE)
    rows = ended_calls(Delivery.finished_at >= progress.at, Delivery.finished_at < until)
    await tx.execute(_added(rows))
    progress.at = until
    return until < end


async def counted_until(tx: Transaction) -> datetime | None:
    """Up to when the calls are counted; None: nothing is."""
    return await tx.scalar(select(CountedUntil.at).where(CountedUntil.name == _NAME))


def ended_calls(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Calls from the log, counted as CallTotal has them: of custom actions, without rehearsals."""
    last = and_(Attempt.delivery_id == Delivery.id, Attempt.number == Delivery.attempts_count)
    return (
        select(*_KEYS, func.count())
        .select_from(Delivery)
        .join(Account, Account.id == Delivery.account_id)
        .outerjoin(Attempt, last)
        .where(Delivery.action_id.is_not(None), ~Delivery.is_test, *conditions)
        .group_by(*_KEYS)
    )


def _added(rows: Select[*tuple[Any, ...]]) -> Insert:
    columns = ["account_id", "day", "action_id", "lane", "state", "bucket", "count"]
    adding = insert(CallTotal).from_select(columns, rows)
    return adding.on_conflict_do_update(
        index_elements=columns[:-1], set_={"count": CallTotal.count + adding.excluded.count}
    )


async def _progress(tx: Transaction, end: datetime) -> CountedUntil | None:
    """How far it is, locked; None while another worker counts. It begins with the oldest call."""
    oldest = await tx.scalar(select(func.min(Delivery.finished_at)))
    start = min(_hour(oldest), end) if oldest else end
    begin = insert(CountedUntil).values(name=_NAME, at=start)
    await tx.execute(begin.on_conflict_do_nothing())
    query = select(CountedUntil).where(CountedUntil.name == _NAME)
    return await tx.scalar(query.with_for_update(skip_locked=True))


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
