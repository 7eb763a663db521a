"""The rows about what an account configures: inboxes, people, words, webhooks, rules."""

import pytest

from tests.api.contract.rows import row, rule
from tests.api.contract.wire import FIGURO, JSON, N8N, NOBODY, PYTHON, TOKEN, Wire
from tests.people import PASSWORD, PLATFORM_TOKEN

AGENT = {
    "id", "account_id", "availability_status", "auto_offline", "confirmed", "email", "provider",
    "available_name", "custom_attributes", "name", "role", "thumbnail", "custom_role_id",
}  # fmt: skip


@row("GET /api")
async def test_n8n_tests_its_credentials_without_a_token(wire: Wire) -> None:
    told = await wire.ok("GET /api", NOBODY)
    assert isinstance(told["version"], str)


@row("GET /api/v1/profile")
@rule("envelopes")
async def test_the_profile_is_bare(wire: Wire) -> None:
    told = await wire.ok("GET /api/v1/profile", (TOKEN, "Authorization: Bearer <token>"))
    assert {"id", "name", "email", "account_id", "role", "accounts", "pubsub_token"} <= set(told)
    assert told["access_token"] == wire.token
    [account] = told["accounts"]
    assert (account["id"], account["name"], account["role"]) == (1, "Acme", "administrator")


@row("GET inboxes", "POST inboxes", "GET inboxes/{id}", "PATCH inboxes/{id}", "DELETE inboxes/{id}")
@rule("envelopes", "200 on create")
async def test_a_bridge_opens_its_inbox(wire: Wire) -> None:
    body = (
        '{"name":"WhatsApp","channel":{"type":"api","webhook_url":"https://evo.example/hook",'
        '"hmac_mandatory":false}}'
    )
    made = await wire.ok("POST …/inboxes/", FIGURO, body)
    assert (made["name"], made["channel_type"]) == ("WhatsApp", "Channel::Api")
    assert made["webhook_url"] == "https://evo.example/hook"
    for name in ("id", "channel_id", "inbox_identifier", "hmac_token"):
        assert made[name], name
    assert await wire.ok(f"GET …/inboxes/{made['id']}", FIGURO) == made
    listed = await wire.ok("GET …/inboxes", FIGURO)
    assert set(listed) == {"payload"}
    assert made in listed["payload"]
    body = '{"name":"Zap","channel":{"webhook_url":"https://evo.example/other"}}'
    changed = await wire.ok(f"PATCH …/inboxes/{made['id']}", FIGURO, body)
    assert (changed["name"], changed["webhook_url"]) == ("Zap", "https://evo.example/other")
    assert await wire.ok(f"DELETE …/inboxes/{made['id']}", FIGURO) is None


@row("POST inboxes")
async def test_a_website_has_its_script(wire: Wire) -> None:
    body = (
        '{"name":"Site","channel":{"type":"web_widget","website_url":"https://a.example",'
        '"welcome_title":"Oi","welcome_tagline":"Pergunte","widget_color":"#123456"}}'
    )
    made = await wire.ok("POST …/inboxes", PYTHON, body)
    assert made["channel_type"] == "Channel::WebWidget"
    assert made["website_token"] in made["web_widget_script"]
    told = [made[name] for name in ("website_url", "welcome_title", "welcome_tagline")]
    assert told == ["https://a.example", "Oi", "Pergunte"]
    assert made["widget_color"] == "#123456"


@row(
    "GET inbox_members/{id}", "POST inbox_members", "PATCH inbox_members", "DELETE inbox_members"
)  # fmt: skip
@rule("envelopes")
async def test_who_answers_in_an_inbox(wire: Wire) -> None:
    told = await wire.ok("POST …/inbox_members", N8N, '{"inbox_id":"1","user_ids":["1"]}')
    assert set(told) == {"payload"}
    assert set(told["payload"][0]) == AGENT
    assert {one["id"] for one in told["payload"]} == {1, 2}
    told = await wire.ok("PATCH …/inbox_members", PYTHON, '{"inbox_id":1,"user_ids":[2]}')
    assert [one["id"] for one in told["payload"]] == [2]
    removed = await wire.ok("DELETE …/inbox_members", PYTHON, '{"inbox_id":1,"user_ids":[2]}')
    assert removed is None
    assert await wire.ok("GET …/inbox_members/1") == {"payload": []}


