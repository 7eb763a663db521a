"""An action whose last calls all failed is told of until one succeeds."""

from collections.abc import Sequence
from typing import Any

import pytest

from recado.actions.models import ActionState
from recado.db.database import Database, Transaction
from recado.deliveries.finding import failing_actions
from recado.lib.outcomes import Outcome, Trouble
from tests.automation.stories import an_action
from tests.browser import Browser
from tests.deliveries.rows import answered, failed
from tests.deliveries.test_pages import ended
from tests.people import Cast, gather


@pytest.mark.parametrize(
    ("outcomes", "is_failing"),
    [
        ([answered(404)] * 3, True),
        (
            [answered(404), failed(Trouble.DNS), answered(503)],
            True,
        ),  # what waits for another try too
        ([answered(200), *[answered(404)] * 3], True),
        ([answered(404)] * 2, False),
        ([*[answered(404)] * 3, answered(200)], False),
        ([answered(200), answered(404), answered(404)], False),
    ],
)
async def test_three_in_a_row(
    tx: Transaction, outcomes: Sequence[Outcome], is_failing: bool
) -> None:
    cast = await gather(tx)
    action = await an_action(tx, cast)
    for outcome in outcomes:
        await ended(tx, cast, outcome, action_id=action.id)
    found = await failing_actions(tx, cast.account.id)
    assert [one.id for one in found] == ([action.id] if is_failing else [])
    assert await failing_actions(tx, cast.other_account.id) == []


async def test_one_that_is_off_is_not_told_of(tx: Transaction) -> None:
    cast = await gather(tx)
    action = await an_action(tx, cast)
    for _ in range(3):
        await ended(tx, cast, answered(404), action_id=action.id)
    action.state = ActionState.OFF
    await tx.flush()
    assert await failing_actions(tx, cast.account.id) == []


async def test_administrators_are_told(
    ana: Browser, beto: Browser, celia: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast)
        for _ in range(3):
            await ended(tx, cast, answered(415), action_id=action.id)
    text = (await ana.get("/app/deliveries/failing")).text
    assert f'id="failing-{action.id}"' in text
    assert "The receiver answered 415." in text
    assert f"/app/replays/new?action={action.id}" in text
    assert "failing-" not in (await celia.get("/app/deliveries/failing")).text
    assert (await beto.get("/app/deliveries/failing")).status_code == 403
    assert 'hx-get="/app/deliveries/failing"' in (await ana.get("/app/actions")).text


async def test_the_list_shows_which_action_fails(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast)
        for _ in range(3):
            await ended(tx, cast, answered(503), action_id=action.id)
    assert "Failing</span>" in (await ana.get("/app/actions")).text
    async with database.transaction() as tx:
        await ended(tx, cast, answered(200), action_id=action.id)
    assert "Failing</span>" not in (await ana.get("/app/actions")).text


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        ({"why": "gone"}, "this address is gone for good"),
        ({"why": "surge", "calls": 900, "usual": 4}, "900 calls in an hour, where 4 are usual"),
        (
            {"why": "surge", "calls": 21, "budget": 20},
            "21 calls in an hour, beyond its budget of 20",
        ),
    ],
)
async def test_administrators_are_told_what_recado_switched_off(
    ana: Browser, celia: Browser, database: Database, cast: Cast, notice: dict[str, Any], words: str
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast)
        action.state, action.notice = ActionState.OFF, notice
    for path in ("/app/deliveries/failing", "/app/actions"):
        assert words in (await ana.get(path)).text
    assert words not in (await celia.get("/app/deliveries/failing")).text
    await ana.post(f"/app/actions/{action.id}/switch?to=active")
    assert words not in (await ana.get("/app/deliveries/failing")).text
