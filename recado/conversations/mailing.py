"""A message of an e-mail inbox is an e-mail, too: written down with it, sent by the worker.

Private notes never are. What no person wrote is not sent to a machine, which would answer for ever.
"""

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import func, select

from recado.accounts.models import User
from recado.conversations.addressing import CC, Reach, others_in, others_of
from recado.conversations.models import Conversation, MailId, Message, MessageType
from recado.db.database import Transaction
from recado.inboxes.models import Channel
from recado.lib.languages import say, speaking
from recado.lib.mail_servers import mailable
from recado.lib.mailing import MailTrouble
from recado.mail.explaining import why_not
from recado.mail.models import Email
from recado.mail.writing import AnswerSheet, write_answer

_MOST_KNOWN: Final = 20  # Message-IDs in References
MOST_AUTOMATIC: Final = 10  # e-mails that no person wrote, of one conversation in an hour
ERROR: Final = "external_error"  # in content_attributes: why a message did not arrive


def is_mailed(conversation: Conversation, message: Message) -> bool:
    """Whether a message goes to the contact by e-mail."""
    is_ours = message.message_type in {MessageType.OUTGOING, MessageType.TEMPLATE}
    return conversation.inbox.channel == Channel.EMAIL and is_ours and not message.private


async def mail_message(
    tx: Transaction, conversation: Conversation, message: Message, sender: object, *, now: datetime
) -> None:
    """Write a message's e-mail down, in the transaction that posts it; what cannot be sent says why."""
    letter = await _newest_letter(tx, conversation)
    obstacle = None if isinstance(sender, User) else await _loop(tx, conversation, letter, now=now)
    recipient = _recipient(conversation, letter)
    if recipient is None:
        obstacle = MailTrouble.NO_ADDRESS
    mail_id = f"{token_hex(16)}.{message.id}@{_domain(conversation)}"
    others = others_in(message.content_attributes)
    heads = {
        "message_id": mail_id,
        **_answered(letter, await _newest_id(tx, conversation)),
        "is_automatic": not isinstance(sender, User),
        "cc": list(others.cc),
        "bcc": list(others.bcc),
    }
    with speaking(conversation.account.language):
        subject = subject_of(conversation)
        if obstacle is not None:
            message.status = "failed"
            why = str(why_not(obstacle))
            message.content_attributes = {**message.content_attributes, ERROR: why}
    message.source_id = message.source_id or mail_id
    tx.add(
        MailId(
            inbox_id=message.inbox_id, mail_id=mail_id, conversation_id=conversation.id,
            message_id=message.id,
        )
    )  # fmt: skip
    sheet = AnswerSheet(
        message.inbox_id, conversation.display_id, message.id, recipient or "", subject,
        message.content, heads, sender.name if isinstance(sender, User) else "", obstacle,
    )  # fmt: skip
    await write_answer(tx, conversation.account_id, sheet, now=now)


async def reach_of(tx: Transaction, conversation: Conversation) -> Reach | None:
    """Whom a reply reaches unless its writer chooses otherwise; None outside of e-mail inboxes.

    Those in the last letter, or whom the last reply was sent to, whichever is newer.
    """
    if conversation.inbox.channel != Channel.EMAIL:
        return None
    to = _recipient(conversation, await _newest_letter(tx, conversation))
    query = select(Message.message_type, Message.content_attributes).where(
        Message.conversation_id == conversation.id,
        (Message.message_type == MessageType.INCOMING) | Message.content_attributes.has_key(CC),
    )
    newest = (await tx.execute(query.order_by(Message.id.desc()).limit(1))).first()
    own = {to or "", conversation.contact.email or "", _address(conversation)}
    if newest is None:
        return Reach(to)
    kind, told = newest
    if kind == MessageType.INCOMING:
        return Reach(to, others_of(told.get("email") or {}, own))
    return Reach(to, tuple(one for one in others_in(told).cc if one.lower() not in own))


def subject_of(conversation: Conversation) -> str:
    """What an answer is called: as the contact's first letter, with Re: before it."""
    told = str(conversation.additional_attributes.get("mail_subject") or "").strip()
    if not told:
        return str(say("Message from %(name)s", name=conversation.inbox.name))
    is_begun_by_us = conversation.additional_attributes.get("source") != "email"
    return told if is_begun_by_us or told[:3].lower() == "re:" else f"Re: {told}"


async def _newest_letter(tx: Transaction, conversation: Conversation) -> dict[str, Any]:
    """What the newest message from outside tells of its e-mail."""
    query = select(Message.content_attributes["email"]).where(
        Message.conversation_id == conversation.id,
        Message.message_type == MessageType.INCOMING,
    )
    found = await tx.scalar(query.order_by(Message.id.desc()).limit(1))
    return found if isinstance(found, dict) else {}


async def _newest_id(tx: Transaction, conversation: Conversation) -> str | None:
    """The e-mail that went through this conversation last."""
    query = select(MailId.mail_id).where(MailId.conversation_id == conversation.id)
    return await tx.scalar(query.order_by(MailId.message_id.desc()).limit(1))


def _answered(letter: dict[str, Any], newest: str | None) -> dict[str, Any]:
    """What an answer refers to: the contact's letter with what that referred to, or our own last one."""
    last = str(letter.get("message_id") or newest or "")
    if not last or last.startswith("sha256:"):
        return {"in_reply_to": None, "references": []}
    before = [str(one) for one in letter.get("references") or []]
    return {"in_reply_to": last, "references": [*before[-_MOST_KNOWN:], last]}


def _recipient(conversation: Conversation, letter: dict[str, Any]) -> str | None:
    """Where the contact wants to be answered; nobody else who wrote in the conversation decides it."""
    email = conversation.contact.email or ""
    wished = letter.get("reply_to") or []
    is_their_own = letter.get("from") == [email] and not letter.get("doubtful")
    return mailable(str(wished[0]) if is_their_own and wished else email)


async def _loop(
    tx: Transaction, conversation: Conversation, letter: dict[str, Any], *, now: datetime
) -> MailTrouble | None:
    """Why what no person wrote is not sent: a machine would read it, or it answers itself."""
    if letter.get("auto_reply") is True:
        return MailTrouble.AUTOMATIC
    query = select(func.count()).where(
        Email.account_id == conversation.account_id,
        Email.conversation_id == conversation.display_id,
        Email.inbox_id == conversation.inbox_id,
        Email.created_at > now - timedelta(hours=1),
        Email.heads["is_automatic"].as_boolean(),
    )
    return MailTrouble.LOOP if (await tx.scalar(query) or 0) >= MOST_AUTOMATIC else None


def _domain(conversation: Conversation) -> str:
    return _address(conversation).rpartition("@")[2] or "recado.invalid"


def _address(conversation: Conversation) -> str:
    return str(conversation.inbox.settings.get("email") or "")
