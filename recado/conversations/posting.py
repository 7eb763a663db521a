"""Posting a message: the row, the conversation's clocks, and the event, stored together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from recado.accounts.models import User
from recado.contacts.being_active import was_active
from recado.contacts.models import Contact
from recado.conversations.changing import change_conversation
from recado.conversations.clocking import clock_answer
from recado.conversations.dealing import turns_order
from recado.conversations.describing import Recent, facts_about
from recado.conversations.excusing import excuse_for
from recado.conversations.finding import WITH_PARTS
from recado.conversations.mailing import is_mailed, mail_message
from recado.conversations.models import (
    Attachment,
    Conversation,
    Message,
    MessageType,
    Status,
    first_status,
)
from recado.conversations.recalling import and_then, recalled, recent_asked
from recado.conversations.turning_clocks import turn_clocks
from recado.db.database import Transaction
from recado.db.direct import Direct, Insertion, rows_beside
from recado.db.notifying import notify_pages
from recado.db.reading import as_stored
from recado.events.causes import BY_SYSTEM, Cause
from recado.events.names import EventName
from recado.events.recording import Happened, record_events
from recado.inboxes.models import AgentBot
from recado.lib.files import FileDraft
from recado.lib.languages import Sentence, say

LONGEST: Final = 150_000  # characters, as the API has it


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


_Key = tuple[int, str | None]


@dataclass(frozen=True, slots=True)
class Post:
    """A message on its way into a conversation, and who or what sends it."""

    conversation: Conversation
    draft: MessageDraft
    cause: Cause

    @property
    def key(self) -> _Key:
        """What makes a repeated message the same message; there is one post for a conversation."""
        return self.conversation.id, self.draft.echo_id


@dataclass(frozen=True, slots=True)
class _Written:
    post: Post
    message: Message
    recent: Sequence[Recent]  # what was said last before it


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
    """Add a message to a conversation found with `for_change`: `post_messages` with one."""
    return (await post_messages(tx, [Post(conversation, draft, cause)], now=now))[0]


async def post_messages(tx: Transaction, posts: Sequence[Post], *, now: datetime) -> list[Message]:
    """Add a message each to different conversations found with `for_change`; as many statements as one.

    A repeated `echo_id` finds the message it made the first time. Sends nothing: whoever listens
    finds the events once `tx` has committed. A contact's message opens a resolved or snoozed
    conversation again, unless it is muted; outside business hours it may be told so.
    """
    if not posts:
        return []
    written = await _write(tx, posts, now=now)
    messages = {one.post.key: one.message for one in written}
    before = await _posted_before(tx, [one for one in posts if one.key not in messages])
    loud = [one for one in written if one.message.message_type != MessageType.ACTIVITY]
    await _turn_clocks(tx, loud, now)
    await _record(tx, loud, now=now)
    for one in sorted(loud, key=lambda one: turns_order(one.post.conversation)):
        await _reopen(tx, one, now=now)
        await _excuse(tx, one, now=now)
    for one in written:
        conversation = one.post.conversation
        await notify_pages(tx, conversation.account_id, "conversation", id=conversation.display_id)
    return [(messages | before)[one.key] for one in posts]


_MESSAGES: Final = Insertion(
    Message.__table__,
    [one.name for one in Message.__table__.c if one.name != "id"],
    """on conflict (conversation_id, echo_id) where echo_id is not null do nothing
        returning conversation_id, id""",
)


async def _write(tx: Transaction, posts: Sequence[Post], *, now: datetime) -> list[_Written]:
    """The rows of those that are new, with ids, files and senders: the facts carry them."""
    values = [_values(one.conversation, one.draft, now) for one in posts]
    talks = [one.conversation.id for one in posts]
    stored, said = await rows_beside(tx, _MESSAGES.asked(values), recent_asked(talks))
    ids, recent = dict(stored), recalled(said)
    written = [
        _Written(post, await _as_message(tx, post, row, ids[talk]), recent.get(talk, []))
        for talk, post, row in zip(talks, posts, values, strict=True)
        if talk in ids
    ]
    await _attach(tx, written, now=now)
    for one in written:
        if is_mailed(one.post.conversation, one.message):
            sender = one.post.draft.sender
            await mail_message(tx, one.post.conversation, one.message, sender, now=now)
    return written


async def _as_message(tx: Transaction, post: Post, values: dict[str, Any], id_: int) -> Message:
    sender = await _in_transaction(tx, post.draft.sender)
    senders = {
        "sender_user": sender if isinstance(sender, User) else None,
        "sender_contact": sender if isinstance(sender, Contact) else None,
        "sender_bot": sender if isinstance(sender, AgentBot) else None,
    }
    return as_stored(tx, Message, {"id": id_, **values, **senders})


async def _attach(tx: Transaction, written: Sequence[_Written], *, now: datetime) -> None:
    """Hang each message's files on it, in their order."""
    hung = [(one.message, _attachments(one, now)) for one in written]
    if any(attachments for _, attachments in hung):
        tx.add_all([one for _, attachments in hung for one in attachments])
        await tx.flush()
    for message, attachments in hung:
        set_committed_value(message, "attachments", attachments)  # nothing is to be loaded