@row("GET teams", "POST teams", "GET teams/{id}", "PATCH teams/{id}", "DELETE teams/{id}")
@rule("envelopes")
async def test_teams_are_bare_and_in_lower_case(wire: Wire) -> None:
    made = await wire.ok("POST …/teams", PYTHON, '{"name":"SALES","description":"d"}')
    assert (made["name"], made["account_id"]) == ("sales", 1)
    assert await wire.ok("GET …/teams") == [made]
    assert await wire.ok("GET …/teams/1") == made
    changed = await wire.ok("PATCH …/teams/1", PYTHON, '{"name":"Support"}')
    assert (changed["name"], changed["description"]) == ("support", "d")
    assert await wire.ok("DELETE …/teams/1") is None


@row(
    "GET teams/{id}/team_members", "POST teams/{id}/team_members", "PATCH teams/{id}/team_members",
    "DELETE teams/{id}/team_members",
)  # fmt: skip
@rule("envelopes")
async def test_who_is_in_a_team(wire: Wire) -> None:
    await wire.ok("POST …/teams", PYTHON, '{"name":"sales"}')
    line = "…/teams/1/team_members"
    [added] = await wire.ok(f"POST {line}", PYTHON, '{"user_ids":[2]}')
    assert set(added) == AGENT
    [now] = await wire.ok(f"PATCH {line}", PYTHON, '{"user_ids":[1]}')
    assert now["id"] == 1
    assert await wire.ok(f"GET {line}") == [now]
    assert await wire.ok(f"DELETE {line}", PYTHON, '{"user_ids":[1]}') is None
    assert await wire.ok(f"GET {line}") == []


@row("GET agents", "POST agents", "PATCH agents/{id}", "DELETE agents/{id}")
@rule("envelopes")
async def test_agents_are_bare(wire: Wire) -> None:
    body = (
        '{"name":"Caio","email":"caio@acme.example","role":"agent","availability":"online",'
        '"auto_offline":true}'
    )
    made = await wire.ok("POST …/agents", N8N, body)
    assert set(made) == AGENT
    assert made["role"] == "agent"
    listed = await wire.ok("GET …/agents", N8N)
    assert made in listed
    changed = await wire.ok(f"PATCH …/agents/{made['id']}", N8N, '{"role":"administrator"}')
    assert changed["role"] == "administrator"
    assert await wire.ok(f"DELETE …/agents/{made['id']}", N8N) is None
    assert made["id"] not in {one["id"] for one in await wire.ok("GET …/agents")}


@row("GET labels", "POST labels", "GET labels/{id}", "PATCH labels/{id}", "DELETE labels/{id}")
@rule("envelopes")
async def test_labels_are_bare_and_listed_under_payload(wire: Wire) -> None:
    body = '{"title":"VIP-1","description":"d","color":"#FF0000","show_on_sidebar":true}'
    made = await wire.ok("POST …/labels", N8N, body)
    assert set(made) == {"id", "title", "description", "color", "show_on_sidebar"}
    assert (made["title"], made["description"]) == ("vip-1", "d")
    assert await wire.ok("GET …/labels") == {"payload": [made]}
    assert await wire.ok("GET …/labels/1") == made
    changed = await wire.ok("PATCH …/labels/1", PYTHON, '{"show_on_sidebar":false}')
    assert changed["show_on_sidebar"] is False
    assert await wire.ok("DELETE …/labels/1") is None


@rule("errors have their status and shape")
async def test_a_label_is_no_sentence(wire: Wire) -> None:
    answer = await wire.send("POST …/labels", PYTHON, '{"title":"very important"}')
    assert (answer.status, answer.json["attributes"]) == (422, ["title"])


@row(
    "GET canned_responses", "POST canned_responses", "PATCH canned_responses/{id}",
    "DELETE canned_responses/{id}",
)  # fmt: skip
@rule("envelopes")
async def test_canned_responses_are_bare(wire: Wire) -> None:
    made = await wire.ok("POST …/canned_responses", PYTHON, '{"short_code":"hi","content":"Oi!"}')
    assert set(made) == {"id", "account_id", "short_code", "content", "created_at", "updated_at"}
    assert await wire.ok("GET …/canned_responses") == [made]
    assert await wire.ok("GET …/canned_responses?search=OI") == [made]
    assert await wire.ok("GET …/canned_responses?search=x") == []
    changed = await wire.ok("PATCH …/canned_responses/1", PYTHON, '{"content":"Olá"}')
    assert (changed["short_code"], changed["content"]) == ("hi", "Olá")
    assert await wire.ok("DELETE …/canned_responses/1") is None


