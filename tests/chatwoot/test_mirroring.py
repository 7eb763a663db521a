"""Beside a Chatwoot: what happens there is known here, starts rules here, and what these do is there."""

from typing import Any

import pytest

from recado.chatwoot.models import ChatwootArrival
from recado.contacts.models import Contact
from recado.conversations.models import Message
from recado.inboxes.models import Inbox
from tests.automation.rules import row
from tests.browser import Browser
from tests.chatwoot.conftest import Beside
from tests.standin.desk import Json

ALWAYS = [row("status", "equal_to", "all")]


def does(name: str, *params: Any) -> Json:
    return {"action_name": name, "action_params": list(params)}


async def test_an_inbox_there_is_a_mirror_here(beside: Beside) -> None:
    mirrors = {one.name: one.channel for one in await beside.all(Inbox)}
    assert mirrors["Zap"] == "chatwoot"


async def test_a_conversation_there_is_known_here(beside: Beside) -> None:
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox, priority="high")
    beside.chatwoot.contact_writes(conversation, "Hello")
    await beside.settle()
    found = await beside.conversation()
    assert (found.priority, found.contact.email, found.inbox.name) == (
        "high", "maria@example.com", "Zap",
    )  # fmt: skip
    assert await beside.said() == ["Hello"]
    assert await beside.events() == ["conversation_created", "message_created"]
    assert await beside.all(ChatwootArrival) == []


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ({"status": "resolved"}, {"status": "resolved"}),
        ({"priority": "urgent"}, {"priority": "urgent"}),
        ({"labels": ["vip", "new"]}, {"labels": ["new", "vip"]}),
        ({"custom_attributes": {"order": 7}}, {"custom_attributes": {"order": 7}}),
        ({"muted": True}, {"is_muted": True}),
    ],
    ids=["status", "priority", "labels", "attributes", "muted"],
)
async def test_a_change_there_is_a_change_here(beside: Beside, there: Json, here: Json) -> None:
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    beside.chatwoot.change(conversation, **there)
    await beside.settle()
    found = await beside.conversation()
    assert {name: getattr(found, name) for name in here} == here
    assert "conversation_updated" in await beside.events()
    assert await beside.written() == []  # what was mirrored is not written back


async def test_people_are_known_by_their_e_mail(beside: Beside) -> None:
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    beto = beside.chatwoot.desk.agents[-1]
    beside.chatwoot.change(conversation, assignee_id=beto["id"])
    beside.chatwoot.agent_replies(conversation, "I look into it", agent=beto)
    await beside.settle()
    assert (await beside.conversation()).assignee_id == beside.cast.beto.user_id
    assert (await beside.all(Message))[-1].sender_user_id == beside.cast.beto.user_id


async def test_a_contact_changed_there_is_changed_here(beside: Beside) -> None:
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    beside.chatwoot.change_contact(
        beside.contact, name="Maria Lima", custom_attributes={"plan": "Gold"}
    )
    await beside.settle()
    [contact] = await beside.all(Contact)
    assert (contact.name, contact.custom_attributes) == ("Maria Lima", {"plan": "Gold"})
    assert (await beside.events())[-1] == "contact_updated"
    assert await beside.written() == []


async def test_a_message_taken_back_there_is_taken_back_here(beside: Beside) -> None:
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    message = beside.chatwoot.contact_writes(conversation, "oops")
    await beside.settle()
    message |= {"content": "", "content_attributes": {"deleted": True}}
    beside.chatwoot._tell("message_updated", beside.chatwoot.desk.webhook_message(message))
    await beside.settle()
    assert (await beside.all(Message))[0].content_attributes["deleted"]


async def test_what_is_older_than_the_connection_starts_no_rule(beside: Beside) -> None:
    await beside.add_rule("conversation_created", ALWAYS, does("add_private_note", "New!"))
    old = beside.chatwoot.desk.add_conversation(
        beside.contact, beside.inbox, created_at=1_600_000_000, labels=["vip"]
    )
    beside.chatwoot.contact_writes(old, "Hello again")
    await beside.settle()
    assert (await beside.conversation()).labels == ["vip"]
    assert await beside.events() == ["message_created"]


async def test_a_rule_on_what_happens_there_has_its_effects_there(beside: Beside) -> None:
    team = beside.chatwoot.desk.add_team("vendas")
    beside.chatwoot.desk.add_label("vip")
    async with beside.database.transaction() as tx:
        server = await tx.get_one(type(await beside.server()), beside.server_id)
        server.imported = {}
    await beside.look()  # reads what the desk is set up with
    await beside.add_rule(
        "message_created", [row("content", "contains", "help")],
        does("add_label", "vip"), does("change_priority", "urgent"),
        does("add_private_note", "Call {{ contact.name }}"), does("send_message", "We are on it"),
        does("assign_agent", beside.cast.beto.user_id), does("assign_team", 1),
    )  # fmt: skip
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    beside.chatwoot.contact_writes(conversation, "help!")
    await beside.settle()
    assert conversation["labels"] == ["vip"]
    assert conversation["priority"] == "urgent"
    assert conversation["team_id"] == team["id"]
    said = [(one["content"], one["private"]) for one in beside.chatwoot.desk.messages]
    assert said == [("help!", False), ("Call Maria", True), ("We are on it", False)]
    assert await beside.said() == ["help!", "Call Maria", "We are on it"]  # not once more
    assert {state for _, state in await beside.written()} <= {"delivered", "skipped"}


