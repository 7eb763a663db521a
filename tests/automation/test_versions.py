"""Each save is a version: what it changed in words, and the way back."""

from typing import Any

import pytest
from sqlalchemy import select

from recado.actions.differences import action_differences
from recado.actions.models import CustomAction
from recado.actions.saving import HeaderDraft, find_action
from recado.automation.differences import rule_differences
from recado.automation.models import AutomationRule
from recado.automation.saving import rules_of
from recado.db.database import Database
from recado.deliveries.models import Delivery
from tests.automation.rules import KNOWN, row
from tests.automation.stories import an_action, does, run
from tests.automation.test_pages import FILLED
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation, a_message

RULE = {
    "name": "Rule",
    "description": "",
    "event_name": "message_created",
    "conditions": [
        row("content", "contains", "order", then="and"),
        row("status", "equal_to", "open"),
    ],
    "effects": [does("add_label", "vip"), does("change_priority", "low")],
    "control": {},
}
FIRST, SECOND = RULE["conditions"]


def joined(*conditions: Any) -> dict[str, Any]:
    return {"conditions": [*conditions]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"name": "Other"}, ["Name: “Rule” → “Other”"]),
        ({"event_name": "conversation_created"}, ["Event: Message created → Conversation created"]),
        (
            joined(row("content", "contains", "invoice", then="and"), SECOND),
            ["Condition changed: Message content contains “order” → Message content contains “invoice”"],
        ),
        (joined(FIRST | {"query_operator": None}),
         ["Condition removed: Conversation status is “Open”"]),
        (
            joined(FIRST, SECOND | {"query_operator": "and"}, row("priority", "is_present")),
            ["Condition added: Priority is present"],
        ),
        (
            joined(FIRST | {"query_operator": "or"}, SECOND),
            ["The conditions are joined differently: Message content contains “order” and "
             "Conversation status is “Open” → Message content contains “order” or "
             "Conversation status is “Open”"],
        ),
        ({"effects": [does("change_priority", "low"), does("add_label", "vip")]},
         ["The actions stand in another order."]),
        ({"effects": [does("add_label", "vip")]},
         ["Action removed: change the priority to “Low”"]),
        ({"effects": [does("add_label", "bug"), does("change_priority", "low")]},
         ["Action changed: add the label “vip” → add the label “bug”"]),
        ({"control": {"once": True}}, ["Only once in each conversation: no → yes"]),
        (
            {"control": {"hours": {"days": [1, 6], "from": "09:00", "to": "12:00", "time_zone": "UTC"}}},
            ["Only at certain hours: no → 09:00–12:00 (Mon, Sat; UTC)"],
        ),
        ({"control": {"cool_down": 5}}, ["Pause after it fired, in minutes: no → 5"]),
    ],
)  # fmt: skip
def test_what_a_save_of_a_rule_changed(changes: dict[str, Any], expected: list[str]) -> None:
    found = [str(one) for one in rule_differences(RULE, RULE | changes, KNOWN)]
    assert found == expected


ACTION = {
    "name": "CRM", "description": "", "method": "POST", "url": "https://a.example/", "body_kind": "json",
    "headers": [{"name": "X-A", "value": "1", "is_secret": False, "secret_id": None},
                {"name": "Key", "value": "", "is_secret": True, "secret_id": 4}],
    "body": '{\n"a": 1\n}', "policy": {},
}  # fmt: skip
PLAIN, SECRET = ACTION["headers"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"method": "PUT"}, ["Method: POST → PUT"]),
        ({"url": "https://b.example/"}, ["URL: https://a.example/ → https://b.example/"]),
        ({"headers": [SECRET]}, ["Header removed: X-A"]),
        ({"headers": [PLAIN, SECRET, {**PLAIN, "name": "New"}]}, ["Header added: New"]),
        ({"headers": [{**PLAIN, "value": "2"}, SECRET]}, ["Header changed: X-A"]),
        (
            {"headers": [PLAIN, {**SECRET, "secret_id": 5}]},
            ["The secret value of Key was replaced."],
        ),
        ({"body": '{\n"a": 2\n}'}, ["Body changed"]),
        ({"policy": {"tries": 1}}, ["How it is sent or kept changed."]),
        ({"answers": {"note": True}}, ["What answers become changed."]),
    ],
)
def test_what_a_save_of_an_action_changed(changes: dict[str, Any], expected: list[str]) -> None:
    assert [str(one.sentence) for one in action_differences(ACTION, ACTION | changes)] == expected


def test_a_changed_body_shows_its_lines() -> None:
    [body] = action_differences(ACTION, ACTION | {"body": '{\n"a": 2\n}'})
    assert (body.gone, body.come) == (('"a": 1',), ('"a": 2',))