@row(
    "GET custom_attribute_definitions", "POST custom_attribute_definitions",
    "GET custom_attribute_definitions/{id}", "PATCH custom_attribute_definitions/{id}",
    "DELETE custom_attribute_definitions/{id}",
)  # fmt: skip
@rule("envelopes")
async def test_definitions_are_bare(wire: Wire) -> None:
    body = (
        '{"attribute_display_name":"Plan","attribute_display_type":6,"attribute_key":"plan",'
        '"attribute_description":"d","attribute_values":["gold","tin"],"attribute_model":1}'
    )
    made = await wire.ok("POST …/custom_attribute_definitions", PYTHON, body)
    assert (made["attribute_display_type"], made["attribute_model"]) == (
        "list", "contact_attribute",
    )  # fmt: skip
    assert made["attribute_values"] == ["gold", "tin"]
    line = f"…/custom_attribute_definitions/{made['id']}"
    assert await wire.ok("GET …/custom_attribute_definitions") == [made]
    assert await wire.ok(f"GET {line}") == made
    changed = await wire.ok(f"PATCH {line}", PYTHON, '{"attribute_values":["gold"]}')
    assert changed["attribute_values"] == ["gold"]
    assert await wire.ok(f"DELETE {line}", status=204) is None


@row(
    "GET custom_filters", "POST custom_filters", "GET custom_filters/{id}",
    "PATCH custom_filters/{id}", "DELETE custom_filters/{id}",
)  # fmt: skip
@rule("envelopes")
async def test_filters_are_bare(wire: Wire) -> None:
    body = (
        '{"name":"Urgent","filter_type":"conversation","query":{"payload":[{"attribute_key":'
        '"priority","filter_operator":"equal_to","values":["urgent"],"query_operator":null}]}}'
    )
    made = await wire.ok("POST …/custom_filters", PYTHON, body)
    assert made["query"]["payload"][0]["attribute_key"] == "priority"
    assert await wire.ok("GET …/custom_filters?filter_type=conversation") == [made]
    assert await wire.ok("GET …/custom_filters?filter_type=1") == []
    line = f"…/custom_filters/{made['id']}"
    assert await wire.ok(f"GET {line}") == made
    assert (await wire.ok(f"PATCH {line}", PYTHON, '{"name":"Now"}'))["name"] == "Now"
    assert await wire.ok(f"DELETE {line}", status=204) is None


@row(
    "GET dashboard_apps", "POST dashboard_apps", "GET dashboard_apps/{id}",
    "PATCH dashboard_apps/{id}", "DELETE dashboard_apps/{id}",
)  # fmt: skip
@rule("envelopes")
async def test_dashboard_apps_are_bare(wire: Wire) -> None:
    frames = '[{"type":"frame","url":"https://crm.example/a?b=c"}]'
    body = f'{{"dashboard_app":{{"title":"CRM","content":{frames}}}}}'
    made = await wire.ok("POST …/dashboard_apps", PYTHON, body)
    assert set(made) == {"id", "title", "content", "created_at"}
    assert (made["title"], made["content"]) == (
        "CRM", [{"type": "frame", "url": "https://crm.example/a?b=c"}],
    )  # fmt: skip
    assert await wire.ok("GET …/dashboard_apps") == [made]
    line = f"…/dashboard_apps/{made['id']}"
    assert await wire.ok(f"GET {line}") == made
    changed = await wire.ok(f"PATCH {line}", PYTHON, '{"title":"Orders"}')
    assert changed == {**made, "title": "Orders"}
    assert await wire.ok(f"DELETE {line}", status=204) is None


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ('{"title":"CRM"}', ["content"]),
        ('{"title":"CRM","content":[]}', ["content"]),
        ('{"title":"CRM","content":[{"type":"frame","url":"http://crm.example"}]}', ["content"]),
        ('{"title":"CRM","content":[{"type":"page","url":"https://crm.example"}]}', ["content"]),
        ('{"content":[{"type":"frame","url":"https://crm.example"}]}', ["title"]),
    ],
)
async def test_a_dashboard_app_that_nobody_could_frame(
    wire: Wire, body: str, fields: list[str]
) -> None:
    answer = await wire.send("POST …/dashboard_apps", PYTHON, body)
    assert (answer.status, answer.json["attributes"]) == (422, fields)
    assert await wire.ok("GET …/dashboard_apps") == []


