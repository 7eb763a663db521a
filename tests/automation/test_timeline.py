"""The story of a conversation says what happened, what each rule made of it, and what was sent."""

from typing import Any

import pytest

from recado.automation.models import AutomationRule
from recado.automation.tallying import bars
from recado.conversations.changing import Change, change_conversation
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation
from recado.db.database import Database
from recado.events.causes import Actor, Cause
from tests.automation.rules import row
from tests.automation.stories import a_rule, an_action, does, run
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
