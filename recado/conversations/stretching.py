"""Which stretch of a conversation a page shows: never more than LONGEST_STRETCH messages, however long it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Self
from zoneinfo import ZoneInfo

from sqlalchemy import select

from recado.conversations.finding import THREAD
from recado.conversations.loading import whole_messages
from recado.conversations.models import Conversation, Message
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.lib.numbers import number_in

LONGEST_STRETCH: Final = 200  # messages on one page, however often somebody asks for more
_ABOVE_DAY: Final = 5  # messages above the day that somebody jumps to


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for, as its address says it; messages by their ids. Nothing: the end."""

    first: int | None = None
    last: int | None = None  # None: what is shown ends where the conversation does
    before: int | None = None  # the stretch before it as well
    after: int | None = None  # the stretch after it as well
    day: date | None = None  # from its first message on, in the account's time zone
    message: int | None = None  # with what is around it

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """As an address asks; nonsense counts as not said."""
        first, last, before, after = (
            number_in(query.get(name)) for name in ("from", "to", "before", "after")
        )
        day, message = _day_from(query.get("day", "")), number_in(query.get("message"))
        return cls(first, last, before, after, day, message)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Messages, oldest first; the ids before and after which there are more."""

    messages: list[Message]
    earlier: int | None = None
    later: int | None = None
    at: int | None = None  # the message, or the first of the day, that was asked for


async def stretch_of(tx: Transaction, conversation: Conversation, asked: Asked) -> Stretch:
    """The messages that a page asks for; what became too long loses the other end."""
    if asked.day is not None:
        at = await _first_of(tx, conversation, asked.day)
        return await _around(tx, conversation, at, above=_ABOVE_DAY)
    if asked.message is not None:
        return await _around(tx, conversation, asked.message, above=THREAD)
    keeps_start = asked.before is not None or (asked.last is not None and asked.after is None)
    first, last = await _ends(tx, conversation.id, asked)
    if first is None and last is None:
        newest = await whole_messages(tx, conversation.id, THREAD)
        return await _with_ends(tx, conversation.id, newest, is_open=True)
    messages = await whole_messages(
        tx, conversation.id, LONGEST_STRETCH, first=first, last=last, is_from_start=keeps_start
    )
    is_cut = keeps_start and len(messages) == LONGEST_STRETCH
    return await _with_ends(tx, conversation.id, messages, is_open=last is None and not is_cut)


async def _ends(
    tx: Transaction, conversation_id: int, asked: Asked
) -> tuple[int | None, int | None]:
    first, last = asked.first, asked.last
    if asked.before is not None:
        earlier = await whole_messages(tx, conversation_id, THREAD, last=asked.before - 1)
        first = earlier[0].id if earlier else asked.before
    if asked.after is not None:
        later = await whole_messages(
            tx, conversation_id, THREAD, first=asked.after + 1, is_from_start=True
        )
        last = later[-1].id if len(later) == THREAD else None
        first = first or asked.after
    return first, last


async def _first_of(tx: Transaction, conversation: Conversation, day: date) -> int | None:
    midnight = datetime.combine(day, time(), ZoneInfo(conversation.account.time_zone))
    of_conversation = Message.conversation_id == conversation.id
    query = select(Message.id).where(of_conversation, Message.created_at >= midnight)
    return await tx.scalar(query.order_by(Message.id).limit(1))


async def _around(
    tx: Transaction, conversation: Conversation, at: int | None, *, above: int
) -> Stretch:
    """From a message on, with some above it; the end where there is none."""
    if at is None:
        return await stretch_of(tx, conversation, Asked())
    after = await whole_messages(tx, conversation.id, THREAD, first=at, is_from_start=True)
    if not after:
        return await stretch_of(tx, conversation, Asked())
    before = await whole_messages(tx, conversation.id, above, last=at - 1)
    is_open = len(after) < THREAD
    found = await _with_ends(tx, conversation.id, [*before, *after], is_open=is_open)
    return Stretch(found.messages, found.earlier, found.later, after[0].id)


async def _with_ends(
    tx: Transaction, conversation_id: int, messages: list[Message], *, is_open: bool
) -> Stretch:
    """One that is open ends where the conversation does, also if a message comes just now."""
    if not messages:
        return Stretch([])
    first, last = messages[0].id, messages[-1].id
    [[has_earlier, has_later]] = await _BEYOND.rows(
        tx, conversation_id=conversation_id, first=first, last=last
    )
    return Stretch(
        messages, first if has_earlier else None, last if has_later and not is_open else None
    )


_BEYOND: Final = Direct("""
    select exists (select from messages where conversation_id = :conversation_id and id < :first),
        exists (select from messages where conversation_id = :conversation_id and id > :last)
""")


def _day_from(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