@row("GET webhooks", "POST webhooks", "PATCH webhooks/{id}", "DELETE webhooks/{id}")
@rule("envelopes")
async def test_webhooks_stand_twice_under_payload(wire: Wire) -> None:
    body = (
        '{"url":"https://a.example/hook","name":"Bridge",'
        '"subscriptions":["message_created","inbox_updated"]}'
    )
    told = await wire.ok("POST …/webhooks", PYTHON, body)
    assert set(told["payload"]) == {"webhook"}
    made = told["payload"]["webhook"]
    assert {"id", "url", "name", "subscriptions", "account_id", "secret"} <= set(made)
    assert await wire.ok("GET …/webhooks") == {"payload": {"webhooks": [made]}}
    line = f"…/webhooks/{made['id']}"
    changed = await wire.ok(f"PATCH {line}", PYTHON, '{"subscriptions":["contact_created"]}')
    assert changed["payload"]["webhook"]["subscriptions"] == ["contact_created"]
    twice = await wire.send("POST …/webhooks", PYTHON, body)
    assert (twice.status, twice.json["attributes"]) == (422, ["url"])
    assert await wire.ok(f"DELETE {line}") is None


CONDITION = (
    '[{"attribute_key":"content","filter_operator":"contains","values":["refund"],'
    '"query_operator":null}]'
)


@row(
    "GET automation_rules", "POST automation_rules", "GET automation_rules/{id}",
    "PATCH automation_rules/{id}", "DELETE automation_rules/{id}", "POST automation_rules/{id}/clone",
)  # fmt: skip
@rule("envelopes")
async def test_a_rule_is_bare_only_when_it_is_made(wire: Wire) -> None:
    body = (
        f'{{"name":"Refunds","event_name":"message_created","conditions":{CONDITION},'
        '"actions":[{"action_name":"add_label","action_params":["refund"]}],"active":true}'
    )
    await wire.ok("POST …/labels", PYTHON, '{"title":"refund"}')
    made = await wire.ok("POST …/automation_rules", PYTHON, body)
    assert (made["name"], made["active"]) == ("Refunds", True)
    assert type(made["created_on"]) is int
    line = f"…/automation_rules/{made['id']}"
    assert await wire.ok(f"GET {line}") == {"payload": made}
    assert await wire.ok("GET …/automation_rules?page=1") == {"payload": [made]}
    changed = await wire.ok(f"PATCH {line}", PYTHON, '{"active":false}')
    assert changed["payload"]["active"] is False
    copy = (await wire.ok(f"POST {line}/clone"))["payload"]
    assert (copy["name"], copy["id"] > made["id"]) == ("Refunds", True)
    assert await wire.ok(f"DELETE {line}") is None


@row(
    "GET macros", "POST macros", "GET macros/{id}", "PUT macros/{id}", "DELETE macros/{id}",
    "POST macros/{id}/execute",
)  # fmt: skip
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_macros_stand_under_payload(wire: Wire) -> None:
    body = (
        '{"name":"Close","visibility":"global",'
        '"actions":[{"action_name":"resolve_conversation","action_params":[]}]}'
    )
    made = (await wire.ok("POST …/macros", PYTHON, body))["payload"]
    line = f"…/macros/{made['id']}"
    assert await wire.ok("GET …/macros") == {"payload": [made]}
    assert await wire.ok(f"GET {line}") == {"payload": made}
    assert (await wire.ok(f"PUT {line}", PYTHON, '{"name":"End"}'))["payload"]["name"] == "End"
    assert await wire.ok(f"POST {line}/execute", PYTHON, '{"conversation_ids":[1]}') is None
    assert (await wire.ok("GET …/conversations/1"))["status"] == "resolved"
    assert await wire.ok(f"DELETE {line}") is None


