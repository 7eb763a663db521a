"""The transcript of a conversation, and sending it by e-mail.

What contact and agents have said to each other, in the account's language and time: no private
notes, no activities. It is written down as it is now; what is said later is not in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import func, select

from recado.conversations.finding import WITH_PARTS
from recado.conversations.models import Conversation, Message, MessageType
from recado.db.database import Transaction
from recado.lib.languages import gettext, language, ngettext, say, speaking
from recado.mail.models import Email, Kind
from recado.mail.writing import Asked, Sheet, write_emails

MOST_MESSAGES: Final = 500  # the newest; the transcript says how many there were


@dataclass(frozen=True, slots=True)
class _Said:
    messages: Sequence[Message]
    left_out: int


async def send_transcript(
    tx: Transaction,
    conversation: Conversation,
    recipients: Sequence[str],
    asked: Asked,
    *,
    now: datetime,
) -> list[Email]:
    """Write the transcript to these addresses, as `mailable` has them; one e-mail each."""
    sheet = await transcript_of(tx, conversation)
    return await write_emails(tx, sheet, recipients, asked, now=now)


async def transcript_of(tx: Transaction, conversation: Conversation) -> Sheet:
    """What was said in a conversation that has everything loaded."""
    said = await _said(tx, conversation.id)
    with speaking(conversation.account.language):
        subject = subject_of(conversation)
        return Sheet(
            Kind.TRANSCRIPT, subject, "\n".join([subject, "", *_lines(conversation, said)])
        )


def subject_of(conversation: Conversation) -> str:
    """What e-mails about a conversation are called, in the language spoken now."""
    name = conversation.contact.shown_name
    number = conversation.display_id
    return str(say("Conversation #%(number)s with %(name)s", number=number, name=name))


async def _said(tx: Transaction, conversation_id: int) -> _Said:
    public = (
        Message.conversation_id == conversation_id,
        Message.private.is_(False),
        Message.message_type != MessageType.ACTIVITY,
    )
    query = select(Message).where(*public).order_by(Message.id.desc()).limit(MOST_MESSAGES)
    newest = list(await tx.scalars(query.options(*WITH_PARTS)))
    count = await tx.scalar(select(func.count()).select_from(Message).where(*public)) or 0
    return _Said(newest[::-1], count - len(newest))


def _lines(conversation: Conversation, said: _Said) -> Iterator[str]:
    if said.left_out:
        yield _left_out(said.left_out)
        yield ""
    if not said.messages:
        yield gettext("Nothing was said yet.")
    for message in said.messages:
        yield f"{_sender(message, conversation)}, {_time(message.created_at, conversation)}"
        if message.content.strip():
            yield message.content.strip()
        yield from (f"{one.name}: {one.url}" for one in message.attachments)
        yield ""


def _left_out(number: int) -> str:
    said = ngettext(
        "%(number)s earlier message is left out.",
        "%(number)s earlier messages are left out.",
        number,
    )
    return said % {"number": number}


def _sender(message: Message, conversation: Conversation) -> str:
    if message.sender_user is not None:
        return message.sender_user.name
    if message.sender_bot is not None:
        return message.sender_bot.name
    is_contacts = message.message_type == MessageType.INCOMING
    return conversation.contact.shown_name if is_contacts else conversation.account.name


def _time(moment: datetime, conversation: Conversation) -> str:
    zone = ZoneInfo(conversation.account.time_zone)
    return format_datetime(moment, "short", tzinfo=zone, locale=language())
