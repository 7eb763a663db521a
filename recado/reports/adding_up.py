"""Adding conversations up by the day: the worker counts each day once it is over.

A day is counted from its events, all of them, so counting it again changes nothing. Whatever changes an
event leaves a ReportingChange in its transaction: the day is read from its events until the worker has
counted it again. An account that moves to another time zone has other days, and all are counted anew.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import log
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Select,
    SmallInteger,
    SQLColumnExpression,
    case,
    cast,
    delete,
    func,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert

from recado.accounts.models import Account
from recado.conversations.clocking import RECENT
from recado.conversations.models import (
    ReportingChange,
    ReportingEvent,
    ReportingName,
)
from recado.db.database import Transaction
from recado.reports.days import days_of, of_each
from recado.reports.dimensions import ALL, Dimension, key_by
from recado.reports.models import ConversationsCounted, ConversationTotal
from recado.reports.periods import Period
from recado.reports.saying import WHOSE, count_messages, sums_of_messages, without_messages
from recado.reports.spreads import GROWTH, LONGEST
from recado.reports.stretches import stretches

_SETTLED: Final = 2 * RECENT  # after a day: whoever wrote in it has committed by then
_STRIDE: Final = 7  # days counted in one transaction
_COLUMNS: Final = (
    "account_id", "dimension", "business", "day", "name", "key", "bucket", "count", "seconds",
)  # fmt: skip


async def count_conversations(tx: Transaction, *, now: datetime) -> bool:
    """Count some days of one account; whether there may be more."""
    settled = now - _SETTLED
    await _begin(tx)
    found = await _next(tx, settled)
    if found is None:
        return False
    counted, zone = found
    if counted.zone != zone:
        await _begin_anew(tx, counted, zone)
    periods = await _due(tx, counted, settled)
    for period in periods:
        await _count(tx, counted.account_id, period)
    return bool(periods)


def sums_of_events(
    days: CTE,
    account_id: int,
    dimension: str,
    *,
    business: bool,
    names: Iterable[ReportingName] = ReportingName,
) -> Select[Any]:
    """From the events of these days: day, name, key, bucket, count and seconds."""
    event = ReportingEvent
    value = event.value_in_business_hours if business else event.value
    by = (event.name, key_by(dimension).label("key"), _bucket(value).label("bucket"))
    sums = (
        select(*by, func.count().label("count"), func.sum(value).label("seconds"))
        .where(event.created_at >= days.c.starts, event.created_at < days.c.ends)
        .where(event.account_id == account_id, event.name.in_(names))
        .group_by(*by)
    )
    return of_each(days, sums)


def _bucket(value: SQLColumnExpression[float]) -> ColumnElement[int]:
    size = 1 + func.floor(func.ln(value) * literal(1 / log(GROWTH)))
    return cast(case((value < 1, 0), else_=func.least(LONGEST, size)), SmallInteger)


async def _begin(tx: Transaction) -> None:
    """Accounts in which something has happened for the first time."""
    known = select(ConversationsCounted.account_id)
    first = _first_day(Account.id, Account.time_zone)
    new = select(Account.id, Account.time_zone, first).where(
        Account.id.not_in(known), first.is_not(None)
    )
    begin = insert(ConversationsCounted).from_select(["account_id", "zone", "until"], new)
    await tx.execute(begin.on_conflict_do_nothing())


def _first_day(account_id: Any, zone: Any) -> ColumnElement[date]:
    """The day of an account's first event: the first of each name stands first in the index."""
    event = ReportingEvent
    firsts = [
        select(func.min(event.created_at))
        .where(event.account_id == account_id, event.name == name)
        .scalar_subquery()
        for name in ReportingName
    ]
    return cast(func.timezone(zone, func.least(*firsts)), Date)


