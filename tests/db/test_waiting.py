"""Changes that wait for one another: one round trip, and nobody sees that they waited."""

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from recado.db.database import Database, Transaction
from recado.db.direct import Direct, Insertion
from recado.db.notifying import notify
from recado.deliveries.models import Lane
from tests.counting import counted
from tests.people import Cast

LANES = Insertion(
    Lane.__table__, ("lane", "concurrency", "calls", "failures", "openings", "is_probing")
)
RENAME = Direct("update accounts set name = :name::text where id = :id::bigint")
SLOW = Direct("update lanes set concurrency = :most::float8 where lane = any(:lanes::text[])")
KNOWN = Direct("select lane, concurrency from lanes order by lane")
NAMES = Direct("select name from accounts where id = :id")
NOTHING = Direct("select 1 as one")


def lane(name: str) -> dict[str, object]:
    return {
        "lane": name, "concurrency": 10.0, "calls": 0, "failures": 0, "openings": 0,
        "is_probing": False,
    }  # fmt: skip


async def known(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return [one["lane"] for one in await KNOWN.rows(tx)]


async def test_what_waits_is_sent_together_with_the_notices(database: Database, cast: Cast) -> None:
    with counted(database) as statements:
        async with database.transaction() as tx:
            await LANES.later(tx, [lane("b")])
            await RENAME.later(tx, name="Anew", id=cast.account.id)
            await LANES.later(tx, [lane("a"), lane("c")])
            await notify(tx, "somewhere")
            assert statements == []
    assert len(statements) == 1
    assert await known(database) == ["a", "b", "c"]
    async with database.transaction() as tx:
        assert [one["name"] for one in await NAMES.rows(tx, id=cast.account.id)] == ["Anew"]


async def test_changes_of_one_table_are_made_one_after_another(database: Database) -> None:
    with counted(database) as statements:
        async with database.transaction() as tx:
            await LANES.later(tx, [lane("a"), lane("b")])
            await SLOW.later(tx, most=5.0, lanes=["a", "b"])
            await SLOW.later(tx, most=3.0, lanes=["b"])
    assert len(statements) == 3
    async with database.transaction() as tx:
        assert [one["concurrency"] for one in await KNOWN.rows(tx)] == [5.0, 3.0]


async def test_rows_are_not_added_in_front_of_a_change_that_could_see_them(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await LANES.later(tx, [lane("a")])
        await SLOW.later(tx, most=5.0, lanes=["a", "b"])
        await LANES.later(tx, [lane("b")])
    async with database.transaction() as tx:
        assert [one["concurrency"] for one in await KNOWN.rows(tx)] == [5.0, 10.0]


async def test_a_statement_that_could_see_a_change_sends_it_first(database: Database) -> None:
    async with database.transaction() as tx:
        await LANES.later(tx, [lane("a")])
        with counted(database) as statements:
            await NOTHING.rows(tx)
            assert len(statements) == 1  # it sees nothing of it
            assert [one["lane"] for one in await KNOWN.rows(tx)] == ["a"]
        assert len(statements) == 3


async def test_the_session_sees_it_too(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await LANES.later(tx, [lane("a")])
        assert await tx.scalar(select(Lane.lane)) == "a"
        await SLOW.later(tx, most=2.0, lanes=["a"])
        found = await tx.scalar(select(Lane).execution_options(populate_existing=True))
        assert found is not None
        assert found.concurrency == 2.0
        await SLOW.later(tx, most=1.0, lanes=["a"])
        found.calls = 7
        await tx.flush()  # after what waited
        assert await tx.scalar(text("select concurrency from lanes")) == 1.0


async def test_what_the_session_has_pending_goes_before_what_waits(database: Database) -> None:
    async with database.transaction() as tx:
        tx.add(Lane(lane="a", concurrency=1.0))
        await SLOW.later(tx, most=4.0, lanes=["a"])
    async with database.transaction() as tx:
        assert await tx.scalar(select(Lane.concurrency)) == 4.0


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_savepoint_takes_only_its_own_back(database: Database, is_kept: bool) -> None:
    async with database.transaction() as tx:
        await LANES.later(tx, [lane("before")])
        point = await tx.begin_nested()
        await LANES.later(tx, [lane("within")])
        await (point.commit() if is_kept else point.rollback())
        await LANES.later(tx, [lane("behind")])
    assert await known(database) == sorted(["before", "behind", *(["within"] if is_kept else [])])


async def test_what_fails_undoes_the_transaction(database: Database, cast: Cast) -> None:
    with pytest.raises(IntegrityError) as refused:
        await _twice(database, cast)
    assert isinstance(refused.value.orig, asyncpg.UniqueViolationError)
    assert await known(database) == []


async def _twice(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await RENAME.later(tx, name="Anew", id=cast.account.id)
        await LANES.later(tx, [lane("a")])
        await LANES.later(tx, [lane("a")])


async def test_what_waits_is_undone_with_its_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await _leave(database)
    assert await known(database) == []


async def _leave(database: Database) -> None:
    async with database.transaction() as tx:
        await LANES.later(tx, [lane("a")])
        raise ZeroDivisionError


async def test_a_statement_alone_does_not_wait(database: Database) -> None:
    async with database.one_statement() as tx:
        await LANES.later(tx, [lane("a")])
    assert await known(database) == ["a"]


@pytest.mark.parametrize(
    "statement",
    [
        "select lane from lanes for update",
        "with one as (update lanes set calls = 1) update accounts set name = ''",
    ],
)
async def test_what_changes_no_single_table_cannot_wait(tx: Transaction, statement: str) -> None:
    with pytest.raises(TypeError, match="exactly one table"):
        await Direct(statement).later(tx)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into lanes (lane) values (:lane) on conflict (lane) do update set calls = 1",
        "update lanes set calls = 1 where lane in (select lane from lanes for no key update)",
        "delete from lanes",
    ],
)
def test_the_table_that_a_statement_changes_is_told(statement: str) -> None:
    found = Direct(statement)
    assert found.change(**dict.fromkeys(found.names)).table == "lanes"
