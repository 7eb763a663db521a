"""What an operator watches, as Prometheus reads it: waiting, ended badly, attempts, lanes, age."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text

from recado.db.database import Transaction
from recado.deliveries.models import AttemptTotal
from recado.deliveries.tallying import BUCKETS

# Every count comes from a partial index: a million delivered rows cost nothing.
_STATES: Final = text("""
    select state, count(*) from deliveries where state = 'pending' group by state
    union all select state, count(*) from deliveries where state = 'held' group by state
    union all select state, count(*) from deliveries
        where state in ('failed', 'unknown', 'expired', 'skipped', 'cancelled') group by state
""")
_LANES: Final = text("""
    select count(*) filter (where open_until is not null) as open,
        count(*) filter (where open_until is null and concurrency < 10) as slowed,
        count(*) filter (where open_until is null and concurrency >= 10) as free
    from lanes
""")
_OLDEST_DUE: Final = text("""
    with recursive waiting as (
        (select lane from deliveries where state = 'pending' order by lane limit 1)
        union all
        select (select d.lane from deliveries d where d.state = 'pending' and d.lane > waiting.lane
                order by d.lane limit 1)
        from waiting where waiting.lane is not null
    )
    select min(oldest.due_at) from waiting
    left join lanes using (lane)
    cross join lateral (
        select due_at from deliveries d where d.state = 'pending' and d.lane = waiting.lane
            and not exists (select from leases where delivery_id = d.id and until > now())
        order by due_at limit 1
    ) oldest where lanes.open_until is null
""")
_EVENTS: Final = text("""
    select count(*), min(created_at) from events where processed_at is null
""")
_WAITING: Final = ("pending", "held")
_BAD_ENDS: Final = ("failed", "unknown", "expired", "skipped", "cancelled")


async def metrics_text(tx: Transaction, *, now: datetime) -> str:
    """Everything, in Prometheus' text format 0.0.4."""
    states: dict[str, int] = {row[0]: row[1] for row in await tx.execute(_STATES)}
    lanes = (await tx.execute(_LANES)).one()
    events, oldest_event = (await tx.execute(_EVENTS)).one()
    oldest_due = await tx.scalar(_OLDEST_DUE)
    lines = [
        *_gauge("recado_deliveries", "Deliveries that wait, or ended badly, by state.",
                (({"state": one}, states.get(one, 0)) for one in (*_WAITING, *_BAD_ENDS))),
        *await _attempts(tx),
        *_gauge("recado_lanes", "Destinations: open (breaker), slowed, or free.",
                (({"state": name}, getattr(lanes, name)) for name in ("open", "slowed", "free"))),
        *_gauge("recado_queue_age_seconds", "How long the oldest due delivery has waited.",
                [({}, _age(oldest_due, now))]),
        *_gauge("recado_events_waiting", "Events whose rules were not yet run.", [({}, events)]),
        *_gauge("recado_events_age_seconds", "How long the oldest of them has waited.",
                [({}, _age(oldest_event, now))]),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


async def _attempts(tx: Transaction) -> list[str]:
    total = AttemptTotal
    query = select(
        total.result, total.bucket, func.sum(total.count), func.sum(total.milliseconds)
    ).group_by(total.result, total.bucket)
    by_result: Counter[str] = Counter()
    by_bucket: Counter[int] = Counter()
    milliseconds = 0
    for result, bucket, count, took in await tx.execute(query):
        by_result[result] += int(count)
        by_bucket[bucket] += int(count)
        milliseconds += int(took)
    counters = (({"result": one}, by_result[one]) for one in sorted(by_result))
    return [
        *_metric("recado_attempts_total", "counter", "Attempts by their result.", counters),
        *_histogram(by_bucket, milliseconds),
    ]


def _histogram(by_bucket: Counter[int], milliseconds: int) -> Iterator[str]:
    name = "recado_attempt_seconds"
    yield f"# HELP {name} How long attempts took."
    yield f"# TYPE {name} histogram"
    reached = 0
    for index, bound in enumerate(BUCKETS):
        reached += by_bucket[index]
        yield f'{name}_bucket{{le="{bound / 1000:g}"}} {reached}'
    yield f'{name}_bucket{{le="+Inf"}} {by_bucket.total()}'
    yield f"{name}_sum {milliseconds / 1000:g}"
    yield f"{name}_count {by_bucket.total()}"


def _gauge(name: str, means: str, values: Iterable[tuple[dict[str, str], float]]) -> Iterator[str]:
    return _metric(name, "gauge", means, values)


def _metric(
    name: str, kind: str, means: str, values: Iterable[tuple[dict[str, str], float]]
) -> Iterator[str]:
    yield f"# HELP {name} {means}"
    yield f"# TYPE {name} {kind}"
    for labels, value in values:
        inner = ",".join(f'{key}="{word}"' for key, word in labels.items())
        yield f"{name}{{{inner}}} {value:g}" if inner else f"{name} {value:g}"


def _age(oldest: datetime | None, now: datetime) -> float:
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
