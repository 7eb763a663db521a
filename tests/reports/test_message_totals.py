"""What was said, by whose the conversation is: after any history the totals say what the messages say."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from recado.accounts.teams import create_team
from recado.conversations.merging import merge_contacts
from recado.conversations.models import Conversation, Message, ReportingChange
from recado.db.database import Database, Transaction
from recado.erasing.forgetting import erase_contact
from recado.reports.adding_up import count_conversations
from recado.reports.dimensions import Dimension
from recado.reports.distributing import answers_by
from recado.reports.measuring import Measures, Scope, measures_in_steps, messages_by
from recado.reports.models import MessageTotal
from tests.people import Cast, gather
from tests.reports.conftest import ZONE, a_talk
from tests.reports.test_adding_up import FIRST, LABELS, Desk, count_all
from tests.reports.test_measuring import SPOKEN, is_of

TEAM, LABEL, AGENT, INBOX = Dimension.TEAM, Dimension.LABEL, Dimension.AGENT, Dimension.INBOX


@dataclass(frozen=True)
class Said:
    """A message, as it is remembered when it is gone."""

    at: datetime
    name: str
    user_id: int | None
    inbox_id: int


@dataclass
class BusyDesk(Desk):
    """A desk that erases contacts and merges them too, and whose worker is cut off now and then."""

    gone: list[Said] = field(default_factory=list)  # what was counted when it went

    async def live(self, steps: int) -> None:
        deeds = [
            self.begin, self.begin, self.answer, self.answer, self.resolve, self.label, self.assign,
            self.give_to_team, self.sleep, self.count, self.forget, self.merge, self.break_off,
        ]  # fmt: skip
        for _ in range(steps):
            self.now += timedelta(minutes=self.dice.choice((1, 7, 45, 200)))
            await self.dice.choice(deeds)()

    async def forget(self) -> None:
        """Erase a contact, after the worker has counted what is over."""
        if len(self.talks) < 3:
            return
        await count_all(self.tx, self.now)
        talk = self.dice.choice(self.talks)
        theirs = [one for one in self.talks if one.contact_id == talk.contact_id]
        until = (self.now - timedelta(hours=2)).astimezone(ZoneInfo(ZONE))
        midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
        said = await spoken(self.tx, [one.id for one in theirs])
        self.gone += [one for one in said if one.at < midnight]
        await erase_contact(self.tx, talk.contact, now=self.now)
        self.talks = [one for one in self.talks if one not in theirs]

    async def merge(self) -> None:
        """Two contacts are one."""
        if len(self.talks) < 3:
            return
        stays, goes = self.dice.sample(self.talks, 2)
        if stays.contact_id == goes.contact_id:
            return
        await merge_contacts(self.tx, stays.contact, goes.contact, now=self.now)
        for one in self.talks:
            await self.tx.refresh(one, ["contact_id", "contact"])

    async def break_off(self) -> None:
        """The worker dies while it counts."""
        async with self.tx.begin_nested() as part:
            await count_conversations(self.tx, now=self.now)
            await part.rollback()


async def spoken(tx: Transaction, talks: Iterable[int] | None = None) -> list[Said]:
    """What was said in public: in these conversations, or in all."""
    query = select(
        Message.created_at, Message.message_type, Message.sender_user_id, Message.inbox_id
    ).where(Message.message_type.in_(SPOKEN), ~Message.private)
    if talks is not None:
        query = query.where(Message.conversation_id.in_(list(talks)))
    return [Said(*row) for row in await tx.execute(query)]


def counts_of(said: Iterable[Said]) -> dict[str, int]:
    """How often which."""
    found: dict[str, int] = {}
    for one in said:
        found[one.name] = found.get(one.name, 0) + 1
    return found


def told(line: Measures) -> dict[str, int]:
    """What a line says of messages."""
    return {name: count for name, count in line.counts.items() if name in SPOKEN}


async def a_busy_desk(tx: Transaction, seed: int) -> BusyDesk:
    """Some weeks of it."""
    here = await gather(tx)
    here.account.time_zone = ZONE
    teams = [(await create_team(tx, here.account.id, name)).id for name in ("um", "dois")]
    desk = BusyDesk(tx, here, Random(seed), teams)  # noqa: S311 - a history, no secret
    await desk.live(90)
    return desk


async def assert_right(desk: BusyDesk) -> None:
    """That every report of messages says what was said."""
    tx, here, period = desk.tx, desk.here, desk.period
    everything = [*await spoken(tx), *desk.gone]
    starts, ends = period.starts, period.ends
    for dimension, key in (
        (None, None), (INBOX, here.inbox.id), (AGENT, here.ana.user_id), (AGENT, here.beto.user_id),
        (TEAM, desk.teams[0]), (LABEL, LABELS[0]), (LABEL, "nobody's"),
    ):  # fmt: skip
        scope = Scope(here.account.id, ZONE, period.since, period.until, dimension, key)
        if dimension in {None, INBOX}:
            mine = everything
        else:
            talks = [one.id for one in desk.talks if is_of(one, dimension, key)]
            mine = await spoken(tx, talks)
        lines = await measures_in_steps(tx, scope, starts, business=False)
        for line, begins, over in zip(lines, starts, ends, strict=True):
            those = [one for one in mine if begins <= one.at < over]
            assert told(line) == counts_of(those), (dimension, begins)
    scope = Scope(here.account.id, ZONE, period.since, period.until)
    by_author = await messages_by(tx, scope, AGENT)
    for user_id in (None, here.ana.user_id, here.beto.user_id):
        line = by_author.get(user_id, Measures())
        assert told(line) == counts_of(one for one in everything if one.user_id == user_id)
    await assert_answers_right(desk, scope)


async def assert_answers_right(desk: BusyDesk, scope: Scope) -> None:
    """That what went out is told by the team and the labels that a conversation has now."""
    for dimension in (TEAM, LABEL):
        expected: dict[Any, int] = {}
        for talk in desk.talks:
            count = counts_of(await spoken(desk.tx, [talk.id])).get("outgoing", 0)
            for key in [talk.team_id] if dimension == TEAM else talk.labels:
                expected[key] = expected.get(key, 0) + count
        found = await answers_by(desk.tx, scope, dimension)
        assert {key: one for key, one in found.items() if one} == {
            key: one for key, one in expected.items() if one
        }, dimension


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_history_the_totals_say_what_was_said(tx: Transaction, seed: int) -> None:
    desk = await a_busy_desk(tx, seed)
    await assert_right(desk)
    await count_all(tx, desk.now + timedelta(days=2))
    await assert_right(desk)
    assert await tx.scalar(select(func.count()).select_from(ReportingChange)) == 0


# --- one thing at a time --------------------------------------------------------------------------

LATER = FIRST + timedelta(days=5)
DAYS = (FIRST - timedelta(days=1), LATER)


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    """A conversation of some days ago, counted."""
    here = await gather(tx)
    here.account.time_zone = ZONE
    await a_talk(tx, here, FIRST, by=here.beto.user, answered=3, resolved=30)
    await count_all(tx, LATER)
    return here


async def _talk(tx: Transaction) -> Conversation:
    talk = await tx.scalar(select(Conversation))
    assert talk is not None
    await tx.refresh(talk, ["contact"])
    return talk


async def _said(tx: Transaction, here: Cast, dimension: Dimension | None, key: Any) -> int:
    scope = Scope(here.account.id, here.account.time_zone, *DAYS, dimension, key)
    [line] = await measures_in_steps(tx, scope, [scope.since], business=False)
    return sum(told(line).values())


async def test_by_agent_it_is_read_from_the_totals(tx: Transaction, here: Cast) -> None:
    await tx.execute(update(MessageTotal).values(incoming=400, outgoing=600))
    assert await _said(tx, here, AGENT, here.beto.user_id) == 1_000  # a question and an answer


async def test_it_follows_the_conversation_at_once(tx: Transaction, here: Cast) -> None:
    (await _talk(tx)).assignee_id = here.ana.user_id
    await tx.flush()
    assert await _said(tx, here, AGENT, here.beto.user_id) == 0
    assert await _said(tx, here, AGENT, here.ana.user_id) == 2


@pytest.mark.parametrize("zone", [ZONE, "Asia/Tokyo"], ids=["counted again", "in other days"])
async def test_what_was_erased_stays_counted_for_its_inbox(
    tx: Transaction, here: Cast, zone: str
) -> None:
    await erase_contact(tx, (await _talk(tx)).contact, now=LATER)
    here.account.time_zone = zone
    tx.add(ReportingChange(account_id=here.account.id, at=FIRST))
    await tx.flush()
    await count_all(tx, LATER)
    assert await _said(tx, here, INBOX, here.inbox.id) == 2
    assert await _said(tx, here, AGENT, here.beto.user_id) == 0  # it is nobody's any more


async def test_another_account_has_its_own(tx: Transaction, here: Cast) -> None:
    scope = Scope(here.other_account.id, ZONE, *DAYS, AGENT, here.beto.user_id)
    [line] = await measures_in_steps(tx, scope, [scope.since], business=False)
    assert told(line) == {}


async def test_a_worker_that_dies_while_it_counts_leaves_nothing_half(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await a_talk(tx, cast, FIRST, by=cast.beto.user, answered=3, resolved=30)
    with suppress(asyncio.CancelledError):
        async with database.transaction() as tx:
            await count_conversations(tx, now=LATER)
            raise asyncio.CancelledError
    async with database.transaction() as tx:
        rows = select(func.count()).select_from(MessageTotal)
        assert await tx.scalar(rows) == 0
        assert await _said(tx, cast, AGENT, cast.beto.user_id) == 2
        await count_all(tx, LATER)
        assert await tx.scalar(rows) == 1
        assert await _said(tx, cast, AGENT, cast.beto.user_id) == 2
