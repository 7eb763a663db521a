"""Who waits for whom, and since when: what a message does to the clocks of its conversation."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from recado.conversations.models import Conversation, Message, MessageType, Status
from recado.conversations.turning_clocks import clocks_after, turn_clocks
from recado.db.database import Database, Transaction
from tests.counting import counted
from tests.people import NOW, Cast, a_contact, a_conversation

BEFORE = NOW - timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=1)
IN, OUT = MessageType.INCOMING, MessageType.OUTGOING


def a_talk(
    status: Status = Status.OPEN,
    *,
    waiting: datetime | None = None,
    replied: datetime | None = None,
    first: datetime | None = None,
) -> Conversation:
    return Conversation(
        account_id=1, display_id=1, inbox_id=1, contact_id=1, contact_inbox_id=1, status=status,
        waiting_since=waiting, replied_at=replied, first_reply_created_at=first,
        last_activity_at=LONG_AGO, created_at=LONG_AGO, updated_at=LONG_AGO,
    )  # fmt: skip


def a_message(kind: MessageType, *, by: int | None = None, private: bool = False) -> Message:
    return Message(
        account_id=1, conversation_id=1, inbox_id=1, message_type=kind, content="Hello",
        sender_user_id=by, private=private, created_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("talk", "message", "waiting", "replied", "first"),
    [
        pytest.param(a_talk(), a_message(IN), NOW, None, None, id="the contact begins to wait"),
        pytest.param(a_talk(waiting=BEFORE), a_message(IN), BEFORE, None, None,
                     id="who waits goes on waiting"),
        pytest.param(a_talk(replied=BEFORE, first=BEFORE), a_message(IN), NOW, None, BEFORE,
                     id="an answer to our answer"),
        pytest.param(a_talk(Status.RESOLVED, waiting=BEFORE), a_message(IN), NOW, None, None,
                     id="after a resolution one waits anew"),
        pytest.param(a_talk(Status.SNOOZED, waiting=BEFORE), a_message(IN), BEFORE, None, None,
                     id="a snoozed one was still waiting"),
        pytest.param(a_talk(waiting=BEFORE), a_message(OUT, by=7), None, NOW, NOW,
                     id="the first answer"),
        pytest.param(a_talk(waiting=BEFORE, first=LONG_AGO), a_message(OUT, by=7), None, NOW,
                     LONG_AGO, id="the first answer stays the first"),
        pytest.param(a_talk(waiting=BEFORE), a_message(OUT, by=7, private=True), BEFORE, None, None,
                     id="a note answers nobody"),
        pytest.param(a_talk(waiting=BEFORE), a_message(OUT), BEFORE, None, None,
                     id="a rule or a bot is no person"),
        pytest.param(a_talk(waiting=BEFORE, replied=LONG_AGO), a_message(MessageType.TEMPLATE),
                     BEFORE, LONG_AGO, None, id="an out-of-office message is no answer"),
    ],
)  # fmt: skip
def test_what_a_message_does(
    talk: Conversation,
    message: Message,
    waiting: datetime | None,
    replied: datetime | None,
    first: datetime | None,
) -> None:
    assert clocks_after(talk, message, NOW) == {
        "last_activity_at": NOW,
        "waiting_since": waiting,
        "replied_at": replied,
        "first_reply_created_at": first,
    }


async def _talks(tx: Transaction, cast: Cast) -> list[Conversation]:
    contact = await a_contact(tx, cast.account)
    return [await a_conversation(tx, cast.inbox, contact) for _ in range(3)]


async def test_each_conversation_gets_its_own_clocks(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        first, second, third = await _talks(tx, cast)
        said = [(first, a_message(IN)), (second, a_message(OUT, by=cast.beto.user_id))]
        await turn_clocks(tx, said, now=NOW)
        assert (first.waiting_since, second.replied_at) == (NOW, NOW)
        ids = [one.id for one in (first, second, third)]
    async with database.transaction() as tx:
        query = select(Conversation).where(Conversation.id.in_(ids)).order_by(Conversation.id)
        kept = [(one.waiting_since, one.replied_at) for one in await tx.scalars(query)]
    assert kept == [(NOW, None), (None, NOW), (third.waiting_since, third.replied_at)]


async def test_what_was_changed_before_is_stored_too(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        talk = (await _talks(tx, cast))[0]
        talk.priority = "high"
        await turn_clocks(tx, [(talk, a_message(IN))], now=NOW)
    async with database.transaction() as tx:
        kept = await tx.get_one(Conversation, talk.id)
        assert (kept.priority, kept.waiting_since) == ("high", NOW)


async def test_nothing_said_costs_no_statement(database: Database) -> None:
    with counted(database) as statements:
        async with database.transaction() as tx:
            await turn_clocks(tx, [], now=NOW)
    assert statements == []
