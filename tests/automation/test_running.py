"""Events become verdicts, effects and deliveries. Numbers in brackets are those of the behaviours
that the API's users know (automation reference, section 11)."""

from typing import Any

import pytest
from sqlalchemy import select, update

from recado.accounts.teams import create_team
from recado.actions.models import ActionState
from recado.automation.models import Result
from recado.automation.saving import switch_rule
from recado.conversations.changing import Change, change_conversation
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.states import State, Why
from recado.events.causes import BY_SYSTEM, DEEPEST, Actor, Cause
from recado.events.models import Event
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.automation.rules import changed, row
from tests.automation.stories import (
    ANY_STATUS,
    INCOMING,
    a_rule,
    an_action,
    does,
    outcomes,
    run,
    texts,
    verdicts,
)
from tests.people import NOW, Cast, a_contact, a_conversation, a_message, gather


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


@pytest.fixture
async def talk(tx: Transaction, people: Cast) -> Conversation:
    """A conversation whose beginning no rule has seen."""
    contact = await a_contact(tx, people.account)
    made = await a_conversation(tx, people.inbox, contact)
    await run(tx)
    return made


async def change(tx: Transaction, talk: Conversation, **values: Any) -> None:
    await change_conversation(tx, talk, Change(**values), cause=BY_SYSTEM, now=NOW)  # type: ignore[typeddict-item]


async def post(
    tx: Transaction, talk: Conversation, text: str, kind: MessageType, **values: Any
) -> Message:
    draft = MessageDraft(text, kind, **values)
    return await post_message(tx, talk, draft, cause=BY_SYSTEM, now=NOW)


# --- which events run which rules -----------------------------------------------------------------