@row(
    "GET agent_bots", "POST agent_bots", "GET agent_bots/{id}", "PATCH agent_bots/{id}",
    "DELETE agent_bots/{id}", "POST agent_bots/{id}/reset_access_token",
    "POST agent_bots/{id}/reset_secret",
    "GET inboxes/{id}/agent_bot", "POST inboxes/{id}/set_agent_bot",
)  # fmt: skip
@rule("envelopes")
async def test_bots_are_bare(wire: Wire) -> None:
    body = '{"name":"Cel","description":"d","outgoing_url":"https://cel.example/hook"}'
    made = await wire.ok("POST …/agent_bots", PYTHON, body)
    assert {
        "id", "name", "description", "thumbnail", "outgoing_url", "bot_type", "bot_config",
        "account_id", "access_token", "secret", "system_bot",
    } <= set(made)  # fmt: skip
    assert made["bot_type"] == "webhook"
    assert await wire.ok("GET …/agent_bots") == [made]
    assert await wire.ok("GET …/agent_bots/1") == made
    changed = await wire.ok("PATCH …/agent_bots/1", PYTHON, '{"description":"e"}')
    assert changed == made | {"description": "e"}
    assert await wire.ok("POST …/inboxes/1/set_agent_bot", PYTHON, '{"agent_bot":1}') is None
    assert await wire.ok("GET …/inboxes/1/agent_bot") == {"agent_bot": changed}
    assert await wire.ok("POST …/inboxes/1/set_agent_bot", PYTHON, '{"agent_bot":null}') is None
    assert await wire.ok("GET …/inboxes/1/agent_bot") == {"agent_bot": None}
    renewed = await wire.ok("POST …/agent_bots/1/reset_access_token")
    assert renewed["access_token"] != made["access_token"]
    assert (await wire.ok("POST …/agent_bots/1/reset_secret"))["secret"] != made["secret"]
    assert await wire.ok("DELETE …/agent_bots/1") is None


BOTS_MAY = [
    ("POST …/conversations", '{"contact_id":1,"inbox_id":1}'),
    ("PATCH …/conversations/1", '{"priority":"low"}'),
    ("POST …/conversations/1/messages", '{"content":"x"}'),
    ("POST …/conversations/1/toggle_status", '{"status":"open"}'),
    ("POST …/conversations/1/toggle_typing_status", '{"typing_status":"on"}'),
    ("POST …/conversations/1/toggle_priority", '{"priority":"low"}'),
    ("POST …/conversations/1/custom_attributes", '{"custom_attributes":{}}'),
    ("POST …/conversations/1/assignments", '{"assignee_id":1}'),
]
BOTS_MAY_NOT = [
    "GET …/conversations", "GET …/conversations/1", "GET …/conversations/1/messages",
    "GET …/contacts", "POST …/contacts", "GET …/inboxes", "GET …/agents", "GET …/agent_bots",
    "POST …/webhooks", "DELETE …/conversations/1/messages/1", "POST …/conversations/1/labels",
]  # fmt: skip


@rule("a bot's token opens few endpoints", "new conversations of a bot's inbox are pending")
@pytest.mark.usefixtures("chat")
async def test_a_bots_token_opens_few_endpoints(wire: Wire, address: str) -> None:
    made = await wire.ok("POST …/agent_bots", PYTHON, '{"name":"Cel"}')
    await wire.ok("POST …/inboxes/1/set_agent_bot", PYTHON, '{"agent_bot":1}')
    started = await wire.ok("POST …/conversations", PYTHON, '{"contact_id":1,"inbox_id":1}')
    assert started["status"] == "pending"
    bot = Wire(address, made["access_token"])
    for line, body in BOTS_MAY:
        assert (await bot.send(line, PYTHON, body)).status == 200, line
    for line in BOTS_MAY_NOT:
        answer = await bot.send(line, PYTHON, "{}")
        assert (answer.status, set(answer.json)) == (401, {"error"}), line


