"""Conversations in numbers: opened, resolved, opened again, and how fast, by day or by whose they are.

Days that the worker has counted are read from their totals, the others from the events themselves,
in one statement: the figures are the same, whatever is counted already.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    cast,
    func,
    select,
    union_all,
)

from recado.conversations.models import ReportingName
from recado.db.database import Transaction
from recado.reports.adding_up import sums_of_events
from recado.reports.days import ROOM, known_days
from recado.reports.dimensions import ALL, Dimension, key_of
from recado.reports.models import ConversationTotal
from recado.reports.periods import Period
from recado.reports.spreads import Spread, spread_of
from recado.reports.stretches import stretches


@dataclass(slots=True)
class Figures:
    """What a line of a report says."""

    counts: dict[str, int] = field(default_factory=dict)  # by ReportingName
    spreads: dict[str, Spread] = field(default_factory=dict)  # the same, of those that take time

    def count(self, name: ReportingName) -> int:
        """How often it happened."""
        return self.counts.get(name, 0)


_TIMED: Final = (ReportingName.FIRST_RESPONSE, ReportingName.CONVERSATION_RESOLVED)
_COUNTED: Final = (ReportingName.CONVERSATION_CREATED, ReportingName.CONVERSATION_OPENED)
_NAMES: Final = (*_TIMED, *_COUNTED)


async def figures_in_all(
    tx: Transaction, account_id: int, period: Period, *, business: bool
) -> Figures:
    """The whole period in one line."""
    sums = _sums(account_id, period, ALL, business=business)
    return (await _figures(tx, sums, sums.c.key)).get("", Figures())


async def figures_by_day(
    tx: Transaction, account_id: int, period: Period, *, business: bool
) -> list[Figures]:
    """A line for each of the period's days."""
    sums = _sums(account_id, period, ALL, business=business)
    lines = await _figures(tx, sums, sums.c.day)
    return [lines.get(day, Figures()) for day in period.days]


async def figures_by(
    tx: Transaction, account_id: int, period: Period, dimension: Dimension, *, business: bool
) -> dict[Any, Figures]:
    """A line for each agent, team or inbox, by id, or label; None: nobody's."""
    sums = _sums(account_id, period, dimension, business=business)
    lines = await _figures(tx, sums, sums.c.key)
    return {key_of(dimension, key): line for key, line in lines.items()}


async def _figures(tx: Transaction, sums: Subquery, by: ColumnElement[Any]) -> dict[Any, Figures]:
    """Sizes come as arrays: as rows, most of the time would go into reading them."""
    await tx.execute(ROOM)
    keys = (by.label("key"), sums.c.name, sums.c.bucket)
    count, seconds = cast(func.sum(sums.c.count), BigInteger), func.sum(sums.c.seconds)
    sizes = select(*keys, count.label("count"), seconds.label("seconds")).group_by(*keys).subquery()
    lists = (func.array_agg(one) for one in (sizes.c.bucket, sizes.c.count, sizes.c.seconds))
    lines = select(sizes.c.key, sizes.c.name, *lists).group_by(sizes.c.key, sizes.c.name)
    found: dict[Any, Figures] = {}
    for key, name, buckets, counts, sums_of_seconds in await tx.execute(lines):
        line = found.setdefault(key, Figures())
        line.counts[name] = sum(counts)
        if name in _TIMED:
            line.spreads[name] = spread_of(zip(buckets, counts, sums_of_seconds, strict=True))
    return found


def _sums(account_id: int, period: Period, dimension: str, *, business: bool) -> Subquery:
    """Of days that are counted the totals, of the others what their events say: of one moment."""
    whole = stretches(period.since, period.until, period.zone)
    days = known_days(account_id, period.zone, whole).cte("known_days")
    total = ConversationTotal
    columns = (total.day, total.name, total.key, total.bucket, total.count, total.seconds)
    past = (
        select(*columns)
        .join(days, (days.c.day == total.day) & days.c.is_counted)
        .where(total.account_id == account_id, total.dimension == dimension)
        .where(total.business == business, total.name.in_(_NAMES))
        .where(total.day.between(period.first, period.last))
    )
    fresh = sums_of_events(days, account_id, dimension, business=business, names=_NAMES).where(
        ~days.c.is_counted
    )
    return union_all(past, fresh).subquery("sums")
