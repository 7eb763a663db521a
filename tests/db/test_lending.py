"""Connections between transactions: kept, replaced, waited for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

import recado.db.lending as lending
from recado.db.database import Database, Transaction
from recado.db.direct import Direct

WHO = Direct("select pg_backend_pid() as pid")
END = Direct("select pg_terminate_backend(:pid::int)")
ADD = Direct("insert into lanes (lane, concurrency, calls, failures, openings, is_probing)"
             " values (:lane, 1, 0, 0, 0, false)")  # fmt: skip
LANES = Direct("select lane from lanes")


@pytest.fixture
async def pair(database_url: str) -> AsyncIterator[Database]:
    """A database that has two connections at most."""
    database = Database(database_url, pool_size=2)
    yield database
    await database.close()


async def who(database: Database) -> int:
    async with database.transaction() as tx:
        return await pid_of(tx)


async def pid_of(tx: Transaction) -> int:
    [[pid]] = await WHO.rows(tx)
    return int(pid)


async def test_the_connection_that_was_used_last_is_used_again(pair: Database) -> None:
    async with pair.transaction() as tx:
        first = await pid_of(tx)
        second = await who(pair)
    assert first != second
    assert await who(pair) == first


async def test_a_connection_that_was_closed_meanwhile_is_replaced(pair: Database) -> None:
    async with pair.transaction() as tx:
        ended = await who(pair)
        await END.rows(tx, pid=ended)
    await asyncio.sleep(0.1)  # the driver hears of it
    async with pair.transaction() as tx:
        assert await pid_of(tx) != ended
        assert await who(pair) != ended


async def test_no_more_are_lent_than_there_are_and_who_waits_is_served(pair: Database) -> None:
    async with pair.transaction() as one, pair.transaction() as other:
        pids = {await pid_of(one), await pid_of(other)}
        waiting = [asyncio.ensure_future(who(pair)) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert not any(one.done() for one in waiting)
    assert set(await asyncio.gather(*waiting)) <= pids


async def test_who_waits_too_long_is_told(pair: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "_PATIENCE_SECONDS", 0.05)
    async with pair.transaction(), pair.transaction():
        with pytest.raises(PoolTimeout, match="in use"):
            await who(pair)
    assert await who(pair)


async def test_who_stops_waiting_takes_none(pair: Database) -> None:
    async with pair.transaction(), pair.transaction():
        waiting = asyncio.ensure_future(who(pair))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.wait([waiting])
    async with pair.transaction() as one, pair.transaction() as other:  # both are there again
        assert await pid_of(one) != await pid_of(other)


@pytest.mark.parametrize("by_session", [False, True])
async def test_what_was_not_committed_is_undone(database: Database, by_session: bool) -> None:
    for _ in range(12):  # more than there are connections
        with pytest.raises(ZeroDivisionError):
            await _fail_after_writing(database, by_session=by_session)
    async with database.transaction() as tx:
        assert await LANES.rows(tx) == []


async def _fail_after_writing(database: Database, *, by_session: bool) -> None:
    async with database.transaction() as tx:
        await ADD.rows(tx, lane="http://lost.example:80")
        if by_session:
            await tx.execute(text("select 1"))
        raise ZeroDivisionError


async def test_who_is_cancelled_in_a_statement_leaves_a_clean_connection(pair: Database) -> None:
    for _ in range(3):
        sleeping = asyncio.ensure_future(_write_and_sleep(pair))
        await asyncio.sleep(0.1)
        sleeping.cancel()
        await asyncio.wait([sleeping])
    async with pair.transaction() as tx:
        assert await LANES.rows(tx) == []


async def _write_and_sleep(database: Database) -> None:
    async with database.transaction() as tx:
        await ADD.rows(tx, lane="http://lost.example:80")
        await Direct("select pg_sleep(20)").rows(tx)


@pytest.mark.parametrize("session_first", [False, True])
async def test_both_kinds_of_statements_share_a_transaction(
    database: Database, session_first: bool
) -> None:
    insert = text("insert into lanes (lane, concurrency, calls, failures, openings, is_probing)"
                  " values ('http://session.example:80', 1, 0, 0, 0, false)")  # fmt: skip
    async with database.transaction() as tx:
        if session_first:
            await tx.execute(insert)
        await ADD.rows(tx, lane="http://direct.example:80")
        if not session_first:
            await tx.execute(insert)
        assert await who_sees(database) == 0
    assert await who_sees(database) == 2


async def who_sees(database: Database) -> int:
    async with database.transaction() as tx:
        return len(await LANES.rows(tx))


async def test_an_unfinished_transaction_is_undone(database: Database) -> None:
    async with database.unfinished() as tx:
        await ADD.rows(tx, lane="http://lost.example:80")
    assert await who_sees(database) == 0
