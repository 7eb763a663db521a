"""What it costs to send one statement, by each way there is: `python -m benchmarks.statements`.

Processor time of this process alone, of the embedded database's answers none.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from recado.accounts.models import Account
from recado.bench.desk import open_desk
from recado.db.database import Database, Transaction
from recado.db.direct import Direct

_TIMES = 2_000
_TEXT = text("select id, rules_version from accounts where id = any(:ids)")
_DIRECT = Direct("select id, rules_version from accounts where id = any(:ids::bigint[])")


async def main() -> int:
    """Print a line for each way."""
    async with open_desk(()) as desk:
        database = Database(desk.server.url)
        await _time("a transaction", partial(_look, database.transaction))
        await _time("a statement alone", partial(_look, database.one_statement))
        await _time("SQLAlchemy's transaction", partial(_look_by_session, database))
        async with database.transaction() as tx:
            columns = select(Account.id, Account.rules_version)
            await _time("the driver", lambda: _DIRECT.rows(tx, ids=[1]))
            await _time("text()", lambda: tx.execute(_TEXT, {"ids": [1]}))
            await _time("select() of columns", lambda: tx.execute(columns.where(Account.id == 1)))
            await _time(
                "select() of objects", lambda: tx.scalars(select(Account).where(Account.id == 1))
            )
        await database.close()
    return 0


async def _look(begin: Callable[[], AbstractAsyncContextManager[Transaction]]) -> None:
    async with begin() as tx:
        await _DIRECT.rows(tx, ids=[1])


async def _look_by_session(database: Database) -> None:
    async with AsyncSession(database._engine) as session, session.begin():
        adapted: Any = await (await session.connection()).get_raw_connection()
        await adapted.driver_connection.fetch("begin")
        await adapted.driver_connection.fetch("select id, rules_version from accounts where id = 1")
        await adapted.driver_connection.fetch("commit")


async def _time(name: str, send: Callable[[], Awaitable[Any]]) -> None:
    await send()
    began, processor = perf_counter(), process_time()
    for _ in range(_TIMES):
        await send()
    spent, passed = process_time() - processor, perf_counter() - began
    each, whole = spent / _TIMES * 1e6, passed / _TIMES * 1e6
    sys.stdout.write(f"{name:24} {each:6.0f} us of processor, {whole:6.0f} us in all\n")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
