"""Which call of an action has waited longest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recado.db.database import Transaction
from recado.deliveries.lingering import MOST, longest_waiting
from recado.deliveries.states import State
from tests.people import Cast, gather
from tests.reports.conftest import a_call

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def _waits(tx: Transaction, here: Cast, minutes: float, **more: Any) -> None:
    at = NOW - timedelta(minutes=minutes)
    about: dict[str, Any] = {"state": State.PENDING, "finished_at": None, "due_at": at, **more}
    await a_call(tx, here, at, milliseconds=None, **about)


async def _ages(tx: Transaction, here: Cast, *ids: int) -> dict[int, float]:
    found = await longest_waiting(tx, here.account.id, ids or (1,))
    return {key: (NOW - one.since).total_seconds() / 60 for key, one in found.items()}


@pytest.mark.parametrize(
    ("more", "age"),
    [
        ({}, 60),
        ({"due_at": NOW + timedelta(hours=3)}, 60),  # it waits for its next attempt
        ({"lane": "https://erp.example:443"}, 60),  # the oldest goes elsewhere
        ({"action": 2}, 5),  # another action's
        ({"is_test": True}, 5),
        ({"state": State.DELIVERED, "finished_at": NOW, "due_at": None}, 5),
        ({"state": State.HELD, "due_at": None, "held_until": NOW}, 5),  # its action is off
    ],
    ids=["due", "tried again later", "elsewhere", "not its own", "a test", "ended", "held"],
)
async def test_the_oldest_is_found(tx: Transaction, more: dict[str, Any], age: float) -> None:
    here = await gather(tx)
    await _waits(tx, here, 60, **more)
    await _waits(tx, here, 5)
    assert await _ages(tx, here) == {1: age}


async def test_each_action_has_its_own(tx: Transaction) -> None:
    here = await gather(tx)
    for action, minutes in ((1, 5), (2, 7), (2, 9)):
        await _waits(tx, here, minutes, action=action)
    assert await _ages(tx, here, 1, 2, 3) == {1: 5, 2: 9}


async def test_of_a_backlog_the_one_that_is_due_first(tx: Transaction) -> None:
    here = await gather(tx)
    for at in range(MOST + 20):
        await _waits(tx, here, 10 + at)
    assert await _ages(tx, here) == {1: 10 + MOST + 19}


async def test_strangers_have_none(tx: Transaction) -> None:
    here = await gather(tx)
    await _waits(tx, here, 5)
    assert await longest_waiting(tx, here.other_account.id, [1]) == {}
