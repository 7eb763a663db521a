"""The story of a conversation says what happened, what each rule made of it, and what was sent."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from recado.automation.captions import event_label
from recado.automation.models import AutomationRule, RuleVerdict
from recado.automation.pruning import prune_samples
from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules, take_lanes
from recado.automation.saving import RuleDraft, create_rule, draft_of, find_rule, update_rule
from recado.automation.tallying import bars
from recado.automation.versions import keep_rule_version
from recado.conversations.changing import Change, change_conversation
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation, MessageType
from recado.conversations.typing import Sign, tell_typing
from recado.db.database import Database
from recado.events.causes import BY_SYSTEM, Actor, Cause
from recado.lib.languages import speaking
from tests.automation.rules import row
from tests.automation.stories import INCOMING, a_rule, an_action, does, post, run
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

_ORDER = [
    row("message_type", "equal_to", "incoming", then="and"),
    row("content", "contains", "order"),
]


@pytest.fixture
async def rule(database: Database, cast: Cast) -> AutomationRule:
    async with database.transaction() as tx:
        action = await an_action(tx, cast)
        return await a_rule(
            tx, cast, does("send_custom_action", action.id), when=_ORDER, name="Tell the CRM"
        )


@pytest.fixture
async def talk(database: Database, cast: Cast, rule: AutomationRule) -> Conversation:
    """One message that nearly fires the rule, one that does, and Ana's change."""
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, talk, "hello <b>there</b>")
        await a_message(tx, talk, "my order")
        by = Cause(Actor.PERSON, cast.ana.user_id)
        found = await find_conversation(tx, cast.account.id, talk.display_id, for_change=True)
        assert found is not None
        await change_conversation(tx, found, Change(priority="high"), cause=by, now=NOW)
        await run(tx)
    return talk


async def test_the_story_tells_each_event_with_its_verdicts(
    ana: Browser, talk: Conversation, rule: AutomationRule
) -> None:
    answer = await ana.get(f"/app/automation/story/{talk.display_id}")
    assert answer.status_code == 200
    text = answer.text
    assert "Maria Souza" in text
    assert "hello &lt;b&gt;there&lt;/b&gt;" in text
    assert "1 condition was missing" in text
    assert "It was: hello" in text
    assert "See the delivery" in text
    assert "Waiting" in text  # the delivery's state
    assert "Priority: nothing → High" in text
    assert "Ana Lima" in text
    assert "No rule waited for this event." in text
    assert text.index("Priority:") < text.index("my order") < text.index("hello")  # newest first


async def _forgotten(database: Database) -> None:
    """The verdicts that did not fire, as after a week."""
    async with database.transaction() as tx:
        assert await prune_samples(tx, now=NOW + timedelta(days=8)) > 0


async def test_what_was_not_kept_is_worked_out_again(
    ana: Browser, database: Database, talk: Conversation
) -> None:
    path = f"/app/automation/story/{talk.display_id}"
    assert "worked out again" not in (await ana.get(path)).text
    await _forgotten(database)
    text = (await ana.get(path)).text
    assert text.count("worked out again") == 1  # what fired is kept
    assert "1 condition was missing" in text
    assert "It was: hello" in text
    assert (
        text.count("No rule waited for this event.") == 2
    )  # the conversation's start, Ana's change


async def test_a_rule_changed_since_says_that_it_would_fire_today(
    ana: Browser, database: Database, talk: Conversation, rule: AutomationRule
) -> None:
    await _forgotten(database)
    async with database.transaction() as tx:
        now = await find_rule(tx, talk.account_id, rule.id)
        assert now is not None
        draft = replace(draft_of(now), conditions=[INCOMING])
        await update_rule(tx, now, draft, now=NOW + timedelta(hours=1))
    text = (await ana.get(f"/app/automation/story/{talk.display_id}")).text
    assert "Would fire today" in text
    assert "It did not fire then" in text


async def _saved_later(
    database: Database, rule: AutomationRule, *, had_version: bool = True
) -> None:
    """The rule as it was is a version; an hour later it waits for another event and another word."""
    async with database.transaction() as tx:
        now = await find_rule(tx, rule.account_id, rule.id)
        assert now is not None
        if had_version:
            await keep_rule_version(tx, now, by=None, now=NOW)
        invoice = [row("content", "contains", "invoice")]
        draft = replace(draft_of(now), conditions=invoice, event_name="conversation_updated")
        later = NOW + timedelta(hours=1)
        await update_rule(tx, now, draft, now=later)
        await keep_rule_version(tx, now, by=None, now=later)


async def test_what_is_worked_out_again_uses_the_version_of_then(
    ana: Browser, database: Database, talk: Conversation, rule: AutomationRule
) -> None:
    await _forgotten(database)
    await _saved_later(database, rule)
    text = (await ana.get(f"/app/automation/story/{talk.display_id}")).text
    told = text.split("worked out again")[1]
    assert "Version 1" in told
    assert "Message content contains “order”" in told
    assert "invoice" not in text
    assert "as it is today" not in text


async def test_a_rule_whose_version_of_then_is_gone_says_so(
    ana: Browser, database: Database, talk: Conversation, rule: AutomationRule
) -> None:
    await _forgotten(database)
    await _saved_later(database, rule, had_version=False)
    text = (await ana.get(f"/app/automation/story/{talk.display_id}")).text
    assert "Message content contains “invoice”" in text.split("worked out again")[1]
    assert "How it was then is not known any more" in text


