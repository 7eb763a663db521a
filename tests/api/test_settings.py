"""What administrators set up through the API, and what agents may not."""

from typing import Any

import pytest

from recado.accounts.teams import create_team
from recado.actions.models import ActionState
from recado.actions.saving import ActionDraft, create_action
from recado.conversations.models import Conversation
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from tests.api.calling import Program
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation

RULE = {
    "name": "Tell", "event_name": "message_created",
    "conditions": [
        {
            "attribute_key": "content", "filter_operator": "contains", "values": ["help"],
            "query_operator": None,
        }
    ],
    "actions": [{"action_name": "change_status", "action_params": ["pending"]}],
}  # fmt: skip


async def test_an_api_inbox_is_opened(api: Program) -> None:
    made = await api.post(
        "inboxes",
        {"name": "WhatsApp", "channel": {"type": "api", "webhook_url": "https://b.example/"}},
    )
    assert (made["channel_type"], made["name"]) == ("Channel::Api", "WhatsApp")
    assert made["webhook_url"] == made["callback_webhook_url"] == "https://b.example/"
    assert made["inbox_identifier"]
    assert made["hmac_token"]
    assert "website_token" not in made
    assert await api.get(f"inboxes/{made['id']}") == made
    assert made in (await api.get("inboxes"))["payload"]


async def test_a_widget_inbox_is_opened_changed_and_deleted(api: Program) -> None:
    channel = {"type": "web_widget", "website_url": "https://shop.example", "welcome_title": "Hi"}
    made = await api.post("inboxes", {"name": "Shop", "channel": channel})
    assert made["channel_type"] == "Channel::WebWidget"
    assert made["website_token"] in made["web_widget_script"]
    path = f"inboxes/{made['id']}"
    changed = await api.patch(path, {"name": "Store", "channel": {"welcome_title": "Olá"}})
    assert (changed["name"], changed["welcome_title"]) == ("Store", "Olá")
    assert changed["website_url"] == "https://shop.example"
    assert (await api.call("DELETE", path)).status_code == 200
    assert (await api.call("GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "channel.type"),
        ({"name": "x", "channel": {"type": "fax"}}, "channel.type"),
        ({"name": "x", "channel": {"type": ["api"]}}, "channel.type"),
        ({"name": "", "channel": {"type": "api"}}, "name"),
        ({"name": "x", "channel": {"type": "api", "webhook_url": "ftp://x"}}, "webhook_url"),
        ({"name": "x", "channel": {"type": "api", "webhook_url": 5}}, "webhook_url"),
        (
            {"name": "x", "channel": {"type": "api", "webhook_url": "http://10.0.0.5/"}},
            "webhook_url",
        ),
        ({"name": "x", "channel": {"type": "web_widget"}}, "website_url"),
    ],
)
async def test_a_wrong_inbox_is_refused(api: Program, body: dict[str, Any], field: str) -> None:
    answer = await api.call("POST", "inboxes", body)
    assert answer.status_code == 422
    assert answer.json()["attributes"] == [field]


async def test_agents_see_no_tokens_of_inboxes(agent_api: Program, cast: Cast) -> None:
    shown = await agent_api.get(f"inboxes/{cast.inbox.id}")
    assert "hmac_token" not in shown
    assert "inbox_identifier" not in shown


async def test_members_of_an_inbox_are_added_replaced_and_removed(api: Program, cast: Cast) -> None:
    ana, beto, inbox = cast.ana.user_id, cast.beto.user_id, cast.inbox.id

    def ids(answer: Any) -> list[int]:
        return [one["id"] for one in answer["payload"]]

    assert ids(await api.get(f"inbox_members/{inbox}")) == [beto]
    body = {"inbox_id": inbox, "user_ids": [ana, cast.celia.user_id]}
    assert ids(await api.post("inbox_members", body)) == [ana, beto]
    assert ids(await api.patch("inbox_members", {"inbox_id": inbox, "user_ids": [str(ana)]})) == [
        ana
    ]
    gone = await api.call("DELETE", "inbox_members", {"inbox_id": inbox, "user_ids": [ana]})
    assert gone.status_code == 200
    assert ids(await api.get(f"inbox_members/{inbox}")) == []
    assert (await api.call("POST", "inbox_members", {"inbox_id": inbox})).status_code == 422


