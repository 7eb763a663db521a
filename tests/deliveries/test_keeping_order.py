"""Calls of a conversation in order, where their action asks for it; other conversations go on."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from recado.db.database import Database, Transaction
from recado.deliveries.claiming import Room
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.policies import Order, Policy, Schedule
from recado.deliveries.recording import record
from recado.deliveries.waiting import wait_of
from tests.deliveries.rows import a_delivery, answered, broken_rules, claim, fresh, tried
from tests.deliveries.test_sharing import multiplied
from tests.people import NOW, Cast, gather

WAIT, SKIP = Policy(order=Order.WAIT), Policy(order=Order.SKIP)


async def test_one_call_of_a_conversation_at_a_time_others_go_on(tx: Transaction) -> None:
    cast = await gather(tx)
    first = await a_delivery(tx, cast.account.id, policy=WAIT, conversation_id=1)
    second = await a_delivery(tx, cast.account.id, policy=WAIT, conversation_id=1)
    other = await a_delivery(tx, cast.account.id, policy=WAIT, conversation_id=2)
    free = await a_delivery(tx, cast.account.id, conversation_id=1)  # of no order
    [*claimed] = await claim(tx)
    assert {one.id for one in claimed} == {first.id, other.id, free.id}
    wait = await wait_of(tx, await fresh(tx, second.id), now=NOW)
    assert wait is not None
    assert wait.delivery_id == first.id
    mine = [tried(one, answered(200)) for one in claimed if one.id == first.id]
    await record(tx, mine, now=NOW)
    assert [one.id for one in await claim(tx)] == [second.id]


@pytest.mark.parametrize(("policy", "goes_on"), [(WAIT, False), (SKIP, True)])
async def test_when_the_first_fails_the_next_waits_or_goes_on(
    tx: Transaction, policy: Policy, goes_on: bool
) -> None:
    cast = await gather(tx)
    first = await a_delivery(tx, cast.account.id, policy=policy, conversation_id=1)
    second = await a_delivery(tx, cast.account.id, policy=policy, conversation_id=1)
    await record(tx, [tried(one, answered(503)) for one in await claim(tx)], now=NOW)
    assert [one.id for one in await claim(tx)] == ([second.id] if goes_on else [])
    if not goes_on:  # when it has failed for good, the next may go
        (await fresh(tx, first.id)).due_at = NOW
        await record(tx, [tried(one, answered(400)) for one in await claim(tx)], now=NOW)
        assert [one.id for one in await claim(tx)] == [second.id]


async def test_a_long_line_behind_one_call_does_not_hold_up_a_claim(tx: Transaction) -> None:
    cast = await gather(tx)
    head = await a_delivery(tx, cast.account.id, policy=WAIT, conversation_id=1)
    [one] = await claim(tx)
    line = await a_delivery(tx, cast.account.id, policy=WAIT, conversation_id=1)
    await multiplied(tx, line, 2_000)
    other = await a_delivery(tx, cast.account.id, policy=WAIT, conversation_id=2)
    assert [each.id for each in await claim(tx)] == [other.id]
    assert one.id == head.id


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_fails_two_workers_keep_the_order(
    database: Database, cast: Cast, seed: int
) -> None:
    """Every call of a conversation ends before the next one of it is tried for the first time."""
    dice = random.Random(seed)  # noqa: S311 - a test
    schedule = Policy(order=Order.WAIT, schedule=Schedule.OWN, own_waits=(1, 1))
    async with database.transaction() as tx:
        made = [
            await a_delivery(tx, cast.account.id, policy=schedule, conversation_id=number % 3)
            for number in range(18)
        ]
    now = NOW

    async def work(now: datetime) -> None:
        async with database.transaction() as tx:
            claimed = await claim(tx, room=Room(limit=4, per_lane=4, in_flight={}), now=now)
        await asyncio.sleep(0)
        sent = [tried(one, answered(dice.choice([200, 503, 503, 404])), now=now) for one in claimed]
        if sent and dice.random() < 0.8:  # otherwise the worker dies, and nothing is recorded
            async with database.transaction() as tx:
                await record(tx, sent, now=now)

    for _ in range(300):
        now += timedelta(seconds=5)
        await asyncio.gather(work(now), work(now + timedelta(milliseconds=1)))
        async with database.transaction() as tx:
            if not await tx.scalar(select(Delivery.id).where(Delivery.state == "pending").limit(1)):
                break
    async with database.transaction() as tx:
        assert await broken_rules(tx) == {}
        query = select(Delivery.conversation_id, Delivery.id, Attempt.started_at, Attempt.number)
        rows = (await tx.execute(query.join(Attempt).order_by(Attempt.id))).all()
        states = set(await tx.scalars(text("select state from deliveries")))
    assert "pending" not in states
    tried_ids: dict[int | None, list[int]] = {}
    for conversation, delivery_id, _, _ in rows:
        tried_ids.setdefault(conversation, []).append(delivery_id)
    assert all(ids == sorted(ids) for ids in tried_ids.values())
    assert {one.id for one in made} == {each for ids in tried_ids.values() for each in ids}
