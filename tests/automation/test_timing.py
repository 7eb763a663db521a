"""Rules that wait: after an event, for a reply, for the end of a snooze. Each fires once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recado.accounts.models import Account
from recado.automation.models import AutomationRule, Result, RuleTimer
from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules, take_lanes
from recado.automation.saving import draft_of, rule_problems, switch_rule, update_rule
from recado.automation.timing import arm_idle, fire_due, prune_timers
from recado.conversations.changing import change_conversation
from recado.conversations.models import Conversation, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.conversations.waking import wake_snoozed
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM
from recado.events.models import Event
from tests.automation.rules import KNOWN, row
from tests.automation.stories import ANY_STATUS, INCOMING, a_rule, does, run, texts, verdicts
from tests.people import NOW, Cast, a_message

MINUTE = timedelta(minutes=1)


async def a_waiting_rule(
    tx: Transaction, cast: Cast, minutes: int, on: str = "message_created", **more: Any
) -> AutomationRule:
    """A rule that leaves a note after so many minutes."""
    more = {"when": INCOMING if on == "message_created" else ANY_STATUS} | more
    rule = await a_rule(tx, cast, does("add_private_note", "late"), on=on, **more)
    rule.delay_minutes = minutes
    await tx.flush()
    return rule


async def pass_time(tx: Transaction, to: datetime) -> int:
    """What the clock's loop does at a moment, and then the rules; how many timers were due."""
    await arm_idle(tx, now=to)
    await wake_snoozed(tx, now=to)
    fired = await fire_due(tx, now=to)
    book = RuleBook()
    while lanes := await take_lanes(tx):
        await run_rules(tx, book, lanes, now=to)
    return fired


async def reply(tx: Transaction, talk: Conversation, people: Cast, at: datetime) -> None:
    draft = MessageDraft("Hello!", MessageType.OUTGOING, sender=people.beto.user)
    await post_message(tx, talk, draft, cause=BY_SYSTEM, now=at)


async def notes(tx: Transaction, talk: Conversation) -> int:
    return (await texts(tx, talk)).count("late")


