"""What messages over REST cost, counted in statements: a busy machine changes nothing."""

import asyncio
from typing import Any

import pytest

from recado.conversations.models import MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Database
from recado.events.causes import Actor, Cause
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.counting import counted, counted_rows
from tests.people import NOW, Cast, a_contact, a_conversation, a_message
from tests.wide import widen

# Of a message: one for the token, and what tests/conversations/test_posting_together.py counts; of an
# answer, one more that finds whether a call of ours has asked for it.
MOST_ALONE = 5
MANY = 20


@pytest.mark.parametrize("kind", ["incoming", "outgoing"])
async def test_a_message_costs_few_statements(
    api: Program, cast: Cast, database: Database, kind: str
) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    path = f"conversations/{talk.display_id}/messages"
    await api.post(path, {"content": "first", "message_type": kind})  # the token is used: noted
    with counted(database) as statements:
        await api.post(path, {"content": "second", "message_type": kind})
    assert len(statements) <= MOST_ALONE, "\n".join(statements)


async def test_many_messages_at_once_share_their_statements(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account)
        talks = [await a_conversation(tx, cast.inbox, contact) for _ in range(MANY)]
    paths = [f"conversations/{one.display_id}/messages" for one in talks]
    message = {"content": "hi", "message_type": "incoming"}
    await api.post(paths[0], message)
    with counted(database) as statements:
        await asyncio.gather(*(api.post(path, message) for path in paths))
    assert len(statements) < MOST_ALONE * MANY / 3, "\n".join(statements)


async def test_many_contacts_writing_at_once_share_their_statements(
    visitor: Browser, cast: Cast, database: Database, record_property: Any
) -> None:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account)
        talks = [await a_conversation(tx, cast.inbox, contact) for _ in range(MANY)]
    paths = [
        f"/public/api/v1/inboxes/{cast.inbox.identifier}/contacts/{one.contact_inbox.source_id}"
        f"/conversations/{one.display_id}/messages"
        for one in talks
    ]
    with counted(database) as statements:
        posted = await asyncio.gather(
            *(visitor.api("POST", path, None, {"content": "hi"}) for path in paths)
        )
    assert [one.status_code for one in posted] == [200] * MANY
    record_property(f"statements of {MANY} contacts who write at once", len(statements))
    asked = 3 * MANY  # whose inbox, who, and whether the conversation is theirs
    assert len(statements) < asked + MOST_ALONE * MANY / 3, "\n".join(statements)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "conversations", None),
        ("GET", "conversations/1", None),
        ("GET", "conversations/1/messages", None),
        ("GET", "contacts/1/conversations", None),
        ("POST", "conversations", {"contact_id": 0, "inbox_id": 0}),
        ("POST", "conversations", {"source_id": "", "custom_attributes": {"plan": "gold"}}),
        ("POST", "conversations/1/unread", {}),
        ("PATCH", "conversations/1", {"priority": "high"}),
    ],
)
async def test_a_call_reads_what_it_shows_however_wide_the_account(
    visitor: Browser, cast: Cast, database: Database, method: str, path: str, body: Any
) -> None:
    ana, beto, _ = programs(visitor, cast)  # who sees all inboxes, and who those of his own
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, talk)
        draft = MessageDraft("hello", MessageType.OUTGOING, sender=cast.beto.user)
        await post_message(tx, talk, draft, cause=Cause(Actor.PERSON, cast.beto.user_id), now=NOW)
        talk.assignee_id = cast.ana.user_id
    path = path.replace("contacts/1", f"contacts/{talk.contact_id}")
    there = {"contact_id": talk.contact_id, "inbox_id": talk.inbox_id}
    there["source_id"] = talk.contact_inbox.source_id
    body = body and {name: there.get(name, one) for name, one in body.items()}
    for one in (ana, beto):  # what is remembered from then on
        await one.call(method, path, body)
    with counted_rows() as narrow:
        before = [await one.call(method, path, body) for one in (ana, beto)]
    async with database.transaction() as tx:
        await widen(tx, cast)
    with counted_rows() as wide:
        after = [await one.call(method, path, body) for one in (ana, beto)]
    assert {one.status_code for one in (*before, *after)} == {200}
    assert wide.number <= narrow.number


async def test_a_conversation_in_which_nothing_was_said_is_not_looked_into(
    api: Program, cast: Cast, database: Database
) -> None:
    made = await api.post("contacts", {"name": "Maria", "inbox_id": cast.inbox.id})
    body = {"contact_id": made["payload"]["contact"]["id"], "inbox_id": cast.inbox.id}
    await api.post("conversations", body)
    with counted(database) as statements:
        started = await api.post("conversations", body)
    assert (started["messages"], started["unread_count"]) == ([], 0)
    assert not [one for one in statements if "messages" in one], "\n".join(statements)
