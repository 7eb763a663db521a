"""A long conversation comes in pieces, from any day, and never whole."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from recado.conversations.loading import TO_LATEST
from recado.conversations.models import Conversation, Message
from recado.conversations.stretching import LONGEST_STRETCH, Asked, Stretch, stretch_of
from recado.conversations.threads import thread_of
from recado.db.database import Transaction
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

DAYS, EACH = 5, 12  # of messages, called "day.number"


@pytest.fixture
async def talk(tx: Transaction, here: Cast) -> Conversation:
    talk = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    for day in range(DAYS):
        for number in range(EACH):
            message = await a_message(tx, talk, f"{day}.{number}")
            message.created_at = NOW + timedelta(days=day, seconds=number)
    await tx.flush()
    return talk


def _texts(stretch: Stretch) -> list[str]:
    return [one.content for one in stretch.messages]


def _day(number: int) -> date:
    return NOW.date() + timedelta(days=number)


@pytest.mark.parametrize(
    ("day", "first", "last", "at"),
    [
        pytest.param(-9, "0.0", "1.7", "0.0", id="before the first message"),
        pytest.param(0, "0.0", "1.7", "0.0", id="the first day"),
        pytest.param(2, "1.7", "3.7", "2.0", id="with a few of the day before"),
        pytest.param(4, "3.7", "4.11", "4.0", id="the last day"),
    ],
)
async def test_a_day_begins_with_its_first_message(
    tx: Transaction, talk: Conversation, day: int, first: str, last: str, at: str
) -> None:
    stretch = await stretch_of(tx, talk, Asked(day=_day(day)))
    texts = _texts(stretch)
    assert (texts[0], texts[-1]) == (first, last)
    assert [one.content for one in stretch.messages if one.id == stretch.at] == [at]
    assert (stretch.earlier is None) == (first == "0.0")
    assert (stretch.later is None) == (last == "4.11")


async def test_after_the_last_day_one_is_at_the_end(tx: Transaction, talk: Conversation) -> None:
    stretch = await stretch_of(tx, talk, Asked(day=_day(DAYS)))
    assert (_texts(stretch)[-1], stretch.later, stretch.at) == ("4.11", None, None)


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [
        pytest.param(0, "0.0", "1.7", id="the first"),
        pytest.param(25, "0.5", "3.8", id="one in the middle"),
        pytest.param(59, "3.3", "4.11", id="the last"),
    ],
)
async def test_a_message_is_shown_with_what_is_around_it(
    tx: Transaction, talk: Conversation, number: int, first: str, last: str
) -> None:
    whole = await stretch_of(tx, talk, Asked(first=1))
    wanted = whole.messages[number].id
    found = await stretch_of(tx, talk, Asked(message=wanted))
    assert (_texts(found)[0], _texts(found)[-1], found.at) == (first, last, wanted)
    assert (found.later is None) == (last == "4.11")


async def test_from_a_day_one_goes_on_both_ways(tx: Transaction, talk: Conversation) -> None:
    middle = await stretch_of(tx, talk, Asked(day=_day(2)))
    first = middle.messages[0].id
    later = await stretch_of(tx, talk, Asked(first=first, after=middle.later))
    assert (_texts(later)[0], _texts(later)[-1], later.later) == ("1.7", "4.11", None)
    both = await stretch_of(tx, talk, Asked(before=middle.earlier, last=middle.later))
    assert (_texts(both)[0], both.earlier, both.later) == ("0.0", None, middle.later)
    again = await stretch_of(tx, talk, Asked(first=first, last=middle.later))
    assert _texts(again) == _texts(middle)  # what is drawn anew is what was there


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        pytest.param("before", slice(None, LONGEST_STRETCH), id="upwards, its end goes"),
        pytest.param("after", slice(-LONGEST_STRETCH, None), id="downwards, its beginning goes"),
        pytest.param("first", slice(-LONGEST_STRETCH, None), id="drawn anew, it follows the end"),
    ],
)
async def test_a_page_never_holds_more(
    tx: Transaction, here: Cast, asked: str, kept: slice
) -> None:
    talk = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    ids = [(await a_message(tx, talk, "x")).id for _ in range(LONGEST_STRETCH + 30)]
    asking = {
        "before": Asked(before=ids[20]),
        "after": Asked(first=ids[0], after=ids[-20]),
        "first": Asked(first=ids[0]),
    }
    stretch = await stretch_of(tx, talk, asking[asked])
    assert [one.id for one in stretch.messages] == ids[kept]
    assert stretch.later == (ids[kept][-1] if asked == "before" else None)
    assert stretch.earlier == (None if asked == "before" else ids[kept][0])


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({}, Asked()),
        ({"from": "3", "to": "9"}, Asked(first=3, last=9)),
        ({"before": "3"}, Asked(before=3)),
        ({"message": "7"}, Asked(message=7)),
        ({"day": "2026-11-25"}, Asked(day=date(2026, 11, 25))),
        ({"day": "25/11/2026", "from": "x", "after": "-1"}, Asked()),  # nonsense
        ({"day": "2026-02-30"}, Asked()),
    ],
)
def test_an_address_asks(query: dict[str, str], asked: Asked) -> None:
    assert Asked.from_query(query) == asked


async def test_the_thread_knows_the_address_that_shows_it_again(
    tx: Transaction, talk: Conversation
) -> None:
    middle = await thread_of(tx, talk, Asked(day=_day(2)), today=NOW)
    ids: Sequence[int] = [line.message.id for line in middle.lines]
    assert middle.address == f"from={ids[0]}&to={ids[-1]}"
    end = await thread_of(tx, talk, today=NOW)
    assert end.address == f"from={end.oldest}"  # and whatever comes


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(lambda _: Asked(), id="the end"),
        pytest.param(lambda ids: Asked(first=ids[-3]), id="from a message on"),
        pytest.param(lambda ids: Asked(first=ids[-9], after=ids[-4]), id="and what is after it"),
        pytest.param(lambda ids: Asked(before=ids[-3]), id="and what is before it"),
        pytest.param(lambda ids: Asked(message=ids[-3]), id="around one near the end"),
        pytest.param(lambda _: Asked(day=_day(DAYS - 1)), id="the last day"),
    ],
)
async def test_what_comes_while_the_end_is_read_does_not_hide_the_end(
    tx: Transaction,
    talk: Conversation,
    here: Cast,
    asked: Callable[[list[int]], Asked],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page that ends where the conversation did is told of the news, and asks again."""
    ids = list(await tx.scalars(select(Message.id).order_by(Message.id)))
    other = await a_conversation(tx, here.inbox, talk.contact)
    await a_message(tx, other, "just now")
    come = {"talk": talk.id, "other": other.id}
    monkeypatch.setattr(asyncpg.Connection, "fetch", _message_comes(come))
    stretch = await stretch_of(tx, talk, asked(ids))
    assert not come  # it did
    assert stretch.later is None


def _message_comes(come: dict[str, int]) -> Callable[..., Awaitable[Any]]:
    """Into a conversation, from another one, once its newest message has been read."""
    fetch = asyncpg.Connection.fetch

    async def then(self: Any, statement: str, *values: Any) -> Any:
        rows = await fetch(self, statement, *values)
        if come and rows and "messages.content" in statement and TO_LATEST in values:
            ids = come.copy()
            come.clear()
            moved = "update messages set conversation_id = $1 where conversation_id = $2"
            await self.execute(moved, ids["talk"], ids["other"])
        return rows

    return then
