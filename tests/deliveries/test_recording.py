"""Writing attempts down: whole, fenced, numbered without gaps."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from recado.db.database import Transaction
from recado.deliveries.holding import hold_waiting, release_held
from recado.deliveries.models import Attempt
from recado.deliveries.recording import record
from recado.deliveries.resending import end_waiting
from recado.deliveries.settling import HOLD_LASTS
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Response, Timing, Trouble
from tests.deliveries.rows import (
    LEASE,
    a_delivery,
    answered,
    broken_rules,
    claim,
    failed,
    fresh,
    tried,
)
from tests.people import NOW, Cast, gather

LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
async def people(tx: Transaction) -> AsyncIterator[Cast]:
    cast = await gather(tx)
    yield cast
    await tx.flush()
    assert await broken_rules(tx) == {}


async def test_a_success_ends_the_delivery(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    outcome = Response(
        201, (("Location", "/7"),), b'{"ok": true}', 12, is_cut=False,
        timing=Timing(total=8.5, dns=1.0, connect=0.5, first_byte=3.0), reason="Created",
    )  # fmt: skip
    [(_, settled)] = await record(tx, [tried(mine, outcome)], now=NOW)
    assert settled.state == State.DELIVERED
    row = await fresh(tx, made.id)
    assert (row.state, row.finished_at, row.due_at, row.lease) == ("delivered", NOW, None, None)
    [attempt] = row.attempts
    assert (attempt.number, attempt.status, attempt.trouble) == (1, 201, None)
    assert attempt.response_headers == [["Location", "/7"]]
    assert attempt.response_body == b'{"ok": true}'
    assert attempt.timing == {"total": 8.5, "dns": 1.0, "connect": 0.5, "first_byte": 3.0}
    assert (attempt.milliseconds, attempt.started_at, attempt.detail) == (8.5, NOW, "Created")


async def test_a_failure_waits_for_its_next_try(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    await record(tx, [tried(mine, failed(Trouble.CONNECT, "refused"))], now=NOW, dice=0.5)
    row = await fresh(tx, made.id)
    assert (row.state, row.due_at) == (State.PENDING, NOW + timedelta(seconds=5))
    assert (row.lease, row.tries_count, row.finished_at) == (None, 1, None)
    [attempt] = row.attempts
    assert (attempt.status, attempt.trouble, attempt.detail) == (None, "connect", "refused")
    assert (attempt.response_headers, attempt.response_body) == (None, None)


async def test_three_failures_then_a_success_are_four_attempts(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id)
    now = NOW
    for status in (500, 500, 500, 200):
        [mine] = await claim(tx, now=now)
        await record(tx, [tried(mine, answered(status), now=now)], now=now, dice=0.5)
        now = (await fresh(tx, made.id)).due_at or now
    row = await fresh(tx, made.id)
    assert row.state == State.DELIVERED
    assert [(one.number, one.status) for one in row.attempts] == [
        (1, 500), (2, 500), (3, 500), (4, 200),
    ]  # fmt: skip
    starts = [one.started_at for one in row.attempts]
    waits = [after - before for before, after in pairwise(starts)]
    assert waits == [timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5)]


async def test_the_ninth_failure_is_the_last(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    now = NOW
    for _ in range(9):
        [mine] = await claim(tx, now=now)
        await record(tx, [tried(mine, failed(Trouble.TIMEOUT))], now=now, dice=0.5)
        now = (await fresh(tx, made.id)).due_at or now
    row = await fresh(tx, made.id)
    assert (row.state, row.attempts_count, row.reason["tries"]) == (State.FAILED, 9, 9)
    assert now - NOW == timedelta(hours=27, minutes=35, seconds=35)


async def test_a_worker_that_wakes_late_overwrites_nothing(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    [late] = await claim(tx)
    [heir] = await claim(tx, now=LATER)
    assert await record(tx, [tried(late, answered(500))], now=LATER) == []
    await record(tx, [tried(heir, answered(200))], now=LATER)
    assert await record(tx, [tried(late, answered(500))], now=LATER) == []
    row = await fresh(tx, made.id)
    assert row.state == State.DELIVERED
    assert [(one.number, one.status) for one in row.attempts] == [(1, None), (2, 200)]


async def test_the_same_result_is_never_written_twice(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    assert len(await record(tx, [tried(mine, answered(200))], now=NOW)) == 1
    assert await record(tx, [tried(mine, answered(200))], now=NOW) == []
    assert (await fresh(tx, made.id)).attempts_count == 1


async def test_a_late_result_and_its_heirs_in_one_batch_keep_apart(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id)
    [late] = await claim(tx)
    [heir] = await claim(tx, now=LATER)
    batch = [tried(late, answered(500)), tried(heir, answered(200))]
    assert [one for one, _ in await record(tx, batch, now=LATER)] == batch[1:]
    assert (await fresh(tx, made.id)).state == State.DELIVERED


async def test_a_batch_is_written_whole(tx: Transaction, people: Cast) -> None:
    for number in range(12):
        await a_delivery(tx, people.account.id, f"https://h{number}.example/")
    claimed = await claim(tx)
    outcomes = [answered(200), answered(503), answered(404), failed(Trouble.DNS)] * 3
    batch = [tried(*each) for each in zip(claimed, outcomes, strict=True)]
    assert len(await record(tx, batch, now=NOW)) == 12
    states = [(await fresh(tx, one.id)).state for one in claimed]
    assert states == ["delivered", "pending", "failed", "pending"] * 3
    assert len(list(await tx.scalars(select(Attempt)))) == 12
    assert await record(tx, [], now=NOW) == []


async def test_a_delivery_that_is_gone_is_no_trouble(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    await tx.delete(made)
    await tx.flush()
    assert await record(tx, [tried(mine, answered(200))], now=NOW) == []


async def test_switching_off_ends_what_waits_and_stops_what_is_under_way(
    tx: Transaction, people: Cast
) -> None:
    busy = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    idle = await a_delivery(tx, people.account.id)
    other = await a_delivery(tx, people.account.id, action_id=2)
    foreign = await a_delivery(tx, people.other_account.id)
    ended = await end_waiting(
        tx, people.account.id, 1, state=State.CANCELLED, why=Why.ACTION_DELETED, now=NOW
    )
    assert ended == 1
    row = await fresh(tx, idle.id)
    assert (row.state, row.reason, row.due_at) == ("cancelled", {"why": "action_deleted"}, None)
    assert (await fresh(tx, busy.id)).state == State.PENDING
    assert (await fresh(tx, other.id)).state == State.PENDING
    await tx.refresh(foreign)
    assert foreign.state == State.PENDING
    await record(tx, [tried(mine, answered(503))], now=NOW)
    row = await fresh(tx, busy.id)
    assert (row.state, row.reason) == ("cancelled", {"why": "action_deleted"})
    assert row.attempts_count == 1


async def test_what_arrives_after_all_is_delivered(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    await end_waiting(
        tx, people.account.id, 1, state=State.CANCELLED, why=Why.ACTION_DELETED, now=NOW
    )
    await record(tx, [tried(mine, answered(200))], now=NOW)
    assert (await fresh(tx, made.id)).state == State.DELIVERED


async def test_switched_off_while_under_way_it_is_held_and_goes_out_when_on_again(
    tx: Transaction, people: Cast
) -> None:
    busy = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    idle = await a_delivery(tx, people.account.id)
    assert await hold_waiting(tx, people.account.id, 1, now=NOW) == 1
    await record(tx, [tried(mine, answered(503))], now=NOW)
    row = await fresh(tx, busy.id)
    assert (row.state, row.due_at, row.finished_at) == (State.HELD, None, None)
    assert row.held_until == NOW + HOLD_LASTS
    assert await claim(tx, now=LATER) == []
    assert await release_held(tx, people.account.id, 1, now=LATER) == 2
    assert {one.id for one in await claim(tx, now=LATER)} == {busy.id, idle.id}


async def test_switched_off_and_on_while_under_way_it_is_tried_again(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    await hold_waiting(tx, people.account.id, 1, now=NOW)
    assert await release_held(tx, people.account.id, 1, now=NOW) == 0
    await record(tx, [tried(mine, answered(503))], now=NOW, dice=0.5)
    row = await fresh(tx, made.id)
    assert (row.state, row.due_at) == (State.PENDING, NOW + timedelta(seconds=5))


async def test_what_was_held_when_its_action_is_deleted_is_cancelled(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id)
    await hold_waiting(tx, people.account.id, 1, now=NOW)
    why = Why.ACTION_DELETED
    assert await end_waiting(tx, people.account.id, 1, state=State.CANCELLED, why=why, now=NOW) == 1
    row = await fresh(tx, made.id)
    assert (row.state, row.held_until) == (State.CANCELLED, None)