@pytest.mark.parametrize(
    ("method", "named"), [("DELETE", "beto"), ("PATCH", "ana")], ids=["taken out", "not among them"]
)
async def test_who_leaves_an_inbox_has_none_of_its_conversations(
    api: Program, cast: Cast, database: Database, method: str, named: str
) -> None:
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        talk.assignee_id = cast.beto.user_id
    body = {"inbox_id": cast.inbox.id, "user_ids": [getattr(cast, named).user_id]}
    await api.call(method, "inbox_members", body)
    async with database.transaction() as tx:
        assert (await tx.get_one(Conversation, talk.id)).assignee_id is None


async def test_a_team_and_its_members(api: Program, cast: Cast) -> None:
    made = await api.post("teams/", {"team": {"name": "Sales", "description": "Sells"}})
    assert made == {
        "id": 1, "name": "sales", "description": "Sells", "allow_auto_assign": True,
        "account_id": cast.account.id, "is_member": False,
    }  # fmt: skip
    assert await api.get("teams") == [made]
    assert (await api.patch("teams/1", {"name": "Support"}))["name"] == "support"
    assert (await api.call("POST", "teams", {"name": "support"})).status_code == 422
    people = await api.post("teams/1/team_members", {"user_ids": [cast.ana.user_id]})
    assert [one["name"] for one in people] == ["Ana Lima"]
    await api.post("teams/1/team_members", {"user_ids": [cast.beto.user_id]})
    people = await api.get("teams/1/team_members")
    assert [one["name"] for one in people] == ["Ana Lima", "Beto Reis"]
    assert (await api.get("teams/1"))["is_member"] is True
    await api.call("DELETE", "teams/1/team_members", {"user_ids": [cast.ana.user_id]})
    await api.patch("teams/1/team_members", {"user_ids": [cast.beto.user_id, 999]})
    assert [one["id"] for one in await api.get("teams/1/team_members")] == [cast.beto.user_id]
    assert (await api.call("DELETE", "teams/1")).content == b""
    assert await api.get("teams") == []


async def test_a_label(api: Program) -> None:
    made = await api.post("labels", {"title": "VIP", "color": "#ff0000", "show_on_sidebar": False})
    assert made == {
        "id": 1, "title": "vip", "description": None, "color": "#ff0000", "show_on_sidebar": False,
    }  # fmt: skip
    assert await api.get("labels") == {"payload": [made]}
    assert (await api.patch("labels/1", {"description": "x"}))["description"] == "x"
    assert (await api.get("labels/1"))["title"] == "vip"
    for wrong in ({"title": "a b"}, {"title": "vip"}, {"title": "x", "color": "red"}):
        assert (await api.call("POST", "labels", wrong)).status_code == 422
    assert (await api.call("DELETE", "labels/1")).status_code == 200
    assert await api.get("labels") == {"payload": []}


async def test_agents_are_listed_and_added(api: Program, cast: Cast) -> None:
    assert [one["name"] for one in await api.get("agents")] == ["Ana Lima", "Beto Reis"]
    made = await api.post("agents", {"name": "Duda", "email": "Duda@acme.example", "role": "agent"})
    assert (made["email"], made["role"]) == ("duda@acme.example", "agent")
    assert made["account_id"] == cast.account.id
    for wrong in ({"name": "D", "email": "duda@acme.example"}, {"email": "x"}, {}):
        assert (await api.call("POST", "agents", wrong)).status_code == 422
    answer = await api.call("POST", "agents", {"name": "E", "email": "e@x.co", "role": "king"})
    assert answer.json()["attributes"] == ["role"]


async def test_an_agent_with_a_password_signs_in(api: Program, visitor: Browser) -> None:
    body = {"name": "Duda", "email": "duda@acme.example", "password": "a long enough phrase"}
    made = await api.call("POST", "agents", body)
    assert made.status_code == 200
    assert "long enough" not in made.text
    await visitor.get("/sign-in")
    form = {"email": body["email"], "password": body["password"]}
    assert (await visitor.post("/sign-in", form)).status_code == 303
    short = await api.call("POST", "agents", {**body, "email": "e@x.co", "password": "1"})
    assert short.json()["attributes"] == ["password"]


