"""Sending again."""

from datetime import timedelta

import pytest

from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.policies import Policy
from recado.deliveries.queueing import NotSent
from recado.deliveries.recording import record
from recado.deliveries.resending import cancel, cancel_problem, resend_problem, send_again
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Trouble
from tests.deliveries.rows import a_delivery, answered, broken_rules, claim, failed, fresh, tried
from tests.people import NOW, Cast, gather

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def ended(tx: Transaction, cast: Cast, status: int) -> Delivery:
    made = await a_delivery(tx, cast.account.id)
    [mine] = await claim(tx)
    await record(tx, [tried(mine, answered(status))], now=NOW)
    return await fresh(tx, made.id)


@pytest.mark.parametrize("status", [200, 404])
async def test_an_ended_delivery_goes_out_again_with_the_same_id(
    tx: Transaction, people: Cast, status: int
) -> None:
    made = await ended(tx, people, status)
    webhook_id = made.webhook_id
    assert resend_problem(made) is None
    await send_again(tx, made, "Ana", now=LATER)
    assert (made.state, made.due_at, made.finished_at) == (State.PENDING, LATER, None)
    assert made.reason == {"why": Why.AGAIN, "who": "Ana"}
    [again] = await claim(tx, now=LATER)
    assert (again.webhook_id, again.attempts_count, again.tries_count) == (webhook_id, 1, 0)
    await record(tx, [tried(again, answered(200))], now=LATER)
    made = await fresh(tx, made.id)
    assert (made.state, made.attempts_count) == (State.DELIVERED, 2)
    assert await broken_rules(tx) == {}


async def test_pressed_twice_it_goes_out_once(tx: Transaction, people: Cast) -> None:
    made = await ended(tx, people, 404)
    await send_again(tx, made, "Ana", now=LATER)
    await send_again(tx, made, "Beto", now=LATER)
    assert len(await claim(tx, now=LATER)) == 1
    assert await claim(tx, now=LATER) == []


async def test_pressed_while_a_try_is_due_later_it_goes_out_once_now(
    tx: Transaction, people: Cast
) -> None:
    made = await ended(tx, people, 503)
    assert resend_problem(made) is None
    await send_again(tx, made, "Ana", now=NOW)
    [again] = await claim(tx)
    await record(tx, [tried(again, answered(200))], now=NOW)
    assert await claim(tx, now=NOW + timedelta(days=1)) == []


async def test_it_starts_the_schedule_anew(tx: Transaction, people: Cast) -> None:
    made = await ended(tx, people, 404)
    await send_again(tx, made, "Ana", now=LATER)
    [again] = await claim(tx, now=LATER)
    await record(tx, [tried(again, failed(Trouble.TIMEOUT))], now=LATER, dice=0.5)
    made = await fresh(tx, made.id)
    assert made.due_at == LATER + timedelta(seconds=5)


async def test_what_is_being_sent_right_now_is_left_alone(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    await claim(tx)
    made = await fresh(tx, made.id)
    assert "right now" in str(resend_problem(made))


async def test_tests_and_requests_never_made_cannot_be_repeated(
    tx: Transaction, people: Cast
) -> None:
    test = await a_delivery(tx, people.account.id, is_test=True)
    assert "test page" in str(resend_problem(test))
    failed_template = NotSent(State.FAILED, {"trouble": Trouble.TEMPLATE})
    never = await a_delivery(tx, people.account.id, not_sent=failed_template)
    never.request = {}
    assert "nothing to send" in str(resend_problem(never))


async def test_an_attempt_says_who_asked_for_it(tx: Transaction, people: Cast) -> None:
    made = await ended(tx, people, 404)
    await send_again(tx, made, "Ana", now=LATER)
    [again] = await claim(tx, now=LATER)
    await record(tx, [tried(again, answered(503))], now=LATER, dice=0.5)
    [third] = await claim(tx, now=LATER + timedelta(minutes=1))
    await record(tx, [tried(third, answered(200))], now=LATER)
    row = await fresh(tx, made.id)
    assert [one.asked_by for one in row.attempts] == [None, "Ana", None]


async def test_what_waits_is_called_off(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    assert cancel_problem(made) is None
    await cancel(tx, await fresh(tx, made.id), "Ana", now=LATER)
    assert (made.state, made.reason) == (State.CANCELLED, {"why": Why.BY_PERSON, "who": "Ana"})
    assert await claim(tx, now=LATER) == []
    assert "ended already" in str(cancel_problem(made))
    assert await broken_rules(tx) == {}


@pytest.mark.parametrize(("status", "state"), [(503, State.CANCELLED), (200, State.DELIVERED)])
async def test_called_off_while_it_is_sent_there_are_no_more_tries(
    tx: Transaction, people: Cast, status: int, state: State
) -> None:
    made = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    await cancel(tx, await fresh(tx, made.id), "Ana", now=NOW)
    await record(tx, [tried(mine, answered(status))], now=NOW)
    row = await fresh(tx, made.id)
    assert row.state == state
    assert row.reason.get("who") == ("Ana" if state == State.CANCELLED else None)
    assert await claim(tx, now=NOW + timedelta(days=2)) == []


async def test_what_came_too_late_is_sent_in_time_again(tx: Transaction, people: Cast) -> None:
    policy = Policy(expires_after=timedelta(minutes=1))
    made = await a_delivery(tx, people.account.id, policy=policy)
    assert await claim(tx, now=LATER) == []
    made = await fresh(tx, made.id)
    assert made.state == State.EXPIRED
    await send_again(tx, made, "Ana", now=LATER)
    assert made.expires_at == LATER + timedelta(minutes=1)
    assert [one.id for one in await claim(tx, now=LATER)] == [made.id]
