"""The rules that hold for every endpoint, in the bytes of the clients that rely on them."""

import re
from datetime import datetime
from urllib.parse import urlsplit

import orjson
import pytest

from recado.db.database import Database
from tests.api.contract.rows import rule
from tests.api.contract.wire import (
    DELTAWOOT,
    FIGURO,
    FORM,
    N8N,
    NOBODY,
    PYTHON,
    TOKEN,
    Wire,
    as_multipart,
    multipart,
)
from tests.people import Cast, a_contact, a_conversation, a_message

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
UNKNOWN = {"error": "Resource could not be found"}


@rule("the token's header in any spelling")
@pytest.mark.parametrize(
    "name",
    ["api_access_token", "Api-Access-Token", "API_ACCESS_TOKEN", "Api_Access_Token",
     "api-access-token", "API-ACCESS-TOKEN"],
)  # fmt: skip
async def test_the_token_comes_in_any_spelling(wire: Wire, name: str) -> None:
    assert await wire.ok("GET …/teams", (f"{name}: <token>",)) == []


@rule("Authorization may stand beside the token")
@pytest.mark.parametrize(
    "value", ["Bearer <token>", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "Basic YTpi", "nonsense", ""]
)
async def test_authorization_beside_the_token_is_not_read(wire: Wire, value: str) -> None:
    assert await wire.ok("GET …/teams", (f"Authorization: {value}", TOKEN)) == []


@rule("a trailing slash is the same path")
async def test_a_trailing_slash_is_answered_directly(wire: Wire) -> None:
    body = '{"name":"WhatsApp","channel":{"type":"api","webhook_url":""}}'
    made = await wire.ok("POST …/inboxes/", FIGURO, body)
    assert await wire.ok(f"GET …/inboxes/{made['id']}/", N8N) == made
    assert await wire.ok("GET …/inboxes/?page=1", N8N) == await wire.ok("GET …/inboxes", N8N)


@rule("bodies: JSON, null, empty form, multipart")
@pytest.mark.parametrize(
    ("head", "body"),
    [
        (PYTHON, "null"),  # chatwoot-client
        ((TOKEN, FORM, "User-Agent: axios/0.27.2"), ""),  # axios 0.27 without data
        (PYTHON, ""),
        (PYTHON, "{}"),
        ((TOKEN,), ""),
        ((TOKEN, FORM), "status=resolved"),
        (as_multipart(FIGURO), multipart(("status", "resolved"))),
        (PYTHON, '{"status":"resolved"}'),
        ((TOKEN, "Content-Type: text/plain"), '{"status":"resolved"}'),
    ],
)
@pytest.mark.usefixtures("chat")
async def test_a_body_comes_as_clients_write_it(
    wire: Wire, head: tuple[str, ...], body: str | bytes
) -> None:
    told = await wire.ok("POST …/conversations/1/toggle_status", head, body)
    assert told["payload"]["current_status"] == "resolved"


@rule("multipart: JSON strings, flags, several files, bare types")
@pytest.mark.usefixtures("chat")
async def test_a_message_comes_as_evolution_writes_it(wire: Wire) -> None:
    file = '; filename="foto.png"\r\nContent-Type: image'
    more = '; filename="áudio.ogg"\r\nContent-Type: audio/ogg; codecs=opus'
    body = multipart(
        ("content", "Olá 😀"), ("message_type", "outgoing"), ("private", "false"),
        ("content_attributes", '{"in_reply_to":3,"in_reply_to_external_id":"WAID:9"}'),
        ("source_id", "WAID:3EB0"), ("source_reply_id", "3"),
        ("attachments[]", PNG, file), ("attachments[]", b"OggS", more),
    )  # fmt: skip
    made = await wire.ok("POST …/conversations/1/messages", as_multipart(FIGURO), body)
    assert (made["content"], made["private"], made["source_id"]) == ("Olá 😀", False, "WAID:3EB0")
    assert made["content_attributes"]["in_reply_to"] == 3
    assert [one["file_type"] for one in made["attachments"]] == ["image", "audio"]
    assert [one["file_size"] for one in made["attachments"]] == [len(PNG), 4]


