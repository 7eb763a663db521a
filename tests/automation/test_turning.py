"""Business hours that start and end: rules act once in each open conversation, whatever happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recado.automation.models import AutomationRule, Result, RuleTimer
from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules, take_lanes
from recado.automation.timing import fire_due
from recado.automation.turning import arm_turns
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.inboxes.keeping_hours import HoursDraft, hours_of, keep_hours
from tests.automation.rules import row
from tests.automation.stories import ANY_STATUS, a_rule, change, does, texts, verdicts
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

ZONE = "America/Sao_Paulo"
OPENS = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # Tuesday, 9:00 there
CLOSES = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # Monday, 17:00 there
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def hours(tx: Transaction, people: Cast) -> None:
    """Monday to Friday, 9 to 17, known since Monday at 9."""
    await keep_hours(tx, people.inbox, HoursDraft(has_hours=True, time_zone=ZONE), now=NOW)


async def a_turning_rule(tx: Transaction, cast: Cast, on: str, **more: Any) -> AutomationRule:
    more = {"when": ANY_STATUS, "name": on} | more
    delay = more.pop("delay", None)
    rule = await a_rule(tx, cast, does("add_private_note", on), on=on, **more)
    rule.delay_minutes = delay
    await tx.flush()
    return rule


async def pass_time(tx: Transaction, to: datetime) -> int:
    """What the clock's loop does at a moment, and then the rules; how many inboxes turned."""
    turned = await arm_turns(tx, now=to)
    while await fire_due(tx, now=to):
        pass
    book = RuleBook()
    while lanes := await take_lanes(tx):
        await run_rules(tx, book, lanes, now=to)
    return turned


async def test_a_rule_acts_at_each_turn_once(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_turning_rule(tx, people, "business_hours_ended")
    await a_turning_rule(tx, people, "business_hours_started")
    for moment, notes in [
        (CLOSES - MINUTE, 0),
        (CLOSES, 1),
        (CLOSES, 1),  # a second worker, or the same one after a restart
        (CLOSES + 60 * MINUTE, 1),
        (OPENS, 2),
        (OPENS + MINUTE, 2),
    ]:
        await pass_time(tx, moment)
        assert len(await texts(tx, talk)) == notes, moment
    assert await texts(tx, talk) == ["business_hours_ended", "business_hours_started"]


async def test_the_facts_say_whether_it_is_open(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    closed = row("within_business_hours", "equal_to", False)
    rule = await a_turning_rule(tx, people, "business_hours_ended", when=closed)
    await pass_time(tx, CLOSES)
    [verdict] = await verdicts(tx, rule)
    assert verdict.result == Result.MATCHED
    assert verdict.conditions[0]["actual"] is False


async def test_only_open_conversations_of_that_inbox_are_looked_at(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_turning_rule(tx, people, "business_hours_ended")
    contact = await a_contact(tx, people.account, email="x@example.com", phone_number=None)
    done, waiting = [await a_conversation(tx, people.inbox, contact) for _ in range(2)]
    await change(tx, done, status="resolved")
    await change(tx, waiting, status="pending")
    stranger = await a_contact(tx, people.other_account)
    elsewhere = await a_conversation(tx, people.other_inbox, stranger)
    await pass_time(tx, CLOSES)
    noted = [one.id for one in (talk, done, waiting, elsewhere) if await texts(tx, one)]
    assert noted == [talk.id, waiting.id]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # nobody worked until Tuesday morning before it opened: it still is closed
        (OPENS - MINUTE, ["business_hours_ended"]),
        # until after it opened: that it had closed says nothing any more
        (OPENS + MINUTE, ["business_hours_started"]),
        # for weeks
        (OPENS + timedelta(days=21), ["business_hours_started"]),
    ],
)
async def test_after_an_outage_only_the_last_turn_counts(
    tx: Transaction, people: Cast, talk: Conversation, moment: datetime, expected: list[str]
) -> None:
    for on in ("business_hours_started", "business_hours_ended"):
        await a_turning_rule(tx, people, on)
    await pass_time(tx, moment)
    assert await texts(tx, talk) == expected


async def test_a_timer_left_from_a_turn_that_is_over_is_not_used(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_turning_rule(tx, people, "business_hours_ended")
    assert await arm_turns(tx, now=CLOSES) == 1  # and here the worker dies
    await pass_time(tx, OPENS + MINUTE)
    assert await verdicts(tx, rule) == []


async def test_a_rule_may_wait_after_a_turn(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_turning_rule(tx, people, "business_hours_ended", delay=30)
    await pass_time(tx, CLOSES)
    await pass_time(tx, CLOSES + 29 * MINUTE)
    assert await texts(tx, talk) == []
    await pass_time(tx, CLOSES + 30 * MINUTE)
    assert await texts(tx, talk) == ["business_hours_ended"]


@pytest.mark.parametrize(
    "draft",
    [
        HoursDraft(has_hours=False),
        HoursDraft(has_hours=True, week=[None] * 7),
        HoursDraft(has_hours=True, week=[["00:00", "24:00"]] * 7),
    ],
)
async def test_what_never_turns_has_no_next_turn(
    tx: Transaction, people: Cast, talk: Conversation, draft: HoursDraft
) -> None:
    rule = await a_turning_rule(tx, people, "business_hours_ended")
    await keep_hours(tx, people.inbox, draft, now=NOW)
    assert people.inbox.turns_at is None
    assert await pass_time(tx, OPENS) == 0
    assert await verdicts(tx, rule) == []


async def test_new_hours_move_the_next_turn(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    assert people.inbox.turns_at == CLOSES
    later = HoursDraft(has_hours=True, time_zone=ZONE, week=[["08:00", "18:30"]] * 7)
    await keep_hours(tx, people.inbox, later, now=NOW)
    assert people.inbox.turns_at == CLOSES + 90 * MINUTE
    assert hours_of(people.inbox).week[0] == ["08:00", "18:30"]


async def test_a_rule_that_is_off_gets_no_timer(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_turning_rule(tx, people, "business_hours_ended")
    rule.is_active = False
    await pass_time(tx, CLOSES)
    assert list(await tx.scalars(select(RuleTimer))) == []


# --- the condition --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "expected"), [(NOW, True), (CLOSES - MINUTE, True), (CLOSES, False)]
)
async def test_what_was_true_then_counts_when_a_rule_runs_later(
    tx: Transaction, people: Cast, talk: Conversation, moment: datetime, expected: bool
) -> None:
    rule = await a_rule(
        tx,
        people,
        does("add_private_note", "x"),
        when=row("within_business_hours", "equal_to", True),
    )
    await a_message(tx, talk, at=moment)
    await pass_time(tx, CLOSES + timedelta(hours=9))
    first = (await verdicts(tx, rule))[0]
    assert (first.result == Result.MATCHED, first.conditions[0]["actual"]) == (expected, expected)
