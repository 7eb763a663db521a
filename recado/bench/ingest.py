"""Creating messages over REST: how many a web process answers, each of them on disk by then."""

import time
from typing import Final

from recado.bench.desk import open_desk
from recado.bench.printing import Report, Row, milliseconds
from recado.bench.reference import bare_inserts
from recado.bench.stage import Stage, post_flat_out, set_stage

_CLIENTS: Final = (1, 16, 64)


async def ingest(seconds: float, _: float) -> Report:
    """A closed loop of one, some and many clients on one web process, without a worker."""
    async with open_desk(("web",)) as desk:
        stage = await set_stage(desk)
        await post_flat_out(stage, "nobody", clients=8, seconds=2)
        inserts = await bare_inserts(desk.server.url, seconds=2)
        rows = [await _case(stage, clients, seconds) for clients in _CLIENTS]
    best = max(float(one["posted_per_s"] or 0) for one in rows)
    notes = [
        f"Reference: {inserts:,.0f} inserts/s, each committed, from 32 connections.",
        f"The best is {best / inserts:.1%} of them.",
    ]
    return Report("ingest", rows, notes)


async def _case(stage: Stage, clients: int, seconds: float) -> Row:
    desk, posted = stage.desk, stage.posted
    recado, postgres = desk.recado_seconds(), desk.postgres_seconds()
    began = time.monotonic()
    times = await post_flat_out(stage, "nobody", clients=clients, seconds=seconds)
    elapsed, number = time.monotonic() - began, stage.posted - posted
    return {
        "clients": clients,
        "posted_per_s": round(number / elapsed, 1),
        **milliseconds(times),
        "recado_us": round((desk.recado_seconds() - recado) / max(1, number) * 1e6),
        "postgres_us": round((desk.postgres_seconds() - postgres) / max(1, number) * 1e6),
    }
