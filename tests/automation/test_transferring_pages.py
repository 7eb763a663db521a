"""Rules as a file, by page and by REST: first the plan, then the change, nothing dropped in silence."""

import json
from typing import Any

import pytest
import yaml

from recado.automation.documents import parsed_document, written_document
from recado.automation.saving import rules_of
from recado.automation.transferring import NotReadable
from recado.db.database import Database
from tests.api.calling import Program, programs
from tests.automation.rules import row
from tests.automation.stories import an_action, does
from tests.browser import Browser
from tests.people import Cast

IMPORT = "/app/automation/import"
RULE = {
    "name": "Tell",
    "event_name": "message_created",
    "conditions": [row("content", "contains", "order")],
    "actions": [does("send_custom_action", "CRM"), does("change_priority", "high")],
}
# as Chatwoot's API lists it: A or B and C is A or (B and C)
CHATWOOT = {
    "payload": [
        {
            "id": 7, "account_id": 3, "name": "Theirs", "description": None,
            "event_name": "conversation_created", "created_on": 1700000000, "active": True,
            "conditions": [
                row("status", "equal_to", "open", then="or"),
                row("priority", "equal_to", "high", then="and"),
                row("labels", "is_present"),
            ],
            "actions": [{"action_name": "resolve_conversation", "action_params": []}],
            "sla_policy_id": 4,
        }
    ]
}  # fmt: skip


@pytest.fixture(autouse=True)
async def _crm(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await an_action(tx, cast)


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[0]


async def names(database: Database, cast: Cast) -> list[str]:
    async with database.transaction() as tx:
        return [one.name for one in await rules_of(tx, cast.account.id)]


async def planned(ana: Browser, document: Any, *, status: int = 200, **more: str) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    answer = await ana.post(IMPORT, {"document": text, **more})
    assert answer.status_code == status, answer.text
    return answer.text


async def test_the_plan_is_shown_first_and_changes_nothing(
    ana: Browser, database: Database, cast: Cast
) -> None:
    shown = await planned(ana, [RULE])
    assert "New" in shown
    assert "send the custom action “CRM”" in shown
    assert "Apply 1 change" in shown
    assert await names(database, cast) == []


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
async def test_then_it_is_applied(ana: Browser, database: Database, cast: Cast, write: Any) -> None:
    answer = await ana.post(IMPORT, {"document": write([RULE]), "do": "apply"})
    assert answer.headers["location"] == "/app/automation"
    assert await names(database, cast) == ["Tell"]
    assert "Everything is so already." in await planned(ana, [RULE])


async def test_a_change_is_told_in_words(ana: Browser) -> None:
    await ana.post(IMPORT, {"document": json.dumps([RULE]), "do": "apply"})
    changed = RULE | {"actions": [does("send_custom_action", "CRM")]}
    shown = await planned(ana, [changed])
    assert "Changes" in shown
    assert "change the priority to “High”" in shown  # what goes


async def test_a_refused_part_keeps_the_whole_file_away(
    ana: Browser, database: Database, cast: Cast
) -> None:
    other = RULE | {"name": "Other", "actions": [does("assign_team", "Nobody knows")]}
    shown = await planned(ana, [RULE, other], status=422)
    assert "Refused" in shown
    assert "actions.0.action_params: Choose a team." in shown
    assert "Apply" not in shown.partition("<main")[2].partition("do")[2][:200]
    await planned(ana, [RULE, other], status=422, do="apply")
    assert await names(database, cast) == []


async def test_chatwoots_rules_are_read_and_bind_and_before_or(
    ana: Browser, database: Database, cast: Cast
) -> None:
    shown = await planned(ana, CHATWOOT)
    assert "status is “Open” or (Priority is “High” and the conversation has labels)" in shown
    assert "read as those of this account" in shown  # numbers of another installation
    assert "“sla_policy_id” is not read here." in shown
    await ana.post(IMPORT, {"document": json.dumps(CHATWOOT), "do": "apply"})
    assert await names(database, cast) == ["Theirs"]


async def test_parts_that_are_not_read_are_listed(ana: Browser) -> None:
    shown = await planned(ana, {"automation_rules": [RULE], "macros": [], "labels": ["a"]})
    assert "labels, macros" in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a file"),
        ("{", "neither JSON nor YAML"),
        ("just words", "neither rules nor custom actions"),
        ('[{"event_name": "x"}]', "needs a name"),
        ("a: &a [1]\nb: [*a, *a]", "anchors"),
        ("[NaN]", "neither JSON nor YAML"),
    ],
)
async def test_what_is_no_such_file_is_told_and_stays_in_the_form(
    ana: Browser, text: str, said: str
) -> None:
    shown = await planned(ana, text, status=422)
    assert said in shown
    assert 'name="document"' in shown


