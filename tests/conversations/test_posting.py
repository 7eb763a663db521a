"""Posting: the message, its event with the facts, clocks, reopening, and repeats."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recado.conversations.changing import change_conversation
from recado.conversations.describing import facts_about
from recado.conversations.models import Conversation, MessageType, Status
from recado.conversations.posting import (
    LONGEST,
    MessageDraft,
    StoredFile,
    message_problem,
    post_message,
)
from recado.conversations.recalling import recent_messages
from recado.conversations.writing import Kind, Written, may_simulate, write
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.events.models import Event
from recado.inboxes.models import Channel
from recado.lib.files import FileDraft
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

LATER = NOW + timedelta(minutes=5)
_FILES = (
    StoredFile("1/a", FileDraft("a.txt", "text/plain", 5)),
    StoredFile("1/b", FileDraft("b.txt", "text/plain", 5)),
)


@pytest.fixture
async def conversation(tx: Transaction, here: Cast) -> Conversation:
    """Maria's, without messages."""
    return await a_conversation(tx, here.inbox, await a_contact(tx, here.account))


async def _events(tx: Transaction) -> list[Event]:
    return list(await tx.scalars(select(Event).order_by(Event.id)))


def _by(cast: Cast) -> Cause:
    return Cause(Actor.PERSON, cast.beto.user_id)


async def _reply(tx: Transaction, here: Cast, to: Conversation, **more: Any) -> None:
    draft = MessageDraft("Hi", MessageType.OUTGOING, sender=here.beto.user, **more)
    await post_message(tx, to, draft, cause=_by(here), now=LATER)


@pytest.mark.parametrize(
    ("content", "is_right"),
    [("Hello", True), ("😀", True), ("", False), (" \n\t", False), ("x" * (LONGEST + 1), False)],
)
def test_which_texts_can_be_posted(content: str, is_right: bool) -> None:
    assert (message_problem(content) is None) is is_right


