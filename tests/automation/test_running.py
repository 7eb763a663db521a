"""Events become verdicts, effects and deliveries: what Recado does beyond the numbered behaviours."""

import pytest
from sqlalchemy import select, update

from recado.actions.models import ActionState
from recado.actions.saving import switch_off
from recado.automation.known import CustomAttributeInfo, Known
from recado.automation.models import Result
from recado.automation.recounting import told
from recado.automation.saving import switch_rule
from recado.contacts.kinds import AttributeKind, AttributeModel
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.states import State, Why
from recado.events.causes import DEEPEST
from recado.events.models import Event
from tests.automation.rules import row
from tests.automation.stories import (
    INCOMING,
    a_rule,
    an_action,
    does,
    outcomes,
    run,
    texts,
    the_delivery,
    verdicts,
)
from tests.people import NOW, Cast, a_message

# --- which events run which rules -----------------------------------------------------------------


async def test_a_rule_that_is_off_is_not_tested(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(tx, people, does("add_label", "vip"))
    await switch_rule(tx, rule, is_active=False, now=NOW)
    await a_message(tx, talk)
    await run(tx)
    assert await verdicts(tx) == []


# --- rules that answer rules ----------------------------------------------------------------------


async def test_a_chain_of_many_rules_ends_at_the_limit(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    for number in range(DEEPEST + 2):
        await a_rule(
            tx,
            people,
            does("send_message", f"step {number + 1}"),
            when=row("content", "equal_to", f"step {number}"),
            name=f"rule {number}",
        )
    await a_message(tx, talk, "step 0")
    await run(tx)
    assert await texts(tx, talk) == [f"step {number}" for number in range(DEEPEST + 1)]
    [stopped] = [one for one in await verdicts(tx) if one.result == Result.STOPPED]
    assert (stopped.rule_name, stopped.effects) == (f"rule {DEEPEST}", [])


# --- custom actions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        (ActionState.OFF, Why.ACTION_OFF, "Not sent: the custom action is switched off."),
        (ActionState.DRAFT, Why.ACTION_DRAFT, "Not sent: the custom action is still a draft."),
    ],
)
async def test_an_action_that_is_not_active_leaves_a_skipped_delivery_with_its_reason(
    tx: Transaction, people: Cast, talk: Conversation, state: ActionState, why: Why, said: str
) -> None:
    action = await an_action(tx, people, state=state)
    rule = await a_rule(tx, people, does("send_custom_action", action.id))
    await a_message(tx, talk)
    await run(tx)
    delivery = await the_delivery(tx)
    assert (delivery.state, delivery.reason, delivery.due_at) == (State.SKIPPED, {"why": why}, None)
    [effect] = (await verdicts(tx, rule))[-1].effects
    assert (effect["result"], effect["delivery_id"]) == ("skipped", delivery.id)
    assert effect["sentence"]["text"] == said


