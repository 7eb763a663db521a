"""A destination is shared fairly between accounts and actions, and an action sends what it may."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from recado.db.database import Database, Transaction
from recado.deliveries.allowing import set_allowance
from recado.deliveries.claiming import Room
from recado.deliveries.claims import Claimed
from recado.deliveries.limiting import Limit, limit_lane
from recado.deliveries.models import Delivery, Lane
from recado.deliveries.policies import DEFAULT_POLICY, Per, Policy
from recado.deliveries.waiting import wait_of
from tests.deliveries.rows import a_delivery, claim, fresh
from tests.people import NOW, Cast, gather

LONG_AGO = NOW - timedelta(hours=1)
ROOM = Room(limit=50, per_lane=10, in_flight={})


async def multiplied(tx: Transaction, one: Delivery, number: int) -> None:
    """So many more of the same."""
    await tx.execute(
        text("""
            insert into deliveries (account_id, webhook_id, action_id, action_name, is_test, request,
                policy, lane, state, reason, attempts_count, tries_count, interruptions_count, due_at,
                created_at, ordering, conversation_id)
            select account_id, 'm' || id || '_' || n, action_id, action_name, is_test, request,
                policy, lane, state, reason, 0, 0, 0, due_at, created_at, ordering, conversation_id
            from deliveries, generate_series(1, :number) n where id = :id
        """),
        {"id": one.id, "number": number},
    )


def by_action(claimed: list[Claimed]) -> Counter[int | None]:
    return Counter(one.action_id for one in claimed)


async def test_100_000_due_calls_of_one_account_do_not_delay_another(tx: Transaction) -> None:
    cast = await gather(tx)
    flood = await a_delivery(tx, cast.account.id, action_id=1, due_at=LONG_AGO)
    await multiplied(tx, flood, 100_000)
    for _ in range(3):
        await a_delivery(tx, cast.other_account.id, action_id=2)
    await tx.execute(text("analyze deliveries"))
    claimed = by_action(await claim(tx, room=ROOM))
    assert claimed == {1: 5, 2: 3}
    # what one does not need, the other gets with the next claim
    assert by_action(await claim(tx, room=ROOM)) == {1: 10}


async def test_an_account_with_many_actions_gets_one_account_s_share(tx: Transaction) -> None:
    cast = await gather(tx)
    for action_id in range(1, 6):
        await multiplied(
            tx, await a_delivery(tx, cast.account.id, action_id=action_id, due_at=LONG_AGO), 9
        )
    await multiplied(tx, await a_delivery(tx, cast.other_account.id, action_id=9), 9)
    claimed = by_action(await claim(tx, room=ROOM))
    assert claimed[9] >= 1
    assert sum(claimed.values()) <= 10
    assert all(number == 1 for action_id, number in claimed.items() if action_id != 9)


async def test_more_waiting_than_there_is_room_for_takes_the_oldest_of_each(
    tx: Transaction,
) -> None:
    cast = await gather(tx)
    for action_id in range(1, 30):
        await a_delivery(
            tx, cast.account.id, action_id=action_id, due_at=NOW - timedelta(seconds=action_id)
        )
    claimed = by_action(await claim(tx, room=ROOM))
    assert sorted(claimed) == list(range(20, 30))


async def test_calls_that_no_action_makes_are_claimed_too(tx: Transaction) -> None:
    cast = await gather(tx)
    await a_delivery(tx, cast.account.id, action_id=None)
    await a_delivery(tx, cast.account.id, action_id=7)
    assert by_action(await claim(tx, room=ROOM)) == {None: 1, 7: 1}


@pytest.mark.parametrize("per", Per)
async def test_an_action_sends_what_it_may_and_the_rest_waits(tx: Transaction, per: Per) -> None:
    cast = await gather(tx)
    window = {Per.SECOND: 1, Per.MINUTE: 60, Per.HOUR: 3_600}[per]
    await set_allowance(tx, 1, Policy(most_calls=3, most_calls_per=per))
    await multiplied(tx, await a_delivery(tx, cast.account.id, action_id=1), 7)
    await multiplied(tx, await a_delivery(tx, cast.account.id, action_id=2), 1)
    assert by_action(await claim(tx, room=ROOM)) == {1: 3, 2: 2}
    assert await claim(tx, room=ROOM) == []
    almost = NOW + timedelta(seconds=window - 0.01)
    assert await claim(tx, room=ROOM, now=min(almost, NOW + timedelta(seconds=30))) == []
    # the claimed ones are recorded in time; here they are taken away
    await tx.execute(text("delete from deliveries where id in (select delivery_id from leases)"))
    assert by_action(await claim(tx, room=ROOM, now=NOW + timedelta(seconds=window))) == {1: 3}


async def test_a_limit_that_is_lowered_or_taken_away_counts_at_once(tx: Transaction) -> None:
    cast = await gather(tx)
    await set_allowance(tx, 1, Policy(most_calls=5))
    await multiplied(tx, await a_delivery(tx, cast.account.id, action_id=1), 20)
    assert len(await claim(tx, room=ROOM)) == 5
    await set_allowance(tx, 1, Policy(most_calls=2))
    assert await claim(tx, room=ROOM) == []
    await set_allowance(tx, 1, DEFAULT_POLICY)
    assert len(await claim(tx, room=ROOM)) == 10


async def test_two_workers_together_send_no_more_than_the_action_may(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await set_allowance(tx, 1, Policy(most_calls=4))
        await multiplied(tx, await a_delivery(tx, cast.account.id, action_id=1), 20)
    async with database.transaction() as one, database.transaction() as other:
        ones = await claim(one, room=ROOM)
        others = await claim(other, room=ROOM)  # the first has not committed
    async with database.transaction() as tx:
        later = await claim(tx, room=ROOM)
    assert (len(ones), len(others), len(later)) == (4, 0, 0)


LANE = "https://crm.example:443"


async def test_a_destination_gets_what_it_may_from_all_actions_of_the_account(
    tx: Transaction,
) -> None:
    cast = await gather(tx)
    await limit_lane(tx, cast.account.id, LANE, Limit(3, Per.MINUTE))
    for action_id in (1, 2, None):
        await multiplied(tx, await a_delivery(tx, cast.account.id, action_id=action_id), 4)
    elsewhere = await a_delivery(tx, cast.account.id, "https://erp.example/", action_id=1)
    theirs = await a_delivery(tx, cast.other_account.id, action_id=9)  # no limit of theirs
    claimed = await claim(tx, room=ROOM)
    assert Counter((one.account_id, one.lane) for one in claimed) == {
        (cast.account.id, LANE): 3,
        (cast.account.id, elsewhere.lane): 1,
        (cast.other_account.id, theirs.lane): 1,
    }
    assert await claim(tx, room=ROOM) == []
    await tx.execute(
        text("delete from deliveries where id in (select delivery_id from leases)")
    )  # recorded in time
    assert len(await claim(tx, room=ROOM, now=NOW + timedelta(seconds=60))) == 3


async def test_a_call_that_waits_for_its_destination_says_so_and_until_when(
    tx: Transaction,
) -> None:
    cast = await gather(tx)
    await limit_lane(tx, cast.account.id, LANE, Limit(1, Per.HOUR))
    await a_delivery(tx, cast.account.id, due_at=LONG_AGO)
    waiting = await a_delivery(tx, cast.account.id)
    assert await wait_of(tx, await fresh(tx, waiting.id), now=NOW) is None
    assert len(await claim(tx, room=ROOM)) == 1
    wait = await wait_of(tx, await fresh(tx, waiting.id), now=NOW)
    assert wait is not None
    assert (
        str(wait.sentence) == "crm.example has had as many calls as its rate limit allows for now."
    )
    assert wait.until == NOW + timedelta(hours=1)
    assert await wait_of(tx, await fresh(tx, waiting.id), now=wait.until) is None


async def test_a_limit_of_a_destination_is_changed_and_lifted_at_once(tx: Transaction) -> None:
    cast = await gather(tx)
    await multiplied(tx, await a_delivery(tx, cast.account.id), 20)
    await limit_lane(tx, cast.account.id, LANE, Limit(2, Per.MINUTE))
    assert len(await claim(tx, room=ROOM)) == 2
    await limit_lane(tx, cast.account.id, LANE, Limit(3, Per.MINUTE))
    assert len(await claim(tx, room=ROOM)) == 1
    await limit_lane(tx, cast.account.id, LANE, None)
    assert len(await claim(tx, room=ROOM)) == 10


async def test_what_may_not_go_is_no_probe(tx: Transaction) -> None:
    cast = await gather(tx)
    await limit_lane(tx, cast.account.id, LANE, Limit(1, Per.HOUR))
    await multiplied(tx, await a_delivery(tx, cast.account.id), 5)
    assert len(await claim(tx, room=ROOM)) == 1
    tx.add(Lane(lane=LANE, concurrency=1.0, open_until=LONG_AGO))
    await tx.flush()
    assert await claim(tx, room=ROOM) == []
    assert await tx.scalar(select(Lane.is_probing).where(Lane.lane == LANE)) is False


async def test_two_workers_together_send_a_destination_no_more_than_it_may_have(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await limit_lane(tx, cast.account.id, LANE, Limit(4, Per.MINUTE))
        await multiplied(tx, await a_delivery(tx, cast.account.id), 20)
    async with database.transaction() as one, database.transaction() as other:
        ones = await claim(one, room=ROOM)
        others = await claim(other, room=ROOM)  # the first has not committed
    async with database.transaction() as tx:
        later = await claim(tx, room=ROOM)
    assert (len(ones), len(others), len(later)) == (4, 0, 0)
