"""A guard against runaway calls: paused, held, told, and gone on with one click."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from recado.actions.firing import FiredBy, fire
from recado.actions.guarding import guard_actions, is_surge, prune_hours
from recado.actions.models import ActionState, CustomAction, HourOfCalls
from recado.actions.saving import ActionDraft, activate, create_action
from recado.db.database import Database, Transaction
from recado.deliveries.models import Delivery
from recado.lib.facts import STANDARD_VARIABLES, sample_facts
from recado.lib.secrets import Vault
from tests.browser import Browser
from tests.conftest import KEY
from tests.deliveries.rows import broken_rules, claim
from tests.people import NOW, Cast, gather

FACTS = {**sample_facts(STANDARD_VARIABLES), "event": {"name": "message_created"}}


async def an_action(
    tx: Transaction, cast: Cast, *, usual: int, hours: int = 5, budget: int | None = None
) -> CustomAction:
    """An action that was called so often in each of so many hours before."""
    draft = ActionDraft(
        "CRM", url="https://crm.example/", body="{}", policy={"hourly_budget": budget}
    )
    action = await create_action(
        tx, cast.account.id, draft,
        vault=Vault(KEY), now=NOW, state=ActionState.ACTIVE,
    )  # fmt: skip
    for ago in range(1, hours + 1):
        tx.add(HourOfCalls(action_id=action.id, hour=NOW - timedelta(hours=ago), calls=usual))
    await tx.flush()
    return action


async def fired(tx: Transaction, action: CustomAction, number: int) -> list[int]:
    """So many calls in one batch; which actions were paused."""
    for event_id in range(number):
        await fire(tx, action, FACTS, FiredBy(1, "R", event_id), now=NOW)
    await tx.flush()
    return await guard_actions(tx, now=NOW)


@pytest.mark.parametrize(
    ("calls", "usual", "expected"),
    [
        (200, 1, False),  # few are never too many
        (201, 1, True),
        (2_000, 100, False),
        (2_001, 100, True),
    ],
)
def test_what_is_far_beyond_the_usual(calls: int, usual: float, expected: bool) -> None:
    assert is_surge(calls, usual=usual) is expected


async def test_a_surge_pauses_the_action_and_holds_its_calls(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), usual=4)
    assert await fired(tx, action, 150) == []
    assert await fired(tx, action, 60) == [action.id]
    assert (action.state, action.holds_calls) == (ActionState.OFF, True)
    assert action.notice == {
        "why": "surge", "at": NOW.isoformat(), "calls": 210, "usual": 4,
    }  # fmt: skip
    states = list(await tx.scalars(select(Delivery.state)))
    assert states == ["held"] * 210
    assert await fired(tx, action, 1) == []  # off: held, and not counted
    assert await broken_rules(tx) == {}


async def test_an_administrator_says_to_go_on(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), usual=4)
    assert await fired(tx, action, 201) == [action.id]
    await activate(tx, action, now=NOW)
    assert action.notice is None
    assert len(await claim(tx)) == 10
    assert await fired(tx, action, 5) == []  # trusted for a day
    assert action.is_active


async def test_nothing_is_paused_while_nobody_knows_what_is_usual(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), usual=1, hours=2)
    assert await fired(tx, action, 201) == []
    assert action.is_active


@pytest.mark.parametrize(
    ("calls", "is_paused"),
    [(50, False), (51, True)],
)
async def test_beyond_its_own_budget_it_is_paused_whatever_is_usual(
    tx: Transaction, calls: int, is_paused: bool
) -> None:
    action = await an_action(tx, await gather(tx), usual=1, hours=0, budget=50)
    assert await fired(tx, action, calls) == ([action.id] if is_paused else [])
    told = {"why": "surge", "at": NOW.isoformat(), "calls": calls, "budget": 50}
    assert action.notice == (told if is_paused else None)


async def test_within_its_own_budget_it_goes_on_whatever_is_usual(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), usual=1, budget=300)
    assert await fired(tx, action, 250) == []
    assert action.is_active


async def test_calls_are_counted_in_one_row_an_hour_and_forgotten(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), usual=50)
    await fired(tx, action, 3)
    await fired(tx, action, 4)
    query = select(HourOfCalls.calls).where(HourOfCalls.hour == NOW)
    assert list(await tx.scalars(query)) == [7]
    assert await guard_actions(tx, now=NOW) == []  # nothing is counted twice
    assert await prune_hours(tx, now=NOW + timedelta(days=8, hours=-2)) == 3


async def test_what_was_held_can_be_skipped_instead(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), usual=4)
    await fired(tx, action, 201)
    await activate(tx, action, now=NOW, skips_held=True)
    states = set(await tx.execute(select(Delivery.state, Delivery.reason["why"].as_string())))
    assert states == {("skipped", "surge")}
    assert await broken_rules(tx) == {}


async def test_the_list_tells_of_a_pause_and_goes_on_with_one_click(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast, usual=4)
        await fired(tx, action, 201)
    shown = (await ana.get("/app/actions")).text
    assert "Paused: 201 calls in an hour, where 4 are usual." in shown
    link = f"/app/actions/{action.id}/switch?to=active"
    assert f'hx-post="{link}"' in shown
    row = (await ana.post(f"{link}&skip=1", {}, htmx=True)).text
    assert "Paused:" not in row
    async with database.transaction() as tx:
        assert set(await tx.scalars(select(Delivery.state))) == {"skipped"}
        kept = await tx.get(CustomAction, action.id)
        assert kept is not None
        assert kept.is_active


async def test_the_list_tells_which_budget_was_used_up(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast, usual=4, budget=20)
        await fired(tx, action, 21)
    shown = (await ana.get("/app/actions")).text
    assert "Paused: 21 calls in an hour, beyond its budget of 20." in shown