async def test_a_call_that_an_action_holds_back_is_no_failure(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    action = await an_action(tx, people)
    await switch_off(tx, action, now=NOW, holds_calls=True)
    rule = await a_rule(tx, people, does("send_custom_action", action.id))
    await a_message(tx, talk)
    await run(tx)
    assert (await the_delivery(tx)).state == State.HELD
    [effect] = (await verdicts(tx, rule))[-1].effects
    told = (effect["result"], effect["sentence"]["text"])
    assert told == ("done", "Held back until the action is switched on again.")


async def test_a_call_that_was_made_just_before_says_so(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    policy = {"skip_same_seconds": 60}
    action = await an_action(tx, people, body='{"text": "same"}', policy=policy)
    send = does("send_custom_action", action.id)
    rule = await a_rule(tx, people, send, send)
    await a_message(tx, talk)
    await run(tx)
    first, second = (await verdicts(tx, rule))[-1].effects
    assert (first["result"], first["sentence"]) == ("done", None)
    told = (second["result"], second["sentence"]["text"])
    assert told == ("skipped", "Not sent: the same call was made just before.")


async def test_a_template_that_fails_leaves_a_failed_delivery_and_the_next_effect_goes_on(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    endless = "{% for a in (1..9000) %}{% for b in (1..9000) %}x{% endfor %}{% endfor %}"
    action = await an_action(tx, people, body=endless, body_kind="text")
    rule = await a_rule(tx, people, does("send_custom_action", action.id), does("add_label", "vip"))
    await a_message(tx, talk)
    await run(tx)
    delivery = await the_delivery(tx)
    assert (delivery.state, delivery.reason["trouble"]) == (State.FAILED, "template")
    assert delivery.request == {}
    assert await outcomes(tx, rule) == [("send_custom_action", "failed"), ("add_label", "done")]


async def test_a_deleted_action_is_told_in_the_verdict(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(tx, people, does("send_custom_action", 999))
    await a_message(tx, talk)
    await run(tx)
    [effect] = (await verdicts(tx, rule))[-1].effects
    assert (effect["result"], effect["delivery_id"]) == ("failed", None)
    assert effect["sentence"]["text"] == "The custom action was deleted."
    assert list(await tx.scalars(select(Delivery))) == []


# --- every other effect ---------------------------------------------------------------------------


async def test_effects_happen_in_their_order_and_keep_it_in_the_verdict(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(
        tx,
        people,
        does("send_message", "one"),
        does("add_label", "vip"),
        does("send_message", "two"),
    )
    await a_message(tx, talk)
    await run(tx)
    assert await texts(tx, talk) == ["Hello", "one", "two"]
    assert [name for name, _ in await outcomes(tx, rule)] == [
        "send_message", "add_label", "send_message",
    ]  # fmt: skip


# --- mistakes -------------------------------------------------------------------------------------


async def test_a_mistake_in_one_event_does_not_stop_the_others(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_rule(
        tx,
        people,
        does("send_message", "undone"),
        does("assign_team", "no number"),  # nothing that can be saved
        when=row("content", "equal_to", "boom"),
    )
    await a_rule(tx, people, does("add_label", "vip"), when=row("content", "equal_to", "fine"))
    await a_message(tx, talk, "boom")
    await a_message(tx, talk, "fine")
    with pytest.raises(ValueError, match="no number"):  # together, so that nothing of it is kept
        async with tx.begin_nested():
            await run(tx)
    await run(tx, apart=True)
    await tx.refresh(talk)
    assert talk.labels == ["vip"]
    assert await texts(tx, talk) == ["boom", "fine"]  # what the broken rule began is taken back
    troubles = await tx.scalars(select(Event.trouble).order_by(Event.id))
    assert [one for one in troubles if one] == ["bug"]


async def test_a_rule_that_names_a_deleted_attribute_is_an_error_and_says_which(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(
        tx,
        people,
        does("add_label", "vip"),
        when=row("gone", "equal_to", "x", of="contact_attribute"),
    )
    await a_message(tx, talk)
    await run(tx)
    [verdict] = await verdicts(tx, rule)
    assert (verdict.result, verdict.effects, talk.labels) == (Result.ERROR, [], [])
    assert [line["result"] for line in verdict.conditions] == [None]
    [condition] = told(verdict, Known()).conditions
    assert "“gone”" in str(condition.why)
    anew = CustomAttributeInfo(AttributeKind.TEXT)
    known = Known(custom_attributes={(AttributeModel.CONTACT, "gone"): anew})
    [condition] = told(verdict, known).conditions
    assert condition.why is None  # made anew since: nothing keeps it from being tested now


async def test_every_event_is_run_once(tx: Transaction, people: Cast, talk: Conversation) -> None:
    rule = await a_rule(tx, people, does("add_private_note", "seen"), when=INCOMING)
    await a_message(tx, talk)
    await run(tx)
    assert await run(tx) == 0
    assert len(await verdicts(tx, rule)) == 2  # the message, and the note that did not match
    await tx.execute(update(Event).values(processed_at=NOW))
    assert await run(tx) == 0
