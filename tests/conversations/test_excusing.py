"""The out-of-office message: once per conversation and absence, and to nobody who must not get it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recado.conversations.models import Conversation, Message, MessageType, Status
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM
from recado.inboxes.keeping_hours import HoursDraft, keep_hours
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

CLOSED = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # Monday, 17:00 in São Paulo
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXT = "Olá {{ contact.first_name }}, voltamos amanhã."
HELLO = "Olá Maria, voltamos amanhã."


@pytest.fixture
async def talk(tx: Transaction, here: Cast) -> Conversation:
    """A conversation in an inbox that is open from Monday to Friday, 9 to 17."""
    await keep(tx, here)
    return await a_conversation(tx, here.inbox, await a_contact(tx, here.account))


async def keep(tx: Transaction, here: Cast, **more: Any) -> None:
    given = {"has_hours": True, "time_zone": "America/Sao_Paulo", "out_of_office": TEXT} | more
    await keep_hours(tx, here.inbox, HoursDraft(**given), now=NOW)


async def excuses(tx: Transaction, talk: Conversation) -> list[Message]:
    query = select(Message).where(
        Message.conversation_id == talk.id, Message.message_type == MessageType.TEMPLATE
    )
    return list(await tx.scalars(query.order_by(Message.id)))


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([CLOSED - HOUR], 0),  # somebody is there
        ([CLOSED], 1),
        ([CLOSED, CLOSED + HOUR, CLOSED + 5 * HOUR], 1),  # the same evening
        ([CLOSED, CLOSED + 15.5 * HOUR], 1),  # 8:30 next morning
        ([CLOSED, CLOSED + 17 * HOUR, CLOSED + DAY], 2),  # the next evening
        ([CLOSED + 4 * DAY, CLOSED + 5 * DAY, CLOSED + 6 * DAY], 1),  # one weekend
    ],
)
async def test_it_is_told_once_in_each_absence(
    tx: Transaction, talk: Conversation, moments: list[datetime], expected: int
) -> None:
    for moment in moments:
        await a_message(tx, talk, at=moment)
    found = await excuses(tx, talk)
    assert [one.content for one in found] == [HELLO] * expected


async def test_each_conversation_is_told(tx: Transaction, here: Cast, talk: Conversation) -> None:
    other = await a_conversation(tx, here.inbox, talk.contact)
    for one in (talk, other):
        await a_message(tx, one, at=CLOSED)
        assert len(await excuses(tx, one)) == 1


async def test_one_that_never_opens_tells_once(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    await keep(tx, here, week=[None] * 7)
    for days in range(3):
        await a_message(tx, talk, at=NOW + days * DAY)
    assert len(await excuses(tx, talk)) == 1


@pytest.mark.parametrize(
    "hours",
    [{"has_hours": False}, {"out_of_office": ""}, {"week": [["00:00", "24:00"]] * 7}],
    ids=["no hours", "no message", "always open"],
)
async def test_nothing_is_told_without_hours_or_a_message(
    tx: Transaction, here: Cast, talk: Conversation, hours: dict[str, Any]
) -> None:
    await keep(tx, here, **hours)
    await a_message(tx, talk, at=CLOSED)
    assert await excuses(tx, talk) == []


async def test_the_muted_and_mail_programs_get_none(tx: Transaction, talk: Conversation) -> None:
    robot = {"content_attributes": {"email": {"auto_reply": True}}}
    await a_message(tx, talk, at=CLOSED, **robot)
    talk.is_muted = True
    await a_message(tx, talk, at=CLOSED)
    assert await excuses(tx, talk) == []


async def test_what_an_agent_writes_is_no_reason(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    draft = MessageDraft("Late, but here", MessageType.OUTGOING, sender=here.beto.user)
    await post_message(tx, talk, draft, cause=BY_SYSTEM, now=CLOSED)
    assert await excuses(tx, talk) == []


async def test_the_contact_goes_on_waiting(tx: Transaction, talk: Conversation) -> None:
    talk.status = Status.RESOLVED
    await a_message(tx, talk, at=CLOSED)
    assert (talk.status, talk.waiting_since, talk.replied_at) == ("open", CLOSED, None)


async def test_the_blocked_are_told_nothing(tx: Transaction, talk: Conversation) -> None:
    talk.contact.blocked = True
    await a_message(tx, talk, at=CLOSED)
    assert await excuses(tx, talk) == []
