"""Trying a rule on what really happened: nothing is sent, and it says what and why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from recado.actions.models import CustomAction
from recado.actions.saving import HeaderDraft
from recado.automation.effect_reading import actions_in
from recado.automation.judging import judge
from recado.automation.known import Known
from recado.automation.looking_back import look_back
from recado.automation.models import AutomationRule, Result, RuleVerdict
from recado.automation.saving import RuleDraft
from recado.conversations.models import Conversation
from recado.db.database import Database, Transaction
from recado.deliveries.models import Delivery
from recado.events.causes import Actor, Cause
from recado.events.models import Event
from tests.automation.rules import KNOWN, row
from tests.automation.stories import a_rule, an_action, does, run
from tests.automation.test_pages import FILLED
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message, gather

LONG_AGO = NOW - timedelta(days=30)


def draft(*effects: dict[str, Any], when: Any = None, on: str = "message_created") -> RuleDraft:
    conditions = [when or row("content", "contains", "order")]
    return RuleDraft("Draft", on, conditions, list(effects))


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


@pytest.fixture
async def past(tx: Transaction, people: Cast) -> Conversation:
    """Three messages, two of them orders, long handled."""
    talk = await a_conversation(tx, people.inbox, await a_contact(tx, people.account))
    for text in ("hello", "my order", "another order"):
        await a_message(tx, talk, text)
    await run(tx)
    return talk


async def test_the_past_says_which_events_would_have_fired(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    action = await an_action(tx, people)
    tried = draft(does("send_custom_action", action.id), does("add_label", "vip"))
    found = await look_back(tx, people.account.id, tried, Known(), since=LONG_AGO)
    assert (found.tested, found.fired, found.calls, found.calls_an_hour) == (3, 2, 2, 2)
    assert [one.said for one in found.cases] == ["another order", "my order"]
    assert {one.conversation for one in found.cases} == {past.display_id}
    assert [one.preview.request["body"] for one in found.requests] == [
        '{"text": "another order"}', '{"text": "my order"}',
    ]  # fmt: skip
    assert found.change is None


async def test_trying_sends_nothing_and_writes_nothing(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    action = await an_action(tx, people)
    tried = draft(does("send_custom_action", action.id), does("add_label", "vip"))
    events = await tx.scalar(select(func.count()).select_from(Event))
    await look_back(tx, people.account.id, tried, Known(), since=LONG_AGO)
    for table in (Delivery, RuleVerdict):
        assert await tx.scalar(select(func.count()).select_from(table)) == 0
    assert await tx.scalar(select(func.count()).select_from(Event)) == events
    assert past.labels == []


async def test_an_edit_is_compared_with_the_saved_rule(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    live = await a_rule(tx, people, when=row("content", "contains", "my"))
    tried = draft(when=row("content", "contains", "another", "hello"))
    found = await look_back(tx, people.account.id, tried, Known(), since=LONG_AGO, live=live)
    assert found.change is not None
    assert (found.change.added, found.change.removed) == (2, 1)
    assert [one.said for one in found.change.removed_cases] == ["my order"]


async def test_another_event_is_another_set_of_cases(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    live = await a_rule(tx, people, when=row("content", "contains", "order"))
    tried = draft(when=row("status", "equal_to", "open"), on="conversation_created")
    found = await look_back(tx, people.account.id, tried, Known(), since=LONG_AGO, live=live)
    assert found.change is not None
    assert (found.fired, found.change.added, found.change.removed) == (1, 1, 2)


async def test_only_our_own_events_of_that_time_count(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    other = await look_back(tx, people.other_account.id, draft(), Known(), since=LONG_AGO)
    later = await look_back(tx, people.account.id, draft(), Known(), since=NOW + timedelta(days=1))
    assert (other.tested, later.tested, later.since) == (0, 0, None)


async def test_what_the_rule_caused_itself_does_not_count(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    live = await a_rule(tx, people, when=row("content", "contains", "order"))
    cause = Cause(Actor.RULE, live.id, (live.id,)).as_json()
    for event in await tx.scalars(select(Event).where(Event.name == "message_created")):
        event.cause = cause
    await tx.flush()
    found = await look_back(tx, people.account.id, draft(), Known(), since=LONG_AGO, live=live)
    assert (found.tested, found.passed_over, found.fired) == (3, 3, 0)
    assert [(one.sifted.held, one.sifted.alone) for one in found.hurdles] == [(0, 0)]


async def test_the_past_says_which_conditions_were_in_the_way(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    rows = [
        row("content", "contains", "order", then="and"),
        row("status", "equal_to", "open", then="and"),
        row("message_type", "equal_to", "outgoing"),
    ]
    tried = RuleDraft("Draft", "message_created", rows, [])
    found = await look_back(tx, people.account.id, tried, Known(), since=LONG_AGO)
    assert (found.tested, found.passed_over, found.fired) == (3, 0, 0)
    counts = [(one.sifted.held, one.sifted.alone) for one in found.hurdles]
    assert counts == [(2, 0), (3, 0), (0, 2)]
    assert str(found.hurdles[0].sentence) == "Message content contains “order”"


def test_half_filled_effects_send_nothing() -> None:
    unfinished = [{"action_name": ""}, does("send_custom_action"), does("send_custom_action", "x")]
    assert actions_in([*unfinished, does("send_custom_action", 3)]) == [3]
    assert actions_in(None) == []


# --- the page and the API -------------------------------------------------------------------------


@pytest.fixture
async def action(database: Database, cast: Cast) -> CustomAction:
    secret = (HeaderDraft("Authorization", "Bearer very-secret", is_secret=True),)
    async with database.transaction() as tx:
        return await an_action(tx, cast, headers=secret)


@pytest.fixture
async def rule(database: Database, cast: Cast, action: CustomAction) -> AutomationRule:
    """A saved rule that has fired once, on a real event of now."""
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, talk, "an invoice")
        await a_message(tx, talk, "hello")
        await run(tx)
        for event in await tx.scalars(select(Event)):
            event.processed_at = func.now()
        return await a_rule(
            tx, cast, does("send_custom_action", action.id),
            when=row("content", "contains", "hello"), name="Live",
        )  # fmt: skip


def filled(action: CustomAction, **more: str) -> dict[str, str]:
    sends = {
        "actions-0-name": "send_custom_action",
        "actions-0-was": "send_custom_action",
        "actions-0-params": str(action.id),
    }
    return {**FILLED, **sends, "try_days": "7", "try_conversation": "", **more}


async def test_the_form_is_tried_and_stays_as_it_is(
    ana: Browser, rule: AutomationRule, action: CustomAction
) -> None:
    answer = await ana.post("/app/automation/try", filled(action, name="", rule_id=str(rule.id)))
    assert answer.status_code == 200
    text = answer.text
    assert "+1 −1" in text
    assert "an invoice" in text
    assert "What “CRM” would have sent" in text
    assert "••••••" in text
    assert "very-secret" not in text
    assert 'value="invoice"' not in text
    assert "order\ninvoice" in text.replace("\r", "")  # what was typed


async def test_one_conversation_gives_the_reason_of_each_condition(
    ana: Browser, rule: AutomationRule, action: CustomAction
) -> None:
    text = (await ana.post("/app/automation/try", filled(action, try_conversation="#1"))).text
    assert "Would fire" in text
    assert "Would not fire" in text
    assert "It was: hello" in text
    assert "send the custom action “CRM”" in text


async def test_a_conversation_without_the_event_is_judged_as_it_is_now(
    ana: Browser, rule: AutomationRule, action: CustomAction
) -> None:
    form = filled(action, try_conversation="1", event_name="conversation_resolved")
    text = (await ana.post("/app/automation/try", form)).text
    assert "has not happened there yet" in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"try_conversation": "999"}, "no conversation with this number"),
        ({"try_conversation": "nonsense"}, "no conversation with this number"),
        ({"conditions-0-values": ""}, "First put right"),
        ({"event_name": "nonsense"}, "First put right"),
        ({"try_days": "9999"}, "Events tested"),  # as if 7
    ],
)
async def test_what_cannot_be_tried_is_said(
    ana: Browser, rule: AutomationRule, action: CustomAction, more: dict[str, str], said: str
) -> None:
    answer = await ana.post("/app/automation/try", filled(action, **more))
    assert answer.status_code == 200
    assert said in answer.text


async def test_a_stranger_tries_nothing_of_ours(
    celia: Browser, beto: Browser, rule: AutomationRule, action: CustomAction
) -> None:
    form = filled(action, rule_id=str(rule.id))
    assert (await celia.post("/app/automation/try", form)).status_code == 404
    assert (await beto.post("/app/automation/try", form)).status_code == 403
    alien = (await celia.post("/app/automation/try", filled(action, try_conversation="1"))).text
    assert "no conversation with this number" in alien
    assert "invoice</span>" not in alien


async def test_the_api_tries_a_saved_rule_an_edit_and_a_new_one(
    ana: Browser, cast: Cast, rule: AutomationRule
) -> None:
    path = f"/api/v1/accounts/{cast.account.id}/automation_rules/try"

    async def tried(body: dict[str, Any], status: int = 200) -> Any:
        answer = await ana.api("POST", path, cast.ana_token, body)
        assert answer.status_code == status, answer.text
        return answer.json()

    saved = await tried({"rule_id": rule.id})
    assert (saved["tested"], saved["fired"], saved["calls"]) == (2, 1, 1)
    assert saved["requests"][0]["request"]["body"] == '{"text": "hello"}'
    assert (saved["change"]["added"], saved["change"]["removed"]) == (0, 0)
    edit = await tried({"rule_id": rule.id, "conditions": [row("content", "contains", "invoice")]})
    assert (edit["change"]["added"], edit["change"]["removed"]) == (1, 1)
    [newest, oldest] = (await tried({"rule_id": rule.id, "conversation_id": 1}))["verdicts"]
    assert (newest["result"], oldest["result"]) == ("matched", "not_matched")
    assert oldest["conditions"][0]["actual"] == "an invoice"
    await tried({"name": "x", "event_name": "message_created"}, 422)
    await tried({"rule_id": rule.id, "days": 2}, 422)
    await tried({"rule_id": rule.id, "conversation_id": 99}, 404)


# --- a rule's own settings ------------------------------------------------------------------------

WEEKDAYS = {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00", "time_zone": "UTC"}
AT_NIGHT = {**WEEKDAYS, "from": "18:00", "to": "09:00"}


@pytest.mark.parametrize(
    ("control", "minutes", "other_minutes", "fired", "held_back"),
    [
        ({}, [0, 10, 20], [5], 4, 0),
        ({"once": True}, [0, 10, 20], [], 1, 2),
        ({"once": True}, [0, 10], [5, 15], 2, 2),  # once in each conversation
        ({"cool_down": 15}, [0, 10, 20], [], 2, 1),  # the third is 20 minutes after the first
        ({"cool_down": 10}, [0, 10, 20], [], 3, 0),
        ({"cool_down": 60}, [0, 10, 59, 60, 61], [30], 3, 3),
        ({"hours": WEEKDAYS}, [0, 359, 360], [], 2, 1),  # until 18:00
        ({"hours": AT_NIGHT}, [0, 360], [359], 1, 2),
        (
            {"hours": AT_NIGHT, "once": True},
            [0, 360, 370],
            [],
            1,
            2,
        ),  # what was held back is no firing
    ],
)
async def test_the_past_honours_what_holds_a_rule_back(
    tx: Transaction,
    people: Cast,
    control: dict[str, Any],
    minutes: list[int],
    other_minutes: list[int],
    fired: int,
    held_back: int,
) -> None:
    contact = await a_contact(tx, people.account)
    for each in (minutes, other_minutes):
        talk = await a_conversation(tx, people.inbox, contact)
        for minute in each:
            await a_message(tx, talk, "my order", at=NOW + timedelta(minutes=minute))
    await run(tx)
    tried = replace(draft(), control=control)
    found = await look_back(tx, people.account.id, tried, Known(), since=LONG_AGO)
    assert (found.fired, found.held_back) == (fired, held_back)


async def test_an_edit_of_what_holds_back_is_compared_too(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    live = await a_rule(tx, people, when=row("content", "contains", "order"))
    tried = replace(draft(), control={"once": True})
    found = await look_back(tx, people.account.id, tried, Known(), since=LONG_AGO, live=live)
    assert found.change is not None
    assert (found.change.added, found.change.removed) == (0, 1)
    assert [one.said for one in found.change.removed_cases] == ["another order"]


async def test_requests_are_those_of_what_is_left(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    action = await an_action(tx, people)
    tried = replace(draft(does("send_custom_action", action.id)), control={"once": True})
    found = await look_back(tx, people.account.id, tried, Known(), since=LONG_AGO)
    assert [one.preview.request["body"] for one in found.requests] == ['{"text": "my order"}']


async def test_on_one_conversation_the_second_match_is_held_back(
    tx: Transaction, people: Cast, past: Conversation
) -> None:
    tried = replace(draft(), control={"once": True})
    found = await judge(tx, past, tried, KNOWN, now=NOW)
    results = [one.told.verdict.result for one in found]
    assert results == [Result.HELD_BACK, Result.MATCHED, Result.NOT_MATCHED]
    assert "once" in str(found[0].told.why)


async def test_a_control_that_makes_no_sense_is_said_before_trying(
    ana: Browser, rule: AutomationRule, action: CustomAction
) -> None:
    answer = await ana.post("/app/automation/try", filled(action, cool_down="soon"))
    assert "First put right: Enter whole minutes" in answer.text
