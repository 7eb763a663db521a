"""The behaviours of rules over the API that its users know, by their numbers (54 to 66, 77)."""

from typing import Any

import pytest

from tests.api.calling import Program, programs
from tests.automation.rules import row
from tests.browser import Browser
from tests.people import Cast

BODY = {
    "name": "Tell",
    "event_name": "message_created",
    "conditions": [row("content", "contains", "help")],
    "actions": [{"action_name": "change_status", "action_params": ["pending"]}],
}
OPEN = row("status", "equal_to", "open")


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[0]


async def rules(api: Program) -> list[Any]:
    listed: list[Any] = (await api.get("automation_rules"))["payload"]
    return listed


async def refused(api: Program, **change: Any) -> dict[str, Any]:
    answer = await api.call("POST", "automation_rules", {**BODY, **change})
    assert answer.status_code == 422
    assert await rules(api) == []  # nothing is saved
    errors: dict[str, Any] = answer.json()["errors"]
    return errors


async def test_54_a_missing_joiner_is_refused_and_the_message_says_so(api: Program) -> None:
    errors = await refused(api, conditions=[OPEN, OPEN])
    assert list(errors) == ["conditions.0.query_operator"]
    assert "AND or OR" in errors["conditions.0.query_operator"]


async def test_55_labels_and_private_note_are_keys(api: Program) -> None:
    await api.post("labels", {"title": "bug"})
    conditions = [
        row("labels", "equal_to", "bug", then="and"),
        row("private_note", "equal_to", "true"),
    ]
    made = await api.post("automation_rules", {**BODY, "conditions": conditions})
    assert made["conditions"] == conditions


async def test_57_an_administrator_lists_the_rules(api: Program) -> None:
    made = await api.post("automation_rules", BODY)
    assert [one["id"] for one in await rules(api)] == [made["id"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "automation_rules"), ("POST", "automation_rules"), ("GET", "automation_rules/1"),
        ("PATCH", "automation_rules/1"), ("PUT", "automation_rules/1"),
        ("DELETE", "automation_rules/1"), ("POST", "automation_rules/1/clone"),
    ],
)  # fmt: skip
async def test_58_every_verb_needs_a_token(api: Program, method: str, path: str) -> None:
    await api.post("automation_rules", BODY)
    nobody = Program(api.browser, "wrong", api.account_id)
    assert (await nobody.call(method, path, BODY)).status_code == 401
    assert len(await rules(api)) == 1


async def test_59_a_bad_joiner_is_refused(api: Program) -> None:
    errors = await refused(api, conditions=[OPEN | {"query_operator": "XOR"}, OPEN])
    assert list(errors) == ["conditions.0.query_operator"]


async def test_60_an_unknown_attribute_is_refused(api: Program) -> None:
    errors = await refused(api, conditions=[row("moon", "equal_to", "full")])
    text = "Automation conditions moon not supported."
    assert errors == {"conditions.0.attribute_key": text}


async def test_61_a_sound_rule_is_made(api: Program) -> None:
    made = await api.post("automation_rules", BODY)
    assert (made["name"], made["active"], made["conditions"]) == ("Tell", True, BODY["conditions"])


async def test_63_a_copy_has_its_own_id(api: Program) -> None:
    made = await api.post("automation_rules", BODY)
    copied = (await api.post(f"automation_rules/{made['id']}/clone"))["payload"]
    assert copied["id"] != made["id"]
    assert [one["name"] for one in await rules(api)] == ["Tell", "Tell"]


async def test_64_a_change_replaces_conditions_and_actions_and_the_switch_stays(
    api: Program,
) -> None:
    made = await api.post("automation_rules", {**BODY, "active": False})
    actions = [{"action_name": "open_conversation", "action_params": []}]
    change = {"conditions": [OPEN], "actions": actions}
    await api.patch(f"automation_rules/{made['id']}", change)
    [again] = await rules(api)
    assert (again["conditions"], again["actions"], again["active"]) == ([OPEN], actions, False)


async def test_66_a_deleted_rule_is_gone(api: Program) -> None:
    made = await api.post("automation_rules", BODY)
    assert (await api.call("DELETE", f"automation_rules/{made['id']}")).status_code == 200
    assert await rules(api) == []


async def test_77_an_administrator_sees_all_inboxes_and_an_agent_his_own(
    api: Program, cast: Cast, visitor: Browser
) -> None:
    other = await api.post("inboxes", {"name": "Shop", "channel": {"type": "api"}})
    for inbox in (cast.inbox.id, other["id"]):
        person = await api.post("contacts", {"name": "M", "inbox_id": inbox})
        contact = person["payload"]["contact"]["id"]
        await api.post("conversations", {"contact_id": contact, "inbox_id": inbox})
    seen = [
        {one["inbox_id"] for one in (await who.get("conversations"))["data"]["payload"]}
        for who in (api, programs(visitor, cast)[1])
    ]
    assert seen == [{cast.inbox.id, other["id"]}, {cast.inbox.id}]