@rule("multipart: JSON strings, flags, several files, bare types")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(("flag", "is_private"), [("true", True), ("false", False), ("1", True)])
async def test_a_flag_in_multipart_is_a_word(wire: Wire, flag: str, is_private: bool) -> None:
    body = multipart(("content", "x"), ("private", flag))
    made = await wire.ok("POST …/conversations/1/messages", as_multipart(FIGURO), body)
    assert made["private"] is is_private


@rule("multipart: JSON strings, flags, several files, bare types")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("nothing", ["{}", " {} ", ""])
async def test_an_empty_object_in_multipart_is_an_object(wire: Wire, nothing: str) -> None:
    body = multipart(("content", "x"), ("content_attributes", nothing))
    made = await wire.ok("POST …/conversations/1/messages", as_multipart(FIGURO), body)
    assert made["content_attributes"] == {}


@rule("multipart: JSON strings, flags, several files, bare types")
@pytest.mark.usefixtures("chat")
async def test_an_empty_list_as_a_text_is_a_list(wire: Wire) -> None:
    head = ("Content-Type: application/x-www-form-urlencoded", TOKEN)
    await wire.ok("POST …/conversations/1/labels", head, "labels=%5B%22vip%22%5D")
    assert await wire.ok("POST …/conversations/1/labels", head, "labels=%5B%5D") == {"payload": []}


WRAPPED = [
    ("webhooks", "webhook", '{"url":"https://a.example/x","subscriptions":["message_created"]}'),
    ("teams", "team", '{"name":"sales"}'),
    ("labels", "label", '{"title":"vip"}'),
    ("agents", "agent", '{"name":"C","email":"c@acme.example","role":"agent"}'),
    ("canned_responses", "canned_response", '{"short_code":"hi","content":"Hello"}'),
    (
        "custom_attribute_definitions", "custom_attribute_definition",
        '{"attribute_display_name":"P","attribute_key":"p","attribute_display_type":0,'
        '"attribute_model":1}',
    ),
    ("custom_filters", "custom_filter", '{"name":"f","filter_type":0,"query":{"payload":[]}}'),
    ("agent_bots", "agent_bot", '{"name":"b","outgoing_url":"https://b.example"}'),
    (
        "automation_rules", "automation_rule",
        '{"name":"r","event_name":"message_created","conditions":[{"attribute_key":"content",'
        '"filter_operator":"contains","values":["a"],"query_operator":null}],'
        '"actions":[{"action_name":"resolve_conversation","action_params":[]}]}',
    ),
    ("macros", "macro", '{"name":"m","actions":[{"action_name":"resolve_conversation"}]}'),
    ("contacts", "contact", '{"name":"M"}'),
    ("inboxes", "inbox", '{"name":"I","channel":{"type":"api"}}'),
]  # fmt: skip


@rule("flat and wrapped bodies", "200 on create")
@pytest.mark.parametrize("is_wrapped", [False, True])
@pytest.mark.parametrize(("path", "name", "body"), WRAPPED, ids=[one[0] for one in WRAPPED])
async def test_a_body_is_flat_or_wrapped(
    wire: Wire, path: str, name: str, body: str, is_wrapped: bool
) -> None:
    sent = f'{{"{name}":{body}}}' if is_wrapped else body
    made = await wire.ok(f"POST …/{path}", PYTHON, sent)
    told = orjson.dumps(made).decode()
    for value in ("name", "title", "short_code", "url", "attribute_key", "filter_type"):
        if (given := orjson.loads(body).get(value)) and isinstance(given, str):
            assert f'"{given}"' in told


