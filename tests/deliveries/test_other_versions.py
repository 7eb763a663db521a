"""Workers of two versions side by side, and clocks that jump: nothing is lost, nothing stuck."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.policies import DEFAULT_POLICY, policy_as_json, policy_from
from recado.deliveries.recording import record
from recado.deliveries.states import State
from tests.deliveries.rows import LEASE, a_delivery, answered, claim, fresh, tried
from tests.people import NOW, Cast, gather

NEWER = [
    {"coalesce_seconds": 30, "order": "wait"},  # fields that this version does not know
    {"schedule": "lunar"},  # a choice that it does not know
]


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


@pytest.mark.parametrize("unknown", NEWER)
async def test_a_delivery_of_a_newer_recado_is_sent_and_tried_again(
    tx: Transaction, people: Cast, unknown: dict[str, Any]
) -> None:
    made = await a_delivery(tx, people.account.id)
    policy = policy_as_json(DEFAULT_POLICY) | unknown
    await tx.execute(update(Delivery).where(Delivery.id == made.id).values(policy=policy))
    [first] = await claim(tx)
    [again] = await claim(tx, now=NOW + LEASE)  # its worker died, which is settled by the policy
    assert (again.id, again.policy) == (first.id, policy_from(policy))
    await record(tx, [tried(again, answered(503))], now=NOW + LEASE)
    waiting = await fresh(tx, made.id)
    assert waiting.state == State.PENDING
    assert waiting.due_at is not None
    assert waiting.policy == policy  # for the newer worker, that may take it next


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1)])
async def test_a_clock_that_jumps_a_day_while_sending_loses_nothing(
    tx: Transaction, people: Cast, jump: timedelta
) -> None:
    made = await a_delivery(tx, people.account.id)
    [sending] = await claim(tx)
    later = await claim(tx, now=NOW + jump)  # forward: taken over; back: nothing is due
    assert [one.id for one in later] == ([made.id] if jump > timedelta(0) else [])
    for one in later or [sending]:
        await record(tx, [tried(one, answered(200))], now=NOW + jump)
    await record(
        tx, [tried(sending, answered(500))], now=NOW + jump
    )  # too late: overwrites nothing
    ended = await fresh(tx, made.id)
    assert ended.state == State.DELIVERED
    assert ended.attempts_count == len(ended.attempts)


async def test_what_waits_when_the_clock_steps_back_goes_when_it_is_due_again(
    tx: Transaction, people: Cast
) -> None:
    await a_delivery(tx, people.account.id)
    assert await claim(tx, now=NOW - timedelta(days=1)) == []
    assert len(await claim(tx)) == 1
