"""How the e-mails of a conversation's messages stand, and sending one again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from recado.conversations.correcting import Arrival, MessageStatus, change_status, find_message
from recado.conversations.models import Conversation, Message
from recado.db.database import Transaction
from recado.events.causes import Cause
from recado.inboxes.models import Channel
from recado.lib.mail_servers import mailable
from recado.mail.models import Email, Progress
from recado.mail.writing import write_again


async def emails_of(
    tx: Transaction, conversation: Conversation, messages: Sequence[Message]
) -> dict[int, Email]:
    """The e-mails of these messages, by the message; none outside of e-mail inboxes."""
    if conversation.inbox.channel != Channel.EMAIL:
        return {}
    query = select(Email).where(
        Email.message_id.in_([one.id for one in messages]),
        Email.inbox_id == conversation.inbox_id,
    )
    return {one.message_id or 0: one for one in await tx.scalars(query)}


async def mail_again(
    tx: Transaction, conversation: Conversation, message_id: int, *, cause: Cause, now: datetime
) -> Message | None:
    """Let the e-mail of a message that failed be tried again, to where the contact is reached now;
    None where there is no such e-mail. The conversation is locked.
    """
    message = await find_message(tx, conversation, message_id)
    if message is None:
        return None
    query = select(Email).where(
        Email.message_id == message.id, Email.inbox_id == conversation.inbox_id
    )
    email = await tx.scalar(query.with_for_update())
    if email is None:
        return None
    email.recipient = email.recipient or mailable(conversation.contact.email or "") or ""
    if email.state in {Progress.FAILED, Progress.SKIPPED} and email.recipient:
        await write_again(tx, email, now=now)
        email.trouble, email.said = None, ""
        arrival = Arrival(MessageStatus.SENT)
        await change_status(tx, conversation, message, arrival, cause=cause, now=now)
    return message