@rule("ids as strings")
@pytest.mark.usefixtures("maria")
async def test_ids_are_numbers_or_texts(wire: Wire) -> None:
    body = '{"contact_id":"1","inbox_id":"1","source_id":"","assignee_id":"","team_id":""}'
    made = await wire.ok("POST …/conversations", N8N, body)
    assert (made["id"], made["inbox_id"], made["meta"]["sender"]["id"]) == (1, 1, 1)
    assigned = await wire.ok("POST …/conversations/1/assignments", N8N, '{"assignee_id":"1"}')
    assert assigned["id"] == 1
    listed = await wire.ok("GET …/conversations?inbox_id=1&page=1", N8N)
    assert listed["data"]["meta"]["all_count"] == 1


@rule("blanks are absent and do not collide")
async def test_two_contacts_with_blanks_do_not_collide(wire: Wire) -> None:
    body = (
        '{"inbox_id":1,"name":"%s","email":"","phone_number":"","identifier":"","avatar_url":"",'
        '"custom_attributes":{},"additional_attributes":{}}'
    )
    for name in ("Maria", "José"):
        made = (await wire.ok("POST …/contacts", N8N, body % name))["payload"]["contact"]
        assert (made["name"], made["email"], made["identifier"]) == (name, None, None)


@rule("blanks are absent and do not collide")
@pytest.mark.usefixtures("maria")
async def test_a_blank_changes_nothing(wire: Wire) -> None:
    before = (await wire.ok("GET …/contacts/1"))["payload"]
    body = '{"name":"Maria Souza","email":"","phone_number":"","identifier":"","avatar_url":""}'
    after = (await wire.ok("PUT …/contacts/1", N8N, body))["payload"]
    told = ("email", "phone_number", "identifier", "thumbnail")
    assert [after[name] for name in told] == [before[name] for name in told]
    assert before["email"]


@rule("n8n's conversation list left alone")
@pytest.mark.usefixtures("chat")
async def test_zeros_and_blanks_ask_for_nothing(wire: Wire) -> None:
    line = "GET …/conversations?assignee_type=all&status=open&inbox_id=0&team_id=0&q=&labels=[null]"
    listed = await wire.ok(line, N8N)
    assert [one["id"] for one in listed["data"]["payload"]] == [1]


@rule("queries in the JSON body of a GET")
@pytest.mark.usefixtures("maria")
async def test_a_get_may_carry_its_query_as_json(wire: Wire) -> None:
    body = '{"q":"MARIA@example","sort":"name"}'
    found = await wire.ok("GET …/contacts/search", DELTAWOOT, body)
    assert [one["id"] for one in found["payload"]] == [1]
    body = '{"q":"nobody","sort":"-name"}'
    assert (await wire.ok("GET …/contacts/search", DELTAWOOT, body))["payload"] == []


@rule("arrays in queries")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("labels[]=a&labels[]=b", 1), ("labels%5B%5D=a", 1), ("labels[0]=a&labels[1]=x", 1),
        ("labels=b", 1), ("labels[]=x", 0),
    ],
)  # fmt: skip
async def test_lists_stand_in_queries(wire: Wire, query: str, number: int) -> None:
    await wire.ok("POST …/conversations/1/labels", PYTHON, '{"labels":["a","b"]}')
    listed = await wire.ok(f"GET …/conversations?{query}")
    assert len(listed["data"]["payload"]) == number


DISPLAY_TYPES = ["text", "number", "currency", "percent", "link", "date", "list", "checkbox"]


@rule("enums by number or name")
@pytest.mark.parametrize(("number", "name"), list(enumerate(DISPLAY_TYPES)))
async def test_a_type_is_asked_by_number_or_name(wire: Wire, number: int, name: str) -> None:
    for place, given in enumerate((f"{number}", f'"{number}"', f'"{name}"')):
        body = (
            f'{{"attribute_display_name":"A{place}","attribute_key":"a{place}",'
            f'"attribute_display_type":{given},"attribute_values":["x"],"attribute_model":0}}'
        )
        made = await wire.ok("POST …/custom_attribute_definitions", PYTHON, body)
        assert made["attribute_display_type"] == name
        assert made["attribute_model"] == "conversation_attribute"


