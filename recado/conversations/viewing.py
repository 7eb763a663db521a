"""What the desk shows: the list beside, and a thread as lines to be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import false, func, select

from recado.accounts.models import Membership, Team
from recado.accounts.people import members_of
from recado.accounts.teams import teams_of
from recado.contacts.filter_rows import RowDraft, pairs_of
from recado.contacts.keeping_filters import filters_of
from recado.contacts.labels import labels_of
from recado.contacts.models import CustomFilter, FilterKind, Label
from recado.conversations.calling import Call, calls_between
from recado.conversations.filtering import conversation_condition
from recado.conversations.finding import (
    PAGE,
    WITH_PARTS,
    Filter,
    conversation_counts,
    conversations_page,
    find_conversation,
    last_messages,
    may_see,
    messages_page,
    unread_counts,
)
from recado.conversations.mailing_again import emails_of
from recado.conversations.mentioning import Piece, pieces_of
from recado.conversations.models import Conversation, Message, MessageType, Priority, Status
from recado.conversations.watching import last_look
from recado.db.database import Transaction, database_now
from recado.inboxes.models import Inbox
from recado.inboxes.opening import inboxes_for
from recado.lib.languages import Sentence, gettext, language, say
from recado.mail.explaining import why
from recado.mail.models import Email

LONGEST_THREAD: Final = 500  # messages on one page, however often somebody asks for earlier ones
TABS: Final = {"mine": "me", "unassigned": "unassigned", "all": "all"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which conversations somebody wants listed, as the page's address says it."""

    tab: str = ""  # one of TABS; "" is mine if there are any, else all
    status: str = Status.OPEN  # or "all"
    inbox_id: int | None = None
    page: int = 1
    team_id: int | None = None
    label: str = ""
    priority: str = ""
    sort: str = ""  # one of finding.SORTS; "" is the first of them
    view_id: int | None = None  # a saved view, which says all but tab, sort and page

    @property
    def is_narrowed(self) -> bool:
        """Whether more than tab, status and inbox was chosen."""
        return bool(self.team_id or self.label or self.priority or self.sort)

    def address(self, **other: object) -> str:
        """The query part of an address with this choice, something of it changed."""
        chosen = replace(self, **other)  # type: ignore[arg-type]
        named = {
            "tab": chosen.tab,
            "status": chosen.status if chosen.status != Status.OPEN else "",
            "inbox": chosen.inbox_id or "",
            "team": chosen.team_id or "",
            "label": chosen.label,
            "priority": chosen.priority,
            "sort": chosen.sort,
            "view": chosen.view_id or "",
            "page": chosen.page if chosen.page > 1 else "",
        }
        return urlencode({key: value for key, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class ListView:
    """The list, ready to be drawn; `choice.tab` is filled in."""

    choice: Choice
    conversations: list[Conversation]
    counts: dict[str, int]
    last: dict[int, Message]
    unread: dict[int, int]
    inboxes: list[Inbox]
    teams: list[Team]
    labels: list[Label]
    members: list[Membership]
    user_id: int
    saved: list[CustomFilter]  # this person's views
    trouble: Sentence | None = None  # why the view that was asked for shows nothing

    @property
    def as_rows(self) -> str:
        """The query part of the page that saves the choice as a view."""
        rows = pairs_of(drafts_of_choice(self.choice, self.user_id))
        return urlencode([("kind", FilterKind.CONVERSATION), *rows])

    @property
    def opened(self) -> CustomFilter | None:
        """The saved view that is shown."""
        return next((one for one in self.saved if one.id == self.choice.view_id), None)

    @property
    def has_more(self) -> bool:
        """Whether older conversations follow on another page."""
        return self.choice.page * PAGE < self.counts[self.choice.tab]


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
    def quoted(self) -> str:
        """The history that the e-mail quotes."""
        return str((self.letter.get("text_content") or {}).get("quoted") or "")

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
    """A stretch of a conversation up to its end; `earlier` is the id before which there is more."""

    lines: list[Line]
    earlier: int | None
    unread: int
    calls: Mapping[int, list[Call]]  # to other systems, by the message below which they stand
    new_from: int | None = None  # the first message that its reader has not seen

    @property
    def oldest(self) -> int:
        """The id of the first message shown; 0 when there is none."""
        return self.lines[0].message.id if self.lines else 0


async def find_visible(
    tx: Transaction, member: Membership, display_id: int, *, for_change: bool = False
) -> Conversation | None:
    """The conversation of this number if this person may see it; see find_conversation."""
    conversation = await find_conversation(tx, member.account_id, display_id, for_change=for_change)
    if conversation is None:
        return None
    inbox_ids = {one.id for one in await inboxes_for(tx, member)}
    return conversation if may_see(member, conversation, inbox_ids) else None


async def list_view(tx: Transaction, member: Membership, choice: Choice) -> ListView:
    """The conversations this person has chosen to see."""
    saved = await filters_of(tx, member.account_id, member.user_id, FilterKind.CONVERSATION)
    wanted = await _wanted(tx, member, choice, saved)
    trouble = wanted if isinstance(wanted, Sentence) else None
    if isinstance(wanted, Sentence):
        wanted = Filter(status=None, condition=false())
    counts = await conversation_counts(tx, member, wanted)
    tab = choice.tab or ("mine" if counts["mine"] and not choice.view_id else "all")
    wanted = replace(wanted, assigned=TABS[tab])
    conversations = await conversations_page(tx, member, wanted, page=choice.page)
    return ListView(
        choice=replace(choice, tab=tab),
        conversations=conversations,
        counts=counts,
        last=await last_messages(tx, [one.id for one in conversations]),
        unread=await unread_counts(tx, conversations, member.user_id),
        inboxes=await inboxes_for(tx, member),
        teams=await teams_of(tx, member.account_id),
        labels=await labels_of(tx, member.account_id),
        members=await members_of(tx, member.account_id),
        user_id=member.user_id,
        saved=saved,
        trouble=trouble,
    )


async def _wanted(
    tx: Transaction, member: Membership, choice: Choice, saved: Sequence[CustomFilter]
) -> Filter | Sentence:
    """What the choice means, or why its view cannot be shown."""
    if choice.view_id is None:
        return Filter(
            status=None if choice.status == "all" else choice.status,
            inbox_id=choice.inbox_id,
            team_id=choice.team_id,
            labels=[choice.label] if choice.label else [],
            priority=choice.priority or None,
            sort=choice.sort,
        )
    kept = next((one for one in saved if one.id == choice.view_id), None)
    if kept is None:
        return say("This view is not there any more.")
    rows = kept.query.get("payload", [])
    condition = await conversation_condition(
        tx, member.account_id, rows, now=await database_now(tx)
    )
    if isinstance(condition, str):
        return say("This view no longer makes sense: %(why)s", why=condition)
    return Filter(status=None, sort=choice.sort, condition=condition)


def drafts_of_choice(choice: Choice, user_id: int) -> list[RowDraft]:
    """The rows that a view of this choice begins with; the tab says whose they are."""
    chosen = (
        ("status", choice.status if choice.status != "all" else ""),
        ("inbox_id", choice.inbox_id),
        ("team_id", choice.team_id),
        ("labels", choice.label),
        ("priority", choice.priority),
        ("assignee_id", user_id if choice.tab == "mine" else ""),
    )
    drafts = [RowDraft(key, "equal_to", (str(value),)) for key, value in chosen if value]
    if choice.tab == "unassigned":
        drafts.append(RowDraft("assignee_id", "is_not_present"))
    return drafts


def next_number(numbers: Sequence[int], current: int) -> int | None:
    """What to open after `current`: the one below it, else the list's first; None: it was the last."""
    at = numbers.index(current) if current in numbers else len(numbers)
    others = [*numbers[at + 1 :], *numbers[:at]]
    return others[0] if others else None


async def thread_of(
    tx: Transaction,
    conversation: Conversation,
    *,
    oldest: int | None = None,
    before: int | None = None,
    today: datetime,
    reader: Reader | None = None,
) -> Thread:
    """The last messages; or all since `oldest`; or those and the stretch before `before`."""
    if before:
        earlier = await messages_page(tx, conversation.id, before=before)
        oldest = earlier[0].id if earlier else before
    if oldest is None:
        messages = await messages_page(tx, conversation.id)
    else:
        messages = await _messages_since(tx, conversation.id, oldest)
    unread = await unread_counts(tx, [conversation])
    return Thread(
        lines=_lines(messages, conversation, today, await emails_of(tx, conversation, messages)),
        earlier=await _earlier(tx, messages),
        unread=unread.get(conversation.id, 0),
        calls=await calls_between(tx, conversation, messages),
        new_from=await _new_from(tx, conversation, messages, reader, today) if reader else None,
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


async def _messages_since(tx: Transaction, conversation_id: int, oldest: int) -> list[Message]:
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id >= oldest)
        .order_by(Message.id.desc())
        .limit(LONGEST_THREAD)
        .options(*WITH_PARTS)
    )
    return list(await tx.scalars(query))[::-1]


async def _earlier(tx: Transaction, messages: list[Message]) -> int | None:
    if not messages or len(messages) >= LONGEST_THREAD:
        return None
    first = messages[0]
    query = select(func.count()).where(
        Message.conversation_id == first.conversation_id, Message.id < first.id
    )
    return first.id if await tx.scalar(query) else None


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