async def test_a_reply_carries_no_source_id(beside: Beside) -> None:
    """With one Chatwoot would take it for sent already, and the contact would never see it."""
    await beside.add_rule("conversation_created", ALWAYS, does("send_message", "Hi"))
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    assert beside.chatwoot.posts("/messages") == [
        {"content": "Hi", "message_type": "outgoing", "private": False}
    ]


async def test_a_rule_that_adds_a_label_does_not_answer_itself(beside: Beside) -> None:
    await beside.add_label("vip")
    await beside.add_rule("conversation_updated", ALWAYS, does("add_label", "vip"))
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    beside.chatwoot.change(conversation, priority="high")
    await beside.settle()
    assert beside.chatwoot.posts("/labels") == [{"labels": ["vip"]}]
    assert conversation["labels"] == ["vip"]
    updates = [one for one in await beside.events() if one == "conversation_updated"]
    assert len(updates) == 2  # the priority, and our label: not the label once more


async def test_two_desks_that_undo_each_other_come_to_rest(beside: Beside) -> None:
    """Recado adds the label whenever it is gone, an automation over there removes it: a real loop."""
    await beside.add_label("vip")
    await beside.add_rule("label_removed", ALWAYS, does("add_label", "vip"))
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox, labels=["vip"])
    await beside.settle()
    rounds = 0
    beside.chatwoot.change(conversation, labels=[])
    for _ in range(12):
        await beside.settle()
        await beside.time_passes(seconds=11)  # what we wrote has settled
        if conversation["labels"] == []:
            break
        beside.chatwoot.change(conversation, labels=[])
        rounds += 1
    assert 0 < rounds <= 5
    assert len(beside.chatwoot.posts("/labels")) == rounds


async def test_a_webhook_about_the_time_before_our_change_takes_nothing_back(
    beside: Beside,
) -> None:
    await beside.add_label("vip")
    await beside.add_rule(
        "message_created", [row("content", "contains", "help")], does("add_label", "vip")
    )
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    beside.chatwoot.contact_writes(conversation, "help!")
    await beside.chatwoot.settled()
    beside.chatwoot.change(conversation, priority="low")  # still without our label
    await beside.chatwoot.settled()
    await beside.mirror()
    await beside.run_rules()
    beside.chatwoot.change(conversation, priority="high")  # nor has this one it
    await beside.chatwoot.settled()
    await beside.mirror()
    found = await beside.conversation()
    assert (found.labels, found.priority) == (["vip"], "high")
    await beside.settle()
    assert conversation["labels"] == ["vip"]
    assert "label_removed" not in await beside.events()


async def test_webhooks_that_overtake_each_other_leave_the_newest(beside: Beside) -> None:
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    beside.chatwoot.holds_webhooks = True
    beside.chatwoot.change(conversation, priority="low")
    beside.chatwoot.change(conversation, priority="urgent")
    beside.chatwoot.let_go(backwards=True)
    await beside.settle()
    assert (await beside.conversation()).priority == "urgent"


async def test_somebody_who_is_not_there_is_told_in_the_log(beside: Beside) -> None:
    await beside.add_rule(
        "conversation_created", ALWAYS, does("assign_agent", beside.cast.ana.user_id)
    )
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    assert await beside.written() == [("assignments", "skipped")]
    assert beside.chatwoot.posts("/assignments") == []


async def test_a_contact_changed_by_a_rule_is_changed_there(beside: Beside) -> None:
    beside.chatwoot.desk.add_attribute("plan", "text", "contact_attribute")
    async with beside.database.transaction() as tx:
        server = await tx.get_one(type(await beside.server()), beside.server_id)
        server.imported = {}
    await beside.look()
    value = {"attribute_key": "plan", "custom_attribute_type": "contact_attribute", "value": "Gold"}
    await beside.add_rule("conversation_created", ALWAYS, does("set_custom_attribute", value))
    beside.contact["custom_attributes"] = {"other": "stays"}
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    assert beside.contact["custom_attributes"] == {"other": "stays", "plan": "Gold"}
    assert [state for _, state in await beside.written()] == ["delivered"]


async def test_what_beto_answers_here_is_said_there(beside: Beside, ana: Browser) -> None:
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    beside.chatwoot.contact_writes(conversation, "Hello")
    await beside.settle()
    number = (await beside.conversation()).display_id
    for kind, content in (("reply", "On its way"), ("note", "She is nice")):
        form = {"content": content, "kind": kind, "echo_id": kind}
        await ana.post(f"/app/conversations/{number}/messages", form)
    await beside.settle()
    said = [(one["content"], one["private"]) for one in beside.chatwoot.desk.messages]
    assert said == [("Hello", False), ("On its way", False), ("She is nice", True)]
    assert await beside.said() == ["Hello", "On its way", "She is nice"]


async def test_a_refused_reply_says_so_in_the_conversation(beside: Beside, ana: Browser) -> None:
    beside.chatwoot.begin(beside.contact, beside.inbox)
    await beside.settle()
    number = (await beside.conversation()).display_id
    form = {"content": "On its way", "kind": "reply", "echo_id": "one"}
    await ana.post(f"/app/conversations/{number}/messages", form)
    await beside.run_rules()
    beside.chatwoot.answer_next(422)
    await beside.settle()
    [message] = await beside.all(Message)
    assert message.status == "failed"
    assert "422" in message.content_attributes["external_error"]


async def test_another_account_learns_nothing(beside: Beside) -> None:
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    beside.chatwoot.contact_writes(conversation, "Hello")
    await beside.settle()
    theirs = beside.cast.other_account.id
    assert theirs not in {one.account_id for one in await beside.all(Message)}
    assert theirs not in {one.account_id for one in await beside.all(Contact)}
