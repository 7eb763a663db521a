"""A rule that names something deleted says so in the list, on its page and in its form."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from recado.accounts.joining import remove_member
from recado.accounts.teams import create_team, delete_team
from recado.actions.models import ActionState
from recado.automation.checking import problems_in
from recado.automation.knowing import known_of
from recado.automation.listing import shown_rule
from recado.automation.models import AutomationRule
from recado.contacts.attributes import (
    AttributeDraft,
    AttributeKind,
    AttributeModel,
    create_attribute,
    delete_attribute,
)
from recado.contacts.labels import create_label, delete_label
from recado.db.database import Transaction
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, close_inbox, open_inbox
from tests.automation.rules import KNOWN, changed, row
from tests.automation.stories import ANY_STATUS, VAULT, a_rule, an_action, does
from tests.browser import Browser
from tests.people import NOW, Cast

Gone = tuple[Any, Any, Callable[[], Awaitable[Any]]]  # a condition, an effect, and the end of it


async def a_team(tx: Transaction, cast: Cast) -> Gone:
    team = await create_team(tx, cast.account.id, "vendas")
    condition = row("team_id", "equal_to", team.id)
    return condition, does("assign_team", team.id), lambda: delete_team(tx, team)


async def a_label(tx: Transaction, cast: Cast) -> Gone:
    label = await create_label(tx, cast.account.id, "vip")
    return changed("labels", [], ["vip"]), does("add_label", "vip"), lambda: delete_label(tx, label)


async def an_agent(tx: Transaction, cast: Cast) -> Gone:
    number = cast.beto.user_id
    condition = row("assignee_id", "not_equal_to", number)
    return condition, does("assign_agent", number), lambda: remove_member(tx, cast.beto)


async def an_inbox(tx: Transaction, cast: Cast) -> Gone:
    draft = InboxDraft("Loja", Channel.API)
    inbox = await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)
    condition = {"any": [row("inbox_id", "equal_to", inbox.id), ANY_STATUS]}
    return condition, does("open_conversation"), lambda: close_inbox(tx, inbox)


async def an_attribute(tx: Transaction, cast: Cast) -> Gone:
    draft = AttributeDraft("Plan", "plan", AttributeKind.TEXT, AttributeModel.CONTACT)
    attribute = await create_attribute(tx, cast.account.id, draft, now=NOW)
    setting = {"attribute_key": "plan", "custom_attribute_type": "contact_attribute", "value": "x"}
    condition = row("plan", "equal_to", "x", of="contact_attribute")
    effect = does("set_custom_attribute", setting)
    return condition, effect, lambda: delete_attribute(tx, attribute)


THINGS = [a_team, a_label, an_agent, an_inbox, an_attribute]


@pytest.mark.parametrize("part", ["condition", "effect"])
@pytest.mark.parametrize("thing", THINGS, ids=lambda one: one.__name__)
async def test_what_a_rule_names_may_not_be_gone(
    tx: Transaction, people: Cast, thing: Callable[..., Awaitable[Gone]], part: str
) -> None:
    condition, effect, end = await thing(tx, people)
    if part == "condition":
        effect = does("open_conversation")
    elif effect["action_name"] == "open_conversation":
        pytest.skip("no effect names an inbox")
    else:
        condition = ANY_STATUS
    rule = await a_rule(tx, people, effect, on="conversation_updated", when=condition)
    before = await known_of(tx, people.account.id)
    assert shown_rule(rule, before, []).lost is None
    await end()
    await tx.flush()
    after = await known_of(tx, people.account.id)
    assert shown_rule(rule, after, []).lost is not None


async def test_what_is_lost_is_said_beside_an_action_that_is_off(
    tx: Transaction, people: Cast
) -> None:
    off = await an_action(tx, people, "ERP", ActionState.OFF)
    rule = await a_rule(
        tx, people, does("send_custom_action", off.id), when=row("team_id", "equal_to", 99)
    )
    shown = shown_rule(rule, await known_of(tx, people.account.id), [])
    assert shown.waits_for == ["ERP"]
    assert str(shown.lost) == "There is no such team. It may have been deleted."


async def test_list_page_and_form_say_what_was_deleted(
    ana: Browser, database: Any, cast: Cast
) -> None:
    async with database.transaction() as tx:
        condition, effect, end = await a_label(tx, cast)
        rule = await a_rule(tx, cast, effect, on="conversation_updated", when=condition)
        await end()
    for path in ("/app/automation", f"/app/automation/{rule.id}"):
        assert "There is no label “vip”." in (await ana.get(path)).text
    assert "vip (deleted)" in (await ana.get(f"/app/automation/{rule.id}/edit")).text


def test_a_value_taken_off_a_list_is_a_problem() -> None:
    definitions = dict(KNOWN.custom_attributes)
    plans = definitions["contact_attribute", "c_list"]
    definitions["contact_attribute", "c_list"] = replace(plans, values=("Free",))
    condition = row("c_list", "equal_to", "platinum", of="contact_attribute")
    assert problems_in("message_created", [condition], KNOWN) == []
    less = replace(KNOWN, custom_attributes=definitions)
    [found] = problems_in("message_created", [condition], less)
    assert found.field == "conditions.0.values"


def test_nothing_is_lost_where_nothing_is_wrong() -> None:
    rule = AutomationRule(
        account_id=1, name="Rule", event_name="message_created", conditions=[ANY_STATUS],
        effects=[does("open_conversation")], created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    shown = shown_rule(rule, KNOWN, [])
    assert (shown.waits_for, shown.lost) == ([], None)
