"""Counting what rules decided, by rule and day, and which verdicts are kept with their traces.

Everything that fired, was stopped or failed is kept. Of what did not fire a sample is kept, so the
table stays bounded however busy an account is; the counters know the rest, and a verdict that was
not kept can be made again from the event's facts (`timeline.py`).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import text

from recado.automation.models import Result
from recado.db.database import Transaction
from recado.db.direct import Direct

SAMPLED: Final = 30  # events of which all verdicts are kept, of each group, an hour and worker
DAYS: Final = 30  # how far back counters go


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are tested together, known by the digest of their ids."""

    digest: bytes
    rule_ids: frozenset[int] = field(compare=False)


def group_of(rule_ids: Iterable[int]) -> Group:
    """The group of these rules, whatever their order."""
    members = frozenset(rule_ids)
    told = ",".join(map(str, sorted(members)))
    return Group(sha256(told.encode()).digest()[:16], members)


class Sample:
    """Says which "not matched" verdicts are kept: those on a group's first events in every hour."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._kept: Counter[Group] = Counter()

    def takes(self, group: Group, now: datetime) -> bool:
        """Whether those on another event are kept; then it is counted."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._kept = hour, Counter()
        if self._kept[group] >= SAMPLED:
            return False
        self._kept[group] += 1
        return True


@dataclass(slots=True)
class Tally:
    """What the rules decided on the events of one batch.

    A rule that did not match costs nothing: its group was tested, and whatever came to something else
    is taken away from that again. So a thousand rules on an event are one count, not a thousand.
    """

    sample: Sample
    now: datetime
    tests: Counter[tuple[int, Group]] = field(default_factory=Counter)
    counts: Counter[tuple[int, int, str]] = field(default_factory=Counter)

    def test(self, account_id: int, group: Group) -> bool:
        """A group was tested on an event; whether the verdicts of those that did not match are kept."""
        self.tests[account_id, group] += 1
        return self.sample.takes(group, self.now)

    def decide(self, account_id: int, rule_id: int, result: Result) -> None:
        """What a rule of a group that was tested came to; it need not be told of those that did not match."""
        if result != Result.NOT_MATCHED:
            self.counts[account_id, rule_id, result] += 1
            self.counts[account_id, rule_id, Result.NOT_MATCHED] -= 1

    def add(self, other: "Tally") -> None:
        """What another one has counted."""
        self.tests.update(other.tests)
        self.counts.update(other.counts)


_TESTS: Final = Direct("""
    insert into rule_tests (account_id, digest, rule_ids, day, lane, count)
    select account_id, digest, cast(rule_ids as bigint[]), :day::date, :lane::smallint, count
    from unnest(:accounts::bigint[], :digests::bytea[], :rules::text[], :counts::bigint[])
        as new(account_id, digest, rule_ids, count)
    on conflict (account_id, digest, day, lane) do update set count = rule_tests.count + excluded.count
""")
_COUNT: Final = Direct("""
    insert into rule_counts (account_id, rule_id, result, day, lane, count)
    select account_id, rule_id, result, :day::date, :lane::smallint, count
    from unnest(:accounts::bigint[], :rules::bigint[], :results::text[], :counts::bigint[])
        as new(account_id, rule_id, result, count)
    on conflict (account_id, rule_id, day, result, lane)
    do update set count = rule_counts.count + excluded.count
""")


async def write_tally(tx: Transaction, tally: Tally, lane: int) -> None:
    """Add a batch's counts. Whoever calls holds the lane, so no two collide."""
    when = {"day": tally.now.date(), "lane": lane}
    if tally.tests:
        accounts, groups = zip(*tally.tests, strict=True)
        await _TESTS.later(
            tx,
            accounts=list(accounts),
            digests=[one.digest for one in groups],
            rules=[_as_array(one.rule_ids) for one in groups],
            counts=list(tally.tests.values()),
            **when,
        )
    if tally.counts:
        accounts, rules, results = zip(*tally.counts, strict=True)
        await _COUNT.later(
            tx,
            accounts=list(accounts),
            rules=list(rules),
            results=[str(one) for one in results],
            counts=list(tally.counts.values()),
            **when,
        )


def _as_array(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes an array; an array of arrays would have to be a rectangle."""
    return f"{{{','.join(map(str, sorted(numbers)))}}}"


async def counts_of(
    tx: Transaction, account_id: int, rule_id: int, *, today: date
) -> dict[date, dict[str, int]]:
    """How often a rule came to each result on each of the last 30 days, quiet days left out."""
    about = {"account_id": account_id, "rule_id": rule_id, "since": today - timedelta(days=DAYS)}
    days: dict[date, dict[str, int]] = {}
    for day, result, count in await tx.execute(_COUNTS, about):
        days.setdefault(day, {})[result] = int(count)
    return days


_COUNTS: Final = text(f"""
    select day, result, sum(count) from (
        select day, '{Result.NOT_MATCHED}' as result, count from rule_tests
        where account_id = :account_id and day > :since and :rule_id = any(rule_ids)
        union all
        select day, result, count from rule_counts
        where account_id = :account_id and day > :since and rule_id = :rule_id
    ) as counted
    group by day, result having sum(count) <> 0 order by day
""")  # noqa: S608 - a word of our own


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
