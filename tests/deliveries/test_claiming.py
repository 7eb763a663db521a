"""Taking due deliveries: nobody takes another's, nobody is starved, the dead lose what they held."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from recado.db.database import Database, Transaction
from recado.deliveries.claiming import Room, release
from recado.deliveries.finding import find_delivery
from recado.deliveries.leasing import lease
from recado.deliveries.models import Attempt, Delivery, Lane
from recado.deliveries.queueing import NotSent
from recado.deliveries.recording import record
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Trouble
from tests.deliveries.rows import LEASE, a_delivery, answered, broken_rules, claim, fresh, tried
from tests.people import NOW, Cast, gather

AFTER_LEASE = NOW + LEASE + timedelta(seconds=1)
CRM, ERP = "https://crm.example/a", "https://erp.example/b"


@pytest.fixture
async def people(tx: Transaction) -> AsyncIterator[Cast]:
    """The cast, rolled back with the transaction; then the rules that always hold are checked."""
    cast = await gather(tx)
    yield cast
    await tx.flush()
    assert await broken_rules(tx) == {}


async def attempts_of(tx: Transaction, delivery_id: int) -> list[tuple[int, str | None]]:
    query = select(Attempt.number, Attempt.trouble).where(Attempt.delivery_id == delivery_id)
    return [(row[0], row[1]) for row in await tx.execute(query.order_by(Attempt.number))]


async def test_a_delivery_is_written_with_everything_that_explains_it(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id, rule_id=3, rule_name="R", conversation_id=12)
    assert made.state == State.PENDING
    assert (made.due_at, made.created_at, made.finished_at) == (NOW, NOW, None)
    assert made.lane == "https://crm.example:443"
    assert made.webhook_id.startswith("msg_")
    other = await a_delivery(tx, people.account.id)
    assert other.webhook_id != made.webhook_id


async def test_what_is_not_to_be_sent_ends_at_once_with_its_reason(
    tx: Transaction, people: Cast
) -> None:
    why = NotSent(State.SKIPPED, {"why": Why.ACTION_DRAFT})
    made = await a_delivery(tx, people.account.id, not_sent=why)
    assert (made.state, made.due_at, made.finished_at) == (State.SKIPPED, None, NOW)
    assert await claim(tx) == []


async def test_what_is_claimed_is_leased_and_stays_as_it_is(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    assert (mine.id, mine.webhook_id, mine.attempts_count) == (made.id, made.webhook_id, 0)
    assert mine.request == made.request
    row = await fresh(tx, made.id)
    assert (row.due_at, row.state) == (NOW, State.PENDING)
    assert row.lease
    assert (row.lease.claim, row.lease.until) == (mine.claim, NOW + LEASE)
    assert await claim(tx) == []


async def test_what_is_due_later_is_left(tx: Transaction, people: Cast) -> None:
    await a_delivery(tx, people.account.id, due_at=NOW + timedelta(seconds=1))
    assert await claim(tx) == []
    assert len(await claim(tx, now=NOW + timedelta(seconds=1))) == 1


async def test_each_lane_gives_only_what_it_has_room_for(tx: Transaction, people: Cast) -> None:
    for url in (CRM,) * 6 + (ERP,) * 6:
        await a_delivery(tx, people.account.id, url)
    room = Room(limit=100, per_lane=4, in_flight={"https://crm.example:443": 3})
    lanes = [one.lane for one in await claim(tx, room=room)]
    assert lanes.count("https://crm.example:443") == 1
    assert lanes.count("https://erp.example:443") == 4


async def test_a_lane_that_is_over_full_gives_nothing(tx: Transaction, people: Cast) -> None:
    await a_delivery(tx, people.account.id, CRM)
    room = Room(limit=100, per_lane=2, in_flight={"https://crm.example:443": 5, "https://x:1": 1})
    assert await claim(tx, room=room) == []


async def test_no_more_are_taken_than_there_is_room_for_oldest_first(
    tx: Transaction, people: Cast
) -> None:
    ages = [3, 1, 2, 5, 4]
    made = [
        await a_delivery(
            tx, people.account.id, f"https://h{age}.example/", due_at=NOW - timedelta(minutes=age)
        )
        for age in ages
    ]
    taken = await claim(tx, room=Room(limit=2, per_lane=10, in_flight={}))
    assert {one.id for one in taken} == {made[3].id, made[4].id}


async def test_destinations_share_what_is_taken_however_old_the_calls_of_one_are(
    tx: Transaction, people: Cast
) -> None:
    for age in range(4):
        await a_delivery(tx, people.account.id, CRM, due_at=NOW - timedelta(hours=age))
        await a_delivery(tx, people.account.id, ERP, due_at=NOW - timedelta(minutes=age))
    taken = await claim(tx, room=Room(limit=4, per_lane=10, in_flight={}))
    lanes = [one.lane for one in taken]
    assert lanes.count("https://crm.example:443") == lanes.count("https://erp.example:443") == 2


async def test_what_a_resting_or_full_destination_would_take_goes_to_others(
    tx: Transaction, people: Cast
) -> None:
    resting = [f"https://dead{number}.example" for number in range(3)]
    for url in (*resting, CRM):
        await a_delivery(tx, people.account.id, url)
    tx.add_all(Lane(lane=f"{url}:443", concurrency=10.0, open_until=NOW + LEASE) for url in resting)
    for _ in range(4):
        await a_delivery(tx, people.account.id, ERP)
    room = Room(limit=4, per_lane=4, in_flight={"https://crm.example:443": 4})
    assert [one.lane for one in await claim(tx, room=room)] == ["https://erp.example:443"] * 4


async def test_a_thousand_due_in_one_lane_do_not_starve_another(
    tx: Transaction, people: Cast
) -> None:
    first = await a_delivery(tx, people.account.id, CRM, due_at=NOW - timedelta(hours=1))
    await tx.execute(
        text("""
            insert into deliveries (account_id, webhook_id, action_name, is_test, request, policy,
                lane, state, reason, attempts_count, tries_count, interruptions_count, due_at, created_at)
            select account_id, 'msg_' || n, action_name, is_test, request, policy, lane, state, reason,
                0, 0, 0, due_at, created_at
            from deliveries, generate_series(1, 1000) n where id = :id
        """),
        {"id": first.id},
    )
    lonely = await a_delivery(tx, people.other_account.id, ERP)
    taken = await claim(tx, room=Room(limit=50, per_lane=20, in_flight={}))
    assert lonely.id in {one.id for one in taken}
    assert len(taken) <= 21


async def test_two_workers_never_take_the_same(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        for number in range(30):
            await a_delivery(tx, cast.account.id, f"https://h{number % 3}.example/")
    room = Room(limit=15, per_lane=5, in_flight={})
    async with database.transaction() as one, database.transaction() as other:
        ones = {each.id for each in await claim(one, room=room)}
        others = {each.id for each in await claim(other, room=room)}  # the first has not committed
    assert len(ones) == len(others) == 15
    assert not ones & others


async def test_a_claim_that_never_commits_leaves_the_delivery_due(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        made = await a_delivery(tx, cast.account.id)
    async with database.unfinished() as tx:
        assert len(await claim(tx)) == 1
    async with database.transaction() as tx:
        [again] = await claim(tx)
        assert (again.id, again.attempts_count) == (made.id, 0)


async def test_after_the_lease_another_takes_over_and_the_cut_attempt_shows(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id)
    [dead] = await claim(tx)
    assert await claim(tx, now=NOW + LEASE - timedelta(seconds=1)) == []
    [heir] = await claim(tx, now=AFTER_LEASE)
    assert heir.claim != dead.claim
    assert heir.webhook_id == dead.webhook_id
    assert (heir.attempts_count, heir.tries_count, heir.interruptions_count) == (1, 0, 1)
    assert await attempts_of(tx, made.id) == [(1, Trouble.INTERRUPTED)]


async def test_an_interruption_costs_no_try_of_the_schedule(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    await claim(tx)
    [heir] = await claim(tx, now=AFTER_LEASE)
    await record(tx, [tried(heir, answered(503))], now=AFTER_LEASE, dice=0.5)
    row = await fresh(tx, made.id)
    assert (row.tries_count, row.attempts_count) == (1, 2)
    assert row.due_at == AFTER_LEASE + timedelta(seconds=5)  # the schedule's first wait


async def test_the_third_interruption_is_the_last(tx: Transaction, people: Cast) -> None:
    poison = await a_delivery(tx, people.account.id, CRM)
    healthy = await a_delivery(tx, people.account.id, ERP, due_at=NOW + timedelta(hours=1))
    now = NOW
    for _ in range(3):
        assert [one.id for one in await claim(tx, now=now)] == [poison.id]
        now += LEASE
    assert await claim(tx, now=now) == []
    row = await fresh(tx, poison.id)
    assert (row.state, row.finished_at, row.interruptions_count) == (State.FAILED, now, 3)
    assert row.reason == {"trouble": Trouble.INTERRUPTED, "interruptions": 3}
    assert [one.id for one in await claim(tx, now=NOW + timedelta(hours=2))] == [healthy.id]


async def test_a_test_whose_server_died_is_not_sent_by_itself(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id, is_test=True, due_at=NOW + LEASE)
    await lease(tx, [made.id], claim=7, until=NOW + LEASE)
    assert await claim(tx, now=AFTER_LEASE) == []
    row = await fresh(tx, made.id)
    assert (row.state, row.reason["trouble"]) == (State.FAILED, Trouble.INTERRUPTED)
    assert await attempts_of(tx, made.id) == [(1, Trouble.INTERRUPTED)]


async def test_what_was_called_off_while_its_worker_died_is_not_sent(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id)
    await claim(tx)
    reason = {"why": Why.ACTION_DELETED}
    await tx.execute(update(Delivery).where(Delivery.id == made.id).values(reason=reason))
    assert await claim(tx, now=AFTER_LEASE) == []
    row = await fresh(tx, made.id)
    assert (row.state, row.reason) == (State.CANCELLED, {"why": "action_deleted"})


async def test_giving_back_costs_nothing_and_is_due_at_once(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    claimed = await claim(tx)
    later = NOW + timedelta(seconds=3)
    await release(tx, claimed)
    row = await fresh(tx, made.id)
    assert (row.due_at, row.lease, row.attempts_count) == (NOW, None, 0)
    [again] = await claim(tx, now=later)
    assert (again.attempts_count, again.tries_count, again.interruptions_count) == (0, 0, 0)
    assert await attempts_of(tx, made.id) == []


async def test_only_what_is_ours_still_is_given_back(tx: Transaction, people: Cast) -> None:
    await a_delivery(tx, people.account.id)
    stale = await claim(tx)
    [heir] = await claim(tx, now=AFTER_LEASE)
    await release(tx, stale)
    row = await fresh(tx, heir.id)
    assert row.lease
    assert (row.lease.claim, row.lease.until) == (heir.claim, AFTER_LEASE + LEASE)
    await release(tx, [])


async def test_a_clock_that_steps_back_loses_nothing(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    assert await claim(tx, now=NOW - timedelta(hours=1)) == []
    assert [one.id for one in await claim(tx)] == [made.id]


async def test_the_delivery_with_its_attempts_is_found_by_its_account(
    tx: Transaction, people: Cast
) -> None:
    made = await a_delivery(tx, people.account.id)
    assert await find_delivery(tx, people.account.id, made.id) is made
    assert await find_delivery(tx, people.other_account.id, made.id) is None