@row("POST /auth/sign_in", "GET /auth/validate_token", "DELETE /auth/sign_out")
async def test_an_app_signs_in_as_devise_has_it(wire: Wire) -> None:
    entered = await wire.send(
        "POST /auth/sign_in", (JSON, "Accept: application/json"),
        f'{{"email":"ana@acme.example","password":"{PASSWORD}"}}',
    )  # fmt: skip
    assert entered.status == 200, entered.body
    assert {"access_token", "pubsub_token", "accounts"} <= set(entered.json["data"])
    assert entered.headers["token-type"] == "Bearer"
    assert int(entered.headers["expiry"]) > 1_700_000_000
    shown = tuple(f"{name}: {entered.headers[name]}" for name in ("access-token", "client", "uid"))
    assert "payload" in await wire.ok("GET …/inboxes", shown)
    known = await wire.ok("GET /auth/validate_token", shown)
    assert known["payload"]["data"]["email"] == "ana@acme.example"
    assert await wire.ok("DELETE /auth/sign_out", shown) == {"success": True}
    assert (await wire.send("GET …/inboxes", shown)).status == 401


@row(
    "POST /platform/api/v1/accounts", "GET /platform/api/v1/accounts/{id}",
    "PATCH /platform/api/v1/accounts/{id}", "DELETE /platform/api/v1/accounts/{id}",
    "POST /platform/api/v1/users", "GET /platform/api/v1/users/{id}",
    "PATCH /platform/api/v1/users/{id}",
    "GET /platform/api/v1/accounts/{id}/account_users",
    "POST /platform/api/v1/accounts/{id}/account_users",
    "DELETE /platform/api/v1/accounts/{id}/account_users",
)  # fmt: skip
@rule("200 on create")
async def test_a_script_provisions_an_account(wire: Wire) -> None:
    head = (f"api_access_token: {PLATFORM_TOKEN}", JSON)
    root = "/platform/api/v1"
    made = await wire.ok(f"POST {root}/accounts", head, '{"name":"Nova","locale":"es"}')
    assert (made["name"], made["locale"], made["status"]) == ("Nova", "es", "active")
    account = f"{root}/accounts/{made['id']}"
    assert await wire.ok(f"GET {account}", head) == made
    assert (await wire.ok(f"PATCH {account}", head, '{"name":"Nova 2"}'))["name"] == "Nova 2"
    body = '{"name":"Davi","email":"davi@nova.example","password":"Password2!long"}'
    davi = await wire.ok(f"POST {root}/users", head, body)
    assert (davi["email"], davi["accounts"], len(davi["access_token"]) > 20) == (
        "davi@nova.example", [], True,
    )  # fmt: skip
    person = f"{root}/users/{davi['id']}"
    assert (await wire.ok(f"PATCH {person}", head, '{"name":"Davi S"}'))["name"] == "Davi S"
    body = f'{{"user_id":"{davi["id"]}","role":"administrator"}}'
    admitted = await wire.ok(f"POST {account}/account_users", head, body)
    assert admitted == {
        "account_id": made["id"], "user_id": davi["id"], "role": "administrator"
    }  # fmt: skip
    assert await wire.ok(f"GET {account}/account_users", head) == [admitted]
    assert (await wire.ok(f"GET {person}", head))["accounts"][0]["id"] == made["id"]
    own = (f"api_access_token: {davi['access_token']}", JSON)
    assert await wire.ok(f"GET /api/v1/accounts/{made['id']}/inboxes", own) == {"payload": []}
    body = f'{{"user_id":{davi["id"]}}}'
    assert await wire.ok(f"DELETE {account}/account_users", head, body) is None
    assert (await wire.send(f"GET /api/v1/accounts/{made['id']}/inboxes", own)).status == 404
    assert await wire.ok(f"DELETE {account}", head) is None
    assert (await wire.send(f"GET {account}", head)).status == 404


@row("GET assignable_agents")
@rule("envelopes", "arrays in queries")
async def test_an_app_asks_who_can_be_assigned(wire: Wire) -> None:
    made = await wire.ok("POST …/inboxes", PYTHON, '{"name":"Zap","channel":{"type":"api"}}')
    both = await wire.ok("GET …/assignable_agents?inbox_ids[]=1")
    assert [one["name"] for one in both["payload"]] == ["Ana Lima", "Beto Reis"]
    path = f"GET …/assignable_agents?inbox_ids[]=1&inbox_ids[]={made['id']}"
    assert [one["name"] for one in (await wire.ok(path))["payload"]] == ["Ana Lima"]
    assert (await wire.send("GET …/assignable_agents")).status == 422
    assert (await wire.send("GET …/assignable_agents?inbox_ids[]=99")).status == 404
