"""Counting what rules decided, by rule and day, and which verdicts are kept with their traces.

Everything that fired, was stopped or failed is kept. Of what did not fire a sample is kept, so the
table stays bounded however busy an account is; the counters know the rest, and a verdict that was
not kept can be made again from the event's facts (`timeline.py`).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from recado.automation.models import Result, RuleCount
from recado.db.database import Transaction
from recado.db.direct import Direct

SAMPLED: Final = 30  # verdicts "not matched" kept of each rule, an hour and worker
DAYS: Final = 30  # how far back counters go


class Sample:
    """Says which "not matched" verdicts are kept: the first of each rule in every hour."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._kept: Counter[int] = Counter()

    def takes(self, rule_id: int, now: datetime) -> bool:
        """Whether another one of this rule is kept; then it is counted."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._kept = hour, Counter()
        if self._kept[rule_id] >= SAMPLED:
            return False
        self._kept[rule_id] += 1
        return True


@dataclass(slots=True)
class Tally:
    """What the rules decided on the events of one batch."""

    counts: Counter[tuple[int, int, str]] = field(default_factory=Counter)

    def add(self, account_id: int, rule_id: int, result: Result) -> None:
        """One more verdict."""
        self.counts[account_id, rule_id, result] += 1


_COUNT: Final = Direct("""
    insert into rule_counts (account_id, rule_id, result, day, lane, count)
    select * from unnest(
        :accounts::bigint[], :rules::bigint[], :results::text[],
        :days::date[], :lanes::smallint[], :counts::bigint[])
    on conflict (account_id, rule_id, day, result, lane)
    do update set count = rule_counts.count + excluded.count
""")


async def write_tally(tx: Transaction, tally: Tally, lane: int, *, now: datetime) -> None:
    """Add a batch's counts in one statement. Whoever calls holds the lane, so no two collide."""
    if not tally.counts:
        return
    keys = list(tally.counts)
    await _COUNT.later(
        tx,
        accounts=[one[0] for one in keys],
        rules=[one[1] for one in keys],
        results=[str(one[2]) for one in keys],
        days=[now.date()] * len(keys),
        lanes=[lane] * len(keys),
        counts=list(tally.counts.values()),
    )


async def counts_of(
    tx: Transaction, account_id: int, rule_id: int, *, today: date
) -> dict[date, dict[str, int]]:
    """How often a rule came to each result on each of the last 30 days, quiet days left out."""
    query = (
        select(RuleCount.day, RuleCount.result, func.sum(RuleCount.count))
        .where(
            RuleCount.account_id == account_id,
            RuleCount.rule_id == rule_id,
            RuleCount.day > today - timedelta(days=DAYS),
        )
        .group_by(RuleCount.day, RuleCount.result)
        .order_by(RuleCount.day)
    )
    days: dict[date, dict[str, Any]] = {}
    for day, result, count in await tx.execute(query):
        days.setdefault(day, {})[result] = int(count)
    return days


def totals(days: dict[date, dict[str, int]]) -> dict[str, int]:
    """The results of all days together."""
    total: Counter[str] = Counter()
    for counts in days.values():
        total.update(counts)
    return dict(total)


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in the chart of a rule; heights in hundredths of the tallest."""

    day: date
    tested: int
    fired: int
    height: int
    fired_height: int


def bars(days: dict[date, dict[str, int]], *, today: date) -> list[Bar]:
    """Each of the last 30 days, oldest first, quiet ones too."""
    dates = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    most = max((sum(counts.values()) for counts in days.values()), default=0) or 1
    return [_bar(day, days.get(day, {}), most) for day in dates]


def _bar(day: date, counts: dict[str, int], most: int) -> Bar:
    tested, fired = sum(counts.values()), counts.get(Result.MATCHED, 0)
    return Bar(day, tested, fired, _height(tested, most), _height(fired, most))


def _height(count: int, most: int) -> int:
    """What is there at all can be seen."""
    return max(round(100 * count / most), 4) if count else 0
