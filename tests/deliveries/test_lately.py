"""How an action's calls of the last 24 hours went."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from recado.db.database import Transaction
from recado.deliveries import lately as module
from recado.deliveries.lately import Lately, lately
from recado.deliveries.models import Delivery
from tests.deliveries.rows import a_delivery
from tests.people import NOW, Cast, gather


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def _made(tx: Transaction, cast: Cast, hours: float, **values: object) -> None:
    made = await a_delivery(tx, cast.account.id, action_id=1)
    values |= {"created_at": NOW - timedelta(hours=hours)}
    await tx.execute(update(Delivery).where(Delivery.id == made.id).values(**values))


async def _told(tx: Transaction, cast: Cast, action_id: int = 1) -> Lately | None:
    return (await lately(tx, cast.account.id, [1, 2], now=NOW)).get(action_id)


@pytest.mark.parametrize(
    ("state", "delivered", "failed"),
    [
        ("delivered", 1, 0),
        ("failed", 0, 1),
        ("unknown", 0, 1),  # sent, and nobody knows
        ("expired", 0, 1),
        ("skipped", 0, 0),
        ("pending", 0, 0),
    ],
)
async def test_each_state_counts_as_what_it_means(
    tx: Transaction, people: Cast, state: str, delivered: int, failed: int
) -> None:
    await _made(tx, people, 23.9, state=state)
    assert await _told(tx, people) == Lately(1, delivered, failed)


async def test_older_calls_tests_and_those_of_others_do_not_count(
    tx: Transaction, people: Cast
) -> None:
    await _made(tx, people, 24.1, state="delivered")
    await _made(tx, people, 1, state="delivered", is_test=True)
    await a_delivery(tx, people.other_account.id, action_id=1)
    assert await _told(tx, people) is None
    assert await _told(tx, people, 2) is None


async def test_of_many_it_says_that_there_are_more(
    tx: Transaction, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for _ in range(4):
        await _made(tx, people, 1, state="delivered")
    told = await _told(tx, people)
    assert told is not None
    assert (told.delivered, told.is_more) == (3, True)
