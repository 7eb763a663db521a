"""The destinations of an account's calls: how fast each is sent to, what waits, how it answered lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from recado.db.database import Transaction
from recado.deliveries.filtering import host_of
from recado.deliveries.finding import lanes_in_log
from recado.deliveries.limiting import NO_LIMIT, Limit
from recado.deliveries.pacing import FIRST_CONCURRENCY
from recado.deliveries.policies import SECONDS

RECENT: Final = 200  # deliveries whose attempts say how it answers
MOST_WAITING: Final = 1_000  # counted
_PER: Final = {seconds: per for per, seconds in SECONDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A lane as one account sees it. Pace and breaker are everybody's: it is one server.

    `open_until` is set while the breaker is open. `calls` are recent attempts, of which `failures`
    got no success; `p50` and `p99` are milliseconds.
    """

    lane: str
    concurrency: float = FIRST_CONCURRENCY
    open_until: datetime | None = None
    is_probing: bool = False
    waiting: int = 0
    in_flight: int = 0
    calls: int = 0
    failures: int = 0
    p50: float | None = None
    p99: float | None = None
    limit: Limit | None = None
    limited_until: datetime | None = None  # has had what it may for now
    rests_until: datetime | None = None  # somebody, `rests_by`, put it aside
    rests_by: str | None = None

    @property
    def host(self) -> str:
        """As people name it."""
        return host_of(self.lane)


# Each count is a short walk along an index, however long the log is.
_SEEN: Final = text("""
    select mine.lane, lanes.concurrency, lanes.open_until, coalesce(lanes.is_probing, false) as is_probing,
        waiting.waiting, waiting.in_flight, recent.*, limits.calls as most, limits.seconds,
        case when limits.used >= limits.calls and limits.window_ends_at > :now
            then limits.window_ends_at end as limited_until,
        case when limits.rests_until > :now then limits.rests_until end as rests_until, limits.rests_by
    from unnest(cast(:lanes as text[])) as mine(lane)
    left join lanes using (lane)
    left join lane_limits limits on limits.account_id = :account_id and limits.lane = mine.lane
    cross join lateral (
        select count(*) as waiting, count(leases.claim) as in_flight from (
            select d.id from deliveries d where d.state = 'pending' and d.lane = mine.lane
                and d.account_id = :account_id limit :most_waiting
        ) pending left join leases on leases.delivery_id = pending.id
    ) waiting
    cross join lateral (
        select count(*) as calls, count(a.trouble) as failures,
            percentile_cont(0.5) within group (order by a.milliseconds) as p50,
            percentile_cont(0.99) within group (order by a.milliseconds) as p99
        from (
            select d.id from deliveries d where d.account_id = :account_id and d.lane = mine.lane
            order by d.id desc limit :recent
        ) newest join attempts a on a.delivery_id = newest.id
    ) recent
    order by mine.lane
""")


async def destinations_of(
    tx: Transaction, account_id: int, *, now: datetime, lane: str | None = None
) -> list[Destination]:
    """Every destination that the account's log tells of, or only this one if it does."""
    lanes = await lanes_in_log(tx, account_id)
    rows = await tx.execute(
        _SEEN,
        {
            "lanes": [one for one in lanes if lane in {None, one}],
            "account_id": account_id,
            "now": now,
            "most_waiting": MOST_WAITING,
            "recent": RECENT,
        },
    )
    return [_destination(dict(row._mapping)) for row in rows]


async def find_destination(
    tx: Transaction, account_id: int, lane: str, *, now: datetime
) -> Destination | None:
    """One of the account's destinations."""
    found = await destinations_of(tx, account_id, now=now, lane=lane)
    return found[0] if found else None


def _destination(row: dict[str, Any]) -> Destination:
    most, seconds = row.pop("most"), row.pop("seconds")
    concurrency = row.pop("concurrency")
    return Destination(
        **row,
        concurrency=FIRST_CONCURRENCY if concurrency is None else concurrency,
        limit=Limit(most, _PER[seconds]) if most is not None and most != NO_LIMIT else None,
    )
