"""Who looks at a conversation, and who types in it."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from recado.conversations.counting_unread import unread_counts
from recado.conversations.loading import talks
from recado.conversations.models import Conversation
from recado.conversations.seeing import mark_seen, mark_unread
from recado.conversations.threads import Reader, thread_of
from recado.conversations.watching import (
    RETENTION,
    WATCHED,
    look_at,
    look_away,
    prune_looks,
    watchers_of,
    who_looks,
)
from recado.db.database import NOTICES, Database, Transaction
from recado.events.models import Event
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

HERE = "/app/conversations/1"
FRAGMENT = {"hx-request": "true"}


@pytest.fixture
async def talk(tx: Transaction, here: Cast) -> Conversation:
    made = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    news(tx)
    return made


def news(tx: Transaction) -> list[str]:
    """What open pages hear of since the last time."""
    told = [orjson.loads(payload)["what"] for _, payload in tx.info.pop(NOTICES, {}) if payload]
    return [one for one in told if one == "look"]


async def test_somebody_looks_until_they_stop_saying_so(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    await look_at(tx, talk, here.beto.user_id, now=NOW)
    later = NOW + WATCHED
    assert [one.name for one in await watchers_of(tx, talk, now=later)] == ["Beto Reis"]
    assert await watchers_of(tx, talk, now=later + timedelta(seconds=1)) == []


async def test_only_who_comes_or_goes_is_news(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    beto = here.beto.user_id
    await look_at(tx, talk, beto, now=NOW)
    assert news(tx) == ["look"]
    await look_at(tx, talk, beto, now=NOW + WATCHED)
    assert news(tx) == []
    await look_at(tx, talk, beto, now=NOW + 3 * WATCHED)
    assert news(tx) == ["look"]
    await look_away(tx, talk, beto, now=NOW + 3 * WATCHED)
    assert news(tx) == ["look"]
    await look_away(tx, talk, beto, now=NOW + 3 * WATCHED)
    assert news(tx) == []


async def test_one_row_however_often_somebody_looks(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    for seconds in range(5):
        await look_at(tx, talk, here.beto.user_id, now=NOW + timedelta(seconds=seconds))
    pairs = {(talk.id, here.beto.user_id), (talk.id, here.ana.user_id)}
    assert await who_looks(tx, pairs, now=NOW) == {(talk.id, here.beto.user_id)}
    assert await prune_looks(tx, now=NOW + RETENTION) == 0
    assert await prune_looks(tx, now=NOW + RETENTION + timedelta(seconds=5)) == 1


@pytest.mark.usefixtures("number")
async def test_the_page_shows_the_others(ana: Browser, beto: Browser) -> None:
    await beto.post(f"{HERE}/look")
    assert "Beto Reis is looking" in (await ana.get(HERE)).text  # at once, without asking again
    assert "Beto Reis" in (await ana.get(f"{HERE}/watchers", headers=FRAGMENT)).text
    assert "Beto Reis" not in (await beto.get(f"{HERE}/watchers", headers=FRAGMENT)).text
    await beto.post(f"{HERE}/look", {"away": "1"})
    assert "Beto Reis" not in (await ana.get(f"{HERE}/watchers", headers=FRAGMENT)).text


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.usefixtures("number")
async def test_typing_is_told(beto: Browser, database: Database, private: bool) -> None:
    form = {"on": "1", "private": str(int(private))}
    assert (await beto.post(f"{HERE}/typing", form)).status_code == 204
    assert (await beto.post(f"{HERE}/typing", {**form, "on": "0"})).status_code == 204
    async with database.transaction() as tx:
        events = list(await tx.scalars(select(Event).order_by(Event.id.desc()).limit(2)))
    assert [one.name for one in events] == ["conversation_typing_off", "conversation_typing_on"]
    assert events[0].facts["typing"]["name"] == "Beto Reis"
    assert events[0].facts["typing"]["is_private"] is private


async def test_unread_is_each_persons_own(tx: Transaction, here: Cast, talk: Conversation) -> None:
    people = (here.ana.user_id, here.beto.user_id)

    async def unread() -> list[bool]:
        return [one.is_unread for who in people for one in await talks(tx, [talk.id], who)]

    await a_message(tx, talk, "One", at=NOW)
    assert await unread() == [True, True]
    await look_at(tx, talk, here.beto.user_id, now=NOW + timedelta(seconds=1))
    assert await unread() == [True, False]
    await a_message(tx, talk, "Two", at=NOW + timedelta(seconds=2))
    assert await unread() == [True, True]
    assert await unread_counts(tx, [talk]) == {
        talk.id: 2
    }  # by nobody so far: a look is a person's own
    await mark_seen(tx, talk, now=NOW + timedelta(seconds=3))  # by somebody
    assert await unread() == [False, True]  # Ana has never looked
    await look_at(tx, talk, here.beto.user_id, now=NOW + timedelta(seconds=3))
    assert await unread() == [False, False]
    await mark_unread(tx, talk)
    assert await unread() == [True, True]
    assert await unread_counts(tx, [talk]) == {talk.id: 1}


@pytest.mark.parametrize(
    ("looked", "looks_now", "line"),
    [(None, False, None), (1, False, "Two"), (1, True, None), (3, False, None), (0, False, "One")],
)
async def test_a_line_stands_above_what_is_new(
    tx: Transaction,
    here: Cast,
    talk: Conversation,
    looked: int | None,
    looks_now: bool,
    line: str | None,
) -> None:
    messages = {}
    for number, text in enumerate(("Zero", "One", "Two")):
        at = NOW + timedelta(minutes=number)
        messages[text] = (await a_message(tx, talk, text, at=at)).id
    now = NOW + timedelta(hours=1)
    if looked is not None:
        await look_at(tx, talk, here.beto.user_id, now=NOW + timedelta(minutes=looked))
        if looks_now:
            await look_at(tx, talk, here.beto.user_id, now=now)
    reader = Reader(here.beto.user_id)
    thread = await thread_of(tx, talk, today=now, reader=reader)
    assert thread.new_from == (messages[line] if line else None)
    kept = Reader(here.beto.user_id, messages["One"])  # the page has it already
    assert (await thread_of(tx, talk, today=now, reader=kept)).new_from == messages["One"]


async def test_a_page_that_is_looked_at_has_seen_it(
    ana: Browser, beto: Browser, number: int
) -> None:
    marked = 'class="talk unread"'
    assert marked in (await beto.get("/app/conversations?tab=all")).text
    await beto.post(f"/app/conversations/{number}/look")
    assert marked not in (await beto.get("/app/conversations?tab=all")).text
