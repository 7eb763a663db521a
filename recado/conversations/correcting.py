"""What happens to a message after it was posted: it is taken back, or arrives, or does not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select

from recado.conversations.describing import facts_about
from recado.conversations.finding import WITH_PARTS
from recado.conversations.mailing import ERROR
from recado.conversations.models import Conversation, Message
from recado.conversations.uploading import unheld
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.events.causes import Cause
from recado.events.names import NoticeName
from recado.events.recording import record_event
from recado.inboxes.models import Channel
from recado.lib.languages import say, speaking
from recado.mail.writing import withdraw_answer


class MessageStatus(StrEnum):
    """How far a message has come; the API shows these names."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Arrival:
    """How far a message has come, and what went wrong on the way."""

    status: MessageStatus
    error: str = ""


DELETED: Final = say("This message was deleted.")


async def find_message(
    tx: Transaction, conversation: Conversation, message_id: int
) -> Message | None:
    """A message of this conversation, its sender loaded."""
    query = select(Message).where(
        Message.conversation_id == conversation.id, Message.id == message_id
    )
    return await tx.scalar(query.options(*WITH_PARTS))


async def delete_message(
    tx: Transaction, conversation: Conversation, message: Message, *, cause: Cause, now: datetime
) -> list[str]:
    """Take a message back: it stays where it was, and says only that it was deleted.

    The answer is the keys of its files, which the caller removes once `tx` has committed.
    """
    keys = [one.key for one in message.attachments]
    message.attachments.clear()
    with speaking(conversation.account.language):
        message.content = str(DELETED)
    message.content_type = "text"
    message.content_attributes = {"deleted": True, "sentence": DELETED.as_json()}
    if conversation.inbox.channel == Channel.EMAIL:
        await withdraw_answer(tx, message.id, now=now)
    await _record(tx, conversation, message, cause=cause, now=now)
    await tx.flush()
    return await unheld(tx, keys)


async def change_status(
    tx: Transaction,
    conversation: Conversation,
    message: Message,
    arrival: Arrival,
    *,
    cause: Cause,
    now: datetime,
) -> None:
    """Note how far a message has come; a failed one keeps the reason for people to read."""
    kept = {name: one for name, one in message.content_attributes.items() if name != ERROR}
    if arrival.status == MessageStatus.FAILED and arrival.error:
        kept[ERROR] = arrival.error
    if message.status == arrival.status and message.content_attributes == kept:
        return
    message.status, message.content_attributes = arrival.status, kept
    await _record(tx, conversation, message, cause=cause, now=now)


async def submit_values(
    tx: Transaction,
    conversation: Conversation,
    message: Message,
    values: list[Any] | dict[str, Any],
    *,
    cause: Cause,
    now: datetime,
) -> None:
    """Keep what the contact chose or filled in, where the message asked for it; told once."""
    if message.content_attributes.get("submitted_values") == values:
        return  # the same answer again, because ours was lost on the way
    message.content_attributes = {**message.content_attributes, "submitted_values": values}
    await _record(tx, conversation, message, cause=cause, now=now)


async def _record(
    tx: Transaction, conversation: Conversation, message: Message, *, cause: Cause, now: datetime
) -> None:
    await tx.flush()
    facts = facts_about(conversation, now=now, message=message)
    await record_event(
        tx, NoticeName.MESSAGE_UPDATED, facts,
        conversation_id=conversation.id, cause=cause, now=now,
    )  # fmt: skip
    await notify_pages(tx, conversation.account_id, "conversation", id=conversation.display_id)
