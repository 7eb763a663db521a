"""Leases when several look at once: nothing is sent by two, and nobody overlooks that it is being sent."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from recado.db.database import Database, Transaction
from recado.deliveries.claiming import Room
from recado.deliveries.finding import find_delivery
from recado.deliveries.holding import close_for_conversation, hold_waiting
from recado.deliveries.models import Delivery, Lease
from recado.deliveries.policies import Policy
from recado.deliveries.recording import record
from recado.deliveries.resending import cancel, resend_problem
from recado.deliveries.settling import Settled
from recado.deliveries.states import State
from tests.deliveries.rows import LEASE, a_delivery, answered, broken_rules, claim, fresh, tried
from tests.deliveries.test_sharing import multiplied
from tests.people import NOW, Cast

AFTER_LEASE = NOW + LEASE + timedelta(seconds=1)
_ONLY_WHILE_OPEN = Policy(only_while_open=True)


async def made_by(database: Database, cast: Cast, number: int = 1) -> Delivery:
    """A delivery of a conversation, and so many in all."""
    async with database.transaction() as tx:
        policy = {"policy": _ONLY_WHILE_OPEN, "conversation_id": 7}
        made = await a_delivery(tx, cast.account.id, **policy)
        await multiplied(tx, made, number - 1)
    return made


async def held_up(tx: Transaction) -> None:
    """Until another transaction waits for what this one has locked."""
    query = text("select count(*) from pg_locks where not granted")
    while True:
        if await tx.scalar(query):
            return
        await asyncio.sleep(0.01)


async def test_many_who_claim_at_once_never_take_the_same(database: Database, cast: Cast) -> None:
    await made_by(database, cast, 300)
    taken: Counter[int] = Counter()

    async def take_all() -> None:
        while True:
            async with database.transaction() as tx:
                mine = await claim(tx, room=Room(limit=7, per_lane=300, in_flight={}))
            taken.update(one.id for one in mine)
            if not mine:
                return

    await asyncio.gather(*(take_all() for _ in range(8)))
    async with database.transaction() as tx:  # what each passed over, another had locked
        taken.update(one.id for one in await claim(tx, room=Room(300, 300, {})))
        assert await tx.scalar(select(func.count()).select_from(Lease)) == 300
    assert set(taken.values()) == {1}
    assert len(taken) == 300


async def test_who_is_overtaken_while_recording_writes_nothing(
    database: Database, cast: Cast
) -> None:
    made = await made_by(database, cast)
    async with database.transaction() as tx:
        [late] = await claim(tx)

    async def record_late() -> list[Settled]:
        async with database.transaction() as tx:
            written = await record(tx, [tried(late, answered(200))], now=AFTER_LEASE)
            return [settled for _, settled in written]

    async with database.transaction() as tx:
        [heir] = await claim(tx, now=AFTER_LEASE)
        recording = asyncio.ensure_future(record_late())
        await held_up(tx)
    assert await recording == []
    async with database.transaction() as tx:
        await record(tx, [tried(heir, answered(200))], now=AFTER_LEASE)
        row = await fresh(tx, made.id)
        assert (row.state, row.lease) == (State.DELIVERED, None)
        assert [(one.number, one.trouble, one.status) for one in row.attempts] == [
            (1, "interrupted", None),
            (2, None, 200),
        ]
        assert await broken_rules(tx) == {}


async def _called_off(tx: Transaction, made: Delivery) -> None:
    found = await find_delivery(tx, made.account_id, made.id, for_change=True)
    assert found
    assert resend_problem(found)
    await cancel(tx, found, "Ana", now=NOW)


async def _held(tx: Transaction, made: Delivery) -> None:
    assert await hold_waiting(tx, made.account_id, 1, now=NOW) == 0


async def _closed(tx: Transaction, made: Delivery) -> None:
    assert await close_for_conversation(tx, made.account_id, 7, now=NOW) == 0


@pytest.mark.parametrize("changed", [_called_off, _held, _closed])
async def test_who_changes_what_is_just_being_taken_leaves_it_to_its_worker(
    database: Database, cast: Cast, changed: Any
) -> None:
    made = await made_by(database, cast)

    async def change() -> None:
        async with database.transaction() as tx:
            await changed(tx, made)

    async with database.transaction() as tx:
        [mine] = await claim(tx)
        changing = asyncio.ensure_future(change())
        await held_up(tx)
    await changing
    async with database.transaction() as tx:
        row = await fresh(tx, made.id)
        assert (row.state, row.finished_at) == (State.PENDING, None)
        assert row.reason["why"]
        await record(tx, [tried(mine, answered(200))], now=NOW)
        assert (await fresh(tx, made.id)).state == State.DELIVERED
        assert await broken_rules(tx) == {}