async def test_the_profile_says_whose_token_it_is(api: Program, cast: Cast) -> None:
    answer = await api.browser.api("GET", "/api/v1/profile", api.token)
    told = answer.json()
    assert (told["id"], told["name"], told["role"]) == (
        cast.ana.user_id,
        "Ana Lima",
        "administrator",
    )
    assert told["account_id"] == cast.account.id
    [account] = told["accounts"]
    assert (account["id"], account["name"], account["role"]) == (
        cast.account.id, "Acme", "administrator",
    )  # fmt: skip
    refused = await api.browser.api("GET", "/api/v1/profile", "wrong")
    assert refused.status_code == 401


async def test_a_definition_takes_enums_by_number_and_by_name(api: Program) -> None:
    made = await api.post(
        "custom_attribute_definitions",
        {
            "attribute_display_name": "Plan", "attribute_display_type": 6, "attribute_key": "plan",
            "attribute_values": ["gold", "free"], "attribute_model": "1",
            "attribute_description": "What they pay",
        },
    )  # fmt: skip
    assert str(made.pop("created_at")).endswith("Z")
    assert str(made.pop("updated_at")).endswith("Z")
    assert made == {
        "id": 1, "attribute_display_name": "Plan", "attribute_display_type": "list",
        "attribute_description": "What they pay", "attribute_key": "plan", "regex_pattern": None,
        "regex_cue": None, "attribute_values": ["gold", "free"],
        "attribute_model": "contact_attribute", "default_value": None,
    }  # fmt: skip
    wrapped = {
        "custom_attribute_definition": {
            "attribute_display_name": "Order", "attribute_display_type": "text",
            "attribute_key": "order", "attribute_model": "conversation_attribute",
        }
    }  # fmt: skip
    await api.post("custom_attribute_definitions", wrapped)
    cases = {"": 2, "?attribute_model=0": 1, "?attribute_model=contact_attribute": 1}
    for query, count in cases.items():
        assert len(await api.get(f"custom_attribute_definitions{query}")) == count
    path = "custom_attribute_definitions/1"
    changed = await api.patch(path, {"attribute_display_name": "Tier", "attribute_values": ["a"]})
    assert (changed["attribute_display_name"], changed["attribute_values"]) == ("Tier", ["a"])
    refused = await api.call("PATCH", path, {"attribute_key": "other", "attribute_model": 0})
    assert refused.json()["attributes"] == ["attribute_model", "attribute_key"]
    gone = await api.call("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await api.call("GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"attribute_display_type": 8}, "attribute_display_type"),
        ({"attribute_model": "account"}, "attribute_model"),
        ({"attribute_model": {}}, "attribute_model"),
        ({"attribute_key": "name"}, "attribute_key"),
        ({"attribute_key": "a b"}, "attribute_key"),
        ({"attribute_display_name": ""}, "attribute_display_name"),
        ({"attribute_display_type": "list"}, "attribute_values"),
        ({"regex_pattern": "("}, "regex_pattern"),
    ],
)
async def test_a_wrong_definition_is_refused(
    api: Program, change: dict[str, Any], field: str
) -> None:
    body = {
        "attribute_display_name": "A", "attribute_display_type": "text", "attribute_key": "a",
        "attribute_model": "contact_attribute", **change,
    }  # fmt: skip
    answer = await api.call("POST", "custom_attribute_definitions", body)
    assert answer.status_code == 422
    assert answer.json()["attributes"] == [field]


