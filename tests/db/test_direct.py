"""Statements straight through the driver: in the transaction, by name, after what the session holds."""

import asyncio
from typing import Any

import asyncpg.transaction
import pytest
from asyncpg import PostgresError
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from recado.db.database import Database, Transaction
from recado.db.direct import Direct, Insertion
from recado.deliveries.models import Lane
from recado.events.models import Event
from tests.people import gather

_NAMED = Direct("select :one::int + :two::int as sum, :one::int as one")
_PLANNED_FIRST = 5  # times anew, for PostgreSQL to know what that costs (plancache.c)
_LANE = {"concurrency": 10.0, "calls": 0, "failures": 0, "openings": 0, "is_probing": False}
_ADD = Insertion(Lane.__table__, ("lane", *_LANE, "open_until"))


async def test_values_go_by_name_and_once_each(tx: Transaction) -> None:
    [row] = await _NAMED.rows(tx, two=5, one=3)
    assert (row["sum"], row["one"]) == (8, 3)
    assert _NAMED.names == ("one", "two")


async def test_a_plan_is_kept_however_many_values_an_array_has(tx: Transaction) -> None:
    asked = Direct("""
        select id from webhooks where account_id = any(:accounts::bigint[]) union all
        select id from inboxes where account_id = any(:accounts) and id <> all(:ids::bigint[])
    """)
    for number in range(12):
        assert await asked.rows(tx, accounts=[number], ids=[*range(number)]) == []
    plans = Direct("select generic_plans from pg_prepared_statements where statement = :sql::text")
    assert [kept for (kept,) in await plans.rows(tx, sql=asked.sql)] == [12 - _PLANNED_FIRST]


@pytest.mark.parametrize("step", ["start", "commit"])
async def test_whoever_is_cut_off_between_transactions_spoils_none_after_it(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    narrow, reached = Database(database_url, pool_size=1), asyncio.Event()
    take = getattr(asyncpg.transaction.Transaction, step)

    async def told(self: Any) -> None:
        reached.set()
        await take(self)

    await _add(narrow, "http://first.example:80")
    monkeypatch.setattr(asyncpg.transaction.Transaction, step, told)
    task = asyncio.create_task(_add(narrow, "http://cut-off.example:80"))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    monkeypatch.undo()
    await _add(narrow, "http://next.example:80")
    async with database.transaction() as tx:
        kept = set(await tx.scalars(select(Lane.lane)))
    assert kept - {"http://cut-off.example:80"} == {
        "http://first.example:80",
        "http://next.example:80",
    }
    await narrow.close()


async def _add(database: Database, lane: str) -> None:
    async with database.transaction() as tx:
        await _ADD.rows(tx, [_lane(lane)])


async def test_it_sees_what_the_session_has_not_flushed(tx: Transaction) -> None:
    people = await gather(tx)
    people.account.name = "Changed"
    [row] = await Direct("select name from accounts where id = :id").rows(tx, id=people.account.id)
    assert row["name"] == "Changed"


async def test_it_is_taken_back_with_its_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        point = await tx.begin_nested()
        await _ADD.rows(tx, [_lane("http://lost.example:80")])
        await point.rollback()
    async with database.transaction() as tx:
        assert await tx.scalar(select(Lane).where(Lane.lane == "http://lost.example:80")) is None


@pytest.mark.parametrize(
    ("statement", "error", "sqlstate"),
    [
        pytest.param("select 1 / :text::text::int", DataError, "22012", id="a number"),
        pytest.param(
            "select :text::text || convert_from(decode('00', 'hex'), 'UTF8')",
            DataError,
            "22021",
            id="a text",
        ),
        pytest.param(
            "insert into lanes (lane, concurrency, calls, failures, openings, is_probing)"
            " select 'one', 1, 0, 0, 0, false from generate_series(0, 1 + :text::text::int)",
            IntegrityError,
            "23505",
            id="the same twice",
        ),
        pytest.param(
            "insert into labels (account_id, title, description, color, show_on_sidebar)"
            " values (:text::text::int, 'x', '', '', true)",
            IntegrityError,
            "23503",
            id="an account that is not there",
        ),
        pytest.param("select :text::text from nowhere", PostgresError, "42P01", id="our mistake"),
    ],
)
async def test_a_refused_statement_ends_the_transaction_and_no_other(
    database: Database, statement: str, error: type[Exception], sqlstate: str
) -> None:
    with pytest.raises(error) as raised:
        await _alone(database, statement)
    assert getattr(getattr(raised.value, "orig", raised.value), "sqlstate", None) == sqlstate
    async with database.transaction() as tx:
        [row] = await _NAMED.rows(tx, one=1, two=1)
        assert row["sum"] == 2


async def test_many_rows_are_one_statement_and_what_is_missing_is_null(tx: Transaction) -> None:
    await _ADD.rows(tx, [_lane("http://a.example:80"), _lane("http://b.example:80")])
    lanes = list(await tx.scalars(select(Lane).order_by(Lane.lane)))
    assert [(one.lane, one.open_until) for one in lanes] == [
        ("http://a.example:80", None),
        ("http://b.example:80", None),
    ]


async def test_json_goes_in_as_it_comes_out(tx: Transaction) -> None:
    people = await gather(tx)
    names = ("account_id", "name", "lane", "facts", "cause", "created_at")
    facts = {"text": 'A "b" ç', "list": [1, None, {"deep": True}]}
    values = [people.account.id, "label_created", 0, facts, {}, people.account.created_at]
    add = Insertion(Event.__table__, names, "returning id, facts")
    [made] = await add.rows(tx, [dict(zip(names, values, strict=True))])
    assert made["facts"] == facts
    assert await tx.scalar(select(Event.facts).where(Event.id == made["id"])) == facts


async def _alone(database: Database, statement: str) -> None:
    async with database.transaction() as tx:
        await Direct(statement).rows(tx, text="0")


def _lane(name: str) -> dict[str, object]:
    return {"lane": name, **_LANE}
