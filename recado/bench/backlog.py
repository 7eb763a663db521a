"""A million deliveries that wait: what claiming costs then, how much memory a worker takes, and how fast it
catches up.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from recado.bench.desk import Desk, open_desk
from recado.bench.filling import settle
from recado.bench.machine import memory_mib
from recado.bench.printing import Report, Row, percentile
from recado.bench.receiving import Hosts
from recado.bench.reference import bare_calls
from recado.db.database import Database, database_now
from recado.db.direct import Direct
from recado.deliveries.claiming import Room, claim_due
from recado.deliveries.delivering import Tried
from recado.deliveries.recording import record
from recado.lib.outcomes import Response, Timing

_STEPS: Final = (1_000, 100_000, 1_000_000)
_LANES: Final = 50
_MANY_LANES: Final = 1_000
_ROUNDS: Final = 20
_CLAIMED: Final = 200
_ROOM: Final = Room(limit=_CLAIMED, per_lane=20, in_flight={})
_ANSWER: Final = Response(200, (), b"ok", 2, False, Timing(total=1.0), "OK")
_NOTE: Final = (
    f"A claim takes up to {_CLAIMED} of these destinations, which are recorded, and as many come in: the worst "
    f"of {_ROUNDS}; beside it, as a reference, what reading these rows by their ids takes. What waits has been "
    f"written to the disk before. Then a worker sends what it can to {_LANES} receivers that answer at once."
)
_FILL: Final = text("""
    insert into deliveries (account_id, webhook_id, action_id, action_name, is_test, request, lane,
        policy, state, reason, attempts_count, tries_count, interruptions_count, due_at, created_at)
    select 1, 'bench_' || n, 1, 'Bench', false, jsonb_build_object(
            'method', 'POST', 'url', lane || '/in', 'headers', '[]'::jsonb, 'body', '{}'), lane,
        '{}', 'pending', '{}', 0, 0, 0, now() - interval '1 hour' + n * interval '1 ms', now()
    from generate_series(cast(:first as int), cast(:last as int)) as n,
        lateral (select (cast(:lanes as text[]))[1 + n % cardinality(cast(:lanes as text[]))]) as l(lane)
""")
_READ: Final = Direct("select * from deliveries where id = any(:ids::bigint[])")
_EMPTY: Final = text("truncate deliveries cascade")
_WAITING: Final = text("select count(*) from deliveries where state = 'pending'")


async def backlog(seconds: float, _rate: float) -> Report:
    """Claim 200 of a growing backlog over 50 destinations, and let a worker catch up for a while; then over
    a thousand, as after an hour without a network.
    """
    async with Hosts() as hosts, open_desk(("worker",)) as desk:
        await desk.stop_processes()  # it begins once its backlog is there
        database = Database(desk.server.url, pool_size=2)
        queue = Queue(database, [await hosts.healthy() for _ in range(_LANES)])
        try:
            calls = await bare_calls(queue.lanes[0], seconds=2)
            rows: list[Row] = [
                {
                    **await claims_of(queue, waiting),
                    **await _caught_up(desk, hosts, waiting, seconds),
                }
                for waiting in _STEPS
            ]
            rows.append(await _of_many_destinations(queue))
        finally:
            await database.close()
    return Report("backlog", rows, [_NOTE, f"Reference: {calls:,.0f} bare calls/s to one of them."])


@dataclass(slots=True)
class Queue:
    """Deliveries to these destinations, of which more and more are made."""

    database: Database
    lanes: Sequence[str]
    made: int = 0

    async def grow(self, number: int) -> None:
        """Have so many more wait."""
        first, self.made = self.made + 1, self.made + number
        values = {"first": first, "last": self.made, "lanes": list(self.lanes)}
        async with self.database.transaction() as tx:
            await tx.execute(_FILL, values)

    async def empty(self) -> None:
        """Have nothing wait."""
        async with self.database.transaction() as tx:
            await tx.execute(_EMPTY)

    async def waiting(self) -> int:
        """How many wait."""
        async with self.database.transaction() as tx:
            return await tx.scalar(_WAITING) or 0

    async def claim(self) -> tuple[float, float, int]:
        """Take what there is room for and record it as delivered: the seconds of the claim, those of reading
        its rows, and how many.
        """
        async with self.database.transaction() as tx:
            now = await database_now(tx)
            start = time.perf_counter()
            claimed = (await claim_due(tx, _ROOM, lease=timedelta(seconds=60), now=now)).claimed
            taken = time.perf_counter()
            await _READ.rows(tx, ids=[one.id for one in claimed])
            read = time.perf_counter()
        async with self.database.transaction() as tx:
            await record(tx, [Tried(one, now, _ANSWER) for one in claimed], now=now)
        return taken - start, read - taken, len(claimed)


async def claims_of(queue: Queue, waiting: int) -> Row:
    """Have so many wait, and claim from them while as many come in; what a claim takes."""
    await queue.grow(waiting - await queue.waiting())
    await settle(queue.database)
    claims, readings = [], []
    for _ in range(_ROUNDS):
        claim, reading, number = await queue.claim()
        claims.append(claim)
        readings.append(reading)
        await queue.grow(number)
    return {
        "waiting": waiting,
        "destinations": len(queue.lanes),
        "claim_p50_ms": round(percentile(claims, 0.5) * 1000, 1),
        "claim_worst_ms": round(max(claims) * 1000, 1),
        "read_p50_ms": round(percentile(readings, 0.5) * 1000, 1),
    }


async def _of_many_destinations(queue: Queue) -> Row:
    """What a claim takes where each of a thousand has some; nothing is sent."""
    await queue.empty()
    queue.lanes = [f"http://host{number}.invalid" for number in range(_MANY_LANES)]
    return {**await claims_of(queue, _STEPS[1]), "sent_per_s": None, "memory_mib": None}


async def _caught_up(desk: Desk, hosts: Hosts, waiting: int, seconds: float) -> Row:
    """What a worker sends in this time from its first call on, or until none waits; its memory then."""
    sent = hosts.arrivals.times
    sent.clear()
    await desk.start_processes()
    while not sent:  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(0.01)
    start = time.monotonic()
    while sent.total() < waiting and time.monotonic() < start + seconds:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.01)
    row: Row = {
        "sent_per_s": round(sent.total() / (time.monotonic() - start), 1),
        "memory_mib": round(memory_mib(desk.processes[0].pid)),
    }
    await desk.stop_processes()
    return row
