"""A million deliveries that wait: what claiming costs then, and how much memory a worker takes."""

import os
import time
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from recado.bench.desk import open_desk
from recado.bench.filling import settle
from recado.bench.machine import memory_mib
from recado.bench.printing import Report, Row, percentile
from recado.db.database import Database, database_now
from recado.deliveries.claiming import Room, claim_due, release

_STEPS: Final = (1_000, 100_000, 1_000_000)
_LANES: Final = 50
_ROUNDS: Final = 20
_ROOM: Final = Room(limit=200, per_lane=20, in_flight={})
_NOTE: Final = (
    "A claim takes up to 200 of 50 destinations; the worst of 20. "
    "What waits has been written to the disk before."
)
_FILL: Final = text("""
    insert into deliveries (account_id, webhook_id, action_id, action_name, is_test, request, lane,
        policy, state, reason, attempts_count, tries_count, interruptions_count, due_at, created_at)
    select 1, 'bench_' || n, 1, 'Bench', false,
        '{"method": "POST", "url": "http://127.0.0.1:9/", "headers": [], "body": "{}"}',
        'https://host' || n % :lanes || '.example:443', '{}', 'pending', '{}', 0, 0, 0,
        now() - n * interval '1 ms', now()
    from generate_series(cast(:first as int), cast(:last as int)) as n
""")


async def backlog(_seconds: float, _rate: float) -> Report:
    """Claim 200 of a growing backlog over 50 destinations, and give them back."""
    rows: list[Row] = []
    async with open_desk(roles=("web",)) as desk:
        database = Database(desk.server.url, pool_size=2)
        try:
            rows = await rows_of(database)
        finally:
            await database.close()
    return Report("backlog", rows, [_NOTE])


async def rows_of(database: Database) -> list[Row]:
    """Fill it further, and claim from it, for each step."""
    rows: list[Row] = []
    first = 1
    for waiting in _STEPS:
        async with database.transaction() as tx:
            await tx.execute(_FILL, {"first": first, "last": waiting, "lanes": _LANES})
        first = waiting + 1
        await settle(database)
        times = [await _claim_seconds(database) for _ in range(_ROUNDS)]
        rows.append(
            {
                "waiting": waiting,
                "claim_p50_ms": round(percentile(times, 0.5) * 1000, 1),
                "claim_worst_ms": round(max(times) * 1000, 1),
                "memory_mib": round(memory_mib(os.getpid())),
            }
        )
    return rows


async def _claim_seconds(database: Database) -> float:
    async with database.transaction() as tx:
        now = await database_now(tx)
        start = time.perf_counter()
        claimed = (await claim_due(tx, _ROOM, lease=timedelta(seconds=60), now=now)).claimed
        taken = time.perf_counter() - start
        await release(tx, claimed)
    return taken
