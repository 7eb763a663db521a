"""Deliveries claimed where they are written down: only those that a claim would take at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from recado.db.database import NOTICES, Database, Transaction
from recado.deliveries.claiming import Room
from recado.deliveries.claiming_new import Coming, fitting, store_and_claim
from recado.deliveries.models import Allowance, Delivery, Lane, LaneLimit
from recado.deliveries.policies import Order, Policy
from recado.deliveries.queueing import DELIVERIES_CHANNEL, NotSent, Origin, add_delivery
from recado.deliveries.recording import record
from recado.deliveries.states import State
from recado.lib.outcomes import Request
from tests.counting import counted
from tests.deliveries.rows import LEASE, ROOM, a_delivery, answered, broken_rules, claim, fresh
from tests.deliveries.rows import tried as a_try
from tests.people import NOW, Cast, gather

URL = "https://crm.example/contacts"
LANE = "https://crm.example:443"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def cast(tx: Transaction) -> Cast:
    """In the transaction that the tests use."""
    return await gather(tx)


async def added(tx: Transaction, account_id: int, url: str = URL, **values: Any) -> Delivery:
    about = {name: values.pop(name) for name in ("due_at", "not_sent") if name in values}
    origin = Origin(account_id, **({"action_id": 1, "action_name": "CRM"} | values))
    return await add_delivery(tx, origin, Request("POST", url, (), "{}"), now=NOW, **about)


async def stored(tx: Transaction, room: Room = ROOM) -> Coming:
    coming = Coming(room, LEASE)
    await store_and_claim(tx, coming, now=NOW)
    return coming


async def test_what_can_be_sent_at_once_is_ours_from_the_beginning(
    tx: Transaction, cast: Cast
) -> None:
    made = await added(tx, cast.account.id, event="message_created")
    coming = await stored(tx)
    [mine] = coming.claimed
    row = await fresh(tx, made.id)
    assert row.lease
    assert (row.lease.claim, row.lease.until) == (mine.claim, NOW + LEASE)
    assert (mine.id, mine.webhook_id, mine.request) == (row.id, row.webhook_id, row.request)
    assert coming.claimed_at == NOW
    assert await claim(tx) == []  # nobody else takes it


async def test_it_is_what_a_claim_would_have_found(tx: Transaction, cast: Cast) -> None:
    policy = Policy(answer_within=7)
    told = {"conversation_id": 4, "message_id": 9, "policy": policy, "awaits_answer": True}
    await added(tx, cast.account.id, **told)
    [mine] = (await stored(tx)).claimed
    await tx.execute(text("delete from leases"))
    [theirs] = await claim(tx)
    assert replace(mine, claim=0) == replace(theirs, claim=0)


async def test_nobody_is_woken_for_what_is_ours(tx: Transaction, cast: Cast) -> None:
    await added(tx, cast.account.id)
    await stored(tx)
    assert (DELIVERIES_CHANNEL, "") not in tx.info[NOTICES]


async def test_somebody_is_woken_for_what_is_not(tx: Transaction, cast: Cast) -> None:
    for number in range(3):
        await added(tx, cast.account.id, url=f"https://crm.example/{number}")
    assert len((await stored(tx, replace(ROOM, limit=2))).claimed) == 2
    assert (DELIVERIES_CHANNEL, "") in tx.info[NOTICES]


async def test_it_is_recorded_like_any_other(tx: Transaction, cast: Cast) -> None:
    made = await added(tx, cast.account.id)
    [mine] = (await stored(tx)).claimed
    await record(tx, [a_try(mine, answered(200))], now=NOW + SECOND)
    row = await fresh(tx, made.id)
    assert (row.state, row.attempts_count, row.lease) == (State.DELIVERED, 1, None)
    assert await broken_rules(tx) == {}


async def test_a_worker_that_dies_leaves_it_to_others_after_the_lease(
    tx: Transaction, cast: Cast
) -> None:
    await added(tx, cast.account.id)
    await stored(tx)
    [again] = await claim(tx, now=NOW + LEASE)
    assert again.interruptions_count == 1  # it may have been sent


LIMITED = LaneLimit(account_id=1, lane=LANE, calls=5, seconds=60)


@pytest.mark.parametrize(
    "row",
    [
        Lane(lane=LANE, concurrency=10.0, open_until=NOW + SECOND),
        Lane(lane=LANE, concurrency=10.0, open_until=NOW - SECOND),  # it wants one probe
        LIMITED,
        Allowance(action_id=1, calls=5, seconds=60),
    ],
    ids=["open", "to be probed", "limited lane", "limited action"],
)
async def test_what_is_held_back_waits_to_be_claimed(tx: Transaction, cast: Cast, row: Any) -> None:
    values = {one.key: getattr(row, one.key) for one in type(row).__mapper__.column_attrs}
    await tx.execute(type(row).__table__.insert(), values)
    made = await added(tx, cast.account.id)
    assert (await stored(tx)).claimed == []
    assert ((await fresh(tx, made.id)).lease, made.due_at) == (None, NOW)


@pytest.mark.parametrize(
    "values",
    [
        {"due_at": NOW + SECOND},
        {"not_sent": NotSent(State.HELD, {"why": "action_off"})},
        {"not_sent": NotSent(State.SKIPPED, {"why": "action_off"})},
        {"policy": Policy(order=Order.WAIT)},
    ],
    ids=["later", "held", "ended", "in order"],
)
async def test_what_is_not_simply_due_is_not_ours(
    tx: Transaction, cast: Cast, values: Mapping[str, Any]
) -> None:
    await added(tx, cast.account.id, **values)
    assert (await stored(tx)).claimed == []


@pytest.mark.parametrize("is_other", [False, True], ids=["own action", "another account"])
async def test_nothing_overtakes_what_waits_for_the_same_destination(
    tx: Transaction, cast: Cast, is_other: bool
) -> None:
    account = cast.other_account if is_other else cast.account
    await a_delivery(tx, account.id, URL, due_at=NOW - SECOND)
    await added(tx, cast.account.id)
    elsewhere = await added(tx, cast.account.id, "https://erp.example/")
    assert [one.id for one in (await stored(tx)).claimed] == [elsewhere.id]


async def test_what_waits_for_its_next_try_is_no_hindrance(tx: Transaction, cast: Cast) -> None:
    await a_delivery(tx, cast.account.id, URL, due_at=NOW + SECOND)
    await added(tx, cast.account.id)
    assert len((await stored(tx)).claimed) == 1


@pytest.mark.parametrize(
    ("most", "room", "wanted"),
    [
        (None, ROOM, 10),  # what a new destination takes
        (3.9, ROOM, 3),
        (50.0, Room(100, 4, {}), 4),
        (50.0, Room(7, 100, {}), 7),
        (5.0, Room(100, 100, {LANE: 3}), 2),
        (5.0, Room(100, 100, {LANE: 5}), 0),
        (50.0, Room(0, 100, {}), 0),
    ],
)
def test_no_more_than_there_is_room_for(most: float | None, room: Room, wanted: int) -> None:
    new: list[Any] = [_Row() for _ in range(12)]
    assert fitting(new, {(LANE, 1, 1): most}, room) == new[:wanted]


class _Row:
    lane, account_id, action_id = LANE, 1, 1


@pytest.mark.parametrize("number", [1, 9])
async def test_many_cost_as_many_statements_as_one(database: Database, number: int) -> None:
    async with database.transaction() as tx:
        people = await gather(tx)
        for _ in range(number):
            await added(tx, people.account.id)
        with counted(database) as statements:
            assert len((await stored(tx)).claimed) == number
    assert len(statements) == 1, statements  # the rows, and what is free
