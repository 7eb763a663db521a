"""Carrying conversations over, with everything that was said: history, which starts no rule."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from recado.chatwoot.keeping_contacts import carry_contact
from recado.chatwoot.models import ChatwootLink, ChatwootServer, Kind
from recado.chatwoot.reading import (
    Json,
    RemoteConversation,
    RemoteMessage,
    conversation_in,
    number_of,
)
from recado.chatwoot.remembering import Carried, local_id, local_ids
from recado.contacts.models import Contact
from recado.conversations.clocking import count_again
from recado.conversations.models import ContactInbox, Conversation, Message, MessageType
from recado.conversations.starting import introduce, next_display_id
from recado.db.database import Transaction
from recado.inboxes.opening import find_inbox
from recado.lib.languages import Sentence, say


async def carry_conversation(
    tx: Transaction, server: ChatwootServer, item: Json, said: list[RemoteMessage], *,
    now: datetime,
) -> Carried:  # fmt: skip
    """A conversation with its messages, oldest first, at the times when they were written."""
    theirs = conversation_in(item)
    contact_id = await local_id(tx, server.id, Kind.CONTACT, number_of(theirs.contact))
    contact = await tx.get(Contact, contact_id) if contact_id else None
    contact = contact or await carry_contact(tx, server, theirs.contact, now=now)
    known, notes = await known_by(tx, server, theirs, contact, now=now)
    if known is None:
        return Carried(None, notes)
    conversation = await write_conversation(tx, server, theirs, known)
    notes += await write_messages(tx, server, conversation, said)
    return Carried(conversation.id, notes)


async def known_by(
    tx: Transaction, server: ChatwootServer, theirs: RemoteConversation, contact: Contact, *,
    now: datetime,
) -> tuple[ContactInbox | None, list[Sentence]]:  # fmt: skip
    """The contact as the conversation's inbox knows them; None where that inbox is not here."""
    inbox_id = await local_id(tx, server.id, Kind.INBOX, theirs.inbox_id)
    inbox = await find_inbox(tx, server.account_id, inbox_id or 0)
    if inbox is None:
        return None, [say("Its inbox is not here.")]
    known = await introduce(tx, contact, inbox, source_id=theirs.source_id, now=now)
    return known or await introduce(tx, contact, inbox, source_id=None, now=now), []


async def write_conversation(
    tx: Transaction, server: ChatwootServer, theirs: RemoteConversation, known: ContactInbox
) -> Conversation:
    """The row; its number is the next one here, and theirs stands in its attributes."""
    assignee = await local_id(tx, server.id, Kind.AGENT, number_of(theirs.assignee or {}))
    conversation = Conversation(
        account_id=server.account_id,
        display_id=await next_display_id(tx, server.account_id),
        inbox_id=known.inbox_id,
        contact_id=known.contact_id,
        contact_inbox_id=known.id,
        status=theirs.status,
        priority=theirs.priority,
        assignee_id=assignee,
        team_id=await local_id(tx, server.id, Kind.TEAM, theirs.team_id),
        labels=theirs.labels,
        custom_attributes=theirs.custom_attributes,
        additional_attributes=theirs.additional_attributes
        | {"chatwoot_conversation_id": theirs.id},
        is_muted=bool(theirs.muted),
        snoozed_until=theirs.snoozed_until,
        last_activity_at=theirs.last_activity_at,
        created_at=theirs.created_at,
        updated_at=theirs.last_activity_at,
    )
    tx.add(conversation)
    await tx.flush()
    return conversation


async def write_messages(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, said: list[RemoteMessage]
) -> list[Sentence]:
    """Write what was said, oldest first, as history; and what of it stays there."""
    people = await local_ids(tx, server.id, Kind.AGENT)
    rows = [_row(conversation, one, people) for one in said]
    if rows:
        written = insert(Message).returning(Message.id, sort_by_parameter_order=True)
        ids = list(await tx.scalars(written, rows))
        links = [
            {"server_id": server.id, "kind": Kind.MESSAGE, "remote_id": one.id, "local_id": ours,
             "name": "", "notes": []}
            for one, ours in zip(said, ids, strict=True)
        ]  # fmt: skip
        await tx.execute(insert(ChatwootLink), links)
        await count_again(tx, conversation.account_id, (one.at for one in said))
    files = sum(len(one.files) for one in said)
    if not files:
        return []
    return [say("%(number)s files stay there: the messages have their addresses.", number=files)]


def _row(conversation: Conversation, one: RemoteMessage, people: dict[int, int]) -> dict[str, Any]:
    is_incoming = one.message_type == MessageType.INCOMING
    return {
        "account_id": conversation.account_id,
        "conversation_id": conversation.id,
        "inbox_id": conversation.inbox_id,
        "message_type": one.message_type,
        "content": one.text,
        "content_type": one.content_type,
        "content_attributes": one.content_attributes,
        "private": one.private,
        "status": "sent",
        "source_id": one.source_id,
        "sender_contact_id": conversation.contact_id if is_incoming else None,
        "sender_user_id": people.get(one.sender[1] or 0) if one.sender[0] == "user" else None,
        "created_at": one.at,
    }
