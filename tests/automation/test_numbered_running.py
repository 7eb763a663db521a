"""The behaviours of rules that users of the API know, by their numbers: which events run which rules
(1 to 17), and what their actions do (40 to 53)."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from recado.accounts.teams import create_team
from recado.automation.models import Result
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.events.models import Event
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.automation.rules import changed, row
from tests.automation.stories import (
    ANY_STATUS,
    a_rule,
    after,
    an_action,
    change,
    does,
    outcomes,
    post,
    run,
    texts,
    the_delivery,
    verdicts,
)
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation, a_message


async def test_01_a_rule_whose_conditions_hold_has_its_effects(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(tx, people, does("add_label", "vip"))
    await a_message(tx, talk)
    await run(tx)
    assert talk.labels == ["vip"]
    [verdict] = await verdicts(tx, rule)
    assert (verdict.result, verdict.event_name) == (Result.MATCHED, "message_created")
    assert (verdict.conversation_id, verdict.rule_name) == (talk.display_id, "Rule")


async def test_02_a_rule_whose_conditions_do_not_hold_leaves_a_verdict_with_what_it_saw(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


async def test_03_two_rules_on_the_same_event_both_run_in_their_order(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    first = await a_rule(tx, people, does("change_priority", "low"), name="first")
    second = await a_rule(tx, people, does("change_priority", "high"), name="second")
    await a_message(tx, talk)
    await run(tx)
    assert talk.priority == "high"
    assert [one.rule_id for one in await verdicts(tx)] == [first.id, second.id]


async def test_04_17_what_a_rule_does_runs_other_rules(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


@pytest.mark.parametrize("name", ["conversation_created", "conversation_opened"])
async def test_05_an_automatic_reply_runs_nothing(tx: Transaction, people: Cast, name: str) -> None:
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


async def test_06_an_activity_is_no_message_created(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_rule(tx, people, does("add_label", "vip"), when=ANY_STATUS)
    await post(tx, talk, "Ana resolved it", MessageType.ACTIVITY)
    assert await run(tx) == 0
    assert await verdicts(tx) == []


@pytest.mark.parametrize(("is_automatic", "labels"), [(True, []), (False, ["vip"])])
async def test_07_a_message_that_a_mail_program_wrote_runs_nothing(
    tx: Transaction, people: Cast, talk: Conversation, is_automatic: bool, labels: list[str]
) -> None:
    await a_rule(tx, people, does("add_label", "vip"))
    told = {"email": {"auto_reply": is_automatic}}
    await post(tx, talk, "I am away", MessageType.INCOMING, content_attributes=told)
    await run(tx)
    assert talk.labels == labels


async def test_08_a_private_note_runs_rules(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_rule(tx, people, does("add_label", "vip"), when=row("private_note", "equal_to", "true"))
    await post(tx, talk, "for us", MessageType.OUTGOING, private=True)
    await run(tx)
    assert talk.labels == ["vip"]


async def test_09_rules_see_message_conversation_contact_and_changes(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


async def test_10_each_account_has_only_its_own_rules(tx: Transaction, people: Cast) -> None:
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


async def labelled(tx: Transaction, talk: Conversation, *titles: str) -> None:
    await change(tx, talk, labels=list(titles))
    await run(tx)


async def test_11_12_a_label_that_was_added_runs_the_rule(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


async def test_13_14_15_presence_of_labels_holds_until_the_last_is_gone(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


async def test_16_a_rule_takes_one_label_away_and_keeps_the_other(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_rule(
        tx,
        people,
        does("remove_label", "bug"),
        on="conversation_updated",
        when=row("labels", "equal_to", "urgent"),
    )
    await labelled(tx, talk, "bug", "urgent")
    assert talk.labels == ["urgent"]


async def test_17_a_rule_that_answers_itself_is_stopped_in_its_own_chain(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(tx, people, does("send_message", "again"), when=ANY_STATUS)
    await a_message(tx, talk)
    await run(tx)
    assert await texts(tx, talk) == ["Hello", "again"]
    assert [one.result for one in await verdicts(tx, rule)] == [Result.MATCHED, Result.STOPPED]


async def test_40_a_custom_action_leaves_a_frozen_delivery(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


async def test_40_a_webhook_event_leaves_a_delivery_in_the_shape_of_webhooks(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(tx, people, does("send_webhook_event", "https://n8n.example/hook"))
    message = await a_message(tx, talk, "Hello")
    await run(tx)
    delivery = await the_delivery(tx)
    assert (delivery.state, delivery.rule_id, delivery.action_name) == (
        "pending", rule.id, "n8n.example",
    )  # fmt: skip
    told = json.loads(delivery.request["body"])
    assert (told["event"], told["id"]) == ("automation_event.message_created", talk.display_id)
    assert told["automation_rule"] == {"id": rule.id, "name": "Rule"}  # so that it says which
    assert told["message"] == {"id": message.id, "content": "Hello", "message_type": "incoming"}
    assert await outcomes(tx, rule) == [("send_webhook_event", "done")]


async def test_40_48_a_note_is_private_and_a_message_is_not_and_both_fill_their_variables(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


async def test_44_agents_and_teams_are_taken_away(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    team = await create_team(tx, people.account.id, "sales")
    await change(tx, talk, assignee_id=people.beto.user_id, team_id=team.id)
    await run(tx)
    done = await after(
        tx, people, talk, does("remove_assigned_agent"), does("remove_assigned_team")
    )
    assert done == ["done", "done"]
    assert (talk.assignee_id, talk.team_id) == (None, None)


async def test_46_47_labels_are_added_once_and_only_the_listed_ones_taken(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


async def test_49_the_last_replier_is_the_last_person_who_answered_in_public(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await post(tx, talk, "public", MessageType.OUTGOING, sender=people.beto.user)
    await post(tx, talk, "note", MessageType.OUTGOING, sender=people.ana.user, private=True)
    await run(tx)
    done = await after(tx, people, talk, does("assign_agent", "last_responding_agent"))
    assert (done, talk.assignee_id) == (["done"], people.beto.user_id)


async def test_49_without_a_reply_there_is_no_last_replier_and_the_verdict_says_so(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_rule(tx, people, does("assign_agent", "last_responding_agent"))
    await a_message(tx, talk)
    await run(tx)
    [effect] = (await verdicts(tx, rule))[-1].effects
    assert (effect["result"], talk.assignee_id) == ("skipped", None)
    assert effect["sentence"]["text"] == "Nobody has replied yet."


async def test_50_agents_are_assigned_if_they_answer_in_the_inbox(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
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


async def test_50_an_agent_of_other_inboxes_is_not_assigned_but_an_administrator_is(
    tx: Transaction, people: Cast
) -> None:
    other = await open_inbox(
        tx, people.account.id, InboxDraft("Shop", Channel.API), vault=VAULT, now=NOW
    )
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


async def test_51_teams_are_assigned_and_unassigned(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    team = await create_team(tx, people.account.id, "sales")
    strange = await create_team(tx, people.other_account.id, "theirs")
    assert await after(tx, people, talk, does("assign_team", team.id)) == ["done"]
    assert talk.team_id == team.id
    assert await after(tx, people, talk, does("assign_team", strange.id)) == ["failed"]
    assert talk.team_id == team.id
    assert await after(tx, people, talk, does("assign_team", 0)) == ["done"]
    assert talk.team_id is None


async def test_52_a_conversation_is_opened(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await change(tx, talk, status="pending")
    await run(tx)
    assert await after(tx, people, talk, does("open_conversation")) == ["done"]
    assert talk.status == "open"


async def test_52_the_priority_is_set_and_cleared(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    done = await after(
        tx, people, talk, does("change_priority", "urgent"), does("change_priority", "nil")
    )
    assert (done, talk.priority) == (["done", "done"], None)


@pytest.mark.parametrize(
    ("effect", "status"),
    [
        (does("resolve_conversation"), "resolved"),
        (does("pending_conversation"), "pending"),
        (does("snooze_conversation"), "snoozed"),
        (does("change_status", "snoozed"), "snoozed"),
        (does("mute_conversation"), "resolved"),
    ],
)
async def test_52_53_the_status_follows(
    tx: Transaction, people: Cast, talk: Conversation, effect: dict[str, Any], status: str
) -> None:
    assert await after(tx, people, talk, effect) == ["done"]
    assert talk.status == status
    assert talk.is_muted is (effect["action_name"] == "mute_conversation")
