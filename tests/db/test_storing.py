"""New rows stored together: they are what the unit of work would have stored."""

from typing import Any

import pytest
from sqlalchemy import func, inspect, select

from recado.db.database import Database, Transaction
from recado.db.storing import Storing
from recado.deliveries.models import Delivery
from recado.deliveries.queueing import Origin, add_delivery, store_deliveries
from recado.lib.outcomes import Request
from tests.counting import counted
from tests.people import NOW, Cast

REQUEST = Request("POST", "https://crm.example/hooks", (), "{}")
_STORING = Storing(Delivery, by="webhook_id")


def an_origin(cast: Cast, **values: Any) -> Origin:
    return Origin(account_id=cast.account.id, action_id=1, action_name="CRM", **values)


async def _stored(database: Database) -> list[dict[str, Any]]:
    async with database.transaction() as tx:
        rows = await tx.scalars(select(Delivery).order_by(Delivery.id))
        return [{one.name: getattr(row, one.name) for one in Delivery.__table__.c} for row in rows]


def _values(row: Delivery) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in Delivery.__table__.c}


async def test_what_is_stored_is_what_was_made(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        made = await add_delivery(tx, an_origin(cast, event="message_created"), REQUEST, now=NOW)
        await store_deliveries(tx)
        assert made.id > 0
    assert await _stored(database) == [_values(made)]


async def test_a_flush_stores_it_the_same(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        first = await add_delivery(tx, an_origin(cast), REQUEST, now=NOW)
        await store_deliveries(tx)
        second = await add_delivery(tx, an_origin(cast), REQUEST, now=NOW)
        await tx.flush()
    differing = {"id", "webhook_id"}
    one, other = (
        {name: value for name, value in _values(made).items() if name not in differing}
        for made in (first, second)
    )
    assert one == other
    assert [one["id"] for one in await _stored(database)] == [first.id, second.id]


async def test_each_has_its_own_id(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        made = [
            await add_delivery(tx, an_origin(cast, event_id=number), REQUEST, now=NOW)
            for number in range(50)
        ]
        await store_deliveries(tx)
    kept = {one["id"]: one["event_id"] for one in await _stored(database)}
    assert kept == {one.id: one.event_id for one in made}


@pytest.mark.parametrize("number", [1, 80])
async def test_many_are_one_statement(database: Database, cast: Cast, number: int) -> None:
    async with database.transaction() as tx:
        for _ in range(number):
            await add_delivery(tx, an_origin(cast), REQUEST, now=NOW)
        with counted(database) as statements:
            await store_deliveries(tx)
    assert len([one for one in statements if "insert" in one.lower()]) == 1
    assert len(await _stored(database)) == number


async def test_nothing_pending_costs_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        with counted(database) as statements:
            await store_deliveries(tx)
    assert statements == []


async def test_the_session_finds_and_changes_what_was_stored(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = await add_delivery(tx, an_origin(cast), REQUEST, now=NOW)
        await store_deliveries(tx)
        assert await tx.get(Delivery, made.id) is made
        assert not inspect(made).modified
        made.repeats_id = 7
    assert [one["repeats_id"] for one in await _stored(database)] == [7]


async def test_a_change_before_it_is_stored_is_stored(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        made = await add_delivery(tx, an_origin(cast), REQUEST, now=NOW)
        made.repeats_id = 8
        await store_deliveries(tx)
    assert [one["repeats_id"] for one in await _stored(database)] == [8]


async def test_a_question_finds_what_is_not_stored_yet(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await add_delivery(tx, an_origin(cast), REQUEST, now=NOW)
        assert await tx.scalar(select(func.count()).select_from(Delivery)) == 1
        await store_deliveries(tx)
    assert len(await _stored(database)) == 1


async def test_the_end_of_the_transaction_stores_it(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await add_delivery(tx, an_origin(cast), REQUEST, now=NOW)
    assert len(await _stored(database)) == 1


@pytest.mark.parametrize("stores", [True, False])
async def test_a_rollback_forgets_it(database: Database, cast: Cast, stores: bool) -> None:
    async with database.transaction() as tx:
        point = await tx.begin_nested()
        await add_delivery(tx, an_origin(cast), REQUEST, now=NOW)
        if stores:
            await store_deliveries(tx)
        await point.rollback()
        await store_deliveries(tx)
    assert await _stored(database) == []


@pytest.mark.parametrize("values", [{}, {"nonsense": 1}])
async def test_a_column_that_is_missing_or_unknown_is_our_mistake(
    tx: Transaction, values: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="not all columns"):
        _STORING.new(tx, values)
