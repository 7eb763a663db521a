"""What the API reports of any stretch of time is what its events and messages say, counted or not."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from recado.accounts.teams import create_team
from recado.conversations.clocking import count_again
from recado.conversations.models import Conversation, Message, MessageType, ReportingEvent
from recado.db.database import Transaction
from recado.reports.dimensions import Dimension
from recado.reports.distributing import answers_by
from recado.reports.measuring import (
    Measures,
    Scope,
    measures_by,
    measures_in_steps,
    messages_by,
)
from recado.reports.models import ConversationTotal
from recado.reports.steps import step_starts
from tests.people import Cast, gather
from tests.reports.conftest import ZONE
from tests.reports.test_adding_up import FIRST, LABELS, Desk, count_all, keys_of

SPOKEN = {MessageType.INCOMING, MessageType.OUTGOING}


async def a_history(tx: Transaction, seed: int) -> Desk:
    """Two weeks or so of a desk whose worker counts now and then."""
    here = await gather(tx)
    here.account.time_zone = ZONE
    here.inbox.has_hours, here.inbox.time_zone = True, ZONE
    teams = [(await create_team(tx, here.account.id, name)).id for name in ("um", "dois")]
    desk = Desk(tx, here, Random(seed), teams)  # noqa: S311 - a history, no secret
    await desk.live(60)
    return desk


def measured(
    events: Iterable[ReportingEvent], messages: Iterable[Message], *, business: bool = False
) -> dict[str, Any]:
    """Counts and seconds, told without SQL."""
    counts: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for one in events:
        value = one.value_in_business_hours if business else one.value
        counts[one.name] = counts.get(one.name, 0) + 1
        seconds[one.name] = seconds.get(one.name, 0.0) + value
    for said in messages:
        counts[said.message_type] = counts.get(said.message_type, 0) + 1
    return {
        "counts": counts,
        "seconds": {name: pytest.approx(value, abs=0.01) for name, value in seconds.items()},
    }


def told(line: Measures) -> dict[str, Any]:
    """What a line says, to compare it."""
    seconds = {name: value for name, value in line.seconds.items() if name not in SPOKEN}
    return {"counts": line.counts, "seconds": seconds}


async def happened(tx: Transaction, desk: Desk) -> tuple[list[ReportingEvent], list[Message]]:
    """All that reports count."""
    fresh = {"populate_existing": True}
    events = await tx.scalars(select(ReportingEvent).execution_options(**fresh))
    public = select(Message).where(Message.message_type.in_(SPOKEN), ~Message.private)
    return list(events), list(await tx.scalars(public.execution_options(**fresh)))


def is_of(talk: Conversation, dimension: Dimension | None, key: Any) -> bool:
    """Whether a conversation is the key's."""
    match dimension:
        case None:
            return True
        case Dimension.AGENT:
            return talk.assignee_id == key
        case Dimension.TEAM:
            return talk.team_id == key
        case Dimension.INBOX:
            return talk.inbox_id == key
        case Dimension.LABEL:
            return key in talk.labels


@pytest.mark.parametrize(
    ("seed", "step", "clock", "late", "business"),
    [
        (0, "day", ZONE, 0, False),  # whole days, all of which are counted
        (1, "week", ZONE, 0, True),
        (2, "day", ZONE, 10.5, False),  # the first day is cut
        (3, "day", "Asia/Kathmandu", 0, True),  # every day is cut
        (4, "hour", ZONE, 3, False),
    ],
)
async def test_steps_say_what_happened_in_them(
    tx: Transaction, seed: int, step: str, clock: str, late: float, business: bool
) -> None:
    desk = await a_history(tx, seed)
    events, messages = await happened(tx, desk)
    zone = desk.here.account.time_zone
    since = desk.period.since + timedelta(hours=late)
    starts = step_starts(since, desk.now, step, ZoneInfo(clock))
    assert starts is not None
    talks = {one.id: one for one in desk.talks}
    people = desk.here
    scopes: list[tuple[Dimension | None, Any]] = [
        (None, None), (Dimension.INBOX, people.inbox.id), (Dimension.AGENT, people.ana.user_id),
        (Dimension.TEAM, desk.teams[0]), (Dimension.LABEL, LABELS[0]),
    ]  # fmt: skip
    for dimension, key in scopes:
        scope = Scope(people.account.id, zone, since, desk.now, dimension, key)
        lines = await measures_in_steps(tx, scope, starts, business=business)
        for line, begins, ends in zip(lines, starts, [*starts[1:], desk.now], strict=True):
            low = max(begins, since)
            assert told(line) == measured(
                (
                    one
                    for one in events
                    if low <= one.created_at < ends
                    and (dimension is None or key in keys_of(one, dimension))
                ),
                (
                    one
                    for one in messages
                    if low <= one.created_at < ends
                    and is_of(talks[one.conversation_id], dimension, key)
                ),
                business=business,
            ), (dimension, begins)


