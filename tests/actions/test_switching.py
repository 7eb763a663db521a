"""Switching actions on and off, and what becomes of their calls."""

from datetime import timedelta

import pytest

from recado.actions.answering import answer
from recado.actions.firing import FiredBy, fire
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import (
    ActionDraft,
    activate,
    create_action,
    delete_action,
    hold_calls,
    switch_off,
)
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.lib.facts import STANDARD_VARIABLES, sample_facts
from recado.lib.secrets import Vault
from tests.conftest import KEY
from tests.deliveries.rows import answered, broken_rules, claim, tried
from tests.people import NOW, Cast, gather

FACTS = {**sample_facts(STANDARD_VARIABLES), "event": {"name": "message_created"}}
LATER = NOW + timedelta(minutes=1)


async def an_action(tx: Transaction, cast: Cast, **policy: object) -> CustomAction:
    draft = ActionDraft("CRM", url="https://crm.example/", body="{}", policy=dict(policy))
    return await create_action(
        tx, cast.account.id, draft, vault=Vault(KEY), now=NOW, state=ActionState.ACTIVE
    )


async def fired(tx: Transaction, action: CustomAction) -> Delivery:
    return await fire(tx, action, FACTS, FiredBy(1, "Rule", 1), now=LATER)


async def test_an_action_that_is_off_leaves_a_skipped_delivery_that_says_so(
    tx: Transaction,
) -> None:
    action = await an_action(tx, await gather(tx))
    await switch_off(tx, action, now=NOW)
    delivery = await fired(tx, action)
    assert (delivery.state, delivery.reason) == ("skipped", {"why": "action_off"})
    assert delivery.request["url"] == "https://crm.example/"  # it can be sent again


async def test_what_waits_is_skipped_when_the_action_goes_off(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx))
    delivery = await fired(tx, action)
    assert await switch_off(tx, action, now=LATER) == 1
    await tx.refresh(delivery)
    assert delivery.state == "skipped"
    assert await broken_rules(tx) == {}


async def test_an_action_that_holds_keeps_its_calls_and_sends_them_on_return(
    tx: Transaction,
) -> None:
    action = await an_action(tx, await gather(tx))
    await switch_off(tx, action, now=NOW, holds_calls=True)
    delivery = await fired(tx, action)
    assert delivery.state == "held"
    assert await claim(tx, now=LATER) == []
    await activate(tx, action, now=LATER)
    assert [one.id for one in await claim(tx, now=LATER)] == [delivery.id]
    assert await broken_rules(tx) == {}


async def test_holding_afterwards_brings_back_what_was_skipped_since(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx))
    await switch_off(tx, action, now=NOW)
    delivery = await fired(tx, action)
    assert await hold_calls(tx, action, now=LATER) == 1
    await tx.refresh(delivery)
    assert (delivery.state, delivery.finished_at) == ("held", None)
    assert await broken_rules(tx) == {}


async def test_deleting_an_action_cancels_what_waits_and_keeps_the_log(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx))
    delivery = await fired(tx, action)
    await delete_action(tx, action, now=LATER)
    await tx.refresh(delivery)
    assert (delivery.state, delivery.action_name) == ("cancelled", "CRM")


async def test_410_switches_the_action_off_and_says_why(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx))
    first = await fired(tx, action)
    [claimed] = await claim(tx, now=LATER)
    waiting = await fired(tx, action)
    written = await record(tx, [tried(claimed, answered(410))], now=LATER)
    await answer(tx, written, now=LATER)
    for delivery in (first, waiting):
        await tx.refresh(delivery)
    assert (first.state, waiting.state) == ("failed", "skipped")
    assert (action.state, action.notice and action.notice["why"]) == ("off", "gone")
    await activate(tx, action, now=LATER)
    assert action.notice is None


async def test_after_410_nothing_is_held_though_an_earlier_pause_held(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx))
    await switch_off(tx, action, now=NOW, holds_calls=True)
    await activate(tx, action, now=NOW)
    await fired(tx, action)
    [claimed] = await claim(tx, now=LATER)
    await answer(tx, await record(tx, [tried(claimed, answered(410))], now=LATER), now=LATER)
    assert (await fired(tx, action)).state == "skipped"


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_other_answers_leave_the_action_on(tx: Transaction, status: int) -> None:
    action = await an_action(tx, await gather(tx))
    await fired(tx, action)
    [claimed] = await claim(tx, now=LATER)
    written = await record(tx, [tried(claimed, answered(status))], now=LATER)
    await answer(tx, written, now=LATER)
    assert action.state == "active"


async def test_a_delivery_keeps_the_policy_its_action_had(tx: Transaction) -> None:
    action = await an_action(tx, await gather(tx), schedule="fast", only_while_open=True)
    delivery = await fired(tx, action)
    action.policy = {}
    await tx.flush()
    assert delivery.policy["schedule"] == "fast"
    assert delivery.expires_at == LATER + timedelta(minutes=30)
