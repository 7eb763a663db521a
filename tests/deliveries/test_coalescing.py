"""Fewer calls: only the newest, collected, not the same twice; each that is not sent says why."""

from datetime import timedelta

import pytest

from recado.db.database import Transaction
from recado.deliveries.coalescing import fingerprint_of, same_before, take_the_place
from recado.deliveries.models import Delivery
from recado.deliveries.policies import Order, Policy
from recado.deliveries.recording import record
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Request
from tests.deliveries.rows import a_delivery, answered, broken_rules, claim, fresh, tried
from tests.people import NOW, Cast, gather

NEWEST = Policy(order=Order.NEWEST)
COLLECT = Policy(collect=timedelta(seconds=30))
LATER = NOW + timedelta(seconds=10)


async def made(
    tx: Transaction, cast: Cast, policy: Policy, *, number: int = 1, after: int = 0
) -> Delivery:
    """A call of conversation `number`, made so many seconds after NOW."""
    one = await a_delivery(tx, cast.account.id, policy=policy, conversation_id=number)
    await take_the_place(tx, one, policy, now=NOW + timedelta(seconds=after))
    await tx.flush()
    return one


async def test_what_waits_is_replaced_by_the_newest(tx: Transaction) -> None:
    cast = await gather(tx)
    old = await made(tx, cast, NEWEST)
    other = await made(tx, cast, NEWEST, number=2)
    new = await made(tx, cast, NEWEST)
    row = await fresh(tx, old.id)
    assert (row.state, row.reason) == (State.SKIPPED, {"why": Why.REPLACED, "by": new.id})
    assert {one.id for one in await claim(tx)} == {new.id, other.id}
    assert await broken_rules(tx) == {}


@pytest.mark.parametrize(
    ("status", "state"), [(503, State.SKIPPED), (200, State.DELIVERED), (404, State.FAILED)]
)
async def test_what_is_being_sent_is_not_tried_again_once_there_is_a_newer_one(
    tx: Transaction, status: int, state: State
) -> None:
    cast = await gather(tx)
    old = await made(tx, cast, NEWEST)
    sent = [tried(one, answered(status)) for one in await claim(tx)]
    new = await made(tx, cast, NEWEST)
    assert await claim(tx) == []  # one at a time
    await record(tx, sent, now=NOW)
    row = await fresh(tx, old.id)
    assert row.state == state
    assert row.reason.get("by") == (new.id if state == State.SKIPPED else None)
    assert [one.id for one in await claim(tx)] == [new.id]
    assert await broken_rules(tx) == {}


async def test_calls_are_collected_into_one_with_the_last_state(tx: Transaction) -> None:
    cast = await gather(tx)
    calls = [await made(tx, cast, COLLECT, after=seconds) for seconds in (0, 10, 20, 29)]
    assert await claim(tx, now=NOW + timedelta(seconds=29)) == []
    [one] = await claim(tx, now=NOW + timedelta(seconds=30))  # as long as the first had to wait
    assert one.id == calls[-1].id
    states = [(await fresh(tx, call.id)).state for call in calls]
    assert states == ["skipped", "skipped", "skipped", "pending"]
    following = await made(tx, cast, COLLECT, after=31)
    assert following.due_at == NOW + timedelta(seconds=61)
    assert (await fresh(tx, one.id)).reason == {}  # what is being sent ends as it ends


async def test_other_conversations_and_actions_are_not_replaced(tx: Transaction) -> None:
    cast = await gather(tx)
    one = await made(tx, cast, COLLECT)
    await made(tx, cast, COLLECT, number=2)
    other = await a_delivery(tx, cast.account.id, policy=COLLECT, conversation_id=1, action_id=2)
    await take_the_place(tx, other, COLLECT, now=NOW)
    assert (await fresh(tx, one.id)).state == State.PENDING


async def test_the_same_call_is_found_for_as_long_as_it_counts(tx: Transaction) -> None:
    cast = await gather(tx)
    policy = Policy(skip_same=timedelta(minutes=5))
    request = Request("POST", "https://crm.example/contacts", (), '{"a": 1}')
    mark = fingerprint_of(request, 1)
    first = await a_delivery(
        tx, cast.account.id, policy=policy, conversation_id=1, fingerprint=mark
    )
    assert await same_before(tx, 1, mark, policy, now=LATER) == first.id
    assert await same_before(tx, 1, fingerprint_of(request, 2), policy, now=LATER) is None
    assert await same_before(tx, 2, mark, policy, now=LATER) is None
    assert await same_before(tx, 1, mark, Policy(), now=LATER) is None
    assert await same_before(tx, 1, mark, policy, now=NOW + timedelta(minutes=5)) is None
    await record(tx, [tried(one, answered(400)) for one in await claim(tx)], now=NOW)
    assert await same_before(tx, 1, mark, policy, now=LATER) is None  # it never arrived