async def saved(ana: Browser, database: Database, cast: Cast) -> AutomationRule:
    """A rule that Ana made and then changed."""
    assert (await ana.post("/app/automation", FILLED)).status_code == 303
    async with database.transaction() as tx:
        [rule] = await rules_of(tx, cast.account.id)
    again = {**FILLED, "name": "Renamed", "conditions-0-values": "order"}
    for _ in range(2):  # the second time nothing changes
        assert (await ana.post(f"/app/automation/{rule.id}", again)).status_code == 303
    return rule


async def test_a_rule_goes_back_in_one_click(ana: Browser, database: Database, cast: Cast) -> None:
    rule = await saved(ana, database, cast)
    here = f"/app/automation/{rule.id}/versions"
    page = (await ana.get(here)).text
    assert "Name: “Tell the CRM” → “Renamed”" in page
    assert "Version 2" in page
    assert "Version 3" not in page
    assert "Ana Lima" in page
    assert (await ana.post(f"{here}/1/restore")).status_code == 303
    async with database.transaction() as tx:
        [now] = await rules_of(tx, cast.account.id)
    assert (now.name, now.version) == ("Tell the CRM", 3)
    assert "Name: “Renamed” → “Tell the CRM”" in (await ana.get(here)).text
    assert (await ana.post(f"{here}/99/restore")).status_code == 404


async def test_a_version_that_names_what_is_gone_is_refused(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast)
    sends = {
        "actions-0-name": "send_custom_action",
        "actions-0-was": "send_custom_action",
        "actions-0-params": str(action.id),
    }
    assert (await ana.post("/app/automation", {**FILLED, **sends})).status_code == 303
    assert (await ana.post("/app/automation/1", FILLED)).status_code == 303
    assert (await ana.post(f"/app/actions/{action.id}/delete", {"name": "CRM"})).status_code == 303
    answer = await ana.post("/app/automation/1/versions/1/restore")
    assert answer.status_code == 422
    assert "cannot be brought back" in answer.text


@pytest.fixture
async def action(database: Database, cast: Cast) -> CustomAction:
    secret = (HeaderDraft("Authorization", "Bearer very-secret", is_secret=True),)
    async with database.transaction() as tx:
        return await an_action(tx, cast, headers=secret, body='{"a": 1}')


async def test_an_action_goes_back_with_its_secret(
    ana: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    api = f"/api/v1/accounts/{cast.account.id}/custom_actions/{action.id}"
    for body in ('{"a": 2}', '{"a": 3}'):
        answer = await ana.api("PATCH", api, cast.ana_token, {"body": body})
        assert answer.status_code == 200, answer.text
    page = (await ana.get(f"/app/actions/{action.id}/versions")).text
    assert "Body changed" in page
    assert "very-secret" not in page
    assert (await ana.post(f"/app/actions/{action.id}/versions/1/restore")).status_code == 303
    async with database.transaction() as tx:
        now = await find_action(tx, cast.account.id, action.id)
    assert now is not None
    assert (now.body, now.version) == ('{"a": 2}', 3)
    assert now.headers == action.headers


async def test_the_log_names_the_versions(
    ana: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    sends = {
        "actions-0-name": "send_custom_action",
        "actions-0-was": "send_custom_action",
        "actions-0-params": str(action.id),
    }
    assert (await ana.post("/app/automation", {**FILLED, **sends})).status_code == 303
    async with database.transaction() as tx:
        await a_message(
            tx, await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account)), "order"
        )
        await run(tx)
        delivery = await tx.scalar(select(Delivery))
    assert delivery is not None
    assert (delivery.rule_version, delivery.action_version) == (1, 1)
    assert "version 1" in (await ana.get(f"/app/deliveries/{delivery.id}")).text
    assert "Version 1" in (await ana.get("/app/automation/1")).text


async def test_the_api_lists_and_restores(ana: Browser, database: Database, cast: Cast) -> None:
    rule = await saved(ana, database, cast)
    path = f"/api/v1/accounts/{cast.account.id}/automation_rules/{rule.id}/versions"
    [second, first] = (await ana.api("GET", path, cast.ana_token)).json()["payload"]
    assert (second["number"], second["current"], second["author"]) == (2, True, "Ana Lima")
    assert second["changes"][0]["text"] == "Name: “Tell the CRM” → “Renamed”"
    assert first["changes"] == []
    restored = await ana.api("POST", f"{path}/1/restore", cast.ana_token)
    assert [one["number"] for one in restored.json()["payload"]] == [3, 2, 1]
    assert (await ana.api("POST", f"{path}/9/restore", cast.ana_token)).status_code == 404


async def test_what_was_never_saved_by_a_door_has_no_version_yet(
    ana: Browser, action: CustomAction
) -> None:
    page = await ana.get(f"/app/actions/{action.id}/versions")
    assert "There is no version yet" in page.text
