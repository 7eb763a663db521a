"""How much dead and hanging hosts delay the healthy ones beside them."""

import asyncio
from typing import Final

from recado.bench.desk import Desk, open_desk
from recado.bench.printing import Report, Row, milliseconds
from recado.bench.receiving import Hosts
from recado.bench.stage import Stage, add_host, post_steadily, set_stage

_CASES: Final = (("dead", 1, 2), ("hanging", 1, 2), ("dead", 10, 20), ("hanging", 10, 20))
_TURNS: Final = 4  # a machine that is busy for a while spoils both sides alike
_REST_SECONDS: Final = 1.0  # for what is still on its way


async def isolation(seconds: float, rate: float) -> Report:
    """One of two and ten of twenty hosts, each beside the same load with every host well."""
    rows = [
        await _case(kind, bad, total, seconds=seconds, rate=rate) for kind, bad, total in _CASES
    ]
    notes = [
        "The healthy hosts' own latencies, and the same load when the others are dead or hanging.",
        "Each figure is of all turns together: all well, some bad, all well, some bad ...",
    ]
    return Report("isolation", rows, notes)


async def _case(kind: str, bad: int, total: int, *, seconds: float, rate: float) -> Row:
    async with Hosts() as hosts, open_desk() as desk:
        stage = await set_stage(desk)
        measured = await _add(desk, hosts, "healthy", total - bad)
        well = await _add(desk, hosts, "healthy", bad, "well")
        broken = await _add(desk, hosts, kind, bad)
        await post_steadily(stage, measured + well, rate=rate, seconds=2)  # connections, caches
        before: list[float] = []
        after: list[float] = []
        for _ in range(_TURNS):
            for beside, into in ((well, before), (broken, after)):
                await _post(stage, hosts, measured + beside, rate=rate, seconds=seconds / _TURNS)
                into += [one for name in measured for one in hosts.arrivals.latencies[name]]
    alone, together = milliseconds(before), milliseconds(after)
    bad_ones = {f"bad_{name}": value for name, value in together.items()}
    ratio = round(together["p99_ms"] / alone["p99_ms"], 2)
    return {"case": f"{bad} of {total} {kind}", **alone, **bad_ones, "p99_ratio": ratio}


async def _add(desk: Desk, hosts: Hosts, kind: str, number: int, called: str = "") -> list[str]:
    names = [f"{called or kind}{at}" for at in range(number)]
    for name in names:
        await add_host(desk, name, await getattr(hosts, kind)())
    return names


async def _post(
    stage: Stage, hosts: Hosts, names: list[str], *, rate: float, seconds: float
) -> None:
    """So many messages a second to all of these in turn; what has arrived is in `hosts`."""
    await asyncio.sleep(_REST_SECONDS)
    hosts.arrivals.latencies.clear()
    await post_steadily(stage, names, rate=rate, seconds=seconds)
    await asyncio.sleep(_REST_SECONDS)
