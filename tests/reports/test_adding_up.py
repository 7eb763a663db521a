"""Counted days say what their events say: after any history, whatever was counted when."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from recado.accounts.models import Account, User
from recado.accounts.teams import create_team
from recado.contacts.labels import LabelDraft, create_label
from recado.conversations.changing import change_conversation
from recado.conversations.finding import find_conversation
from recado.conversations.labelling import change_label
from recado.conversations.models import (
    Conversation,
    MessageType,
    ReportingChange,
    ReportingEvent,
    Status,
)
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Database, Transaction
from recado.events.causes import BY_SYSTEM
from recado.reports.adding_up import count_conversations
from recado.reports.conversations import Figures, figures_by, figures_by_day, figures_in_all
from recado.reports.dimensions import Dimension
from recado.reports.models import ConversationsCounted, ConversationTotal
from recado.reports.periods import Period
from tests.people import Cast, gather
from tests.reports.conftest import ZONE, a_talk
from tests.reports.test_spreads import exact

FIRST = datetime(2026, 11, 2, 9, tzinfo=ZoneInfo(ZONE))
ZONES = (ZONE, "Asia/Kathmandu", "Pacific/Auckland", "UTC")
LABELS = ("vip", "billing", "late")


async def count_all(tx: Transaction, now: datetime) -> int:
    """Let the worker count what is due; how many turns it took."""
    turns = 1
    while await count_conversations(tx, now=now):
        turns += 1
        assert turns < 500, "counting goes on for ever"
    return turns


# --- the same from the events, told without SQL ---------------------------------------------------


def own(figures: Figures) -> dict[str, Any]:
    """What a line says, to compare it."""
    spreads = {name: (one.count, one.median, one.high) for name, one in figures.spreads.items()}
    return {"counts": figures.counts, "spreads": spreads}


def direct(events: list[ReportingEvent], *, business: bool) -> dict[str, Any]:
    """The same, from the events."""
    counts: dict[str, int] = {}
    values: dict[str, list[float]] = {}
    for one in events:
        if one.name == "reply_time":
            continue
        counts[one.name] = counts.get(one.name, 0) + 1
        if one.name in {"first_response", "conversation_resolved"}:
            value = one.value_in_business_hours if business else one.value
            values.setdefault(one.name, []).append(value)
    spreads = {
        name: (
            len(those),
            pytest.approx(exact(those, 0.5), rel=0.05, abs=1),
            pytest.approx(exact(those, 0.9), rel=0.05, abs=1),
        )
        for name, those in values.items()
    }
    return {"counts": counts, "spreads": spreads}


def keys_of(event: ReportingEvent, dimension: Dimension) -> list[Any]:
    """Whose an event is."""
    match dimension:
        case Dimension.AGENT:
            return [event.user_id]
        case Dimension.TEAM:
            return [event.team_id]
        case Dimension.INBOX:
            return [event.inbox_id]
        case Dimension.LABEL:
            return list(event.labels)


async def assert_right(tx: Transaction, account: Account, period: Period) -> None:
    """That every report of these days says what the events say."""
    query = select(ReportingEvent).where(
        ReportingEvent.account_id == account.id,
        ReportingEvent.created_at >= period.since,
        ReportingEvent.created_at < period.until,
    )
    events = list(await tx.scalars(query.execution_options(populate_existing=True)))
    zone = ZoneInfo(period.zone)
    for business in (False, True):
        told = await figures_in_all(tx, account.id, period, business=business)
        assert own(told) == direct(events, business=business)
        days = await figures_by_day(tx, account.id, period, business=business)
        for day, line in zip(period.days, days, strict=True):
            those = [one for one in events if one.created_at.astimezone(zone).date() == day]
            assert own(line) == direct(those, business=business), day
        for dimension in Dimension:
            found = await figures_by(tx, account.id, period, dimension, business=business)
            keys = {key for one in events for key in keys_of(one, dimension)}
            mine = {key: [one for one in events if key in keys_of(one, dimension)] for key in keys}
            expected = {key: direct(those, business=business) for key, those in mine.items()}
            shown = {key: own(line) for key, line in found.items() if line.counts}
            assert shown == {key: one for key, one in expected.items() if one["counts"]}, dimension


# --- random histories ------------------------------------------------------------------------------


@dataclass
class Desk:
    """A desk that lives through some weeks."""

    tx: Transaction
    here: Cast
    dice: Random
    teams: list[int]
    now: datetime = FIRST
    talks: list[Conversation] = field(default_factory=list)

    async def live(self, steps: int) -> None:
        """Do something, again and again; time goes on, and the worker counts now and then."""
        deeds = [
            self.begin, self.begin, self.answer, self.answer, self.resolve, self.reopen, self.label,
            self.assign, self.give_to_team, self.sleep, self.sleep, self.count, self.move,
        ]  # fmt: skip
        for _ in range(steps):
            self.now += timedelta(minutes=self.dice.choice((1, 7, 45, 200)))
            await self.dice.choice(deeds)()

    @property
    def person(self) -> User:
        """Ana or Beto."""
        return self.dice.choice((self.here.ana.user, self.here.beto.user))

    async def begin(self) -> None:
        answered = self.dice.choice((0, 1, 3, 50))
        talk = await a_talk(self.tx, self.here, self.now, by=self.person, answered=answered)
        self.now += timedelta(minutes=answered)
        self.talks.append(talk)

    async def answer(self) -> None:
        if not self.talks:
            return
        talk = self.dice.choice(self.talks)
        incoming = MessageDraft("Oi?", MessageType.INCOMING, sender=talk.contact)
        await post_message(self.tx, talk, incoming, cause=BY_SYSTEM, now=self.now)
        self.now += timedelta(seconds=self.dice.choice((0, 0.5, 20, 5_000)))
        reply = MessageDraft("Já vai", MessageType.OUTGOING, sender=self.person)
        await post_message(self.tx, talk, reply, cause=BY_SYSTEM, now=self.now)

    async def resolve(self) -> None:
        await self._change(status=Status.RESOLVED)

    async def reopen(self) -> None:
        await self._change(status=Status.OPEN)

    async def label(self) -> None:
        await self._change(labels=self.dice.sample(LABELS, self.dice.randint(0, 3)))

    async def assign(self) -> None:
        await self._change(assignee_id=self.dice.choice((None, self.person.id)))

    async def give_to_team(self) -> None:
        await self._change(team_id=self.dice.choice((None, *self.teams)))

    async def sleep(self) -> None:
        self.now += timedelta(hours=self.dice.choice((3, 9, 26, 80)))

    async def count(self) -> None:
        for _ in range(self.dice.choice((1, 1, 2, 30))):
            await count_conversations(self.tx, now=self.now)

    async def move(self) -> None:
        """The account moves to another time zone, once in a while."""
        if self.dice.random() < 0.3:
            self.here.account.time_zone = self.dice.choice(ZONES)
            await self.tx.flush()

    async def _change(self, **changes: Any) -> None:
        if self.talks:
            talk = self.dice.choice(self.talks)
            await change_conversation(self.tx, talk, changes, cause=BY_SYSTEM, now=self.now)  # type: ignore[arg-type]

    @property
    def period(self) -> Period:
        """From before it began until today."""
        zone = self.here.account.time_zone
        today = self.now.astimezone(ZoneInfo(zone)).date()
        return Period(FIRST.date() - timedelta(days=2), today, zone)


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_history_every_report_says_what_the_events_say(
    tx: Transaction, seed: int
) -> None:
    here = await gather(tx)
    here.account.time_zone = ZONE
    here.inbox.has_hours, here.inbox.time_zone = True, ZONE
    teams = [(await create_team(tx, here.account.id, name)).id for name in ("um", "dois")]
    desk = Desk(tx, here, Random(seed), teams)  # noqa: S311 - a history, no secret
    for _ in range(2):
        await desk.live(50)
        await assert_right(tx, here.account, desk.period)
    await count_all(tx, desk.now + timedelta(days=2))
    await assert_right(tx, here.account, desk.period)
    assert await tx.scalar(select(func.count()).select_from(ReportingChange)) == 0


# --- one thing at a time ---------------------------------------------------------------------------


DAYS = Period(FIRST.date(), FIRST.date() + timedelta(days=9), ZONE)
LATER = FIRST + timedelta(days=5)


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    """A desk with a conversation on the first day, and one on the third, both counted."""
    here = await gather(tx)
    here.account.time_zone = ZONE
    for days in (0, 2):
        at = FIRST + timedelta(days=days)
        await a_talk(tx, here, at, by=here.beto.user, answered=3, resolved=30)
    await count_all(tx, LATER)
    return here


async def _progress(tx: Transaction) -> ConversationsCounted:
    found = await tx.scalar(select(ConversationsCounted).execution_options(populate_existing=True))
    assert found is not None
    return found


async def _forge(tx: Transaction) -> None:
    """Make every total wrong, so that reading it shows."""
    await tx.execute(update(ConversationTotal).values(count=1_000))


async def _opened(tx: Transaction, here: Cast) -> list[int]:
    days = await figures_by_day(tx, here.account.id, DAYS, business=False)
    return [one.counts.get("conversation_created", 0) for one in days]


async def test_counted_days_are_read_from_their_totals(tx: Transaction, here: Cast) -> None:
    await _forge(tx)
    assert await _opened(tx, here) == [1_000, 0, 1_000, 0, 0, 0, 0, 0, 0, 0]


async def test_today_is_read_from_its_events(tx: Transaction, here: Cast) -> None:
    await a_talk(tx, here, LATER, by=here.ana.user, answered=1)
    await _forge(tx)
    assert (await _opened(tx, here))[5] == 1


async def _label(tx: Transaction, here: Cast, talk: Conversation) -> None:
    await change_conversation(tx, talk, {"labels": ["vip"]}, cause=BY_SYSTEM, now=LATER)


async def _assign(tx: Transaction, here: Cast, talk: Conversation) -> None:
    change: Any = {"assignee_id": here.ana.user_id}
    await change_conversation(tx, talk, change, cause=BY_SYSTEM, now=LATER)


async def _hand_over(tx: Transaction, here: Cast, talk: Conversation) -> None:
    team = await create_team(tx, here.account.id, "Suporte")
    await change_conversation(tx, talk, {"team_id": team.id}, cause=BY_SYSTEM, now=LATER)


@pytest.mark.parametrize("change", [_label, _assign, _hand_over])
async def test_a_late_change_takes_its_day_out_of_the_totals(
    tx: Transaction, here: Cast, change: Callable[..., Any]
) -> None:
    talk = await tx.scalar(select(Conversation).where(Conversation.display_id == 1))
    assert talk is not None
    await tx.refresh(talk, ["contact", "inbox", "account", "assignee", "team", "contact_inbox"])
    await change(tx, here, talk)
    await _forge(tx)
    assert await _opened(tx, here) == [1, 0, 1_000, 0, 0, 0, 0, 0, 0, 0]
    await count_all(tx, LATER)
    assert (await _opened(tx, here))[0] == 1  # counted again, and right again


async def test_a_label_that_is_called_otherwise_takes_its_numbers_along(
    tx: Transaction, here: Cast
) -> None:
    label = await create_label(tx, here.account.id, "vip")
    talk = await tx.scalar(select(Conversation).where(Conversation.display_id == 1))
    assert talk is not None
    await tx.refresh(talk, ["contact", "inbox", "account", "assignee", "team", "contact_inbox"])
    await _label(tx, here, talk)
    await count_all(tx, LATER)
    await change_label(tx, label, LabelDraft("gold"))
    for _ in range(2):  # before the worker has counted the days again, and after
        found = await figures_by(tx, here.account.id, DAYS, Dimension.LABEL, business=False)
        assert {key: line.counts["conversation_created"] for key, line in found.items()} == {
            "gold": 1
        }
        await count_all(tx, LATER)


async def test_a_change_that_is_nobodys_day_yet_leaves_no_trace(
    tx: Transaction, here: Cast
) -> None:
    talk = await a_talk(tx, here, LATER, by=here.ana.user, answered=1)
    await _label(tx, here, talk)
    assert await tx.scalar(select(func.count()).select_from(ReportingChange)) == 0


async def test_another_time_zone_has_other_days(tx: Transaction, here: Cast) -> None:
    await _forge(tx)
    there = Period(DAYS.first, DAYS.last, "Asia/Tokyo")
    days = await figures_by_day(tx, here.account.id, there, business=False)
    assert sum(one.counts.get("conversation_created", 0) for one in days) == 2
    here.account.time_zone = "Asia/Tokyo"
    await tx.flush()
    await count_all(tx, LATER)
    assert (await _progress(tx)).zone == "Asia/Tokyo"
    await assert_right(tx, here.account, there)


@pytest.mark.parametrize(
    ("hours", "is_counted"),
    [(23.9, False), (24, False), (25.9, False), (26, True), (27, True)],
)
async def test_a_day_is_counted_two_hours_after_its_end(
    tx: Transaction, hours: float, *, is_counted: bool
) -> None:
    here = await gather(tx)
    here.account.time_zone = ZONE
    midnight = FIRST.replace(hour=0)
    await a_talk(tx, here, midnight, by=here.beto.user, answered=3)
    await count_all(tx, midnight + timedelta(hours=hours))
    assert ((await _progress(tx)).until > FIRST.date()) == is_counted


async def test_counting_again_changes_nothing(tx: Transaction, here: Cast) -> None:
    rows = select(func.count(), func.sum(ConversationTotal.count))
    before = (await tx.execute(rows)).one()
    assert await count_all(tx, LATER) == 1
    assert (await tx.execute(rows)).one() == before


async def test_an_account_without_conversations_is_not_counted(tx: Transaction) -> None:
    await gather(tx)
    assert await count_all(tx, LATER) == 1
    assert await tx.scalar(select(func.count()).select_from(ConversationsCounted)) == 0


async def test_another_account_has_its_own_totals(tx: Transaction, here: Cast) -> None:
    figures = await figures_in_all(tx, here.other_account.id, DAYS, business=False)
    assert figures.counts == {}


async def test_what_changes_while_a_day_is_counted_is_counted_again(
    database: Database, cast: Cast
) -> None:
    """Whoever changes has not committed when the worker counts, and commits after it."""
    async with database.transaction() as tx:
        talk = await a_talk(tx, cast, FIRST, by=cast.beto.user, answered=3)
    async with database.transaction() as changing, database.transaction() as counting:
        same = await find_conversation(changing, cast.account.id, talk.display_id)
        assert same is not None
        labels: Any = {"labels": ["vip"]}
        await change_conversation(changing, same, labels, cause=BY_SYSTEM, now=LATER)
        await count_all(counting, LATER)
        await counting.commit()
    async with database.transaction() as tx:
        period = Period(DAYS.first, DAYS.last, "UTC")
        await assert_right(tx, cast.account, period)
        await count_all(tx, LATER)
        await assert_right(tx, cast.account, period)
        found = await figures_by(tx, cast.account.id, period, Dimension.LABEL, business=False)
        assert list(found) == ["vip"]


async def test_two_workers_count_a_day_once(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await a_talk(tx, cast, FIRST, by=cast.beto.user, answered=3)

    async def work() -> None:
        async with database.transaction() as tx:
            await count_all(tx, LATER)

    await asyncio.gather(*(work() for _ in range(4)))
    async with database.transaction() as tx:
        created = select(func.sum(ConversationTotal.count)).where(
            ConversationTotal.name == "conversation_created",
            ConversationTotal.dimension == "all",
            ConversationTotal.business.is_(False),
        )
        assert await tx.scalar(created) == 1


def test_only_clocking_writes_events_of_reports() -> None:
    """Whoever else wrote them would have to say what has changed."""
    writes = re.compile(r"(update|delete|insert)\(\s*(ReportingEvent|event)\b|ReportingEvent\(")
    found = {
        str(path)
        for path in Path("recado").rglob("*.py")
        if "ReportingEvent" in (text := path.read_text()) and writes.search(text)
    }
    assert found == {"recado/conversations/clocking.py", "recado/conversations/models.py"}


def test_the_period_of_these_tests_is_ten_days() -> None:
    assert DAYS.days[0] == date(2026, 11, 2)
    assert len(DAYS.days) == 10
