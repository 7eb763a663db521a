"""Many processes on one database: what two web servers and two workers carry beside one of each."""

from collections.abc import Sequence

from recado.bench.desk import open_desk
from recado.bench.pipeline import arrived, measured, set_pipeline
from recado.bench.printing import Report, Row
from recado.bench.receiving import Hosts
from recado.bench.stage import post_flat_out

_ONE = ("web", "worker")
_CASES = (_ONE, (*_ONE, *_ONE))


async def many(seconds: float, _: float) -> Report:
    """The closed loop of `pipeline` with two processes, then with four."""
    rows = [await _case(roles, seconds) for roles in _CASES]
    return Report("many", rows, ["Throughput grows while there are cores; order and count hold."])


async def _case(roles: Sequence[str], seconds: float) -> Row:
    async with Hosts() as hosts, open_desk(roles) as desk:
        stage = await set_pipeline(desk, await hosts.healthy())
        await post_flat_out(stage, "matching", clients=8, seconds=2)
        await arrived(stage, hosts)
        load = post_flat_out(stage, "matching", clients=64, seconds=seconds)
        return {"processes": len(roles), **await measured("closed", stage, hosts, load)}