@pytest.mark.parametrize("dimension", Dimension)
async def test_lines_say_what_is_theirs(tx: Transaction, dimension: Dimension) -> None:
    desk = await a_history(tx, 0)
    events, messages = await happened(tx, desk)
    account = desk.here.account
    scope = Scope(account.id, account.time_zone, desk.period.since, desk.now + timedelta(hours=1))
    found = await measures_by(tx, scope, dimension, business=False)
    keys = {key for one in events for key in keys_of(one, dimension)}
    assert {key: told(line) for key, line in found.items()} == {
        key: measured([one for one in events if key in keys_of(one, dimension)], []) for key in keys
    }
    talks = {one.id: one for one in desk.talks}
    answers: dict[Any, int] = {}
    for one in messages:
        if one.message_type == MessageType.OUTGOING:
            for key in _whose(one, talks[one.conversation_id], dimension):
                answers[key] = answers.get(key, 0) + 1
    told_answers = await answers_by(tx, scope, dimension)
    assert {key: count for key, count in told_answers.items() if count} == answers


def _whose(said: Message, talk: Conversation, dimension: Dimension) -> list[Any]:
    match dimension:
        case Dimension.AGENT:
            return [said.sender_user_id]
        case Dimension.TEAM:
            return [talk.team_id]
        case Dimension.INBOX:
            return [said.inbox_id]
        case Dimension.LABEL:
            return list(talk.labels)


# --- what is written down later -------------------------------------------------------------------


@pytest.fixture
async def desk(tx: Transaction) -> Desk:
    """A desk with some days of history, all of them counted."""
    desk = await a_history(tx, 1)
    await count_all(tx, desk.now + timedelta(days=2))
    return desk


async def _carry(tx: Transaction, desk: Desk, days: int) -> None:
    """A message that was said so many days after the first day is written down now."""
    at, talk = FIRST + timedelta(days=days), desk.talks[0]
    row = {
        "account_id": talk.account_id, "conversation_id": talk.id, "inbox_id": talk.inbox_id,
        "message_type": "incoming", "content": "Oi", "created_at": at, "content_type": "text",
        "content_attributes": {}, "private": False, "status": "sent",
    }  # fmt: skip
    await tx.execute(insert(Message), [row])
    await count_again(tx, talk.account_id, [at])


async def _incoming(tx: Transaction, here: Cast, desk: Desk) -> int:
    zone = here.account.time_zone
    scope = Scope(here.account.id, zone, FIRST - timedelta(days=400), desk.now)
    [line] = await measures_in_steps(tx, scope, [scope.since], business=False)
    by_inbox = await messages_by(tx, scope, Dimension.INBOX)
    assert by_inbox[here.inbox.id].count("incoming") == line.count("incoming")
    return line.count("incoming")


@pytest.mark.parametrize("days", [1, -300], ids=["a counted day", "before the first day"])
async def test_a_history_that_is_carried_over_later_is_counted(
    tx: Transaction, desk: Desk, days: int
) -> None:
    before = await _incoming(tx, desk.here, desk)
    await _carry(tx, desk, days)
    assert await _incoming(tx, desk.here, desk) == before + 1
    await count_all(tx, desk.now + timedelta(days=2))
    assert await _incoming(tx, desk.here, desk) == before + 1


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
async def test_a_history_stays_counted_in_another_time_zone(
    tx: Transaction, desk: Desk, zone: str
) -> None:
    await _carry(tx, desk, -300)
    await count_all(tx, desk.now + timedelta(days=2))
    before = await _incoming(tx, desk.here, desk)
    desk.here.account.time_zone = zone
    await count_all(tx, desk.now + timedelta(days=2))
    assert await _incoming(tx, desk.here, desk) == before


async def test_what_was_said_is_read_from_the_totals(tx: Transaction, desk: Desk) -> None:
    scope = Scope(desk.here.account.id, desk.here.account.time_zone, FIRST, desk.now)
    total = select(ConversationTotal.count).where(
        ConversationTotal.name == "incoming", ConversationTotal.dimension == "all"
    )
    counted = sum(await tx.scalars(total))
    await tx.execute(Message.__table__.delete())  # type: ignore[attr-defined]
    day = desk.period.since
    [line] = await measures_in_steps(
        tx, Scope(scope.account_id, scope.zone, day, desk.now), [day], business=False
    )
    assert 0 < line.count("incoming") <= counted