async def test_a_rule_whose_conditions_hold_has_its_effects(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [1]
    rule = await a_rule(tx, people, does("add_label", "vip"))
    await a_message(tx, talk)
    await run(tx)
    assert talk.labels == ["vip"]
    [verdict] = await verdicts(tx, rule)
    assert (verdict.result, verdict.event_name) == (Result.MATCHED, "message_created")
    assert (verdict.conversation_id, verdict.rule_name) == (talk.display_id, "Rule")


async def test_a_rule_whose_conditions_do_not_hold_leaves_a_verdict_with_what_it_saw(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [2]
    rule = await a_rule(
        tx, people, does("add_label", "vip"), when=row("content", "contains", "order")
    )
    await a_message(tx, talk, "Hello")
    await run(tx)
    assert talk.labels == []
    [verdict] = await verdicts(tx, rule)
    assert (verdict.result, verdict.effects) == (Result.NOT_MATCHED, [])
    [line] = verdict.conditions
    assert (line["expected"], line["actual"], line["result"]) == (["order"], "Hello", False)


async def test_two_rules_on_the_same_event_both_run_in_their_order(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [3]
    first = await a_rule(tx, people, does("change_priority", "low"), name="first")
    second = await a_rule(tx, people, does("change_priority", "high"), name="second")
    await a_message(tx, talk)
    await run(tx)
    assert talk.priority == "high"
    assert [one.rule_id for one in await verdicts(tx)] == [first.id, second.id]


async def test_a_rule_that_is_off_is_not_tested(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(tx, people, does("add_label", "vip"))
    await switch_rule(tx, rule, is_active=False, now=NOW)
    await a_message(tx, talk)
    await run(tx)
    assert await verdicts(tx) == []


@pytest.mark.parametrize("name", ["conversation_created", "conversation_opened"])
async def test_an_automatic_reply_runs_nothing(tx: Transaction, people: Cast, name: str) -> None:
    # [5]
    await a_rule(tx, people, does("add_label", "vip"), on=name, when=ANY_STATUS)
    contact = await a_contact(tx, people.account)
    contact_inbox = await introduce(tx, contact, people.inbox, source_id=None, now=NOW)
    assert contact_inbox is not None
    draft = ConversationDraft(additional_attributes={"auto_reply": True})
    by = Cause(Actor.CONTACT, contact.id)
    talk = await start_conversation(tx, contact_inbox, draft, cause=by, now=NOW)
    await change(tx, talk, status="resolved")
    await change(tx, talk, status="open")
    await run(tx)
    assert await verdicts(tx) == []
    assert talk.labels == []


async def test_an_activity_is_no_message_created(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [6]
    await a_rule(tx, people, does("add_label", "vip"), when=ANY_STATUS)
    await post(tx, talk, "Ana resolved it", MessageType.ACTIVITY)
    assert await run(tx) == 0
    assert await verdicts(tx) == []


async def test_a_private_note_runs_rules(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [8]
    await a_rule(tx, people, does("add_label", "vip"), when=row("private_note", "equal_to", "true"))
    await post(tx, talk, "for us", MessageType.OUTGOING, private=True)
    await run(tx)
    assert talk.labels == ["vip"]


async def test_rules_see_message_conversation_contact_and_changes(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [9]
    rule = await a_rule(
        tx,
        people,
        does("add_label", "vip"),
        on="conversation_updated",
        when=[
            row("email", "contains", "maria", then="and"),
            row("inbox_id", "equal_to", people.inbox.id, then="and"),
            changed("priority", ["nil"], ["high"]),
        ],
    )
    await change(tx, talk, priority="high")
    await run(tx)
    [verdict] = [one for one in await verdicts(tx, rule) if one.result == Result.MATCHED]
    assert [line["actual"] for line in verdict.conditions] == [
        "maria@example.com", people.inbox.id, [None, "high"],
    ]  # fmt: skip


async def test_each_account_has_only_its_own_rules(tx: Transaction, people: Cast) -> None:  # [10]
    mine = await a_rule(
        tx, people, does("send_message", "from Acme"), on="conversation_created", when=ANY_STATUS
    )
    contact = await a_contact(tx, people.account)
    other = await a_contact(tx, people.other_account)
    talk = await a_conversation(tx, people.inbox, contact)
    strange = await a_conversation(tx, people.other_inbox, other)
    await run(tx)
    assert await texts(tx, talk) == ["from Acme"]
    assert await texts(tx, strange) == []
    query = select(Message).where(Message.conversation_id == talk.id)
    [message] = await tx.scalars(query)
    assert message.content_attributes == {"automation_rule_id": mine.id}
    assert message.sender_user_id is None


# --- labels ---------------------------------------------------------------------------------------


async def labelled(tx: Transaction, talk: Conversation, *titles: str) -> None:
    await change(tx, talk, labels=list(titles))
    await run(tx)


async def test_a_label_that_was_added_runs_the_rule(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [11, 12]
    rule = await a_rule(
        tx,
        people,
        does("add_label", "urgent"),
        does("send_message", "A bug!"),
        on="conversation_updated",
        when=row("labels", "equal_to", "bug"),
    )
    await labelled(tx, talk, "feature")
    assert (talk.labels, await texts(tx, talk)) == (["feature"], [])
    await labelled(tx, talk, "feature", "bug")
    assert talk.labels == ["bug", "feature", "urgent"]
    assert await texts(tx, talk) == ["A bug!"]
    assert [one.result for one in await verdicts(tx, rule)] == ["not_matched", "matched", "stopped"]


async def test_presence_of_labels_holds_until_the_last_is_gone(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [13, 14, 15]
    rule = await a_rule(
        tx,
        people,
        does("add_private_note", "labelled"),
        on="conversation_updated",
        when=row("labels", "is_present"),
    )
    for titles in (["bug"], ["bug", "vip"], ["vip"], []):
        await labelled(tx, talk, *titles)
    results = [one.result for one in await verdicts(tx, rule)]
    assert results == ["matched", "matched", "matched", "not_matched"]


async def test_a_rule_takes_one_label_away_and_keeps_the_other(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [16]
    await a_rule(
        tx,
        people,
        does("remove_label", "bug"),
        on="conversation_updated",
        when=row("labels", "equal_to", "urgent"),
    )
    await labelled(tx, talk, "bug", "urgent")
    assert talk.labels == ["urgent"]


# --- rules that answer rules ----------------------------------------------------------------------


async def test_what_a_rule_does_runs_other_rules(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [4, 17]
    first = await a_rule(tx, people, does("add_label", "bug"))
    second = await a_rule(
        tx,
        people,
        does("change_priority", "urgent"),
        on="conversation_updated",
        when=row("labels", "equal_to", "bug"),
    )
    await a_message(tx, talk)
    await run(tx)
    assert (talk.labels, talk.priority) == (["bug"], "urgent")
    chains = list(await tx.scalars(select(Event.cause["chain"]).order_by(Event.id)))
    assert [first.id, second.id] in chains


async def test_a_rule_that_answers_itself_is_stopped_in_its_own_chain(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [17]
    rule = await a_rule(tx, people, does("send_message", "again"), when=ANY_STATUS)
    await a_message(tx, talk)
    await run(tx)
    assert await texts(tx, talk) == ["Hello", "again"]
    assert [one.result for one in await verdicts(tx, rule)] == [Result.MATCHED, Result.STOPPED]


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


async def the_delivery(tx: Transaction) -> Delivery:
    [delivery] = await tx.scalars(select(Delivery))
    return delivery


async def test_a_custom_action_leaves_a_frozen_delivery(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [40]
    action = await an_action(tx, people)
    rule = await a_rule(tx, people, does("send_custom_action", action.id))
    await a_message(tx, talk, 'He said "hi"')
    await run(tx)
    delivery = await the_delivery(tx)
    assert (delivery.state, delivery.rule_id, delivery.rule_name) == ("pending", rule.id, "Rule")
    assert delivery.request["body"] == '{"text": "He said \\"hi\\""}'
    assert (delivery.conversation_id, delivery.event) == (talk.display_id, "message_created")
    [effect] = (await verdicts(tx, rule))[-1].effects
    assert (effect["result"], effect["delivery_id"]) == ("done", delivery.id)


@pytest.mark.parametrize(
    ("state", "why"),
    [(ActionState.OFF, Why.ACTION_OFF), (ActionState.DRAFT, Why.ACTION_DRAFT)],
)
async def test_an_action_that_is_not_active_leaves_a_skipped_delivery_with_its_reason(
    tx: Transaction, people: Cast, talk: Conversation, state: ActionState, why: Why
) -> None:
    action = await an_action(tx, people, state=state)
    rule = await a_rule(tx, people, does("send_custom_action", action.id))
    await a_message(tx, talk)
    await run(tx)
    delivery = await the_delivery(tx)
    assert (delivery.state, delivery.reason, delivery.due_at) == (State.SKIPPED, {"why": why}, None)
    [effect] = (await verdicts(tx, rule))[-1].effects
    assert (effect["result"], effect["delivery_id"]) == ("skipped", delivery.id)
    assert effect["sentence"]["text"] == "The custom action is not active."


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


async def after(
    tx: Transaction, people: Cast, talk: Conversation, *effects: dict[str, Any]
) -> list[str]:
    """What the effects did, once a message came."""
    rule = await a_rule(tx, people, *effects)
    await a_message(tx, talk)
    await run(tx)
    return [result for _, result in await outcomes(tx, rule)]


async def test_agents_and_teams_are_taken_away(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [44]
    team = await create_team(tx, people.account.id, "sales")
    await change(tx, talk, assignee_id=people.beto.user_id, team_id=team.id)
    await run(tx)
    done = await after(
        tx, people, talk, does("remove_assigned_agent"), does("remove_assigned_team")
    )
    assert done == ["done", "done"]
    assert (talk.assignee_id, talk.team_id) == (None, None)


async def test_labels_are_added_once_and_only_the_listed_ones_taken(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [46, 47]
    await change(tx, talk, labels=["bug", "vip"])
    await run(tx)
    done = await after(
        tx,
        people,
        talk,
        does("add_label", "vip", "urgent"),
        does("add_label", "vip"),
        does("remove_label", "bug", "never there"),
        does("remove_label", "never there"),
    )
    assert done == ["done", "unchanged", "done", "unchanged"]
    assert talk.labels == ["urgent", "vip"]


async def test_a_note_is_private_and_a_message_is_not_and_both_fill_their_variables(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [40, 48]
    done = await after(
        tx,
        people,
        talk,
        does("send_message", "Hi {{ contact.first_name }}"),
        does("add_private_note", "{{ contact.email }} wrote"),
        does("send_message", "{{ contact.identifier }}"),
    )
    assert done == ["done", "done", "skipped"]
    query = select(Message).where(Message.message_type == "outgoing").order_by(Message.id)
    assert [(one.content, one.private) for one in await tx.scalars(query)] == [
        ("Hi Maria", False),
        ("maria@example.com wrote", True),
    ]


async def test_the_last_replier_is_the_last_person_who_answered_in_public(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [49]
    await post(tx, talk, "public", MessageType.OUTGOING, sender=people.beto.user)
    await post(tx, talk, "note", MessageType.OUTGOING, sender=people.ana.user, private=True)
    await run(tx)
    done = await after(tx, people, talk, does("assign_agent", "last_responding_agent"))
    assert (done, talk.assignee_id) == (["done"], people.beto.user_id)


async def test_without_a_reply_there_is_no_last_replier_and_the_verdict_says_so(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [49]
    rule = await a_rule(tx, people, does("assign_agent", "last_responding_agent"))
    await a_message(tx, talk)
    await run(tx)
    [effect] = (await verdicts(tx, rule))[-1].effects
    assert (effect["result"], talk.assignee_id) == ("skipped", None)
    assert effect["sentence"]["text"] == "Nobody has replied yet."


async def test_agents_are_assigned_if_they_answer_in_the_inbox(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [50]
    done = await after(
        tx,
        people,
        talk,
        does("assign_agent", "nil"),
        does("assign_agent", people.beto.user_id),
        does("assign_agent", people.celia.user_id),
    )
    assert done == ["unchanged", "done", "failed"]
    assert talk.assignee_id == people.beto.user_id


async def test_an_agent_of_other_inboxes_is_not_assigned_but_an_administrator_is(
    tx: Transaction, people: Cast
) -> None:  # [50]
    other = await open_inbox(tx, people.account.id, InboxDraft("Shop", Channel.API), now=NOW)
    talk = await a_conversation(tx, other, await a_contact(tx, people.account))
    await run(tx)
    done = await after(
        tx,
        people,
        talk,
        does("assign_agent", people.beto.user_id),
        does("assign_agent", people.ana.user_id),
    )
    assert (done, talk.assignee_id) == (["skipped", "done"], people.ana.user_id)


async def test_teams_are_assigned_and_unassigned(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [51]
    team = await create_team(tx, people.account.id, "sales")
    strange = await create_team(tx, people.other_account.id, "theirs")
    assert await after(tx, people, talk, does("assign_team", team.id)) == ["done"]
    assert talk.team_id == team.id
    assert await after(tx, people, talk, does("assign_team", strange.id)) == ["failed"]
    assert talk.team_id == team.id
    assert await after(tx, people, talk, does("assign_team", 0)) == ["done"]
    assert talk.team_id is None


@pytest.mark.parametrize(
    ("effect", "status"),
    [
        (does("resolve_conversation"), "resolved"),  # [52]
        (does("pending_conversation"), "pending"),
        (does("snooze_conversation"), "snoozed"),
        (does("change_status", "snoozed"), "snoozed"),  # [53]
        (does("mute_conversation"), "resolved"),  # [53]
    ],
)
async def test_the_status_follows(
    tx: Transaction, people: Cast, talk: Conversation, effect: dict[str, Any], status: str
) -> None:
    assert await after(tx, people, talk, effect) == ["done"]
    assert talk.status == status
    assert talk.is_muted is (effect["action_name"] == "mute_conversation")


async def test_a_conversation_is_opened(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [52]
    await change(tx, talk, status="pending")
    await run(tx)
    assert await after(tx, people, talk, does("open_conversation")) == ["done"]
    assert talk.status == "open"


async def test_the_priority_is_set_and_cleared(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:  # [52]
    done = await after(
        tx, people, talk, does("change_priority", "urgent"), does("change_priority", "nil")
    )
    assert (done, talk.priority) == (["done", "done"], None)


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
        does("vanish"),
        when=row("content", "equal_to", "boom"),
    )
    await a_rule(tx, people, does("add_label", "vip"), when=row("content", "equal_to", "fine"))
    await a_message(tx, talk, "boom")
    await a_message(tx, talk, "fine")
    await run(tx)
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


async def test_every_event_is_run_once(tx: Transaction, people: Cast, talk: Conversation) -> None:
    rule = await a_rule(tx, people, does("add_private_note", "seen"), when=INCOMING)
    await a_message(tx, talk)
    await run(tx)
    assert await run(tx) == 0
    assert len(await verdicts(tx, rule)) == 2  # the message, and the note that did not match
    await tx.execute(update(Event).values(processed_at=NOW))
    assert await run(tx) == 0