@rule("enums by number or name")
@pytest.mark.parametrize(
    ("given", "name"),
    [("0", "conversation"), ("1", "contact"), ('"report"', "report"), ('"2"', "report")],
)
async def test_a_filters_kind_is_asked_by_number_or_name(wire: Wire, given: str, name: str) -> None:
    body = f'{{"name":"f","filter_type":{given},"query":{{"payload":[]}}}}'
    assert (await wire.ok("POST …/custom_filters", PYTHON, body))["filter_type"] == name


@rule("enums by number or name")
async def test_definitions_are_listed_by_number_or_name(wire: Wire) -> None:
    body = (
        '{"attribute_display_name":"A","attribute_key":"a","attribute_display_type":0,'
        '"attribute_model":"contact_attribute"}'
    )
    await wire.ok("POST …/custom_attribute_definitions", PYTHON, body)
    for model, number in (("0", 0), ("1", 1), ("contact_attribute", 1)):
        found = await wire.ok(f"GET …/custom_attribute_definitions?attribute_model={model}")
        assert len(found) == number


@rule("message_type is a name in requests, a number in answers")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(("name", "number"), [("incoming", 0), ("outgoing", 1), ("template", 3)])
async def test_a_messages_type_has_two_forms(wire: Wire, name: str, number: int) -> None:
    body = f'{{"content":"x","message_type":"{name}"}}'
    made = await wire.ok("POST …/conversations/1/messages", PYTHON, body)
    assert made["message_type"] == number
    await wire.ok("POST …/conversations/1/toggle_status")
    listed = await wire.ok("GET …/conversations/1/messages")
    assert [one["message_type"] for one in listed["payload"]] == [number, 2]


@rule("times are Unix integers or ISO strings")
@pytest.mark.usefixtures("chat")
async def test_times_are_integers_where_sdks_read_integers(wire: Wire) -> None:
    await wire.ok("POST …/conversations/1/messages", PYTHON, '{"content":"x"}')
    one = await wire.ok("GET …/conversations/1")
    for name in ("created_at", "timestamp", "last_activity_at"):
        assert type(one[name]) is int, name
        assert one[name] > 1_500_000_000, name
    for name in ("agent_last_seen_at", "contact_last_seen_at", "assignee_last_seen_at"):
        assert one[name] == 0, name
    assert type(one["updated_at"]) is float
    [message] = one["messages"]
    assert type(message["created_at"]) is int
    contact = (await wire.ok("GET …/contacts/1"))["payload"]
    assert type(contact["created_at"]) is int
    assert contact["last_activity_at"] == int(contact["last_activity_at"])


@rule("times are Unix integers or ISO strings")
@pytest.mark.parametrize(
    ("path", "body"), [(one[0], one[2]) for one in WRAPPED if one[0].startswith("c")][:3]
)
async def test_times_are_texts_elsewhere(wire: Wire, path: str, body: str) -> None:
    made = await wire.ok(f"POST …/{path}", PYTHON, body)
    for name in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made[name])
        assert datetime.fromisoformat(made[name]).tzinfo


