"""How fast old deliveries are forgotten: `python -m benchmarks.pruning [--rows N]`.

Makes a log of a million deliveries with their attempts, half of them older than they are kept, and
forgets those as the worker does: batch by batch. Prints rows a second, and what one batch takes,
beside the time that PostgreSQL needs to insert as many.
"""

import argparse
from datetime import timedelta
from statistics import median
from time import perf_counter

from sqlalchemy import text

from benchmarks.log import NOW, fill_log
from benchmarks.scratch import run_on_scratch
from recado.db.database import Database
from recado.db.migrating import migrate
from recado.deliveries.pruning import prune_deliveries

_KEPT = timedelta(days=30)  # as `fill_log` leaves them


async def _main(url: str, rows: int) -> None:
    await migrate(url)
    database = Database(url)
    began = perf_counter()
    await fill_log(database, rows)
    filled = rows / (perf_counter() - began)
    async with database.transaction() as tx:
        await tx.execute(text("analyze"))
    now = NOW + _KEPT - timedelta(seconds=rows)  # two seconds apart: the older half is too old
    took, gone = [], 0
    while True:
        began = perf_counter()
        async with database.transaction() as tx:
            number = await prune_deliveries(tx, now=now)
        if not number:
            break
        took.append(perf_counter() - began)
        gone += number
    print(  # noqa: T201 - its whole purpose
        f"{gone:,} of {rows:,} forgotten, {gone / sum(took):,.0f} a second; a batch takes"
        f" {median(took) * 1000:.0f} ms, at most {max(took) * 1000:.0f} ms;"
        f" inserted at {filled:,.0f} a second"
    )
    await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    run_on_scratch(_main, parser.parse_args().rows)
