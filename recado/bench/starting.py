"""An installed Recado from nothing running to its first page, and the memory it takes then."""

import time

from recado.bench.desk import open_desk
from recado.bench.machine import memory_mib
from recado.bench.printing import Report, Row

_ROUNDS = 3


async def starting(_seconds: float, _rate: float) -> Report:
    """Web and worker in one process on a database that has been set up, started again and again."""
    rows: list[Row] = []
    async with open_desk(("up",)) as desk:
        for number in range(1, _ROUNDS + 1):
            await desk.stop_processes()
            began = time.perf_counter()
            await desk.start_processes()
            took = time.perf_counter() - began
            memory = round(memory_mib(desk.processes[0].pid))
            rows.append({"start": number, "seconds": round(took, 2), "memory_mib": memory})
    return Report("starting", rows, ["Without PostgreSQL, which runs already."])
