"""The log: pages by keyset, filters, one account at a time."""

from typing import Any

import pytest
from sqlalchemy import update

from recado.db.database import Transaction
from recado.deliveries.filtering import LogFilter
from recado.deliveries.finding import find_deliveries, find_delivery, last_deliveries
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.deliveries.searching import deliveries_page, state_counts
from recado.deliveries.states import State
from tests.deliveries.rows import a_delivery, answered, claim, tried
from tests.people import NOW, Cast, gather


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def test_pages_follow_each_other_without_gap_or_overlap(
    tx: Transaction, people: Cast
) -> None:
    made = [(await a_delivery(tx, people.account.id)).id for _ in range(7)]
    await a_delivery(tx, people.other_account.id)
    seen: list[int] = []
    before: int | None = None
    for _ in range(4):
        page, before = await deliveries_page(
            tx, people.account.id, LogFilter(before=before), limit=3
        )
        seen += [one.id for one in page]
        await a_delivery(tx, people.account.id)  # what comes in between shifts nothing
        if before is None:
            break
    assert seen == made[::-1]


async def test_several_are_found_at_once_in_their_order_and_only_ours(
    tx: Transaction, people: Cast
) -> None:
    first, second = [(await a_delivery(tx, people.account.id)).id for _ in range(2)]
    theirs = (await a_delivery(tx, people.other_account.id)).id
    found = await find_deliveries(tx, people.account.id, [second, theirs, first, second, 999])
    assert [(one.id, one.attempts) for one in found] == [(second, []), (first, [])]


async def test_a_page_that_just_fits_is_the_last(tx: Transaction, people: Cast) -> None:
    for _ in range(3):
        await a_delivery(tx, people.account.id)
    page, following = await deliveries_page(tx, people.account.id, LogFilter(), limit=3)
    assert (len(page), following) == (3, None)
    assert await deliveries_page(tx, people.other_account.id, LogFilter()) == ([], None)


@pytest.mark.parametrize(
    "wanted",
    [
        {"action_id": 2},
        {"rule_id": 8},
        {"conversation_id": 12},
        {"is_test": True},
        {"states": (State.DELIVERED,)},
        {"action_id": 2, "rule_id": 8, "states": (State.DELIVERED,)},
    ],
)
async def test_filters_find_only_what_they_say(
    tx: Transaction, people: Cast, wanted: dict[str, Any]
) -> None:
    for number in range(3):
        await a_delivery(tx, people.account.id, action_id=1, conversation_id=number)
    wants = await a_delivery(
        tx, people.account.id, action_id=2, rule_id=8, conversation_id=12, is_test=True
    )
    await tx.execute(update(Delivery).where(Delivery.id == wants.id).values(state="delivered"))
    await a_delivery(tx, people.other_account.id, action_id=2, rule_id=8, conversation_id=12)
    page, _ = await deliveries_page(tx, people.account.id, LogFilter(**wanted))
    assert [one.id for one in page] == [wants.id]


async def test_attempts_come_with_their_delivery_in_order(tx: Transaction, people: Cast) -> None:
    await a_delivery(tx, people.account.id)
    [mine] = await claim(tx)
    await record(tx, [tried(mine, answered(200))], now=NOW)
    [row], _ = await deliveries_page(tx, people.account.id, LogFilter())
    assert [one.number for one in row.attempts] == [1]


async def test_a_stranger_finds_nothing(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    for for_change in (False, True):
        mine = await find_delivery(tx, people.account.id, made.id, for_change=for_change)
        assert mine is made
        assert (
            await find_delivery(tx, people.other_account.id, made.id, for_change=for_change) is None
        )
    assert await find_delivery(tx, people.account.id, made.id + 1) is None


async def test_states_are_counted_within_the_account(tx: Transaction, people: Cast) -> None:
    for _ in range(3):
        made = await a_delivery(tx, people.account.id)
    await tx.execute(update(Delivery).where(Delivery.id == made.id).values(state="failed"))
    await a_delivery(tx, people.other_account.id)
    counts = await state_counts(tx, people.account.id, LogFilter(states=(State.FAILED,)))
    assert counts == {"pending": 2, "failed": 1}


async def test_the_newest_of_each_action_come_first(tx: Transaction, people: Cast) -> None:
    ones = [(await a_delivery(tx, people.account.id, action_id=1)).id for _ in range(4)]
    await a_delivery(tx, people.other_account.id, action_id=1)
    found = await last_deliveries(tx, people.account.id, [1, 2], each=3)
    assert [one.id for one in found[1]] == ones[:0:-1]
    assert found[2] == []
