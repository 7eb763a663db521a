"""A conversation as a page shows it: lines, with their days, authors, e-mails and calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date

from recado.conversations.addressing import BCC, CC, Others, others_in
from recado.conversations.calling import Call, calls_between
from recado.conversations.choosing import Offer, answers_in, offers_in
from recado.conversations.mailing_again import emails_of
from recado.conversations.mentioning import Piece, pieces_of
from recado.conversations.models import Conversation, Message, MessageType, Priority
from recado.conversations.stretching import Asked, stretch_of
from recado.conversations.watching import last_look
from recado.db.database import Transaction
from recado.lib.languages import Sentence, gettext, language, say
from recado.mail.explaining import why
from recado.mail.models import Email


@dataclass(frozen=True, slots=True)
class Line:
    """A message as it is drawn; `day` is set where a new day begins above it."""

    message: Message
    text: str
    author: str
    day: str = ""
    email: Email | None = None  # that carries it to the contact

    @property
    def kind(self) -> str:
        """Which way it went: activity, private, outgoing or incoming."""
        if self.message.message_type == MessageType.ACTIVITY:
            return "activity"
        if self.message.private:
            return "private"
        is_incoming = self.message.message_type == MessageType.INCOMING
        return "incoming" if is_incoming else "outgoing"

    @property
    def pieces(self) -> list[Piece]:
        """The text, with whom a private note mentions."""
        return pieces_of(self.text) if self.kind == "private" else [Piece(self.text)]

    @property
    def is_by_rule(self) -> bool:
        """Whether an automation rule wrote it."""
        return "automation_rule_id" in self.message.content_attributes

    @property
    def letter(self) -> Mapping[str, Any]:
        """What is known of the e-mail that it came as."""
        kept = self.message.content_attributes.get("email")
        return kept if isinstance(kept, dict) else {}

    @property
    def others(self) -> Others | None:
        """Who got a copy of its e-mail; None where it was told of none."""
        attributes = self.message.content_attributes
        if not self.letter and CC not in attributes and BCC not in attributes:
            return None
        letter_cc = {CC: self.letter.get("cc")} if self.letter else {}
        return others_in({**attributes, **letter_cc})

    @property
    def quoted(self) -> str:
        """The history that the e-mail quotes."""
        return str((self.letter.get("text_content") or {}).get("quoted") or "")

    @property
    def offers(self) -> list[Offer]:
        """What it lets the contact choose."""
        return offers_in(self.message.content_type, self.message.content_attributes)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What it asks the contact to fill in, with the answers."""
        return answers_in(self.message.content_type, self.message.content_attributes)

    @property
    def mail_trouble(self) -> Sentence | None:
        """Why its e-mail is not sent, or not yet."""
        return why(self.email) if self.email else None

    @property
    def simulated_by(self) -> str:
        """Who wrote it in the contact's place, to try something out."""
        return str(self.message.content_attributes.get("simulated_by", ""))


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a thread, and above which message their page has the line of what is new."""

    user_id: int
    new_from: int | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A stretch of a conversation; `earlier` and `later` are ids before and after which there is more."""

    lines: list[Line]
    earlier: int | None
    calls: Mapping[int, list[Call]]  # to other systems, by the message below which they stand
    new_from: int | None = None  # the first message that its reader has not seen
    later: int | None = None
    at: int | None = None  # the first message of the day that was asked for

    @property
    def oldest(self) -> int:
        """The id of the first message shown; 0 when there is none."""
        return self.lines[0].message.id if self.lines else 0

    @property
    def address(self) -> str:
        """The query part of an address that shows the same stretch, up to its end if it reaches there."""
        query = {"from": self.oldest, "to": self.later, "new": self.new_from}
        return urlencode({key: value for key, value in query.items() if value is not None})


async def thread_of(
    tx: Transaction,
    conversation: Conversation,
    asked: Asked | None = None,
    *,
    today: datetime,
    reader: Reader | None = None,
) -> Thread:
    """The stretch that a page asks for, else the last messages."""
    stretch = await stretch_of(tx, conversation, asked or Asked())
    messages = stretch.messages
    return Thread(
        lines=_lines(messages, conversation, today, await emails_of(tx, conversation, messages)),
        earlier=stretch.earlier,
        calls=await calls_between(
            tx, conversation, messages, now=today, is_to_end=stretch.later is None
        ),
        new_from=await _new_from(tx, conversation, messages, reader, today) if reader else None,
        later=stretch.later,
        at=stretch.at,
    )


async def _new_from(
    tx: Transaction,
    conversation: Conversation,
    messages: list[Message],
    reader: Reader,
    now: datetime,
) -> int | None:
    """Where the page had its line; else above what came since the reader looked, if they do not now."""
    look = await last_look(tx, conversation, reader.user_id)
    if reader.new_from or look is None or look.until >= now:
        return reader.new_from
    came = [
        one.id
        for one in messages
        if one.created_at > look.at and one.message_type == MessageType.INCOMING
    ]
    return came[0] if came else None


def _lines(
    messages: list[Message], conversation: Conversation, today: datetime, emails: dict[int, Email]
) -> list[Line]:
    zone = ZoneInfo(conversation.account.time_zone)
    now = today.astimezone(zone).date()
    lines, last_day = [], None
    for message in messages:
        day = message.created_at.astimezone(zone).date()
        heading = day_name(day, now) if day != last_day else ""
        author, email = _author(message, conversation), emails.get(message.id)
        lines.append(Line(message, text_of(message), author, heading, email))
        last_day = day
    return lines


def day_name(day: date, today: date) -> str:
    """A day as people say it, in the reader's language."""
    if day == today:
        return gettext("Today")
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    return format_date(day, "long", locale=language())


def text_of(message: Message) -> str:
    """What a message says; what Recado noted itself, in the reader's language."""
    sentence = message.content_attributes.get("sentence")
    if not isinstance(sentence, dict):
        return message.content
    values = dict(sentence["values"])
    if values.get("priority") in PRIORITY_NAMES:
        values["priority"] = PRIORITY_NAMES[values["priority"]]
    return str(Sentence(sentence["text"], values))


PRIORITY_NAMES: Final = {
    Priority.LOW: say("Low"),
    Priority.MEDIUM: say("Medium"),
    Priority.HIGH: say("High"),
    Priority.URGENT: say("Urgent"),
}


def _author(message: Message, conversation: Conversation) -> str:
    if message.sender_user is not None:
        return message.sender_user.name
    if message.sender_bot is not None:
        return message.sender_bot.name
    if message.message_type == MessageType.INCOMING:
        return (message.sender_contact or conversation.contact).shown_name
    return "Recado"
