"""How much dead and hanging hosts delay the healthy ones beside them."""

import asyncio
from collections.abc import Sequence

from recado.bench.desk import Desk, open_desk
from recado.bench.printing import Report, Row, milliseconds
from recado.bench.receiving import Hosts
from recado.bench.stage import Stage, add_host, post_steadily, set_stage

_CASES = (("dead", 1, 2), ("hanging", 1, 2), ("dead", 10, 20), ("hanging", 10, 20))


async def isolation(seconds: float, rate: float) -> Report:
    """One of two and ten of twenty hosts, each beside the same run without the bad ones."""
    rows: list[Row] = []
    for kind, bad, total in _CASES:
        before, after = await _case(kind, bad, total, seconds=seconds, rate=rate)
        ratio = round(after["p99_ms"] / before["p99_ms"], 2)
        case = f"{bad} of {total} {kind}"
        rows.append(
            {
                "case": case,
                **before,
                **{f"bad_{k}": v for k, v in after.items()},
                "p99_ratio": ratio,
            }
        )
    return Report("isolation", rows, ["Healthy hosts only: without and with the bad ones beside."])


async def _case(
    kind: str, bad: int, total: int, *, seconds: float, rate: float
) -> tuple[dict[str, float], dict[str, float]]:
    async with Hosts() as hosts, open_desk() as desk:
        stage = await set_stage(desk)
        healthy = await _add(desk, hosts, "healthy", total - bad)
        broken = await _add(desk, hosts, kind, bad)
        await post_steadily(stage, healthy, rate=rate, seconds=2)  # connections, caches
        alone = await _measured(stage, hosts, healthy, [], rate=rate, seconds=seconds)
        beside = await _measured(stage, hosts, healthy, broken, rate=rate, seconds=seconds)
    return alone, beside


async def _add(desk: Desk, hosts: Hosts, kind: str, number: int) -> list[str]:
    names = [f"{kind}{at}" for at in range(number)]
    for name in names:
        await add_host(desk, name, await getattr(hosts, kind)())
    return names


async def _measured(
    stage: Stage, hosts: Hosts, healthy: Sequence[str], broken: list[str], *, rate: float,
    seconds: float,
) -> dict[str, float]:  # fmt: skip
    """Latencies of the healthy hosts; each host gets as many messages in either case."""
    hosts.arrivals.latencies.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(post_steadily(stage, list(healthy), rate=rate, seconds=seconds))
        if broken:
            beside = rate * len(broken) / len(healthy)
            group.create_task(post_steadily(stage, broken, rate=beside, seconds=seconds))
    await asyncio.sleep(2)
    return milliseconds([one for name in healthy for one in hosts.arrivals.latencies[name]])
