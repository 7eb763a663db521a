"""Rules and custom actions as a file that another account can be made of."""

import json
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from recado.actions.models import CustomAction
from recado.actions.saving import HeaderDraft, actions_of
from recado.automation.models import AutomationRule
from recado.automation.naming import NamedRule, with_ids, with_names
from recado.automation.saving import rules_of
from recado.automation.transferring import By, NotReadable, apply, document_from, exported
from recado.db.database import Transaction
from recado.lib.addresses import AddressGuard
from tests.automation.rules import KNOWN, changed, row
from tests.automation.stories import VAULT, a_rule, an_action, does
from tests.people import NOW, Cast, gather

BY = By(VAULT, NOW, AddressGuard().surely_refuses)

NAMED = NamedRule(
    [
        row("inbox_id", "equal_to", 1),
        {"any": [changed("assignee_id", [5], ["nil"]), row("content", "contains", "1")]},
    ],
    [
        does("send_custom_action", 10),
        does("assign_team", 3),
        does("assign_agent", "nil"),
        does("add_label", "vip"),
    ],
)


def test_ids_become_names_and_come_back() -> None:
    named = with_names(NAMED, KNOWN)
    assert named.conditions[0]["values"] == ["Site"]
    assert named.conditions[1]["any"][0]["values"] == {"from": ["Ana"], "to": ["nil"]}
    assert [one["action_params"] for one in named.effects] == [
        ["CRM"],
        ["vendas"],
        ["nil"],
        ["vip"],
    ]
    assert with_ids(named, KNOWN) == NAMED


@pytest.mark.parametrize(
    "parsed",
    [None, "text", {"automation_rules": "x"}, [1], [{"name": " "}], [{"name": "a"}, {"name": "a"}]],
)
def test_what_is_no_such_file_is_said(parsed: Any) -> None:
    with pytest.raises(NotReadable):
        document_from(parsed)


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def a_furnished_account(tx: Transaction, people: Cast) -> tuple[CustomAction, AutomationRule]:
    headers = (HeaderDraft("Authorization", "Bearer very-secret", is_secret=True),)
    action = await an_action(tx, people, headers=headers)
    when = row("inbox_id", "equal_to", people.inbox.id)
    rule = await a_rule(tx, people, does("send_custom_action", action.id), when=when, name="Tell")
    return action, rule


async def verbs(tx: Transaction, account_id: int, document: Any) -> list[tuple[str, str]]:
    steps = await apply(tx, account_id, document_from(document), BY)
    return [(one.verb, one.name) for one in steps]


async def test_an_export_is_the_same_when_applied_again_and_holds_no_secret(
    tx: Transaction, people: Cast
) -> None:
    await a_furnished_account(tx, people)
    document = await exported(tx, people.account.id)
    text = json.dumps(document)
    assert "very-secret" not in text
    assert "secret_id" not in text
    for copy in (json.loads(text), yaml.safe_load(yaml.safe_dump(document))):
        assert await verbs(tx, people.account.id, copy) == [("same", "CRM"), ("same", "Tell")]


async def test_a_file_makes_another_account(tx: Transaction, people: Cast) -> None:
    await a_furnished_account(tx, people)
    document = await exported(tx, people.account.id)
    document["automation_rules"][0]["conditions"][0]["values"] = ["Loja"]  # its inbox there
    document["custom_actions"][0]["headers"] = []
    other = people.other_account.id
    assert await verbs(tx, other, document) == [("create", "CRM"), ("create", "Tell")]
    [action], [rule] = await actions_of(tx, other), await rules_of(tx, other)
    assert rule.effects == [does("send_custom_action", action.id)]
    assert rule.conditions[0]["values"] == [people.other_inbox.id]
    document["automation_rules"][0]["description"] = "changed"
    assert await verbs(tx, other, document) == [("same", "CRM"), ("change", "Tell")]
    assert (rule.description, rule.version) == ("changed", 2)


async def test_a_new_action_waits_as_a_draft_for_its_secret(tx: Transaction, people: Cast) -> None:
    await a_furnished_account(tx, people)
    document = await exported(tx, people.account.id)
    document["automation_rules"] = []
    [step] = await apply(tx, people.other_account.id, document_from(document), BY)
    assert "Authorization" in step.notes[0]
    [action] = await actions_of(tx, people.other_account.id)
    assert (action.state, action.headers) == ("draft", [])


async def test_what_is_wrong_is_refused_with_its_place(tx: Transaction, people: Cast) -> None:
    action, rule = await a_furnished_account(tx, people)
    document = await exported(tx, people.account.id)
    document["custom_actions"][0]["url"] = "nonsense"
    document["automation_rules"][0]["actions"] = [does("send_custom_action", "Nobody")]
    steps = await apply(tx, people.account.id, document_from(document), BY)
    assert [one.verb for one in steps] == ["refuse", "refuse"]
    assert steps[0].notes[0].startswith("url:")
    assert steps[1].notes[0].startswith("actions.0.action_params:")
    assert action.url != "nonsense"
    assert rule.effects == [does("send_custom_action", action.id)]


async def test_what_chatwoot_lists_is_read(tx: Transaction, people: Cast) -> None:
    theirs = {
        "payload": [
            {
                "id": 9, "account_id": 4, "name": "Urgent", "description": None,
                "event_name": "message_created", "created_on": 1, "active": True,
                "conditions": [{
                    "attribute_key": "content", "filter_operator": "contains", "values": ["help"],
                    "query_operator": None, "custom_attribute_type": "",
                }],
                "actions": [{"action_name": "change_priority", "action_params": ["urgent"]}],
            }
        ]
    }  # fmt: skip
    assert await verbs(tx, people.account.id, theirs) == [("create", "Urgent")]
    rule = await tx.scalar(select(AutomationRule))
    assert rule is not None
    assert rule.effects == [does("change_priority", "urgent")]
