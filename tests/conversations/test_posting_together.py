"""Posts of many programs at once: one transaction, and no post suffers from another."""

import asyncio

import pytest
from sqlalchemy import func, select, text

from recado.conversations.finding import find_conversation_by_id
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, Post
from recado.conversations.posting_together import Posted, Poster, Preparing, Wish
from recado.db.database import Database, Transaction
from recado.events.causes import BY_SYSTEM
from recado.events.models import Event
from tests.counting import counted, counted_calls
from tests.people import Cast, a_contact, a_conversation

CALLS = 900  # of functions, for a post among forty; 620 when this was written
MOST = 3  # statements of a transaction of posts, whatever their number; the last is many changes


class Refused(Exception):
    """What a door says no with."""


def saying(content: str, *, echo_id: str | None = None) -> Preparing:
    async def prepare(_: Transaction, found: Conversation | None) -> Post:
        if found is None or content == "no":
            raise Refused(content)
        draft = MessageDraft(content, MessageType.INCOMING, sender=found.contact, echo_id=echo_id)
        return Post(found, draft, BY_SYSTEM)

    return prepare


async def talks(database: Database, cast: Cast, number: int) -> list[Conversation]:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account)
        return [await a_conversation(tx, cast.inbox, contact) for _ in range(number)]


async def post_all(
    poster: Poster, wishes: list[tuple[Conversation, Preparing]]
) -> list[Posted | BaseException]:
    asked = (poster.post(Wish(one.account_id, one.display_id, how)) for one, how in wishes)
    return await asyncio.gather(*asked, return_exceptions=True)


async def contents(database: Database, conversation: Conversation) -> list[str]:
    async with database.transaction() as tx:
        query = select(Message.content).where(Message.conversation_id == conversation.id)
        return list(await tx.scalars(query.order_by(Message.id)))


async def test_a_post_among_many_costs_few_calls(database: Database, cast: Cast) -> None:
    wishes = [(one, saying("Hello")) for one in await talks(database, cast, 40)]
    poster = Poster(database)
    await post_all(poster, wishes)  # what is prepared once is prepared
    with counted_calls() as calls:
        posted = await post_all(poster, wishes)
    assert not [one for one in posted if isinstance(one, BaseException)]
    assert calls.number / len(posted) < CALLS


@pytest.mark.parametrize("number", [1, 30])
async def test_many_posts_cost_as_many_statements_as_one(
    database: Database, cast: Cast, number: int
) -> None:
    wishes = [(one, saying("Hello")) for one in await talks(database, cast, number)]
    with counted(database) as statements:
        posted = await post_all(Poster(database), wishes)
    assert not [one for one in posted if isinstance(one, BaseException)]
    assert len(statements) <= MOST, "\n".join(statements)
    async with database.transaction() as tx:
        events = select(func.count()).where(Event.name == "message_created")
        assert await tx.scalar(events) == number


async def test_the_order_in_a_conversation_is_kept(database: Database, cast: Cast) -> None:
    [talk] = await talks(database, cast, 1)
    said = [f"line {one}" for one in range(12)]
    await post_all(Poster(database), [(talk, saying(one)) for one in said])
    assert await contents(database, talk) == said


async def test_a_refusal_leaves_its_neighbours_alone(database: Database, cast: Cast) -> None:
    first, second, third = await talks(database, cast, 3)
    said = [(first, saying("yes")), (second, saying("no")), (third, saying("yes"))]
    posted = await post_all(Poster(database), said)
    assert [type(one).__name__ for one in posted] == ["tuple", "Refused", "tuple"]
    assert [await contents(database, one) for one in (first, second, third)] == [
        ["yes"],
        [],
        ["yes"],
    ]


async def test_what_the_database_refuses_fails_alone(database: Database, cast: Cast) -> None:
    first, second = await talks(database, cast, 2)

    async def spoiling(tx: Transaction, _: Conversation | None) -> Post:
        await tx.execute(text("select 1 / 0"))
        raise AssertionError

    posted = await post_all(Poster(database), [(first, saying("yes")), (second, spoiling)])
    assert isinstance(posted[0], tuple)
    assert "division by zero" in str(posted[1])
    assert await contents(database, first) == ["yes"]


async def test_a_conversation_that_somebody_holds_keeps_nobody_else(
    database: Database, cast: Cast
) -> None:
    held, free = await talks(database, cast, 2)
    poster = Poster(database)
    async with database.transaction() as tx:
        await find_conversation_by_id(tx, held.account_id, held.id, for_change=True)
        waiting = asyncio.create_task(post_all(poster, [(held, saying("later"))]))
        await asyncio.sleep(0)
        assert isinstance((await post_all(poster, [(free, saying("now"))]))[0], tuple)
        assert not waiting.done()
    assert isinstance((await waiting)[0], tuple)
    assert await contents(database, held) == ["later"]


async def test_a_contact_that_somebody_holds_does_not_delay_a_message(
    database: Database, cast: Cast
) -> None:
    [talk] = await talks(database, cast, 1)
    async with database.transaction() as tx:
        await tx.execute(text("select from contacts for no key update"))
        assert isinstance((await post_all(Poster(database), [(talk, saying("hi"))]))[0], tuple)


async def test_a_number_that_nobody_has_is_for_the_door_to_refuse(
    database: Database, cast: Cast
) -> None:
    wish = Wish(cast.account.id, 404, saying("hi"))
    with pytest.raises(Refused):
        await Poster(database).post(wish)


async def test_the_same_echo_id_at_the_same_moment_is_one_message(
    database: Database, cast: Cast
) -> None:
    [talk] = await talks(database, cast, 1)
    posted = await post_all(Poster(database), [(talk, saying("hi", echo_id="a"))] * 3)
    assert len({one[0].id for one in posted if isinstance(one, tuple)}) == 1
    assert await contents(database, talk) == ["hi"]