async def _next(tx: Transaction, settled: datetime) -> tuple[ConversationsCounted, str] | None:
    """An account with days to count, locked, and its time zone; others may count others."""
    counted = ConversationsCounted
    is_due = counted.until < cast(func.timezone(counted.zone, settled), Date)
    begins = func.timezone(counted.zone, cast(counted.until, DateTime))
    has_changed = (
        select(ReportingChange.id)
        .where(ReportingChange.account_id == counted.account_id, ReportingChange.at < begins)
        .exists()
    )
    query = (
        select(counted, Account.time_zone)
        .join(Account, Account.id == counted.account_id)
        .where((counted.zone != Account.time_zone) | is_due | has_changed)
        .order_by(counted.account_id)
        .limit(1)
        .with_for_update(of=counted, skip_locked=True)
    )
    row = (await tx.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def _begin_anew(tx: Transaction, counted: ConversationsCounted, zone: str) -> None:
    account_id = counted.account_id
    first = select(func.min(ConversationTotal.day)).where(
        ConversationTotal.account_id == account_id
    )
    oldest = await tx.scalar(first)  # by the other clock, so perhaps a day later than by this one
    await tx.execute(delete(ConversationTotal).where(ConversationTotal.account_id == account_id))
    await tx.execute(without_messages(account_id))
    counted.zone = zone
    until = await tx.scalar(select(_first_day(account_id, zone))) or counted.until
    counted.until = min(until, oldest - timedelta(days=1)) if oldest else until
    await tx.flush()


async def _due(tx: Transaction, counted: ConversationsCounted, settled: datetime) -> list[Period]:
    """Days that changed since they were counted, and then the next ones."""
    zone = ZoneInfo(counted.zone)
    today = settled.astimezone(zone).date()
    until = min(counted.until + timedelta(days=_STRIDE), max(today, counted.until))
    changed = await _changed(tx, counted, until)
    periods = [Period(day, day, counted.zone) for day in changed if day < counted.until]
    if until > counted.until:
        periods.append(Period(counted.until, until - timedelta(days=1), counted.zone))
        counted.until = until
    return periods


async def _changed(tx: Transaction, counted: ConversationsCounted, until: date) -> list[date]:
    """Days before `until` that have changed. What tells so is gone; what tells it later is not."""
    end = datetime.combine(until, datetime.min.time(), ZoneInfo(counted.zone))
    change = ReportingChange
    gone = (
        delete(change)
        .where(change.account_id == counted.account_id, change.at < end)
        .returning(change.at)
    )
    zone = ZoneInfo(counted.zone)
    return sorted({moment.astimezone(zone).date() for moment in await tx.scalars(gone)})


async def _count(tx: Transaction, account_id: int, period: Period) -> None:
    """A new statement, so it sees whatever those who told of changes have changed. What reports read
    together is written together: nine of ten pages that they touched were for a row each.
    """
    total = ConversationTotal
    days = days_of(stretches(period.since, period.until, period.zone)).cte("days")
    await count_messages(tx, account_id, period, days)
    old = (total.account_id == account_id, total.dimension.in_([ALL, *Dimension]))
    await tx.execute(delete(total).where(*old, total.day.between(period.first, period.last)))
    sums = union_all(*_by_all(days, account_id), *_spoken(account_id, period)).order_by(
        *map(text, _COLUMNS[:7])
    )
    await tx.execute(insert(total).from_select(_COLUMNS, sums))


def _by_all(days: CTE, account_id: int) -> Iterable[Select[Any]]:
    for dimension in (ALL, *Dimension):
        for business in (False, True):
            sums = sums_of_events(days, account_id, dimension, business=business).subquery()
            about = zip(_COLUMNS, (account_id, dimension, business), strict=False)
            yield select(*(literal(value).label(name) for name, value in about), *sums.c)


def _spoken(account_id: int, period: Period) -> Iterable[Select[*tuple[Any, ...]]]:
    for dimension in WHOSE:
        about = zip(_COLUMNS, (account_id, dimension, False), strict=False)
        said = sums_of_messages(account_id, period, dimension)
        yield select(
            *(literal(value).label(name) for name, value in about),
            *(said.c.day, said.c.name, said.c.key),
            *(literal(0).label("bucket"), said.c.count, literal(0.0).label("seconds")),
        )
