"""A worker beside a newer one: what it does not know, it leaves to it."""

from typing import Any

import pytest
from sqlalchemy import select, update

from recado.accounts.models import Account
from recado.automation.models import AutomationRule
from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules, take_lanes
from recado.automation.saving import RuleDraft, create_rule
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.events.models import Event
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

INCOMING = {
    "attribute_key": "message_type", "filter_operator": "equal_to",
    "values": ["incoming"], "query_operator": None,
}  # fmt: skip
LABEL = {"action_name": "add_label", "action_params": ["seen"]}


@pytest.fixture
async def rule(tx: Transaction, people: Cast) -> AutomationRule:
    draft = RuleDraft("Label", "message_created", [INCOMING], [LABEL])
    return await create_rule(tx, people.account.id, draft, now=NOW)


@pytest.fixture
async def talk(tx: Transaction, people: Cast) -> Conversation:
    return await a_conversation(tx, people.inbox, await a_contact(tx, people.account))


async def run(tx: Transaction, book: RuleBook) -> int:
    total = 0
    for _ in range(5):
        total += await run_rules(tx, book, await take_lanes(tx), now=NOW)
    return total


async def waiting(tx: Transaction) -> list[str]:
    query = select(Event.name).where(Event.processed_at.is_(None)).order_by(Event.id)
    return list(await tx.scalars(query))


async def test_an_event_of_a_newer_recado_waits_and_holds_up_no_other(
    tx: Transaction, talk: Conversation, rule: AutomationRule
) -> None:
    await a_message(tx, talk)
    await tx.execute(
        update(Event).where(Event.name == "message_created").values(name="message_read")
    )
    await a_message(tx, talk, "second")
    assert await run(tx, RuleBook()) > 0
    assert await waiting(tx) == ["message_read"]
    assert await take_lanes(tx) == []  # and nobody looks again and again
    await tx.execute(  # the newer worker
        update(Event).where(Event.name == "message_read").values(name="message_created")
    )
    assert await run(tx, RuleBook()) > 0
    assert await waiting(tx) == []


@pytest.mark.parametrize(
    "newer",
    [
        {"effects": [{"action_name": "summon", "action_params": []}]},
        {"event_name": "message_read"},
        {"conditions": [{**INCOMING, "filter_operator": "resembles"}]},
    ],
    ids=["effect", "event", "operator"],
)
async def test_an_account_with_rules_of_a_newer_recado_is_left_to_it(
    tx: Transaction, people: Cast, talk: Conversation, rule: AutomationRule, newer: dict[str, Any]
) -> None:
    known = {name: getattr(rule, name) for name in newer}
    await change(tx, rule, newer)
    await a_message(tx, talk)
    elsewhere = await a_conversation(
        tx, people.other_inbox, await a_contact(tx, people.other_account)
    )
    await a_message(tx, elsewhere)
    before, book = await waiting(tx), RuleBook()
    assert 0 < await run(tx, book) < len(before)  # the other account goes on
    left = await waiting(tx)
    assert "message_created" in left
    await change(tx, rule, known)
    assert await run(tx, book) >= len(left)  # the same worker notices
    assert await waiting(tx) == []


async def change(tx: Transaction, rule: AutomationRule, values: dict[str, Any]) -> None:
    await tx.execute(update(AutomationRule).where(AutomationRule.id == rule.id).values(**values))
    await tx.execute(update(Account).values(rules_version=Account.rules_version + 1))