async def test_a_version_of_then_that_held_says_that_it_was_off(
    ana: Browser, database: Database, talk: Conversation, rule: AutomationRule
) -> None:
    async with database.transaction() as tx:
        await tx.execute(delete(RuleVerdict))
    await _saved_later(database, rule)
    text = (await ana.get(f"/app/automation/story/{talk.display_id}")).text
    assert "Conditions held" in text
    assert "it was off, or kept back" in text


async def test_a_rule_whose_cases_are_gone_does_not_say_that_nothing_happened(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        never = await a_rule(tx, cast, does("mute_conversation"), when=_ORDER)
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, talk, "hello")
        book = RuleBook()
        now = datetime.now(UTC)  # the page counts the days up to today
        while lanes := await take_lanes(tx):
            await run_rules(tx, book, lanes, now=now)
        assert await prune_samples(tx, now=now + timedelta(days=8)) > 0
    page = (await ana.get(f"/app/automation/{never.id}")).text
    assert "No case is kept" in page
    assert "Nothing happened yet" not in page


async def test_rules_made_later_never_waited_for_an_event(
    ana: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    async with database.transaction() as tx:
        later = RuleDraft("Newcomer", "message_created", _ORDER, [does("mute_conversation")])
        await create_rule(tx, cast.account.id, later, now=NOW + timedelta(days=1))
    text = (await ana.get(f"/app/automation/story/{talk.display_id}")).text
    assert "Newcomer" not in text


async def test_of_many_rules_the_nearest_are_told(
    ana: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    await _forgotten(database)
    far = [row("content", "contains", "no", then="and"), row("content", "contains", "way")]
    async with database.transaction() as tx:
        for number in range(12):
            await a_rule(tx, cast, does("mute_conversation"), when=far, name=f"Far {number:02}")
    text = (await ana.get(f"/app/automation/story/{talk.display_id}")).text
    hello = text[text.index("hello &lt;b") :]
    assert hello.index("Tell the CRM") < hello.index("Far 00")
    assert "Far 08" in hello
    assert "Far 09" not in hello
    assert "3 more rules did not fire." in hello


async def test_an_automatic_answer_says_that_no_rule_is_tested_on_it(
    ana: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    async with database.transaction() as tx:
        found = await find_conversation(tx, cast.account.id, talk.display_id, for_change=True)
        assert found is not None
        told = {"email": {"auto_reply": True}}
        await post(tx, found, "I am away", MessageType.INCOMING, content_attributes=told)
        await run(tx)
    text = (await ana.get(f"/app/automation/story/{talk.display_id}")).text
    assert "An automatic answer: no rule is tested on it." in text


async def test_the_story_goes_on_page_by_page(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        for number in range(25):
            await a_message(tx, talk, f"message {number:02}")
    first = (await ana.get(f"/app/automation/story/{talk.display_id}")).text
    assert "message 24" in first
    assert "message 00" not in first
    before = first.split("?before=")[1].split('"')[0]
    older = (await ana.get(f"/app/automation/story/{talk.display_id}?before={before}")).text
    assert "message 00" in older
    assert "message 24" not in older


async def test_only_administrators_of_the_account_read_it(
    talk: Conversation, ana: Browser, beto: Browser, celia: Browser
) -> None:
    path = f"/app/automation/story/{talk.display_id}"
    assert (await beto.get(path)).status_code == 403
    assert (await celia.get(path)).status_code == 404
    assert (await ana.get(path + "?before=nonsense")).status_code == 200


async def test_the_rule_shows_what_nearly_fired(
    ana: Browser, talk: Conversation, rule: AutomationRule
) -> None:
    page = (await ana.get(f"/app/automation/{rule.id}?result=nearly")).text
    assert "Nearly fired" in page
    assert "It was: hello" in page
    assert "my order" not in page


def test_each_day_has_a_bar_and_what_is_there_can_be_seen() -> None:
    counts: dict[Any, dict[str, int]] = {NOW.date(): {"matched": 1, "not_matched": 999}}
    drawn = bars(counts, today=NOW.date())
    assert len(drawn) == 30
    assert (drawn[-1].tested, drawn[-1].fired) == (1_000, 1)
    assert (drawn[-1].height, drawn[-1].fired_height, drawn[0].height) == (100, 4, 0)


async def test_the_story_belongs_to_the_conversations(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    menu = (await ana.get(f"/app/automation/story/{talk.display_id}")).text.split("</nav>")[0]
    assert re.findall(r'href="([^"]+)" aria-current', menu) == ["/app/conversations"]


@pytest.mark.parametrize(
    ("name", "facts", "label"),
    [
        ("message_created", {}, "Message created"),
        ("message_updated", {}, "Message updated"),
        ("webwidget_triggered", {}, "Chat opened on the website"),
        ("rule_due", {"due": {"event": "business_hours_ended"}}, "Business hours end"),
        ("rule_due", {"due": {"event": "agent_idle"}}, "No agent has replied for some time"),
        ("rule_due", {"due": {"event": "message_created"}}, "After waiting: Message created"),
    ],
)
def test_every_event_has_a_name_for_people(name: str, facts: dict[str, Any], label: str) -> None:
    with speaking("en"):
        assert str(event_label(name, facts)) == label


async def test_typing_is_no_part_of_the_story(
    ana: Browser, database: Database, cast: Cast, talk: Conversation
) -> None:
    path = f"/app/automation/story/{talk.display_id}"
    before = (await ana.get(path)).text.count('class="moment')
    async with database.transaction() as tx:
        found = await find_conversation(tx, cast.account.id, talk.display_id, for_change=True)
        assert found is not None
        for is_on in (True, False):
            sign = Sign(is_on=is_on, is_private=False)
            await tell_typing(tx, found, found.contact, sign, cause=BY_SYSTEM, now=NOW)
    assert (await ana.get(path)).text.count('class="moment') == before
