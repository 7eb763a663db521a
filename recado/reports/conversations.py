"""Conversations in numbers: opened, resolved, opened again, and how fast, by day or by whose they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, DateTime, Float, Integer, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from recado.conversations.models import ReportingEvent, ReportingName
from recado.db.database import Transaction
from recado.reports.periods import Period


class Dimension(StrEnum):
    """By whose conversations are counted."""

    AGENT = "agent"
    TEAM = "team"
    INBOX = "inbox"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in seconds: half took at most `median`, nine of ten at most `high`."""

    count: int
    median: float
    high: float


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
BY: Final[dict[Dimension, ColumnElement[Any]]] = {
    Dimension.AGENT: ReportingEvent.user_id.expression,
    Dimension.TEAM: ReportingEvent.team_id.expression,
    Dimension.INBOX: ReportingEvent.inbox_id.expression,
    Dimension.LABEL: func.unnest(ReportingEvent.labels),
}

_ROOM: Final = text("set local work_mem = '64MB'")  # a year is sorted in memory


async def figures_in_all(
    tx: Transaction, account_id: int, period: Period, *, business: bool
) -> Figures:
    """The whole period in one line."""
    rows = await _figures(tx, account_id, period, literal(0, Integer), business=business)
    return rows.get(0, Figures())


async def figures_by_day(
    tx: Transaction, account_id: int, period: Period, *, business: bool
) -> list[Figures]:
    """A line for each of the period's days."""
    starts = cast(period.starts, ARRAY(DateTime(timezone=True)))
    number = func.width_bucket(ReportingEvent.created_at, starts)
    rows = await _figures(tx, account_id, period, number, business=business)
    return [rows.get(one, Figures()) for one in range(1, len(period.starts) + 1)]


async def figures_by(
    tx: Transaction, account_id: int, period: Period, dimension: Dimension, *, business: bool
) -> dict[Any, Figures]:
    """A line for each agent, team or inbox, by id, or label; None: nobody's."""
    return await _figures(tx, account_id, period, BY[dimension], business=business)


async def _figures(
    tx: Transaction, account_id: int, period: Period, key: ColumnElement[Any], *, business: bool
) -> dict[Any, Figures]:
    """Two statements: only what takes time is sorted."""
    await tx.execute(_ROOM)
    value = ReportingEvent.value_in_business_hours if business else ReportingEvent.value
    spread = func.percentile_cont(cast([0.5, 0.9], ARRAY(Float))).within_group(value)
    found: dict[Any, Figures] = {}
    for names, more in ((_COUNTED, ()), (_TIMED, (spread,))):
        by = (key.label("key"), ReportingEvent.name)
        query = select(*by, func.count(), *more).where(*_within(account_id, period, names))
        _fold([tuple(row) for row in await tx.execute(query.group_by(*by))], found)
    return found


def _within(
    account_id: int, period: Period, names: Iterable[ReportingName]
) -> list[ColumnElement[bool]]:
    event = ReportingEvent
    return [
        event.account_id == account_id,
        event.name.in_(names),
        event.created_at >= period.since,
        event.created_at < period.until,
    ]


def _fold(rows: Iterable[tuple[Any, ...]], into: dict[Any, Figures]) -> None:
    for key, name, count, *spread in rows:
        line = into.setdefault(key, Figures())
        line.counts[name] = count
        if spread:
            line.spreads[name] = Spread(count, *spread[0])