@rule("a conversation's id is its number in the account")
async def test_a_conversation_is_called_by_its_number(
    wire: Wire, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:  # the database's first conversation is a stranger's
        alien = await a_contact(tx, cast.other_account)
        await a_conversation(tx, cast.other_inbox, alien)
        mine = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        message = await a_message(tx, mine)
    assert (mine.id, mine.display_id) == (2, 1)
    assert (await wire.ok("GET …/conversations/1"))["id"] == 1
    listed = await wire.ok("GET …/conversations/1/messages")
    assert [(one["id"], one["conversation_id"]) for one in listed["payload"]] == [(message.id, 1)]
    assert (await wire.send("GET …/conversations/2")).status == 404


@rule("data_url is absolute, open and ends in the file's name")
@pytest.mark.usefixtures("chat")
async def test_a_files_address_is_open_and_tells_its_name(wire: Wire) -> None:
    file = '; filename="nota fiscal.pdf"\r\nContent-Type: application/pdf'
    body = multipart(("content", ""), ("attachments[]", b"%PDF-1.7", file))
    made = await wire.ok("POST …/conversations/1/messages", as_multipart(FIGURO), body)
    [attachment] = made["attachments"]
    url = urlsplit(attachment["data_url"])
    assert (url.scheme, bool(url.netloc)) == ("http", True)
    assert url.path.endswith("/nota%20fiscal.pdf")
    answer = await wire.send(f"GET {url.path}", NOBODY)
    assert (answer.status, answer.body) == (200, b"%PDF-1.7")


RULE_BODY = '{"name":"r","event_name":"message_created","conditions":[],"actions":[]}'
ERRORS = [
    ("no token", "GET …/teams", NOBODY, "", 401, {"error": "Invalid Access Token"}),
    ("a wrong token", "GET …/teams", ("api_access_token: x",), "", 401,
     {"error": "Invalid Access Token"}),
    ("no token, profile", "GET /api/v1/profile", NOBODY, "", 401,
     {"error": "Invalid Access Token"}),
    ("an unknown id", "GET …/contacts/99", PYTHON, "", 404, UNKNOWN),
    ("an unknown rule", "GET …/automation_rules/99", PYTHON, "", 404, UNKNOWN),
    ("an unknown number", "GET …/conversations/99/messages", PYTHON, "", 404, UNKNOWN),
    ("an unknown path", "GET …/nothing", PYTHON, "", 404, UNKNOWN),
    ("a bad phone number", "POST …/contacts", PYTHON, '{"phone_number":"12"}', 422,
     ["phone_number"]),
    ("a bad address", "POST …/webhooks", PYTHON,
     '{"url":"x","subscriptions":["message_created"]}', 422, ["url"]),
    ("no subscriptions", "POST …/webhooks", PYTHON, '{"url":"https://a.example"}', 422,
     ["subscriptions"]),
    ("an unknown subscription", "POST …/webhooks", PYTHON,
     '{"url":"https://a.example","subscriptions":["x"]}', 422, ["subscriptions"]),
    ("a bad operator", "POST …/contacts/filter", PYTHON,
     '{"payload":[{"attribute_key":"name","filter_operator":"x","values":["a"]}]}', 422, "error"),
    ("search without q", "GET …/contacts/search", PYTHON, "", 422, "error"),
    ("an unknown action", "POST …/automation_rules", PYTHON,
     RULE_BODY.replace('"actions":[]', '"actions":[{"action_name":"x"}]'), 422, "error"),
    ("n8n's operator nil", "POST …/automation_rules", N8N,
     '{"name":"r","event_name":"message_created","conditions":[{"attribute_key":"content",'
     '"filter_operator":"contains","values":["a"],"query_operator":"nil"}],'
     '"actions":[{"action_name":"resolve_conversation","action_params":[]}]}', 422, "error"),
    ("broken JSON", "POST …/teams", PYTHON, "{", 400, "error"),
]  # fmt: skip


@rule("errors have their status and shape")
@pytest.mark.parametrize(
    ("line", "head", "body", "status", "told"),
    [one[1:] for one in ERRORS], ids=[one[0] for one in ERRORS],
)  # fmt: skip
async def test_an_error_has_its_shape(
    wire: Wire, line: str, head: tuple[str, ...], body: str, status: int, told: object
) -> None:
    answer = await wire.send(line, head, body)
    assert answer.status == status, answer.body
    if isinstance(told, dict):
        assert answer.json == told
    elif isinstance(told, list):
        assert answer.json["attributes"] == told
        assert isinstance(answer.json["message"], str)
    else:
        assert answer.json["error"]


@rule("errors have their status and shape")
async def test_a_missing_permission_is_a_401(beto_wire: Wire) -> None:
    for line in ("POST …/webhooks", "DELETE …/contacts/1", "POST …/inboxes", "GET …/webhooks"):
        answer = await beto_wire.send(line, PYTHON, "{}")
        assert answer.status == 401, line
        assert answer.json["error"]


DELETED = {
    "teams": 200, "labels": 200, "canned_responses": 200, "webhooks": 200, "agents": 200,
    "agent_bots": 200, "automation_rules": 200, "macros": 200, "contacts": 200, "inboxes": 200,
    "custom_attribute_definitions": 204, "custom_filters": 204,
}  # fmt: skip


@rule("deleting answers 200 empty, or 204")
@pytest.mark.parametrize(("path", "body"), [(one[0], one[2]) for one in WRAPPED])
async def test_what_is_deleted_is_gone(wire: Wire, path: str, body: str) -> None:
    made = (await wire.send(f"POST …/{path}", PYTHON, body)).json
    inside = made.get("payload", made)
    for name in ("contact", "webhook"):
        inside = inside.get(name, inside)
    answer = await wire.send(f"DELETE …/{path}/{inside['id']}")
    assert (answer.status, answer.body) == (DELETED[path], b"")
    assert (await wire.send(f"DELETE …/{path}/{inside['id']}")).status == 404


LIMITS = [
    ("a text of 150,001 characters", "messages", {"content": "x" * 150_001}, 422),
    ("a text of 150,000 characters", "messages", {"content": "x" * 150_000}, 200),
    ("labels of 256 characters", "labels", {"labels": ["x" * 256]}, 422),
]


@rule("limits")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(
    ("path", "body", "status"), [one[1:] for one in LIMITS], ids=[one[0] for one in LIMITS]
)
async def test_a_limit_is_told(wire: Wire, path: str, body: dict[str, str], status: int) -> None:
    answer = await wire.send(f"POST …/conversations/1/{path}", PYTHON, orjson.dumps(body))
    assert answer.status == status


@rule("limits")
@pytest.mark.usefixtures("chat")
async def test_fifteen_files_go_with_one_message(wire: Wire) -> None:
    file = '; filename="a.png"\r\nContent-Type: image/png'
    for number, status in ((15, 200), (16, 422)):
        body = multipart(*[("attachments[]", PNG, file)] * number)
        answer = await wire.send("POST …/conversations/1/messages", as_multipart(FIGURO), body)
        assert answer.status == status


@rule("limits")
async def test_a_url_has_2048_characters(wire: Wire) -> None:
    for length, status in ((2_048, 200), (2_049, 422)):
        url = "https://a.example/".ljust(length, "x")
        body = f'{{"url":"{url}","subscriptions":["message_created"]}}'
        assert (await wire.send("POST …/webhooks", PYTHON, body)).status == status


@rule("agents see only their inboxes")
@pytest.mark.usefixtures("chat")
async def test_an_agent_sees_no_other_inbox(wire: Wire, beto_wire: Wire) -> None:
    await wire.ok("POST …/inboxes", PYTHON, '{"name":"Other","channel":{"type":"api"}}')
    await wire.ok("POST …/conversations", PYTHON, '{"contact_id":1,"inbox_id":3}')
    for whose, inboxes, conversations in ((wire, [1, 3], {1, 2}), (beto_wire, [1], {1})):
        seen = await whose.ok("GET …/inboxes")
        assert [one["id"] for one in seen["payload"]] == inboxes
        listed = (await whose.ok("GET …/conversations"))["data"]["payload"]
        assert {one["id"] for one in listed} == conversations
    assert (await beto_wire.send("GET …/conversations/2")).status == 404
    assert (await beto_wire.send("POST …/conversations/2/messages", PYTHON, "{}")).status in {
        404,
        422,
    }
