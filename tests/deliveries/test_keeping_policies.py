"""What an action chose, kept by its deliveries: repeats, expiry, holding."""

from datetime import timedelta

import pytest

from recado.db.database import Transaction
from recado.deliveries.ending import end_overdue_holds
from recado.deliveries.holding import close_for_conversation, hold_waiting, release_held
from recado.deliveries.policies import Policy, Schedule
from recado.deliveries.queueing import NotSent
from recado.deliveries.recording import record
from recado.deliveries.settling import HOLD_LASTS
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Failure, Outcome, Trouble
from tests.deliveries.rows import (
    LEASE,
    TIMING,
    a_delivery,
    answered,
    broken_rules,
    claim,
    failed,
    tried,
)
from tests.people import NOW, gather

SENT_WITHOUT_ANSWER = Failure(Trouble.TIMEOUT, TIMING, was_sent=True)
CAREFUL = Policy(repeats_when_unsure=False)


@pytest.mark.parametrize(
    ("policy", "outcome", "expected"),
    [
        (Policy(), SENT_WITHOUT_ANSWER, "pending"),  # at least once
        (CAREFUL, SENT_WITHOUT_ANSWER, "unknown"),
        (CAREFUL, failed(Trouble.TIMEOUT), "pending"),  # never sent: no doubt
        (CAREFUL, failed(Trouble.CONNECT), "pending"),
        (CAREFUL, answered(503), "pending"),  # it answered that it did not
        (CAREFUL, answered(200), "delivered"),
    ],
)
async def test_what_is_not_repeated_when_unsure(
    tx: Transaction, policy: Policy, outcome: Outcome, expected: str
) -> None:
    cast = await gather(tx)
    delivery = await a_delivery(tx, cast.account.id, policy=policy)
    await record(tx, [tried(one, outcome) for one in await claim(tx)], now=NOW)
    await tx.refresh(delivery)
    assert delivery.state == expected
    assert await broken_rules(tx) == {}


async def test_a_cut_attempt_is_not_repeated_when_unsure(tx: Transaction) -> None:
    cast = await gather(tx)
    delivery = await a_delivery(tx, cast.account.id, policy=CAREFUL)
    assert len(await claim(tx)) == 1  # and its worker dies
    assert await claim(tx, now=NOW + LEASE) == []
    await tx.refresh(delivery)
    assert (delivery.state, delivery.reason["trouble"]) == ("unknown", "interrupted")


async def test_what_is_too_old_is_not_sent(tx: Transaction) -> None:
    cast = await gather(tx)
    policy = Policy(expires_after=timedelta(minutes=10))
    delivery = await a_delivery(tx, cast.account.id, policy=policy)
    assert await claim(tx, now=NOW + timedelta(minutes=10)) == []
    await tx.refresh(delivery)
    assert (delivery.state, delivery.attempts_count) == ("expired", 0)
    assert await broken_rules(tx) == {}


async def test_a_next_try_that_would_be_too_late_is_not_waited_for(tx: Transaction) -> None:
    cast = await gather(tx)
    policy = Policy(expires_after=timedelta(seconds=4))  # the first wait is 5 s
    delivery = await a_delivery(tx, cast.account.id, policy=policy)
    await record(tx, [tried(one, answered(503)) for one in await claim(tx)], now=NOW, dice=0.5)
    await tx.refresh(delivery)
    assert (delivery.state, delivery.reason["status"]) == ("expired", 503)


async def test_an_own_schedule_is_followed_to_its_end(tx: Transaction) -> None:
    cast = await gather(tx)
    policy = Policy(Schedule.OWN, (60, 120))
    delivery = await a_delivery(tx, cast.account.id, policy=policy)
    waits = []
    now = NOW
    for _ in range(3):
        await record(
            tx, [tried(one, answered(503)) for one in await claim(tx, now=now)], now=now, dice=0.5
        )
        await tx.refresh(delivery)
        if delivery.due_at:
            waits.append((delivery.due_at - now).total_seconds())
            now = delivery.due_at
    assert (waits, delivery.state) == ([60, 120], "failed")


async def test_what_waits_is_held_and_sent_on_return(tx: Transaction) -> None:
    cast = await gather(tx)
    delivery = await a_delivery(tx, cast.account.id)
    assert await hold_waiting(tx, cast.account.id, 1, now=NOW) == 1
    assert await claim(tx) == []
    assert await release_held(tx, cast.account.id, 1, now=NOW) == 1
    assert [one.id for one in await claim(tx)] == [delivery.id]
    assert await broken_rules(tx) == {}


async def test_a_stranger_releases_nothing(tx: Transaction) -> None:
    cast = await gather(tx)
    await a_delivery(tx, cast.account.id)
    assert await hold_waiting(tx, cast.other_account.id, 1, now=NOW) == 0
    await hold_waiting(tx, cast.account.id, 1, now=NOW)
    assert await release_held(tx, cast.other_account.id, 1, now=NOW) == 0


async def test_what_is_held_too_long_expires(tx: Transaction) -> None:
    cast = await gather(tx)
    held = NotSent(State.HELD, {"why": Why.ACTION_OFF})
    delivery = await a_delivery(tx, cast.account.id, not_sent=held)
    assert await end_overdue_holds(tx, now=NOW + HOLD_LASTS - timedelta(seconds=1)) == 0
    assert await end_overdue_holds(tx, now=NOW + HOLD_LASTS) == 1
    await tx.refresh(delivery)
    assert delivery.state == "expired"
    assert await broken_rules(tx) == {}


@pytest.mark.parametrize(("only_while_open", "expected"), [(True, "expired"), (False, "pending")])
async def test_what_is_only_for_open_conversations_ends_with_them(
    tx: Transaction, only_while_open: bool, expected: str
) -> None:
    cast = await gather(tx)
    policy = Policy(only_while_open=only_while_open)
    delivery = await a_delivery(tx, cast.account.id, policy=policy, conversation_id=7)
    await close_for_conversation(tx, cast.account.id, 7, now=NOW)
    await tx.refresh(delivery)
    assert delivery.state == expected
    assert await broken_rules(tx) == {}


async def test_one_on_its_way_when_the_conversation_closes_is_not_tried_again(
    tx: Transaction,
) -> None:
    cast = await gather(tx)
    policy = Policy(only_while_open=True)
    delivery = await a_delivery(tx, cast.account.id, policy=policy, conversation_id=7)
    claimed = await claim(tx)
    await close_for_conversation(tx, cast.account.id, 7, now=NOW)
    await record(tx, [tried(one, answered(503)) for one in claimed], now=NOW)
    await tx.refresh(delivery)
    assert (delivery.state, delivery.reason["why"]) == ("expired", "closed")
