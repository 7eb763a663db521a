"""What rules write down is sent at once by the worker that ran them."""

import asyncio

import pytest

from recado.db.database import Database, database_now
from recado.deliveries.claiming_new import Coming, store_and_claim
from recado.deliveries.delivering import Outbound
from recado.deliveries.queueing import Origin, add_delivery
from recado.deliveries.states import State
from recado.lib.outcomes import Request
from recado.worker import sending as sending_module
from recado.worker.sending import DeliveryLoop
from tests.counting import counted
from tests.people import Cast
from tests.receiver import Receiver
from tests.worker.test_sending import LIMITS, row_of

LOOKS = "with recursive waiting"  # how the statement begins that claims what is due


@pytest.fixture
async def sending(database: Database, outbound: Outbound) -> DeliveryLoop:
    """A loop that has looked once, and found nothing."""
    made = DeliveryLoop(database, outbound, LIMITS, asyncio.Event(), finish_seconds=5.0)
    await made.turn()
    return made


async def written(database: Database, coming: Coming, cast: Cast, url: str) -> int:
    async with database.transaction() as tx:
        origin = Origin(cast.account.id, 1, "CRM")
        now = await database_now(tx)
        made = await add_delivery(tx, origin, Request("POST", url, (), "{}"), now=now)
        await store_and_claim(tx, coming, now=now)
        return made.id


async def landed(sending: DeliveryLoop) -> None:
    """Everything in flight has come back."""
    async with asyncio.timeout(10):
        await asyncio.wait(sending._in_flight)
    await asyncio.sleep(0)  # and is noted


async def test_it_is_sent_and_recorded_without_looking_for_it(
    database: Database, cast: Cast, receiver: Receiver, sending: DeliveryLoop
) -> None:
    async with sending.taking() as coming:
        made = await written(database, coming, cast, receiver.url)
        assert receiver.visited == []  # it is not kept before its transaction is
    await landed(sending)
    with counted(database) as statements:
        await sending.turn()
    assert not any(LOOKS in one for one in statements)
    row = await row_of(database, made)
    assert (row.state, row.attempts_count, row.lease) == (State.DELIVERED, 1, None)
    assert row.attempts[0].started_at >= row.created_at


async def test_what_falls_due_meanwhile_is_looked_for_now_and_then(
    database: Database,
    cast: Cast,
    receiver: Receiver,
    sending: DeliveryLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending_module, "POLL_SECONDS", 0.0)
    await sending.turn()
    async with sending.taking() as coming:
        await written(database, coming, cast, receiver.url)
    await landed(sending)
    with counted(database) as statements:
        await sending.turn()
    assert any(LOOKS in one for one in statements)


async def test_who_is_told_of_more_looks(
    database: Database, cast: Cast, receiver: Receiver, sending: DeliveryLoop
) -> None:
    async with sending.taking() as coming:
        await written(database, coming, cast, receiver.url)
    await landed(sending)
    sending.look()
    with counted(database) as statements:
        await sending.turn()
    assert any(LOOKS in one for one in statements)


async def test_what_is_undone_is_not_sent(
    database: Database, cast: Cast, receiver: Receiver, sending: DeliveryLoop
) -> None:
    with pytest.raises(ZeroDivisionError):
        await _fail(database, cast, receiver, sending)
    assert sending._in_flight == {}
    assert sending._room().limit == LIMITS.concurrency
    await sending.finish()
    assert receiver.visited == []


async def _fail(database: Database, cast: Cast, receiver: Receiver, sending: DeliveryLoop) -> None:
    async with sending.taking() as coming, database.transaction() as tx:
        origin = Origin(cast.account.id, 1, "CRM")
        now = await database_now(tx)
        await add_delivery(tx, origin, Request("POST", receiver.url, (), "{}"), now=now)
        await store_and_claim(tx, coming, now=now)
        assert len(coming.claimed) == 1
        raise ZeroDivisionError


async def test_who_stops_meanwhile_gives_it_back_without_cost(
    database: Database, cast: Cast, receiver: Receiver, sending: DeliveryLoop
) -> None:
    async with sending.taking() as coming:
        made = await written(database, coming, cast, receiver.url)
        await sending.finish()
    row = await row_of(database, made)
    assert (row.state, row.lease, row.attempts_count) == (State.PENDING, None, 0)
    assert row.due_at is not None
    assert receiver.visited == []
    async with sending.taking() as again:
        await written(database, again, cast, receiver.url)
        assert again.claimed == []  # it takes nothing any more


async def test_what_is_coming_takes_room(
    database: Database, cast: Cast, receiver: Receiver, sending: DeliveryLoop
) -> None:
    async with sending.taking() as coming:
        for _ in range(3):
            await written(database, coming, cast, receiver.url + "/silence")
        room = sending._room()
        assert (room.limit, sum(room.in_flight.values())) == (LIMITS.concurrency - 3, 3)
    assert sending._room().limit == LIMITS.concurrency - 3
    sending.finish_seconds = 0.1
    await sending.finish()
