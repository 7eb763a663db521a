"""Answers used: once, in the transaction that records them, whatever happens."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from recado.actions.answering import answer, answer_waiting, lock_for_answers
from recado.actions.firing import FiredBy, fire
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import (
    ActionDraft,
    create_action,
    delete_action,
    draft_of,
    update_action,
)
from recado.actions.watching_fields import Vanished, vanished_fields
from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules, take_lanes
from recado.automation.saving import RuleDraft, create_rule
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.conversations.models import Conversation, Message, MessageType
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.deliveries.resending import send_again
from recado.events.models import Event
from recado.lib.outcomes import Outcome, Trouble
from recado.lib.secrets import Vault
from tests.conftest import KEY
from tests.deliveries.rows import LEASE, answered, broken_rules, claim, failed, fresh, tried
from tests.people import NOW, Cast, a_contact, a_conversation, a_message, gather

RULE = 31
OK = answered(201, [("Location", "/881")], b'{"id": 881, "data": {"plan": "gold"}}')
ANSWERS: dict[str, Any] = {
    "fields": [
        {"path": "response.body.id", "of": "contact", "key": "crm_id", "default": ""},
        {"path": "response.body.data.plan", "of": "conversation", "key": "plan", "default": ""},
    ],
    "note": "CRM: {{ response.body.id }} for {{ contact.name }}",
    "reply": "We have you on file.",
    "labels": ["crm"],
    "failure": {"note": "CRM said no: {{ response.problem }}", "labels": ["trouble"]},
}


class Stage:
    """An action that uses its answers, and a conversation whose message fires it."""

    def __init__(self, tx: Transaction, cast: Cast) -> None:
        self.tx, self.cast = tx, cast
        self.action: CustomAction
        self.conversation: Conversation

    async def set(self, answers: dict[str, Any] = ANSWERS, **draft: Any) -> "Stage":
        for model, key in (("contact_attribute", "crm_id"), ("conversation_attribute", "plan")):
            attribute = AttributeDraft(key, key, AttributeKind.TEXT, AttributeModel(model))
            await create_attribute(self.tx, self.cast.account.id, attribute, now=NOW)
        made = ActionDraft("CRM", url="https://crm.example/", body="{}", answers=answers, **draft)
        self.action = await create_action(
            self.tx, self.cast.account.id, made, vault=Vault(KEY), now=NOW,
            state=ActionState.ACTIVE,
        )  # fmt: skip
        contact = await a_contact(self.tx, self.cast.account)
        self.conversation = await a_conversation(self.tx, self.cast.inbox, contact)
        await a_message(self.tx, self.conversation)
        return self

    async def fire(self) -> Delivery:
        newest = select(Event).where(Event.name == "message_created").order_by(Event.id.desc())
        event = (await self.tx.scalars(newest.limit(1))).one()
        by = FiredBy(RULE, "Register", event.id)
        return await fire(self.tx, self.action, event.facts, by, now=NOW)

    async def end(self, outcome: Outcome) -> list[Delivery]:
        """Claim what is due and have it end so, as the worker does."""
        sent = [tried(one, outcome) for one in await claim(self.tx)]
        await lock_for_answers(self.tx, sent)
        written = await record(self.tx, sent, now=NOW, dice=0.5)
        await answer(self.tx, written, now=NOW)
        return [await fresh(self.tx, one.claimed.id) for one in sent]

    async def said(self) -> list[tuple[bool, str]]:
        query = select(Message.private, Message.content).where(
            Message.conversation_id == self.conversation.id,
            Message.message_type == MessageType.OUTGOING,
        )
        return [(row[0], row[1]) for row in await self.tx.execute(query.order_by(Message.id))]


@pytest.fixture
async def stage(tx: Transaction) -> Stage:
    return Stage(tx, await gather(tx))


async def test_an_answer_becomes_attributes_labels_a_note_and_a_reply(stage: Stage) -> None:
    await stage.set()
    await stage.fire()
    [ended] = await stage.end(OK)
    conversation = stage.conversation
    assert conversation.contact.custom_attributes == {"crm_id": "881"}
    assert (conversation.custom_attributes, conversation.labels) == ({"plan": "gold"}, ["crm"])
    assert await stage.said() == [
        (True, "CRM: 881 for Maria Souza"),
        (False, "We have you on file."),
    ]
    done = [(one["what"], one["result"]) for one in ended.answered["success"]]
    assert done == [
        (what, "done") for what in ("contact", "conversation", "labels", "note", "reply")
    ]
    assert not ended.awaits_answer
    assert await broken_rules(stage.tx) == {}


async def test_what_an_answer_does_carries_the_chain_of_rules(stage: Stage) -> None:
    await stage.set()
    await stage.fire()
    before = await stage.tx.scalar(select(Event.id).order_by(Event.id.desc()).limit(1))
    await stage.end(OK)
    query = select(Event.name, Event.cause).where(Event.id > before).order_by(Event.id)
    caused = [(name, cause["chain"]) for name, cause in await stage.tx.execute(query)]
    assert caused == [
        ("contact_updated", [RULE]),
        ("conversation_updated", [RULE]), ("conversation_updated", [RULE]),
        ("message_created", [RULE]), ("message_created", [RULE]),
    ]  # fmt: skip


async def test_an_answer_is_used_once_also_when_it_is_sent_again(stage: Stage) -> None:
    await stage.set()
    made = await stage.fire()
    await stage.end(OK)
    await send_again(stage.tx, await fresh(stage.tx, made.id), "Ana", now=NOW)
    [ended] = await stage.end(answered(200, (), b'{"id": 7}'))
    assert len(await stage.said()) == 2
    assert stage.conversation.contact.custom_attributes == {"crm_id": "881"}
    assert not ended.awaits_answer


async def test_a_late_worker_uses_nothing(stage: Stage) -> None:
    await stage.set()
    await stage.fire()
    [dead] = await claim(stage.tx)
    [heir] = await claim(stage.tx, now=NOW + LEASE)
    for one in (dead, heir, dead):
        written = await record(stage.tx, [tried(one, OK)], now=NOW)
        await answer(stage.tx, written, now=NOW)
    assert len(await stage.said()) == 2


async def test_only_a_final_failure_is_told_and_success_afterwards_is_used(stage: Stage) -> None:
    await stage.set()
    made = await stage.fire()
    await stage.end(answered(503))
    assert await stage.said() == []
    row = await fresh(stage.tx, made.id)
    row.due_at = NOW
    await stage.end(answered(422))
    [(private, note)] = await stage.said()
    assert private
    assert note.startswith("CRM said no: The receiver answered 422.")
    assert stage.conversation.labels == ["trouble"]
    await send_again(stage.tx, await fresh(stage.tx, made.id), "Ana", now=NOW)
    [ended] = await stage.end(OK)
    assert len(await stage.said()) == 3
    assert set(ended.answered) == {"success", "failure"}


async def test_a_failure_can_be_given_to_somebody(stage: Stage) -> None:
    cast = stage.cast
    await stage.set({"failure": {"assignee_id": cast.beto.user_id, "reply": "Sorry."}})
    await stage.fire()
    await stage.end(answered(400))
    assert stage.conversation.assignee_id == cast.beto.user_id
    assert await stage.said() == [(False, "Sorry.")]


async def test_what_ends_without_an_answer_is_told_too(stage: Stage) -> None:
    await stage.set(policy={"expires_after_seconds": 60})
    made = await stage.fire()
    assert await claim(stage.tx, now=NOW + timedelta(minutes=2)) == []
    assert await answer_waiting(stage.tx, now=NOW) == 1
    assert await answer_waiting(stage.tx, now=NOW) == 0
    assert [note for _, note in await stage.said()] == [
        "CRM said no: Not sent in time. It was older than the custom action allows."
        " Send it again if it is still of use."
    ]
    assert not (await fresh(stage.tx, made.id)).awaits_answer


async def test_a_template_that_fails_is_told_too(stage: Stage) -> None:
    await stage.set(headers=())
    stage.action.body = "{{ contact.name | divided_by: 0 }}"
    made = await stage.fire()
    assert made.state == "failed"
    assert await answer_waiting(stage.tx, now=NOW) == 1
    assert len(await stage.said()) == 1


async def test_what_was_skipped_or_called_off_is_no_failure(stage: Stage) -> None:
    await stage.set()
    await stage.fire()
    await delete_action(stage.tx, stage.action, now=NOW)
    assert await answer_waiting(stage.tx, now=NOW) == 1
    assert await stage.said() == []


async def test_a_mistake_of_ours_never_loses_the_record(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.set()
    first, second = await stage.fire(), await stage.fire()
    await stage.tx.execute(
        text("alter table messages add constraint no_maria check (content not like '%Maria%')")
    )
    rows = await stage.end(OK)
    assert [row.state for row in rows] == ["delivered", "delivered"]
    assert {row.id for row in rows} == {first.id, second.id}
    assert [len(row.attempts) for row in rows] == [1, 1]
    assert [row.answered["success"][0]["what"] for row in rows] == ["bug", "bug"]
    kept = await stage.tx.scalar(text("select custom_attributes from contacts"))
    assert kept == {}  # all of it or nothing
    assert "no_maria" in caplog.text


async def test_a_field_that_cannot_be_used_does_not_stop_the_rest(stage: Stage) -> None:
    await stage.set()
    await stage.fire()
    [ended] = await stage.end(answered(200, (), b'{"data": {"plan": "gold"}}'))
    results = {one["what"]: one["result"] for one in ended.answered["success"]}
    assert (results["contact"], results["conversation"]) == ("missing", "done")
    assert stage.conversation.custom_attributes == {"plan": "gold"}
    assert (await stage.said())[0] == (True, "CRM:  for Maria Souza")


async def test_a_field_that_vanishes_is_counted_and_forgotten_when_it_is_no_longer_read(
    stage: Stage,
) -> None:
    await stage.set()
    for body in [b'{"id": 1, "data": {"plan": "x"}}'] * 3 + [b'{"data": {"plan": "x"}}'] * 4:
        await stage.fire()
        await stage.end(answered(200, (), body))
    found = await vanished_fields(stage.tx, [stage.action])
    assert found == {stage.action.id: [Vanished("response.body.id", 4, 7)]}
    draft = replace(draft_of(stage.action), answers={"fields": ANSWERS["fields"][1:]})
    await update_action(stage.tx, stage.action, draft, vault=Vault(KEY), now=NOW)
    assert await vanished_fields(stage.tx, [stage.action]) == {}
    kept = await stage.tx.scalars(text("select path from field_histories"))
    assert list(kept) == ["response.body.data.plan"]


async def test_what_waits_is_used_as_the_action_says_when_it_ends(stage: Stage) -> None:
    await stage.set({})
    await stage.fire()
    draft = replace(draft_of(stage.action), answers={"note": "{{ response.status }}"})
    await update_action(stage.tx, stage.action, draft, vault=Vault(KEY), now=NOW)
    await stage.end(OK)
    assert await stage.said() == [(True, "201")]


async def test_no_answer_is_awaited_where_nothing_is_done_with_it(stage: Stage) -> None:
    await stage.set({})
    made = await stage.fire()
    assert not made.awaits_answer
    [ended] = await stage.end(failed(Trouble.SECRET))
    assert (ended.state, ended.answered) == ("failed", {})


async def test_a_reply_does_not_answer_itself(stage: Stage) -> None:
    """A rule for every message sends an action whose answer is a message."""
    await stage.set({"reply": "Got it"})
    effects = [{"action_name": "send_custom_action", "action_params": [stage.action.id]}]
    written = {
        "attribute_key": "content",
        "filter_operator": "is_present",
        "values": [],
        "query_operator": None,
    }
    rule = RuleDraft("Every message", "message_created", [written], effects)
    await create_rule(stage.tx, stage.cast.account.id, rule, now=NOW)
    for _ in range(3):
        await run_rules(stage.tx, RuleBook(), await take_lanes(stage.tx), now=NOW)
        await stage.end(OK)
    assert await stage.said() == [(False, "Got it")]
