"""From a message over REST to a templated POST that has arrived: how many, how fast, at what cost."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final

from recado.bench.desk import Desk, open_desk
from recado.bench.printing import Report, Row, milliseconds
from recado.bench.receiving import Hosts
from recado.bench.reference import bare_calls, bare_inserts
from recado.bench.stage import Stage, add_host, add_rule, post_flat_out, post_steadily, set_stage

_RULES: Final = 10
_MANY_RULES: Final = 1_000
_CLIENTS: Final = 64
_PATIENCE_SECONDS: Final = 60.0


@dataclass
class _Before:
    delivered: int
    posted: int
    recado: float
    postgres: float
    at: float


async def pipeline(seconds: float, _: float) -> Report:
    """Closed loop for the greatest rate, an open loop at half of it for the latencies, and a closed one
    in an account with a thousand rules.
    """
    async with Hosts() as hosts, open_desk() as desk:
        url = await hosts.healthy()
        stage = await set_pipeline(desk, url)
        await post_flat_out(stage, "matching", clients=8, seconds=2)
        await arrived(stage, hosts)
        calls, inserts = (
            await bare_calls(url, seconds=2),
            await bare_inserts(desk.server.url, seconds=2),
        )
        hosts.arrivals.times.pop("?", None)
        closed = await measured(
            "closed",
            stage,
            hosts,
            post_flat_out(stage, "matching", clients=_CLIENTS, seconds=seconds),
        )
        rate = max(1.0, float(closed["delivered_per_s"] or 0) / 2)
        steady = post_steadily(stage, ["matching"], rate=rate, seconds=seconds)
        opened = await measured("open", stage, hosts, steady)
        await add_silent_rules(desk, _RULES, _MANY_RULES)
        many = await measured(
            f"closed, {_MANY_RULES:,} rules",
            stage,
            hosts,
            post_flat_out(stage, "matching", clients=_CLIENTS, seconds=seconds),
        )
    reference = (
        f"Reference: {calls:,.0f} bare calls/s to the same receiver, {inserts:,.0f} inserts/s."
    )
    share = f"Closed loop: {float(closed['delivered_per_s'] or 0) / calls:.1%} of the bare calls."
    return Report("pipeline", [closed, opened, many], [reference, share])


async def set_pipeline(desk: Desk, url: str) -> Stage:
    """One rule of ten matches and calls `url`; each has three conditions."""
    stage = await set_stage(desk)
    await add_host(desk, "matching", url)
    await add_silent_rules(desk, 1, _RULES)
    return stage


async def add_silent_rules(desk: Desk, start: int, end: int) -> None:
    """Rules that wait for the same event as the one that matches, and never do."""
    for number in range(start, end):
        await add_rule(desk, f"never{number}", 1)


async def measured(loop: str, stage: Stage, hosts: Hosts, load: Awaitable[object]) -> Row:
    """What came of a load, once everything has arrived."""
    desk, arrivals = stage.desk, hosts.arrivals
    arrivals.latencies.clear()
    before = _Before(
        len(arrivals.times), stage.posted, desk.recado_seconds(), desk.postgres_seconds(),
        time.monotonic(),
    )  # fmt: skip
    await load
    await arrived(stage, hosts)
    delivered = len(arrivals.times) - before.delivered
    elapsed = time.monotonic() - before.at
    return {
        "loop": loop,
        "posted": stage.posted - before.posted,
        "delivered_per_s": round(delivered / elapsed, 1),
        **milliseconds(arrivals.latencies["matching"]),
        "recado_us": round((desk.recado_seconds() - before.recado) / max(1, delivered) * 1e6),
        "postgres_us": round((desk.postgres_seconds() - before.postgres) / max(1, delivered) * 1e6),
        "lost": stage.posted - len(arrivals.times),
        "doubled": sum(arrivals.times.values()) - len(arrivals.times),
    }


async def arrived(stage: Stage, hosts: Hosts) -> None:
    """Wait until everything posted is there, or nothing comes any more."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while len(hosts.arrivals.times) < stage.posted and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
