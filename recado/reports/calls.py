"""Calls of custom actions in numbers: how many arrived, how many failed, and how slow the answers were."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Subquery, func, literal, select, union_all

from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.states import State
from recado.reports.counting import counted_until, ended_calls
from recado.reports.latencies import NO_ANSWER, percentile
from recado.reports.models import CallTotal
from recado.reports.periods import Period

FAILED: Final = (State.FAILED, State.UNKNOWN, State.EXPIRED)
UNSENT: Final = (State.SKIPPED, State.CANCELLED)


@dataclass(slots=True)
class Calls:
    """Calls that ended: by state, and by the latency of their last answer."""

    states: Counter[str] = field(default_factory=Counter)
    buckets: Counter[int] = field(default_factory=Counter)

    @property
    def delivered(self) -> int:
        """How many arrived."""
        return self.states[State.DELIVERED]

    @property
    def failed(self) -> int:
        """How many did not arrive, or nobody knows."""
        return sum(self.states[one] for one in FAILED)

    @property
    def unsent(self) -> int:
        """How many were left out: skipped or cancelled."""
        return sum(self.states[one] for one in UNSENT)

    @property
    def success(self) -> float | None:
        """The share that arrived of those that were sent."""
        sent = self.delivered + self.failed
        return self.delivered / sent if sent else None

    def latency(self, share: float) -> float | None:
        """The milliseconds that `share` of the answers did not exceed, to 5 %."""
        return percentile(self.buckets, share)


@dataclass(frozen=True, slots=True)
class CallReport:
    """One reading of a period, by day, by action's id, and by host."""

    days: Sequence[Calls]  # of the period, the first one first; without latencies
    actions: Mapping[int, Calls]
    hosts: Mapping[str, Calls]
    total: Calls


async def call_report(tx: Transaction, account_id: int, period: Period) -> CallReport:
    """Everything about the calls that ended in these days."""
    calls = _calls(account_id, period, await counted_until(tx))
    by_day = await _sums(tx, calls, calls.c.day, calls.c.state, literal(NO_ANSWER))
    by_whom = await _sums(tx, calls, calls.c.action_id, calls.c.lane, calls.c.state, calls.c.bucket)
    days = _folded((row[0], row[-3:]) for row in by_day)
    return CallReport(
        days=[days.get(one, Calls()) for one in period.days],
        actions=_folded((row[0], row[-3:]) for row in by_whom),
        hosts=_folded((_host(row[1]), row[-3:]) for row in by_whom),
        total=_folded((None, row[-3:]) for row in by_whom).get(None, Calls()),
    )


async def _sums(
    tx: Transaction, calls: Subquery, *keys: ColumnElement[Any]
) -> list[tuple[Any, ...]]:
    """How many calls, by these keys: the last of each row."""
    rows = await tx.execute(select(*keys, func.sum(calls.c.count)).group_by(*keys))
    return [tuple(row) for row in rows]


def _host(lane: str) -> str:
    return lane.partition("://")[2] or lane


def _calls(account_id: int, period: Period, counted: datetime | None) -> Subquery:
    """The days that are counted, and what the log knows of the time since."""
    total = CallTotal
    columns = (total.day, total.action_id, total.lane, total.state, total.bucket, total.count)
    past = select(*columns).where(
        total.account_id == account_id, total.day.between(period.first, period.last)
    )
    since = max(counted, period.since) if counted else period.since
    fresh = ended_calls(
        Delivery.account_id == account_id,
        Delivery.finished_at >= since,
        Delivery.finished_at < period.until,
    ).subquery()
    return union_all(past, select(*list(fresh.c)[1:])).subquery("calls")


def _folded(rows: Iterable[tuple[Any, tuple[Any, ...]]]) -> dict[Any, Calls]:
    found: dict[Any, Calls] = {}
    for key, (state, bucket, count) in rows:
        line = found.setdefault(key, Calls())
        line.states[state] += int(count)
        line.buckets[bucket] += int(count)
    return found
