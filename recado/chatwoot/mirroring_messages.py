"""Mirroring what is said over there, once each, and knowing our own words when they come back.

Our reply cannot carry a mark of ours: with a `source_id` Chatwoot takes a message for one that its
channel has sent already, and does not send it. So it is known by its number, which the answer to our
request tells; and until that is written down, by who sent it and what it says.
"""

from datetime import datetime

import orjson
from sqlalchemy import exists, select

from recado.accounts.models import User
from recado.chatwoot.calls import message_body
from recado.chatwoot.carrying_conversations import write_messages
from recado.chatwoot.connecting import TOLD_BY
from recado.chatwoot.mirroring import cause_of, is_news
from recado.chatwoot.models import ChatwootLink, ChatwootServer, Kind
from recado.chatwoot.reading import RemoteMessage
from recado.chatwoot.remembering import Carried, Theirs, local_id, remember
from recado.contacts.models import Contact
from recado.conversations.clocking import RECENT, count_again
from recado.conversations.correcting import (
    Arrival,
    MessageStatus,
    change_status,
    delete_message,
    find_message,
)
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Transaction
from recado.deliveries.chaining import echoed
from recado.deliveries.models import Delivery
from recado.events.causes import Cause


async def mirror_message(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, theirs: RemoteMessage, *,
    now: datetime,
) -> None:  # fmt: skip
    """Let a message stand here, too. The conversation is locked."""
    if theirs.message_type == MessageType.ACTIVITY:
        return  # what it tells is mirrored as what changed
    ours = await local_id(tx, server.id, Kind.MESSAGE, theirs.id)
    if ours is None and (own := await _own(tx, server, conversation, theirs)) is not None:
        await _remember(tx, server, theirs, own)
        await _has_arrived(tx, server, conversation, own, now=now)
    elif ours is None and is_news(server, theirs.at):
        await _remember(tx, server, theirs, await _post(tx, server, conversation, theirs, now=now))
    elif ours is None:
        await write_messages(tx, server, conversation, [theirs])
    elif theirs.is_deleted:
        await _take_back(tx, server, conversation, ours, now=now)


async def note_written(tx: Transaction, server_id: int, message_id: int, remote_id: int) -> None:
    """Keep under which number a message of ours stands there."""
    await remember(tx, server_id, Theirs(Kind.MESSAGE, remote_id), Carried(message_id))


async def _post(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, theirs: RemoteMessage, *,
    now: datetime,
) -> int:  # fmt: skip
    """Post it at the time when it was written, but never before what stands here already."""
    at = min(now, max(theirs.at, conversation.last_activity_at))
    draft = MessageDraft(
        theirs.text,
        theirs.message_type,
        private=theirs.private,
        sender=await _sender(tx, server, conversation, theirs),
        content_type=theirs.content_type,
        content_attributes=theirs.content_attributes,
        source_id=theirs.source_id,
    )
    cause = await _cause(tx, server, conversation, theirs, now=now)
    message = await post_message(tx, conversation, draft, cause=cause, now=at)
    if at < now - RECENT:
        await count_again(tx, conversation.account_id, [at])
    if theirs.sender[0] == "user" and message.sender_user_id is None and not theirs.private:
        conversation.waiting_since, conversation.replied_at = None, at  # by somebody not here
    return message.id


async def _cause(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, theirs: RemoteMessage, *,
    now: datetime,
) -> Cause:  # fmt: skip
    """A contact writes because they want to; anything else may answer what a rule wrote there."""
    cause = cause_of(server)
    if theirs.message_type == MessageType.INCOMING:
        return cause
    return await echoed(tx, cause, server.account_id, conversation.display_id, now=now)


async def _sender(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, theirs: RemoteMessage
) -> User | Contact | None:
    kind, number = theirs.sender
    if theirs.message_type == MessageType.INCOMING:
        return conversation.contact
    ours = await local_id(tx, server.id, Kind.AGENT, number) if kind == "user" else None
    return await tx.get(User, ours) if ours else None


async def _own(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, theirs: RemoteMessage
) -> int | None:
    """The message of ours that we wrote there and that has no number of theirs yet."""
    if theirs.message_type != MessageType.OUTGOING or theirs.sender[1] != server.remote_user_id:
        return None
    is_linked = exists().where(
        ChatwootLink.server_id == server.id,
        ChatwootLink.kind == Kind.MESSAGE,
        ChatwootLink.local_id == Message.id,
    )
    body = orjson.dumps(message_body(theirs.content, private=theirs.private)).decode()
    query = (
        select(Message.id)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(
            Message.conversation_id == conversation.id,
            Message.private.is_(theirs.private),
            Delivery.account_id == server.account_id,
            Delivery.conversation_id == conversation.display_id,
            Delivery.told_by == TOLD_BY,
            Delivery.told_by_id == server.id,
            Delivery.request["body"].as_string() == body,
            ~is_linked,
        )
        .order_by(Message.id)
    )
    return await tx.scalar(query.limit(1))


async def _has_arrived(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, ours: int, *,
    now: datetime,
) -> None:  # fmt: skip
    """It is there: what was said about a message that nobody had confirmed is not true any more."""
    message = await find_message(tx, conversation, ours)
    if message is not None and message.status == MessageStatus.FAILED:
        arrival = Arrival(MessageStatus.SENT)
        await change_status(tx, conversation, message, arrival, cause=cause_of(server), now=now)


async def _take_back(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, ours: int, *,
    now: datetime,
) -> None:  # fmt: skip
    message = await find_message(tx, conversation, ours)
    if message is not None and not message.content_attributes.get("deleted"):
        await delete_message(tx, conversation, message, cause=cause_of(server), now=now)


async def _remember(
    tx: Transaction, server: ChatwootServer, theirs: RemoteMessage, ours: int
) -> None:
    await remember(tx, server.id, Theirs(Kind.MESSAGE, theirs.id), Carried(ours))
