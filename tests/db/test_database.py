"""One database, its transactions, and its clock."""

import asyncio
import re
import socket
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError

from recado.accounts.models import Account
from recado.db import database as database_module
from recado.db.database import (
    Database,
    DatabaseAway,
    DatabaseUnreachable,
    Transaction,
    connect,
    database_now,
    engine_url,
    is_passing,
)
from recado.db.direct import Direct
from recado.db.notifying import notify
from tests.counting import counted
from tests.people import Cast


async def count(database: Database) -> int:
    async with database.transaction() as tx:
        return int(await tx.scalar(text("select count(*) from accounts")) or 0)


INSERT = text(
    "insert into accounts (name, language, time_zone, last_display_id, rules_version, created_at)"
    " values ('A', 'en', 'UTC', 0, 0, now())"
)


async def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(INSERT)
    assert await count(database) == 1
    with pytest.raises(ZeroDivisionError):
        await _interrupted(database)
    assert await count(database) == 1


async def _interrupted(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(INSERT)
        raise ZeroDivisionError


async def test_a_cut_connection_keeps_nothing_and_the_next_transaction_works(
    database: Database,
) -> None:
    with pytest.raises(DBAPIError) as cut:
        await _cut(database)
    assert is_passing(cut.value)
    assert await count(database) == 0


async def _cut(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(INSERT)
        pid = await tx.scalar(text("select pg_backend_pid()"))
        async with database.transaction() as other:
            await other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        await tx.execute(INSERT)


async def test_a_mistake_in_a_statement_does_not_pass(database: Database) -> None:
    with pytest.raises(DBAPIError) as wrong:
        async with database.transaction() as tx:
            await tx.execute(text("select 1 / 0"))
    assert not is_passing(wrong.value)
    assert not is_passing(ZeroDivisionError())
    assert is_passing(ConnectionRefusedError())
    assert is_passing(asyncpg.InternalClientError("cannot switch to state 12"))


async def test_the_clock_is_the_databases_and_moves_within_a_transaction(tx: Transaction) -> None:
    first = await database_now(tx)
    await asyncio.sleep(0.01)
    assert await database_now(tx) > first
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=5)


async def test_a_notification_comes_when_the_transaction_commits(database: Database) -> None:
    connection = await database.connect_to_listen()
    heard: asyncio.Queue[str] = asyncio.Queue()
    await connection.add_listener("somewhere", lambda *told: heard.put_nowait(str(told[-1])))
    async with database.transaction() as tx:
        await notify(tx, "somewhere", "news")
        assert heard.empty()
    async with asyncio.timeout(5):
        assert await heard.get() == "news"
    await connection.close()


async def test_nothing_is_careless_with_acknowledged_rows(database: Database) -> None:
    assert await database.careless_settings() == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hunter2secret@127.0.0.1:1/recado",
        "postgresql://user:hunter2secret@/recado?host=/nowhere",
    ],
)
async def test_a_database_that_does_not_answer_is_named_without_its_password(url: str) -> None:
    database = Database(url, pool_size=2)
    with pytest.raises(DatabaseUnreachable) as refused:
        await database.check()
    assert "does not answer" in str(refused.value)
    assert "hunter2secret" not in str(refused.value)
    await database.close()


async def test_a_database_of_another_name_is_told(database_url: str) -> None:
    database = Database(database_url.replace("/postgres?", "/absent?"), pool_size=2)
    with pytest.raises(DatabaseUnreachable, match="absent"):
        await database.check()
    await database.close()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h:5433/d?sslmode=require", "postgresql+asyncpg://u:p@h:5433/d?ssl=require"),
    ],
)  # fmt: skip
def test_the_addresses_that_people_have_are_understood(given: str, used: str) -> None:
    assert engine_url(given).render_as_string(hide_password=False) == used


async def test_a_process_that_stands_still_does_not_keep_its_locks(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.scalar(text("show idle_in_transaction_session_timeout")) == "30s"
        assert await tx.scalar(text("show transaction_timeout")) == "5min"


async def test_who_stands_still_within_a_statement_gives_up_what_is_locked(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as tx:
        await tx.execute(INSERT)
    monkeypatch.setattr(database_module, "_LONGEST", "200ms")
    impatient = Database(database_url, pool_size=1)
    with pytest.raises(DBAPIError) as frozen:
        await _stand_still(impatient)
    await impatient.close()
    assert is_passing(frozen.value)
    async with database.transaction() as tx:
        await tx.execute(text("update accounts set name = 'ours'"))


async def _stand_still(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("update accounts set name = 'mine'"))
        await tx.execute(text("select pg_sleep(20)"))  # for PostgreSQL it is busy, not idle


async def test_a_single_statement_is_kept_at_once(database: Database, cast: Cast) -> None:
    rename = Direct("update accounts set name = :name where id = :id returning name")
    async with database.one_statement() as tx:
        assert len(await rename.rows(tx, name="Anew", id=cast.account.id)) == 1
        async with database.transaction() as other:
            assert (await other.get_one(Account, cast.account.id)).name == "Anew"


async def test_a_single_statement_is_one_round_trip(database: Database) -> None:
    with counted(database) as statements:
        async with database.one_statement() as tx:
            await Direct("select 1 as one").rows(tx)
    assert statements == ["select 1 as one"]


async def test_what_a_single_statement_refuses_spoils_no_connection(database: Database) -> None:
    for _ in range(30):  # more than there are connections
        with pytest.raises(DataError):
            await _divided(database)
    async with database.transaction() as tx:
        assert await tx.scalar(text("select 1")) == 1


async def _divided(database: Database) -> None:
    async with database.one_statement() as tx:
        await Direct("select 1 / :none::int").rows(tx, none=0)


async def test_a_database_that_accepts_and_says_nothing_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none?sslmode=disable"
        with pytest.raises(DatabaseAway, match=re.escape("no answer within 0.1 seconds")):
            await connect(url, timeout=0.1)


async def test_a_database_that_refuses_is_away() -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseAway, match=re.escape("127.0.0.1")):
        async with nowhere.transaction() as tx:
            await database_now(tx)
    with pytest.raises(DatabaseAway):
        await nowhere.connect_to_listen()
    await nowhere.close()