async def test_a_rule_is_made_bare_and_shown_in_an_envelope(api: Program, cast: Cast) -> None:
    made = await api.post("automation_rules", RULE)
    assert isinstance(made["created_on"], int)
    assert made == {
        "id": 1, "account_id": cast.account.id, "description": None, "active": True,
        "created_on": made["created_on"], "execution_delay": None, "control": {}, "warnings": [],
        "position": made["position"], **RULE,
    }  # fmt: skip
    assert await api.get("automation_rules") == {"payload": [made]}
    assert await api.get("automation_rules/1") == {"payload": made}
    off = await api.patch("automation_rules/1", {"active": False})
    assert off == {"payload": {**made, "active": False}}
    renamed = (await api.call("PUT", "automation_rules/1", {"name": "Ask"})).json()
    assert (renamed["payload"]["name"], renamed["payload"]["active"]) == ("Ask", False)
    copied = await api.post("automation_rules/1/clone")
    later = copied["payload"]
    made_later = {"id": 2, "created_on": later["created_on"], "position": later["position"]}
    assert copied == {"payload": {**renamed["payload"], **made_later}}
    assert (await api.call("DELETE", "automation_rules/1")).content == b""
    assert (await api.call("GET", "automation_rules/1")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"name": ""}, "name", "Please enter a name."),
        ({"event_name": "rain"}, "event_name", "Choose the event that the rule waits for."),
        ({"conditions": []}, "conditions", "Add at least one condition."),
        ({"conditions": {}}, "conditions", "Conditions must be a list."),
        ({"conditions": None}, "conditions", "Conditions must be a list."),
        ({"actions": 5}, "actions", "Actions must be a list."),
        (
            {"conditions": [{**RULE["conditions"][0], "attribute_key": "moon"}]},  # type: ignore[dict-item]
            "conditions", "Automation conditions moon not supported.",
        ),
        (
            {"actions": [{"action_name": "fly", "action_params": []}]},
            "actions", "Automation actions fly not supported.",
        ),
        (
            {"actions": [{"action_name": "send_custom_action", "action_params": [99]}]},
            "actions", "There is no such custom action. It may have been deleted.",
        ),
    ],
)  # fmt: skip
async def test_a_wrong_rule_is_refused(
    api: Program, change: dict[str, Any], field: str, text: str
) -> None:
    answer = await api.call("POST", "automation_rules", {**RULE, **change})
    assert answer.status_code == 422
    assert answer.json()["error"] == {field: [text]}
    assert await api.get("automation_rules") == {"payload": []}


async def test_a_rule_may_keep_an_action_that_is_off(
    api: Program, cast: Cast, database: Database, outbound: Outbound
) -> None:
    async with database.transaction() as tx:
        action = await create_action(
            tx, cast.account.id, ActionDraft(name="A", url="https://a.example"),
            vault=outbound.vault, now=NOW, state=ActionState.ACTIVE,
        )  # fmt: skip
    sends = [{"action_name": "send_custom_action", "action_params": [action.id]}]
    await api.post("automation_rules", {**RULE, "actions": sends})
    await api.post(f"custom_actions/{action.id}/toggle", {"state": "off"})
    assert (await api.patch("automation_rules/1", {"name": "B"}))["payload"]["name"] == "B"
    other = await api.call("POST", "automation_rules", {**RULE, "name": "C", "actions": sends})
    assert other.status_code == 422


FORBIDDEN = [
    ("POST", "inboxes"), ("PATCH", "inboxes/{inbox}"), ("PUT", "inboxes/{inbox}"),
    ("DELETE", "inboxes/{inbox}"),
    ("POST", "inbox_members"), ("PATCH", "inbox_members"), ("DELETE", "inbox_members"),
    ("DELETE", "contacts/1"), ("POST", "agents"),
    ("POST", "teams"), ("PATCH", "teams/{team}"), ("PUT", "teams/{team}"),
    ("DELETE", "teams/{team}"), ("POST", "teams/{team}/team_members"),
    ("PATCH", "teams/{team}/team_members"), ("DELETE", "teams/{team}/team_members"),
    ("POST", "labels"), ("PATCH", "labels/1"), ("PUT", "labels/1"), ("DELETE", "labels/1"),
    ("POST", "custom_attribute_definitions"), ("PATCH", "custom_attribute_definitions/1"),
    ("PUT", "custom_attribute_definitions/1"), ("DELETE", "custom_attribute_definitions/1"),
    ("GET", "automation_rules"), ("POST", "automation_rules"), ("GET", "automation_rules/1"),
    ("PATCH", "automation_rules/1"), ("PUT", "automation_rules/1"),
    ("DELETE", "automation_rules/1"), ("POST", "automation_rules/1/clone"),
    ("GET", "custom_actions"), ("POST", "custom_actions"), ("GET", "custom_actions/1"),
    ("PATCH", "custom_actions/1"), ("PUT", "custom_actions/1"), ("DELETE", "custom_actions/1"),
    ("POST", "custom_actions/1/toggle"), ("POST", "custom_actions/1/test"),
    ("GET", "deliveries"), ("GET", "deliveries/1"), ("POST", "deliveries/1/retry"),
    ("GET", "rule_verdicts"),
]  # fmt: skip


async def test_agents_may_not_configure_the_account(
    agent_api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        team = await create_team(tx, cast.account.id, "Sales")
    for method, path in FORBIDDEN:
        full = path.format(inbox=cast.inbox.id, team=team.id)
        answer = await agent_api.call(method, full, {})
        assert answer.status_code == 401, (method, path)
        assert answer.json() == {"error": "You are not authorized to do this action"}
