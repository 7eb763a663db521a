"""What reports count: written with what it tells of, with the right start, owner and hours."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recado.accounts.models import User
from recado.conversations.changing import change_conversation
from recado.conversations.models import (
    Conversation,
    MessageType,
    ReportingEvent,
    ReportingName,
    Status,
)
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM, Actor, Cause
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def talk(tx: Transaction, here: Cast) -> Conversation:
    """Maria's, without messages; it is Monday, 9:00 in São Paulo."""
    return await a_conversation(tx, here.inbox, await a_contact(tx, here.account))


async def _say(tx: Transaction, talk: Conversation, by: User, minutes: int, **more: Any) -> None:
    draft = MessageDraft("Hi", MessageType.OUTGOING, sender=by, **more)
    cause = Cause(Actor.PERSON, by.id)
    await post_message(tx, talk, draft, cause=cause, now=NOW + minutes * MINUTE)


async def _change(tx: Transaction, talk: Conversation, minutes: int, **change: Any) -> None:
    await change_conversation(tx, talk, change, cause=BY_SYSTEM, now=NOW + minutes * MINUTE)  # type: ignore[arg-type]


async def _noted(tx: Transaction) -> list[tuple[str, float]]:
    rows = await tx.scalars(select(ReportingEvent).order_by(ReportingEvent.id))
    return [(one.name, one.value / 60) for one in rows]


async def _last(tx: Transaction, name: ReportingName) -> ReportingEvent:
    query = select(ReportingEvent).where(ReportingEvent.name == name)
    found = await tx.scalar(query.order_by(ReportingEvent.id.desc()).limit(1))
    assert found is not None
    await tx.refresh(found)
    return found


async def test_answers_count_since_the_contact_waits(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    await a_message(tx, talk, at=NOW + 1 * MINUTE)
    await a_message(tx, talk, "Anybody?", at=NOW + 3 * MINUTE)
    await _say(tx, talk, here.beto.user, 5)
    await _say(tx, talk, here.beto.user, 6)  # nobody waits: no answer
    await a_message(tx, talk, "Thanks", at=NOW + 10 * MINUTE)
    await _say(tx, talk, here.ana.user, 12)
    assert await _noted(tx) == [
        ("conversation_created", 0), ("first_response", 4), ("reply_time", 2),
    ]  # fmt: skip
    assert (await _last(tx, ReportingName.FIRST_RESPONSE)).user_id == here.beto.user_id
    assert (await _last(tx, ReportingName.REPLY_TIME)).user_id == here.ana.user_id


async def test_what_is_no_answer(tx: Transaction, here: Cast, talk: Conversation) -> None:
    await _say(tx, talk, here.beto.user, 1)  # nobody had asked
    await a_message(tx, talk, at=NOW + 2 * MINUTE)
    await _say(tx, talk, here.beto.user, 3, private=True)
    draft = MessageDraft("A rule speaks", MessageType.OUTGOING)
    await post_message(tx, talk, draft, cause=BY_SYSTEM, now=NOW + 4 * MINUTE)
    assert await _noted(tx) == [("conversation_created", 0)]


async def test_a_resolution_counts_since_the_last_opening(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    await _change(tx, talk, 30, status=Status.RESOLVED, assignee_id=here.beto.user_id)
    await a_message(tx, talk, at=NOW + 100 * MINUTE)  # opens it again
    await _say(tx, talk, here.ana.user, 102)
    await _change(tx, talk, 110, status=Status.RESOLVED)
    assert await _noted(tx) == [
        ("conversation_created", 0), ("conversation_resolved", 30), ("conversation_opened", 0),
        ("first_response", 2), ("conversation_resolved", 10),
    ]  # fmt: skip
    assert (await _last(tx, ReportingName.CONVERSATION_RESOLVED)).user_id == here.beto.user_id


async def test_who_resolves_what_is_nobodys_has_resolved_it(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    by = Cause(Actor.TOKEN, here.ana.user_id)
    await change_conversation(tx, talk, {"status": Status.RESOLVED}, cause=by, now=NOW)
    assert (await _last(tx, ReportingName.CONVERSATION_RESOLVED)).user_id == here.ana.user_id


async def test_waiting_ends_with_the_resolution(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    await a_message(tx, talk, at=NOW)
    await _change(tx, talk, 5, status=Status.RESOLVED)  # without an answer
    await a_message(tx, talk, "Hello?", at=NOW + 500 * MINUTE)
    await _say(tx, talk, here.beto.user, 501)
    assert (await _last(tx, ReportingName.FIRST_RESPONSE)).value == 60


@pytest.mark.parametrize(
    "steps",
    [
        [Status.PENDING, Status.OPEN],  # a bot hands over
        [Status.SNOOZED, Status.OPEN],  # it slept
    ],
    ids=["pending", "snoozed"],
)
async def test_only_what_was_resolved_is_opened_again(
    tx: Transaction, talk: Conversation, steps: list[Status]
) -> None:
    for minute, status in enumerate(steps, 1):
        await _change(tx, talk, minute, status=status)
    assert await _noted(tx) == [("conversation_created", 0)]


async def test_business_hours_count_apart(tx: Transaction, here: Cast, talk: Conversation) -> None:
    talk.inbox.has_hours, talk.inbox.time_zone = True, "America/Sao_Paulo"  # 9:00 to 17:00
    await a_message(tx, talk, at=NOW + 7 * 60 * MINUTE)  # at 16:00
    await _say(tx, talk, here.beto.user, 25 * 60)  # at 10:00 the next day
    answer = await _last(tx, ReportingName.FIRST_RESPONSE)
    assert (answer.value / 3600, answer.value_in_business_hours / 3600) == (18, 2)


async def test_labels_are_the_conversations_also_later(
    tx: Transaction, here: Cast, talk: Conversation
) -> None:
    await _change(tx, talk, 1, status=Status.RESOLVED)
    await _change(tx, talk, 2, labels=["vip"], assignee_id=here.beto.user_id)
    begun = await _last(tx, ReportingName.CONVERSATION_CREATED)
    resolved = await _last(tx, ReportingName.CONVERSATION_RESOLVED)
    assert (begun.labels, resolved.labels) == (["vip"], ["vip"])
    assert (begun.user_id, resolved.user_id) == (here.beto.user_id, None)
