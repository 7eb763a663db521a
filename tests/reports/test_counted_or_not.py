"""What changes after its day is counted: the reports say the same from totals, from events, and from both."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, text

from recado.accounts.teams import create_team, delete_team, find_team
from recado.contacts.labels import LabelDraft, create_label, delete_label
from recado.contacts.models import Label
from recado.conversations.changing import change_conversation
from recado.conversations.labelling import change_label
from recado.conversations.leaving import leave_account
from recado.conversations.merging import merge_contacts
from recado.conversations.models import Conversation, ReportingChange
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM
from recado.reports.conversations import figures_by
from recado.reports.dimensions import Dimension
from recado.reports.distributing import answers_by
from recado.reports.measuring import Measures, Scope, measures_by, measures_in_steps, messages_by
from recado.reports.models import ConversationsCounted
from recado.reports.periods import Period
from recado.reports.steps import step_starts
from tests.people import Cast, gather
from tests.reports.conftest import ZONE, a_talk
from tests.reports.test_adding_up import FIRST, count_all

TEAM, LABEL, AGENT, INBOX = Dimension.TEAM, Dimension.LABEL, Dimension.AGENT, Dimension.INBOX
LATER = FIRST + timedelta(days=6)


@dataclass
class Counted:
    """Four conversations of two days, with a team and a label, counted; and one of today."""

    tx: Transaction
    here: Cast
    teams: list[int]
    label: Label

    async def change(self, number: int, **changes: Any) -> None:
        """Change one of the conversations, by its number."""
        talk = await self.talk(number)
        await change_conversation(self.tx, talk, changes, cause=BY_SYSTEM, now=LATER)  # type: ignore[arg-type]

    async def talk(self, number: int) -> Conversation:
        """With all that a change needs."""
        found = select(Conversation).where(Conversation.display_id == number)
        talk = (await self.tx.scalars(found)).one()
        await self.tx.refresh(talk, ["contact", "inbox", "account", "contact_inbox"])
        await self.tx.refresh(talk, ["assignee", "team"])
        return talk


@pytest.fixture
async def desk(tx: Transaction) -> Counted:
    here = await gather(tx)
    here.account.time_zone = ZONE
    label = await create_label(tx, here.account.id, "vip")
    teams = [(await create_team(tx, here.account.id, name)).id for name in ("um", "dois")]
    desk = Counted(tx, here, teams, label)
    for number in range(1, 5):
        at = FIRST + timedelta(days=number // 3 * 2, hours=number)
        await a_talk(tx, here, at, by=here.beto.user, answered=3 * number, resolved=30)
        await desk.change(number, team_id=teams[0], labels=["vip"])
    await count_all(tx, LATER)
    await a_talk(tx, here, LATER, by=here.ana.user, answered=7)
    return desk


async def hand_over(desk: Counted) -> None:
    await desk.change(1, team_id=desk.teams[1])


async def hand_over_one_of_today(desk: Counted) -> None:
    await desk.change(5, team_id=desk.teams[1], labels=["vip", "late"])


async def take_from_its_team(desk: Counted) -> None:
    await desk.change(3, team_id=None)


async def remove_the_team(desk: Counted) -> None:
    team = await find_team(desk.tx, desk.here.account.id, desk.teams[0])
    assert team is not None
    await delete_team(desk.tx, team)


async def label_otherwise(desk: Counted) -> None:
    await desk.change(2, labels=["billing"])
    await desk.change(4, labels=[])


async def rename_the_label(desk: Counted) -> None:
    await change_label(desk.tx, desk.label, LabelDraft("gold"))


async def remove_the_label(desk: Counted) -> None:
    await delete_label(desk.tx, desk.label)


async def give_to_ana(desk: Counted) -> None:
    await desk.change(1, assignee_id=desk.here.ana.user_id)


async def beto_leaves(desk: Counted) -> None:
    await leave_account(desk.tx, desk.here.beto)


async def merge_two_contacts(desk: Counted) -> None:
    stays, goes = await desk.talk(1), await desk.talk(3)
    await merge_contacts(desk.tx, stays.contact, goes.contact, now=LATER)


async def count_a_day_again(desk: Counted) -> None:
    desk.tx.add(ReportingChange(account_id=desk.here.account.id, at=FIRST))
    await desk.tx.flush()


async def nothing(desk: Counted) -> None:
    """All stays as it was counted."""


async def told(desk: Counted, zone: str) -> dict[str, Any]:
    """Every report of these days, by steps of a clock; without what is zero."""
    tx, account = desk.tx, desk.here.account
    period = Period(FIRST.date() - timedelta(days=1), LATER.date(), ZONE)
    scope = Scope(account.id, ZONE, period.since, period.until)
    starts = step_starts(period.since, period.until, "day", ZoneInfo(zone)) or []
    said: dict[str, Any] = {}
    whose: list[tuple[Dimension, list[Any]]] = [
        (AGENT, [desk.here.ana.user_id, desk.here.beto.user_id]),
        (INBOX, [desk.here.inbox.id]),
        (TEAM, desk.teams),
        (LABEL, ["vip", "gold", "billing", "late"]),
    ]
    for dimension, keys in whose:
        for key in keys:
            mine = Scope(account.id, ZONE, period.since, period.until, dimension, key)
            lines = await measures_in_steps(tx, mine, starts, business=False)
            said[f"steps of {dimension} {key}"] = [plain(one) for one in lines]
        lines_by = await measures_by(tx, scope, dimension, business=False)
        said[f"lines by {dimension}"] = {key: plain(one) for key, one in lines_by.items()}
        sent = await answers_by(tx, scope, dimension)
        said[f"sent by {dimension}"] = {key: count for key, count in sent.items() if count}
        figures = await figures_by(tx, account.id, period, dimension, business=False)
        said[f"page by {dimension}"] = figures
    by_author = await messages_by(tx, scope, AGENT)
    said["messages by author"] = {key: plain(one) for key, one in by_author.items()}
    return said


def plain(line: Measures) -> dict[str, tuple[int, float]]:
    """Counts and seconds, by name."""
    return {name: (count, round(line.seconds[name], 3)) for name, count in line.counts.items()}


@pytest.mark.parametrize("clock", [ZONE, "Asia/Kathmandu"], ids=["our clock", "another clock"])
@pytest.mark.parametrize(
    "change",
    [
        nothing, hand_over, hand_over_one_of_today, take_from_its_team, remove_the_team,
        label_otherwise, rename_the_label, remove_the_label, give_to_ana, beto_leaves,
        merge_two_contacts, count_a_day_again,
    ],
    ids=lambda change: change.__name__.replace("_", " "),
)  # fmt: skip
async def test_after_a_change_totals_say_what_events_say(
    desk: Counted, change: Callable[[Counted], Awaitable[None]], clock: str
) -> None:
    await change(desk)
    at_once = await told(desk, clock)
    await count_all(desk.tx, LATER)
    assert await desk.tx.scalar(select(func.count()).select_from(ReportingChange)) == 0
    counted_again = await told(desk, clock)
    await desk.tx.execute(delete(ConversationsCounted))
    from_events = await told(desk, clock)
    assert at_once == from_events
    assert counted_again == from_events


@pytest.mark.parametrize(
    ("change", "dimension", "of", "sent"),
    [
        (nothing, TEAM, 0, 4),
        (hand_over, TEAM, 0, 3),
        (hand_over, TEAM, 1, 1),
        (hand_over_one_of_today, TEAM, 1, 1),
        (remove_the_team, TEAM, 0, 0),
        (label_otherwise, LABEL, "vip", 2),
        (rename_the_label, LABEL, "gold", 4),
        (give_to_ana, AGENT, "ana", 1),  # of one that is hers; today's is nobody's
        (beto_leaves, AGENT, "beto", 0),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)).replace("_", " "),
)
async def test_what_was_said_is_of_whoever_has_the_conversation_now(
    desk: Counted,
    change: Callable[[Counted], Awaitable[None]],
    dimension: Dimension,
    of: int | str,
    sent: int,
) -> None:
    await change(desk)
    people = {"ana": desk.here.ana.user_id, "beto": desk.here.beto.user_id}
    key = desk.teams[of] if isinstance(of, int) else people.get(of, of)
    since: datetime = FIRST - timedelta(days=1)
    scope = Scope(desk.here.account.id, ZONE, since, LATER + timedelta(days=1), dimension, key)
    [line] = await measures_in_steps(desk.tx, scope, [since], business=False)
    assert line.count("outgoing") == sent


async def test_each_report_is_planned_for_its_own_days(desk: Counted) -> None:
    """A connection that has asked five times would take a plan for any list of days, a slow one."""
    since = FIRST - timedelta(days=1)
    scope = Scope(desk.here.account.id, ZONE, since, LATER, TEAM, desk.teams[0])
    for _ in range(12):
        await measures_in_steps(desk.tx, scope, [since], business=False)
    plans = text("""
        select sum(custom_plans), sum(generic_plans) from pg_prepared_statements
        where statement like :steps
    """)
    found = await desk.tx.execute(plans, {"steps": "%width_bucket%LATERAL%"})
    custom, generic = found.one()
    assert (custom > 5, generic) == (True, 0)