async def test_a_rule_waits_and_is_tested_again_once(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_waiting_rule(tx, people, 30)
    await a_message(tx, talk)
    await run(tx)
    assert await notes(tx, talk) == 0
    assert [one.result for one in await verdicts(tx, rule)] == [Result.WAITING]
    assert await pass_time(tx, NOW + 29 * MINUTE) == 0
    assert await pass_time(tx, NOW + 30 * MINUTE) == 1
    assert await pass_time(tx, NOW + 90 * MINUTE) == 0
    assert await notes(tx, talk) == 1
    results = [one.result for one in await verdicts(tx, rule)]
    assert results[:2] == [
        Result.WAITING,
        Result.MATCHED,
    ]  # and then its own note, which is not incoming


async def test_what_changed_meanwhile_counts(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    when = [INCOMING | {"query_operator": "and"}, row("status", "equal_to", "open")]
    rule = await a_waiting_rule(tx, people, 30, when=when)
    await a_message(tx, talk)
    await run(tx)
    await change_conversation(tx, talk, {"status": "resolved"}, cause=BY_SYSTEM, now=NOW)
    await pass_time(tx, NOW + 30 * MINUTE)
    last = (await verdicts(tx, rule))[-1]
    assert (last.result, await notes(tx, talk)) == (Result.NOT_MATCHED, 0)
    assert [line["actual"] for line in last.conditions] == ["incoming", "resolved"]


@pytest.mark.parametrize("how", ["off", "edited", "deleted"])
async def test_a_rule_that_changed_forgets_what_it_waited_for(
    tx: Transaction, people: Cast, talk: Conversation, how: str
) -> None:
    rule = await a_waiting_rule(tx, people, 30)
    await a_message(tx, talk)
    await run(tx)
    match how:
        case "off":
            await switch_rule(tx, rule, is_active=False, now=NOW)
        case "edited":
            await update_rule(tx, rule, draft_of(rule), now=NOW)
        case _:
            await tx.delete(rule)
    assert await pass_time(tx, NOW + 30 * MINUTE) == 0
    assert await notes(tx, talk) == 0


async def test_a_timer_that_is_days_late_is_not_used(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_waiting_rule(tx, people, 30)
    await a_message(tx, talk)
    await run(tx)
    assert await pass_time(tx, NOW + timedelta(days=4)) == 1
    assert await notes(tx, talk) == 0


# --- nobody replied -------------------------------------------------------------------------------


async def test_no_agent_replied(tx: Transaction, people: Cast, talk: Conversation) -> None:
    await a_waiting_rule(tx, people, 60, on="agent_idle")
    await a_message(tx, talk)
    await a_message(tx, talk, "Are you there?")
    for minutes in (59, 60, 61, 600):
        await pass_time(tx, NOW + minutes * MINUTE)
    assert await notes(tx, talk) == 1  # one silence
    await reply(tx, talk, people, NOW + 700 * MINUTE)
    await pass_time(tx, NOW + 800 * MINUTE)
    assert await notes(tx, talk) == 1


async def test_a_reply_in_time_keeps_the_rule_from_firing(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_waiting_rule(tx, people, 60, on="agent_idle")
    await a_message(tx, talk)
    await reply(tx, talk, people, NOW + 59 * MINUTE)
    await pass_time(tx, NOW + 61 * MINUTE)
    assert await notes(tx, talk) == 0


async def test_the_contact_did_not_reply_and_each_reply_begins_anew(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_waiting_rule(tx, people, 60, on="contact_idle")
    await reply(tx, talk, people, NOW)
    await reply(tx, talk, people, NOW + 30 * MINUTE)
    await pass_time(tx, NOW + 60 * MINUTE)
    assert await notes(tx, talk) == 0
    await pass_time(tx, NOW + 90 * MINUTE)
    assert await notes(tx, talk) == 1
    await a_message(tx, talk)  # the contact writes: nobody waits for them any more
    await pass_time(tx, NOW + 300 * MINUTE)
    assert await notes(tx, talk) == 1


@pytest.mark.parametrize(("status", "fires"), [("open", 1), ("pending", 1), ("resolved", 0)])
async def test_only_conversations_that_are_worked_on_can_be_idle(
    tx: Transaction, people: Cast, talk: Conversation, status: str, fires: int
) -> None:
    await a_waiting_rule(tx, people, 60, on="agent_idle")
    await a_message(tx, talk)
    await change_conversation(tx, talk, {"status": status}, cause=BY_SYSTEM, now=NOW)
    await pass_time(tx, NOW + 60 * MINUTE)
    assert await notes(tx, talk) == fires


async def test_a_new_rule_leaves_old_silences_alone(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_message(tx, talk)
    rule = await a_waiting_rule(tx, people, 60, on="agent_idle")
    rule.updated_at = NOW + 300 * MINUTE  # switched on when the contact had waited for five hours
    await pass_time(tx, NOW + 301 * MINUTE)
    assert await notes(tx, talk) == 0


async def test_each_account_is_asked_for_its_own_rules_alone(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    rule = await a_waiting_rule(tx, people, 60, on="agent_idle")
    rule.account_id = (await tx.get_one(Account, people.other_account.id)).id
    await a_message(tx, talk)
    assert await pass_time(tx, NOW + 60 * MINUTE) == 0


async def test_old_timers_are_forgotten_and_do_not_fire_again(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_waiting_rule(tx, people, 60, on="agent_idle")
    await a_message(tx, talk)
    await pass_time(tx, NOW + 60 * MINUTE)
    later = NOW + timedelta(days=6)
    assert await prune_timers(tx, now=later) == 1
    assert await pass_time(tx, later) == 0
    assert list(await tx.scalars(select(RuleTimer))) == []


# --- snoozes --------------------------------------------------------------------------------------


async def test_a_snooze_ends_by_itself_once(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await a_rule(tx, people, does("add_private_note", "awake"), on="snooze_ended", when=ANY_STATUS)
    until = NOW + 60 * MINUTE
    change: Any = {"status": "snoozed", "snoozed_until": until}
    await change_conversation(tx, talk, change, cause=BY_SYSTEM, now=NOW)
    await pass_time(tx, NOW + 59 * MINUTE)
    assert talk.status == "snoozed"
    await pass_time(tx, until)
    await pass_time(tx, until)
    await tx.refresh(talk)
    assert (talk.status, talk.snoozed_until) == ("open", None)
    assert await texts(tx, talk) == ["awake"]
    names = list(await tx.scalars(select(Event.name).order_by(Event.id)))
    assert names[3:6] == ["conversation_opened", "conversation_updated", "snooze_ended"]


async def test_a_snooze_without_an_end_waits_for_the_contact(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    await change_conversation(tx, talk, {"status": "snoozed"}, cause=BY_SYSTEM, now=NOW)
    assert await wake_snoozed(tx, now=NOW + timedelta(days=99)) == 0


# --- what can be saved ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "delay", "is_fine"),
    [
        ("message_created", None, True),
        ("message_created", "", True),
        ("message_created", 1, True),
        ("message_created", "90", True),
        ("message_created", 43_200, True),
        ("message_created", 43_201, False),
        ("message_created", 0, False),
        ("message_created", -5, False),
        ("message_created", "soon", False),
        ("message_created", {}, False),
        ("agent_idle", 60, True),
        ("agent_idle", None, False),
        ("contact_created", None, True),
        ("contact_created", 60, False),  # no conversation to look at later
    ],
)
async def test_how_long_a_rule_may_wait(
    tx: Transaction, people: Cast, event: str, delay: object, is_fine: bool
) -> None:
    rule = await a_rule(
        tx, people, does("send_custom_action", 10), on=event, when=row("email", "is_present")
    )
    draft = draft_of(rule)
    object.__setattr__(draft, "delay_minutes", delay)
    found = [one.field for one in rule_problems(draft, KNOWN)]
    assert found == ([] if is_fine else ["execution_delay"])