def test_dates_of_yaml_are_texts() -> None:
    assert parsed_document("a: 2026-11-23") == {"a": "2026-11-23"}


def test_a_file_too_large_is_told() -> None:
    with pytest.raises(NotReadable, match="5000000"):
        parsed_document("x" * 5_000_001)


def test_a_body_of_several_lines_stays_as_it_is_in_yaml() -> None:
    document = {"custom_actions": [{"name": "CRM", "body": '{\n  "a": "{{ contact.name }}"\n}'}]}
    text = written_document(document, as_yaml=True)
    assert '    {\n      "a": "{{ contact.name }}"\n    }\n' in text
    assert parsed_document(text) == document


@pytest.mark.parametrize("kind", ["json", "yaml"])
async def test_an_export_changes_nothing_when_it_comes_back(ana: Browser, kind: str) -> None:
    await ana.post(IMPORT, {"document": json.dumps([RULE]), "do": "apply"})
    answer = await ana.get(f"/app/automation/export.{kind}")
    assert f'filename="rules.{kind}"' in answer.headers["content-disposition"]
    assert "Everything is so already." in await planned(ana, answer.text)


@pytest.mark.parametrize("path", [IMPORT, "/app/automation/export.json"])
async def test_agents_do_not_carry_rules(beto: Browser, path: str) -> None:
    assert (await beto.get(path)).status_code == 403


async def test_a_program_plans_and_applies(api: Program, database: Database, cast: Cast) -> None:
    plan = await api.post("automation_rules/plan", {"automation_rules": [RULE]})
    assert plan["applied"] is False
    assert [(one["verb"], one["kind"], one["name"]) for one in plan["steps"]] == [
        ("create", "rule", "Tell")
    ]
    assert await names(database, cast) == []
    done = await api.post("automation_rules/apply", {"automation_rules": [RULE]})
    assert (done["applied"], await names(database, cast)) == (True, ["Tell"])
    exported = await api.get("automation_rules/export")
    again = await api.post("automation_rules/plan", exported)
    assert {one["verb"] for one in again["steps"]} == {"same"}


async def test_a_program_is_told_what_is_refused(
    api: Program, database: Database, cast: Cast
) -> None:
    wrong = RULE | {"event_name": "moon_full"}
    answer = await api.call(
        "POST", "automation_rules/apply", {"payload": [RULE, wrong | {"name": "M"}]}
    )
    assert answer.status_code == 422
    assert [one["verb"] for one in answer.json()["steps"]] == ["create", "refuse"]
    assert await names(database, cast) == []
    assert (await api.call("POST", "automation_rules/plan", {"payload": 1})).status_code == 422


async def test_a_version_names_who_applied_it(api: Program) -> None:
    await api.post("automation_rules/apply", {"payload": [RULE]})
    [rule] = (await api.get("automation_rules"))["payload"]
    [version] = (await api.get(f"automation_rules/{rule['id']}/versions"))["payload"]
    assert version["author"] == "Ana Lima"
