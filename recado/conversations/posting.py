"""Posting a message: the row, the conversation's clocks, and the event, stored together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from recado.accounts.models import User
from recado.contacts.models import Contact
from recado.conversations.changing import change_conversation
from recado.conversations.describing import facts_about
from recado.conversations.excusing import excuse_for
from recado.conversations.finding import WITH_PARTS
from recado.conversations.models import (
    Attachment,
    Conversation,
    Message,
    MessageType,
    Status,
    first_status,
)
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.events.causes import BY_SYSTEM, Cause
from recado.events.names import EventName
from recado.events.recording import record_event
from recado.inboxes.models import AgentBot
from recado.lib.files import FileDraft
from recado.lib.languages import Sentence, say

LONGEST: Final = 150_000  # characters, as the API has it
_RECENT: Final = 5  # messages that the facts carry


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is in the store already, under `key`."""

    key: str
    about: FileDraft


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """What is to be posted. The sender is a person, a contact, or nobody (a rule, an activity)."""

    content: str
    message_type: MessageType
    private: bool = False
    sender: User | Contact | AgentBot | None = None
    content_type: str = "text"
    content_attributes: dict[str, Any] = field(default_factory=dict)
    source_id: str | None = None
    echo_id: str | None = None
    files: tuple[StoredFile, ...] = ()


def message_problem(content: str, *, has_files: bool = False) -> Sentence | None:
    """Why a text cannot be posted; beside files there need not be one."""
    if not content.strip() and not has_files:
        return say("Write something first.")
    if len(content) > LONGEST:
        return say("Use at most %(number)s characters.", number=LONGEST)
    return None


async def post_message(
    tx: Transaction, conversation: Conversation, draft: MessageDraft, *, cause: Cause, now: datetime
) -> Message:
    """Add a message to a conversation found with `for_change`.

    A repeated `echo_id` finds the message it made the first time. Sends nothing: whoever listens
    finds the event once `tx` has committed. A contact's message opens a resolved or snoozed
    conversation again, unless it is muted; outside business hours it may be told so.
    """
    if draft.echo_id and (posted := await _posted_before(tx, conversation, draft.echo_id)):
        return posted
    message = _new_message(conversation, draft, now)
    tx.add(message)
    await tx.flush()  # the facts carry the message's id
    await _attach(tx, message, draft.files, now=now)
    sender = await _in_transaction(tx, draft.sender)
    message.sender_user = sender if isinstance(sender, User) else None
    message.sender_contact = sender if isinstance(sender, Contact) else None
    message.sender_bot = sender if isinstance(sender, AgentBot) else None
    if draft.message_type != MessageType.ACTIVITY:
        _turn_clocks(conversation, message, now)
        await tx.flush()
        await _record(tx, conversation, message, cause=cause, now=now)
        await _reopen(tx, conversation, message, cause=cause, now=now)
        await _excuse(tx, conversation, message, now=now)
    await notify_pages(tx, conversation.account_id, "conversation", id=conversation.display_id)
    return message


async def _attach(
    tx: Transaction, message: Message, files: Sequence[StoredFile], *, now: datetime
) -> None:
    """Hang files on a message just written, in their order."""
    attachments = [
        Attachment(
            account_id=message.account_id, message_id=message.id, key=one.key,
            name=one.about.name, content_type=one.about.content_type, size=one.about.size,
            created_at=now,
        )
        for one in files
    ]  # fmt: skip
    if attachments:
        tx.add_all(attachments)
        await tx.flush()
    set_committed_value(message, "attachments", attachments)  # nothing is to be loaded


_Sender = User | Contact | AgentBot | None


async def _in_transaction(tx: Transaction, sender: _Sender) -> _Sender:
    """The sender as this transaction knows them: who is signed in was read in an earlier one."""
    if sender is None or sender in tx:
        return sender
    return await tx.merge(sender, load=False)


def _new_message(conversation: Conversation, draft: MessageDraft, now: datetime) -> Message:
    return Message(
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        inbox_id=conversation.inbox_id,
        message_type=draft.message_type,
        content=draft.content.replace("\0", "\ufffd"),  # PostgreSQL keeps no U+0000 in text
        content_type=draft.content_type,
        content_attributes=draft.content_attributes,
        private=draft.private,
        source_id=draft.source_id,
        echo_id=draft.echo_id,
        sender_user_id=draft.sender.id if isinstance(draft.sender, User) else None,
        sender_contact_id=draft.sender.id if isinstance(draft.sender, Contact) else None,
        sender_bot_id=draft.sender.id if isinstance(draft.sender, AgentBot) else None,
        created_at=now,
    )


def _turn_clocks(conversation: Conversation, message: Message, now: datetime) -> None:
    conversation.last_activity_at = now
    if message.message_type == MessageType.INCOMING:
        conversation.contact.last_activity_at = now
        conversation.waiting_since = conversation.waiting_since or now
        conversation.replied_at = None
    elif message.sender_user_id and not message.private:
        conversation.waiting_since = None
        conversation.replied_at = now
        conversation.first_reply_created_at = conversation.first_reply_created_at or now


async def _record(
    tx: Transaction, conversation: Conversation, message: Message, *, cause: Cause, now: datetime
) -> None:
    recent = await _recent_messages(tx, conversation.id)
    facts = facts_about(conversation, now=now, message=message, recent=recent)
    await record_event(
        tx, EventName.MESSAGE_CREATED, facts, conversation_id=conversation.id, cause=cause, now=now
    )


async def _recent_messages(tx: Transaction, conversation_id: int) -> list[Message]:
    query = (
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.message_type != MessageType.ACTIVITY,
            Message.private.is_(False),
        )
        .order_by(Message.id.desc())
        .limit(_RECENT)
        .options(joinedload(Message.sender_user), selectinload(Message.attachments))
    )
    return list(await tx.scalars(query))[::-1]


async def _reopen(
    tx: Transaction, conversation: Conversation, message: Message, *, cause: Cause, now: datetime
) -> None:
    is_closed = conversation.status in {Status.RESOLVED, Status.SNOOZED}
    if message.message_type == MessageType.INCOMING and is_closed and not conversation.is_muted:
        status = first_status(conversation.inbox)
        await change_conversation(tx, conversation, {"status": status}, cause=cause, now=now)


async def _excuse(
    tx: Transaction, conversation: Conversation, message: Message, *, now: datetime
) -> None:
    """Say that nobody is there, where the inbox wants it and has not said so yet."""
    if text := excuse_for(conversation, message, now=now):
        conversation.excused_at = now
        draft = MessageDraft(text, MessageType.TEMPLATE)
        await post_message(tx, conversation, draft, cause=BY_SYSTEM, now=now)


async def _posted_before(
    tx: Transaction, conversation: Conversation, echo_id: str
) -> Message | None:
    query = select(Message).where(
        Message.conversation_id == conversation.id, Message.echo_id == echo_id
    )
    return await tx.scalar(query.options(*WITH_PARTS))