async def test_a_message_is_an_event_with_frozen_facts(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    message = await a_message(tx, conversation, 'He said "hi"\n😀')
    [known, created, posted] = await _events(tx)
    assert [one.name for one in (known, created, posted)] == [
        "contact_created", "conversation_created", "message_created",
    ]  # fmt: skip
    assert posted.conversation_id == conversation.id
    assert posted.cause == {"actor": "contact", "id": conversation.contact_id, "chain": []}
    facts = posted.facts
    assert facts["event"] == {"name": "message_created", "at": NOW.isoformat()}
    assert facts["account"] == {"id": here.account.id, "name": "Acme"}
    inbox = {"id": here.inbox.id, "name": "Site", "channel": "api"}
    assert facts["inbox"] == {**inbox, "within_business_hours": True}
    assert facts["message"] == {
        "id": message.id, "content": 'He said "hi"\n😀', "message_type": "incoming",
        "private": False, "content_type": "text", "sender_type": "contact", "attachments": [],
        "created_at": NOW.isoformat(), "content_attributes": {}, "status": "sent", "bot": None,
        "source_id": None, "echo_id": None,
    }  # fmt: skip
    assert facts["changes"] == {}


async def test_the_facts_show_the_contact_and_the_conversation(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    await a_message(tx, conversation)
    facts = (await _events(tx))[-1].facts
    contact = facts["contact"]
    assert (contact["first_name"], contact["last_name"]) == ("Maria", "Souza")
    assert (contact["email"], contact["phone_number"]) == ("maria@example.com", "+5511912345678")
    assert contact["identifier"] is None
    shown = facts["conversation"]
    assert (shown["id"], shown["display_id"], shown["db_id"]) == (1, 1, conversation.id)
    assert (shown["status"], shown["priority"], shown["labels"]) == ("open", None, [])
    assert shown["contact_name"] == shown["name"] == "Maria Souza"


async def test_facts_do_not_change_when_the_contact_does(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    await a_message(tx, conversation)
    conversation.contact.name = "Somebody else"
    await tx.flush()
    tx.expire_all()
    assert (await _events(tx))[-1].facts["contact"]["name"] == "Maria Souza"


async def test_the_agent_is_who_wrote_else_the_assignee(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    change = {"assignee_id": here.ana.user_id}
    await change_conversation(tx, conversation, change, cause=_by(here), now=NOW)  # type: ignore[arg-type]
    await a_message(tx, conversation)
    asked = (await _events(tx))[-1].facts
    await _reply(tx, here, conversation)
    replied = (await _events(tx))[-1].facts
    assert (asked["agent"]["name"], asked["assignee"]["name"]) == ("Ana Lima", "Ana Lima")
    assert (replied["agent"]["name"], replied["assignee"]["name"]) == ("Beto Reis", "Ana Lima")
    assert replied["agent"]["available_name"] == "Beto Reis"
    assert replied["message"]["sender_type"] == "user"


async def test_the_facts_carry_the_last_five_messages_without_notes(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    for number in range(5):
        await a_message(tx, conversation, f"M{number}")
    await _reply(tx, here, conversation, private=True)
    await _reply(tx, here, conversation)
    recent = (await _events(tx))[-1].facts["conversation"]["recent_messages"]
    assert [one["content"] for one in recent] == ["M1", "M2", "M3", "M4", "Hi"]
    assert [one["sender"] for one in recent] == ["Maria Souza"] * 4 + ["Beto Reis"]


@pytest.mark.parametrize("more", [{}, {"private": True}, {"files": _FILES}])
async def test_the_last_messages_of_the_facts_are_those_that_are_read_afterwards(
    tx: Transaction, here: Cast, conversation: Conversation, more: dict[str, Any]
) -> None:
    await a_message(tx, conversation, "M", files=_FILES)
    await _reply(tx, here, conversation, **more)
    facts = (await _events(tx))[-1].facts
    recent = (await recent_messages(tx, [conversation.id]))[conversation.id]
    read = facts_about(conversation, now=LATER, recent=recent)
    assert facts["conversation"]["recent_messages"] == read["conversation"]["recent_messages"]
    assert len(recent) == (1 if "private" in more else 2)


async def test_clocks_turn_with_messages(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    await a_message(tx, conversation)
    assert conversation.waiting_since == NOW
    assert conversation.contact.last_activity_at == NOW
    await _reply(tx, here, conversation, private=True)
    assert (conversation.waiting_since, conversation.first_reply_created_at) == (NOW, None)
    await _reply(tx, here, conversation)
    assert (conversation.waiting_since, conversation.first_reply_created_at) == (None, LATER)
    assert conversation.last_activity_at == LATER


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.SNOOZED])
async def test_a_contact_who_writes_again_opens_the_conversation(
    tx: Transaction, here: Cast, conversation: Conversation, status: Status
) -> None:
    await change_conversation(tx, conversation, {"status": status}, cause=_by(here), now=NOW)
    before = len(await _events(tx))
    await a_message(tx, conversation, "Me again")
    assert conversation.status == Status.OPEN
    names = [one.name for one in (await _events(tx))[before:]]
    assert names == ["message_created", "conversation_opened", "conversation_updated"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "pending"}, "pending"),  # a bot is still at it
        ({"status": "resolved", "is_muted": True}, "resolved"),
    ],
)
async def test_some_conversations_are_not_opened_again(
    tx: Transaction, here: Cast, conversation: Conversation, change: Any, status: str
) -> None:
    await change_conversation(tx, conversation, change, cause=_by(here), now=NOW)
    await a_message(tx, conversation)
    assert conversation.status == status


async def test_a_reply_opens_nothing(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    resolved = {"status": Status.RESOLVED}
    await change_conversation(tx, conversation, resolved, cause=_by(here), now=NOW)  # type: ignore[arg-type]
    await _reply(tx, here, conversation)
    assert conversation.status == Status.RESOLVED


async def test_the_same_echo_id_is_posted_once(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    first = await a_message(tx, conversation, echo_id="form-1")
    again = await a_message(tx, conversation, "Hello twice", echo_id="form-1")
    other = await a_message(tx, conversation, echo_id="form-2")
    assert (again.id, again.content) == (first.id, "Hello")
    assert other.id != first.id
    names = [one.name for one in await _events(tx)]
    assert names.count("message_created") == 2


async def test_what_postgresql_cannot_keep_is_replaced(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    message = await a_message(tx, conversation, "a\0b")
    assert message.content == "a\ufffdb"
    assert (await _events(tx))[-1].facts["message"]["content"] == "a\ufffdb"


async def test_activities_are_no_events(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    before = len(await _events(tx))
    draft = MessageDraft("done", MessageType.ACTIVITY)
    await post_message(tx, conversation, draft, cause=_by(here), now=LATER)
    assert len(await _events(tx)) == before
    assert conversation.last_activity_at == NOW


async def test_a_reply_is_signed_and_marks_the_conversation_as_seen(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    await a_message(tx, conversation)
    message = await write(tx, conversation, here.beto, Written("Hi", Kind.REPLY), now=LATER)
    assert (message.message_type, message.private) == ("outgoing", False)
    assert message.sender_user is not None
    assert message.sender_user.name == "Beto Reis"
    assert conversation.agent_last_seen_at == LATER


async def test_a_note_is_private(tx: Transaction, here: Cast, conversation: Conversation) -> None:
    message = await write(tx, conversation, here.beto, Written("Psst", Kind.NOTE), now=LATER)
    assert (message.message_type, message.private) == ("outgoing", True)
    assert (await _events(tx))[-1].facts["message"]["private"] is True


async def test_a_simulated_message_is_the_contacts_and_says_so(
    tx: Transaction, here: Cast, conversation: Conversation
) -> None:
    message = await write(tx, conversation, here.ana, Written("Hello?", Kind.CONTACT), now=LATER)
    assert (message.message_type, message.sender_type) == ("incoming", "contact")
    assert message.content_attributes == {"simulated_by": "Ana Lima"}
    event = (await _events(tx))[-1]
    assert event.cause["actor"] == "contact"
    assert event.facts["message"]["message_type"] == "incoming"


async def test_only_administrators_simulate_and_only_in_api_inboxes(here: Cast) -> None:
    assert may_simulate(here.ana, here.inbox)
    assert not may_simulate(here.beto, here.inbox)
    here.inbox.channel = Channel.WEB_WIDGET
    assert not may_simulate(here.ana, here.inbox)