def _attachments(one: _Written, now: datetime) -> list[Attachment]:
    return [
        Attachment(
            account_id=one.message.account_id, message_id=one.message.id, key=file.key,
            name=file.about.name, content_type=file.about.content_type, size=file.about.size,
            created_at=now,
        )
        for file in one.post.draft.files
    ]  # fmt: skip


_Sender = User | Contact | AgentBot | None


async def _in_transaction(tx: Transaction, sender: _Sender) -> _Sender:
    """The sender as this transaction knows them: who is signed in was read in an earlier one."""
    if sender is None or sender in tx:
        return sender
    return await tx.merge(sender, load=False)


def _values(conversation: Conversation, draft: MessageDraft, now: datetime) -> dict[str, Any]:
    return {
        "account_id": conversation.account_id,
        "conversation_id": conversation.id,
        "inbox_id": conversation.inbox_id,
        "message_type": draft.message_type,
        "content": draft.content.replace("\0", "\ufffd"),  # PostgreSQL keeps no U+0000 in text
        "content_type": draft.content_type,
        "content_attributes": draft.content_attributes,
        "private": draft.private,
        "status": "sent",
        "source_id": draft.source_id,
        "echo_id": draft.echo_id,
        "sender_user_id": draft.sender.id if isinstance(draft.sender, User) else None,
        "sender_contact_id": draft.sender.id if isinstance(draft.sender, Contact) else None,
        "sender_bot_id": draft.sender.id if isinstance(draft.sender, AgentBot) else None,
        "created_at": now,
    }


async def _turn_clocks(tx: Transaction, written: Sequence[_Written], now: datetime) -> None:
    for one in written:
        if answer := clock_answer(one.post.conversation, one.message, now=now):
            tx.add(answer)
    await turn_clocks(tx, [(one.post.conversation, one.message) for one in written], now=now)
    contacts = [
        one.post.conversation.contact
        for one in written
        if one.message.message_type == MessageType.INCOMING
    ]
    if contacts:
        await was_active(tx, contacts, now=now)


async def _record(tx: Transaction, written: Sequence[_Written], *, now: datetime) -> None:
    happened = [
        Happened(
            EventName.MESSAGE_CREATED,
            facts_about(
                one.post.conversation,
                now=now,
                message=one.message,
                recent=and_then(one.recent, one.message),
            ),
            conversation_id=one.post.conversation.id,
            cause=one.post.cause,
        )
        for one in written
    ]
    await record_events(tx, happened, now=now)


async def _reopen(tx: Transaction, one: _Written, *, now: datetime) -> None:
    talk = one.post.conversation
    is_closed = talk.status in {Status.RESOLVED, Status.SNOOZED}
    is_incoming = one.message.message_type == MessageType.INCOMING
    if is_incoming and is_closed and not (talk.is_muted or talk.contact.blocked):
        status = first_status(talk.inbox)
        await change_conversation(tx, talk, {"status": status}, cause=one.post.cause, now=now)


async def _excuse(tx: Transaction, one: _Written, *, now: datetime) -> None:
    """Say that nobody is there, where the inbox wants it and has not said so yet."""
    talk = one.post.conversation
    if text := excuse_for(talk, one.message, now=now):
        talk.excused_at = now
        draft = MessageDraft(text, MessageType.TEMPLATE)
        await post_message(tx, talk, draft, cause=BY_SYSTEM, now=now)


_BEFORE: Final = Direct("""
    select messages.id
    from unnest(:conversations::bigint[], :echoes::text[]) as wanted(conversation_id, echo_id)
    join messages on messages.conversation_id = wanted.conversation_id
        and messages.echo_id = wanted.echo_id
""")


async def _posted_before(tx: Transaction, posts: Sequence[Post]) -> dict[_Key, Message]:
    """What the `echo_id`s of these made, by conversation and `echo_id`."""
    if not posts:
        return {}
    talks, echoes = map(list, zip(*(one.key for one in posts), strict=True))
    ids = [id_ for (id_,) in await _BEFORE.rows(tx, conversations=talks, echoes=echoes)]
    found = await tx.scalars(select(Message).where(Message.id.in_(ids)).options(*WITH_PARTS))
    return {(one.conversation_id, one.echo_id): one for one in found}
