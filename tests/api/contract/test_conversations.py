"""The rows about conversations and their messages."""

from typing import Any

import pytest

from recado.lib.mail_servers import mail_server, use_mail_server
from tests.api.contract.rows import row, rule
from tests.api.contract.wire import FIGURO, N8N, PYTHON, TOKEN, Wire, as_multipart, multipart

CONVERSATION = {
    "meta", "id", "messages", "account_id", "uuid", "additional_attributes", "agent_last_seen_at",
    "assignee_last_seen_at", "can_reply", "contact_last_seen_at", "custom_attributes", "inbox_id",
    "labels", "muted", "snoozed_until", "status", "created_at", "updated_at", "timestamp",
    "first_reply_created_at", "unread_count", "last_non_activity_message", "last_activity_at",
    "priority", "waiting_since", "sla_policy_id",
}  # fmt: skip
MESSAGE = {
    "id", "content", "inbox_id", "conversation_id", "message_type", "content_type", "status",
    "content_attributes", "created_at", "private", "source_id", "sender",
}  # fmt: skip


async def said(wire: Wire, content: str = "Oi", kind: str = "incoming") -> Any:
    """What came of a message in conversation 1."""
    body = f'{{"content":"{content}","message_type":"{kind}"}}'
    return await wire.ok("POST …/conversations/1/messages", FIGURO, body)


@row("POST conversations/{id}/messages")
@rule("envelopes", "200 on create")
@pytest.mark.usefixtures("chat")
async def test_a_message_is_bare_and_tells_its_sender(wire: Wire) -> None:
    incoming = await said(wire)
    assert set(incoming) == MESSAGE
    assert (incoming["message_type"], incoming["sender"]["type"]) == (0, "contact")
    outgoing = await said(wire, "Olá", "outgoing")
    assert (outgoing["message_type"], outgoing["status"]) == (1, "sent")
    assert (outgoing["sender"]["type"], outgoing["sender"]["name"]) == ("user", "Ana Lima")


@row("POST conversations/{id}/messages")
@pytest.mark.usefixtures("chat")
async def test_everything_a_message_may_say(wire: Wire) -> None:
    body = (
        '{"content":"Which?","message_type":"outgoing","private":false,'
        '"content_type":"input_select","content_attributes":{"items":[{"title":"A","value":"a"}],'
        '"in_reply_to":1,"in_reply_to_external_id":"WAID:1"},"source_id":"WAID:2","echo_id":"e-1",'
        '"template_params":{"name":"x"},"source_reply_id":"WAID:1"}'
    )
    made = await wire.ok("POST …/conversations/1/messages", FIGURO, body)
    assert (made["content_type"], made["source_id"]) == ("input_select", "WAID:2")
    assert made["content_attributes"]["items"] == [{"title": "A", "value": "a"}]
    assert made["echo_id"] == "e-1"
    assert await wire.ok("POST …/conversations/1/messages", FIGURO, body) == made  # not twice


@row("POST conversations/{id}/messages")
@pytest.mark.usefixtures("chat")
async def test_an_attachment_tells_what_bridges_read(wire: Wire) -> None:
    file = '; filename="foto.jpg"\r\nContent-Type: image/jpeg'
    body = multipart(("message_type", "incoming"), ("attachments[]", b"\xff\xd8", file))
    made = await wire.ok("POST …/conversations/1/messages", as_multipart(FIGURO), body)
    [one] = made["attachments"]
    assert {
        "id",
        "message_id",
        "file_type",
        "account_id",
        "data_url",
        "thumb_url",
        "file_size",
    } <= set(one)
    assert (one["message_id"], one["account_id"], one["file_type"]) == (made["id"], 1, "image")


@rule("errors have their status and shape")
@pytest.mark.usefixtures("chat")
async def test_incoming_messages_come_only_by_api_inboxes(wire: Wire) -> None:
    body = '{"name":"Site","channel":{"type":"web_widget","website_url":"https://a.example"}}'
    inbox = await wire.ok("POST …/inboxes", PYTHON, body)
    started = f'{{"contact_id":1,"inbox_id":{inbox["id"]}}}'
    made = await wire.ok("POST …/conversations", PYTHON, started)
    answer = await wire.send(
        f"POST …/conversations/{made['id']}/messages", PYTHON,
        '{"content":"x","message_type":"incoming"}',
    )  # fmt: skip
    assert (answer.status, set(answer.json)) == (422, {"error"})


@row("GET conversations/{id}/messages")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_a_thread_comes_by_twenty_and_by_ids(wire: Wire) -> None:
    ids = [(await said(wire, f"line {number}"))["id"] for number in range(23)]
    told = await wire.ok("GET …/conversations/1/messages", PYTHON)
    assert set(told) == {"meta", "payload"}
    assert {"labels", "additional_attributes", "contact", "agent_last_seen_at",
            "assignee_last_seen_at"} <= set(told["meta"])  # fmt: skip
    assert told["meta"]["contact"]["id"] == 1
    for query, expected in (
        ("", ids[3:]), (f"?before={ids[3]}", ids[:3]), (f"?after={ids[20]}", ids[21:]),
        (f"?after={ids[0]}&before={ids[4]}", ids[1:4]), ("?before=&after=", ids[3:]),
    ):  # fmt: skip
        listed = await wire.ok(f"GET …/conversations/1/messages{query}", N8N)
        assert [one["id"] for one in listed["payload"]] == expected, query


@row("DELETE conversations/{id}/messages/{id}")
@pytest.mark.usefixtures("chat")
async def test_a_message_that_is_taken_back_stays_as_deleted(wire: Wire) -> None:
    file = '; filename="a.png"\r\nContent-Type: image/png'
    body = multipart(("content", "secret"), ("attachments[]", b"x", file))
    made = await wire.ok("POST …/conversations/1/messages", as_multipart(FIGURO), body)
    assert await wire.ok(f"DELETE …/conversations/1/messages/{made['id']}", FIGURO) is None
    [kept] = (await wire.ok("GET …/conversations/1/messages"))["payload"]
    assert kept["content_attributes"]["deleted"] is True
    assert "attachments" not in kept
    assert "secret" not in kept["content"]


@row("PATCH conversations/{id}/messages/{id}")
@pytest.mark.usefixtures("chat")
async def test_an_integrator_tells_how_far_a_message_came(wire: Wire) -> None:
    made = await said(wire, "Olá", "outgoing")
    line = f"PATCH …/conversations/1/messages/{made['id']}"
    for status in ("delivered", "read"):
        assert (await wire.ok(line, PYTHON, f'{{"status":"{status}"}}'))["status"] == status
    failed = await wire.ok(line, PYTHON, '{"status":"failed","external_error":"blocked"}')
    assert (failed["status"], failed["content_attributes"]["external_error"]) == (
        "failed", "blocked",
    )  # fmt: skip


@row("POST conversations")
@rule("envelopes", "200 on create")
@pytest.mark.usefixtures("maria")
async def test_a_conversation_is_started_in_the_ways_of_clients(wire: Wire) -> None:
    body = (
        '{"contact_id":"1","inbox_id":"1","status":"pending","assignee_id":1,'
        '"custom_attributes":{"order":"7"},"additional_attributes":{"mail_subject":"s"},'
        '"message":{"content":"Oi","message_type":"incoming"}}'
    )
    made = await wire.ok("POST …/conversations", FIGURO, body)
    assert set(made) == CONVERSATION
    assert (made["id"], made["inbox_id"], made["account_id"]) == (1, 1, 1)
    assert made["custom_attributes"] == {"order": "7"}
    assert made["meta"]["sender"]["id"] == 1
    assert made["messages"][0]["content"] == "Oi"
    source = made["last_non_activity_message"]["conversation"]["contact_inbox"]["source_id"]
    again = await wire.ok("POST …/conversations", FIGURO, f'{{"source_id":"{source}"}}')
    assert (again["id"], again["meta"]["sender"]["id"]) == (2, 1)


@row("GET conversations/{id}")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_a_conversation_tells_what_bridges_read(wire: Wire) -> None:
    await said(wire)
    team = await wire.ok("POST …/teams", PYTHON, '{"name":"sales"}')
    await wire.ok("POST …/conversations/1/assignments", PYTHON, f'{{"team_id":{team["id"]}}}')
    await wire.ok("POST …/conversations/1/assignments", PYTHON, '{"assignee_id":1}')
    one = await wire.ok("GET …/conversations/1", FIGURO)
    assert set(one) == CONVERSATION
    assert one["last_non_activity_message"]["conversation"]["contact_inbox"]["source_id"]
    assert one["unread_count"] == 1
    assert one["meta"]["assignee"]["name"] == "Ana Lima"
    assert one["meta"]["team"]["name"] == "sales"
    assert (one["meta"]["channel"], one["meta"]["hmac_verified"]) == ("Channel::Api", False)


@row("POST conversations/{id}/toggle_status")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_a_status_is_set_or_flipped(wire: Wire) -> None:
    line = "POST …/conversations/1/toggle_status"
    for body, expected in (
        ('{"status":"pending"}', "pending"), ('{"status":"snoozed"}', "snoozed"),
        ('{"status":"open"}', "open"), ("", "resolved"), ("", "open"), ("null", "resolved"),
    ):  # fmt: skip
        told = await wire.ok(line, FIGURO, body)
        assert told["meta"] == {}
        assert set(told["payload"]) == {
            "success", "conversation_id", "current_status", "snoozed_until",
        }  # fmt: skip
        assert (told["payload"]["success"], told["payload"]["conversation_id"]) == (True, 1)
        assert told["payload"]["current_status"] == expected
    later = await wire.ok(line, FIGURO, '{"status":"snoozed","snoozed_until":1999999999}')
    assert later["payload"]["snoozed_until"].startswith("2033-05-18")


@row("GET conversations/{id}/labels", "POST conversations/{id}/labels")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_labels_of_a_conversation_are_replaced(wire: Wire) -> None:
    for labels in ('["vip","late"]', '["vip"]'):
        told = await wire.ok("POST …/conversations/1/labels", FIGURO, f'{{"labels":{labels}}}')
    assert told == await wire.ok("GET …/conversations/1/labels") == {"payload": ["vip"]}
    cleared = await wire.ok("POST …/conversations/1/labels", FIGURO, '{"labels":[]}')
    assert cleared == {"payload": []}


@row("GET conversations", "GET conversations/meta")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_conversations_are_listed_under_data(wire: Wire) -> None:
    told = await wire.ok("GET …/conversations", PYTHON)
    assert set(told) == {"data"}
    assert set(told["data"]) == {"meta", "payload"}
    counts = {"mine_count": 0, "assigned_count": 0, "unassigned_count": 1, "all_count": 1}
    assert told["data"]["meta"] == counts
    assert set(told["data"]["payload"][0]) == CONVERSATION
    assert await wire.ok("GET …/conversations/meta?status=open", PYTHON) == {"meta": counts}


QUERIES = [
    ("status=open", [1, 2]), ("status=all", [1, 2, 3]), ("status=resolved", [3]),
    ("assignee_type=me", [1]), ("assignee_type=assigned", [1]), ("assignee_type=unassigned", [2]),
    ("inbox_id=1", [1, 2]), ("team_id=99", []), ("labels[]=vip", [2]), ("q=needle", [1]),
    ("page=2", []), ("conversation_type=unattended", [2]), ("conversation_type=participating", [1]),
    ("conversation_type=mention", []), ("updated_within=3600", [1, 2]),
]  # fmt: skip


@row("GET conversations")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(("query", "ids"), QUERIES)
async def test_conversations_are_asked_for(wire: Wire, query: str, ids: list[int]) -> None:
    for _ in range(2):
        await wire.ok("POST …/conversations", PYTHON, '{"contact_id":1,"inbox_id":1}')
    await wire.ok("POST …/conversations/1/assignments", PYTHON, '{"assignee_id":1}')
    await said(wire, "a needle")
    await said(wire, "Olá", "outgoing")
    await wire.ok("POST …/conversations/2/labels", PYTHON, '{"labels":["vip"]}')
    await wire.ok("POST …/conversations/3/toggle_status", PYTHON, '{"status":"resolved"}')
    listed = await wire.ok(f"GET …/conversations?{query}", N8N)
    assert sorted(one["id"] for one in listed["data"]["payload"]) == ids


SORTS = [
    ("last_activity_at_desc", [1, 3, 2]), ("last_activity_at_asc", [2, 3, 1]),
    ("created_at_desc", [3, 2, 1]), ("created_at_asc", [1, 2, 3]),
    ("priority_desc", [2, 1, 3]), ("priority_asc", [3, 1, 2]),
    ("waiting_since_asc", [1, 3, 2]), ("latest", [1, 3, 2]), ("nonsense", [1, 3, 2]),
]  # fmt: skip


@row("GET conversations")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(("sort", "ids"), SORTS)
async def test_conversations_are_sorted(wire: Wire, sort: str, ids: list[int]) -> None:
    for number, priority in ((2, "urgent"), (3, "")):
        await wire.ok("POST …/conversations", PYTHON, '{"contact_id":1,"inbox_id":1}')
        body = f'{{"priority":"{priority}"}}'
        await wire.ok(f"POST …/conversations/{number}/toggle_priority", PYTHON, body)
    await wire.ok("POST …/conversations/1/toggle_priority", PYTHON, '{"priority":"high"}')
    await said(wire)
    listed = await wire.ok(f"GET …/conversations?sort_by={sort}", PYTHON)
    assert [one["id"] for one in listed["data"]["payload"]] == ids


@row("POST conversations/{id}/assignments")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_an_assignment_tells_who_has_it(wire: Wire) -> None:
    team = await wire.ok("POST …/teams", PYTHON, '{"name":"sales"}')
    line = "POST …/conversations/1/assignments"
    assert (await wire.ok(line, N8N, '{"assignee_id":"2"}'))["name"] == "Beto Reis"
    assert (await wire.ok(line, N8N, f'{{"team_id":{team["id"]}}}'))["name"] == "sales"
    both = f'{{"assignee_id":1,"team_id":{team["id"]}}}'
    assert (await wire.ok(line, PYTHON, both))["name"] == "Ana Lima"  # the agent wins
    answer = await wire.send(line, PYTHON, '{"assignee_id":null}')
    assert (answer.status, answer.body) == (200, b"null")
    assert "assignee" not in (await wire.ok("GET …/conversations/1"))["meta"]


@row("POST conversations/filter")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(
    ("key", "values", "number"),
    [("status", '["open"]', 1), ("inbox_id", "[1]", 1), ("inbox_id", '["1"]', 1),
     ("assignee_id", "[2]", 0), ("display_id", '["1"]', 1), ("labels", '["vip"]', 1)],
)  # fmt: skip
async def test_conversations_are_filtered_outside_data(
    wire: Wire, key: str, values: str, number: int
) -> None:
    await wire.ok("POST …/conversations/1/labels", PYTHON, '{"labels":["vip"]}')
    body = (
        f'{{"payload":[{{"attribute_key":"{key}","filter_operator":"equal_to",'
        f'"values":{values},"query_operator":null}}]}}'
    )
    told = await wire.ok("POST …/conversations/filter", PYTHON, body)
    assert set(told) == {"meta", "payload"}
    assert told["meta"]["all_count"] == len(told["payload"]) == number


@row("PATCH conversations/{id}", "POST conversations/{id}/toggle_priority")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_a_priority_is_set_and_cleared(wire: Wire) -> None:
    told = await wire.ok("PATCH …/conversations/1", PYTHON, '{"priority":"high"}')
    assert (set(told), told["priority"]) == (CONVERSATION, "high")
    line = "POST …/conversations/1/toggle_priority"
    for body, expected in (('{"priority":"urgent"}', "urgent"), ('{"priority":null}', None)):
        assert await wire.ok(line, PYTHON, body) is None
        assert (await wire.ok("GET …/conversations/1"))["priority"] == expected


@row("PATCH conversations/{id}")
@pytest.mark.usefixtures("chat")
async def test_the_official_library_assigns_by_patch(wire: Wire) -> None:
    told = await wire.ok("PATCH …/conversations/1", PYTHON, '{"assignee_id":2}')
    assert told["meta"]["assignee"]["id"] == 2


@row("POST conversations/{id}/custom_attributes")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_custom_attributes_are_replaced(wire: Wire) -> None:
    line = "POST …/conversations/1/custom_attributes"
    await wire.ok(line, PYTHON, '{"custom_attributes":{"a":"1"}}')
    told = await wire.ok(line, PYTHON, '{"custom_attributes":{"b":"2"}}')
    assert told == {"custom_attributes": {"b": "2"}}


@row(
    "POST conversations/{id}/toggle_typing_status", "POST conversations/{id}/mute",
    "POST conversations/{id}/unmute", "POST conversations/{id}/update_last_seen",
    "POST conversations/{id}/unread",
)  # fmt: skip
@pytest.mark.usefixtures("chat")
async def test_small_signs(wire: Wire) -> None:
    await said(wire)
    for status in ("on", "off"):
        body = f'{{"typing_status":"{status}","is_private":false}}'
        line = "POST …/conversations/1/toggle_typing_status"
        assert await wire.ok(line, PYTHON, body) is None
    seen = await wire.ok("POST …/conversations/1/update_last_seen", (TOKEN,))
    assert (seen["id"], seen["unread_count"]) == (1, 0)
    assert (await wire.ok("POST …/conversations/1/unread", (TOKEN,)))["unread_count"] == 1
    for verb, is_muted in (("mute", True), ("unmute", False)):
        assert await wire.ok(f"POST …/conversations/1/{verb}", (TOKEN,)) is None
        assert (await wire.ok("GET …/conversations/1"))["muted"] is is_muted


@row("POST conversations/{id}/transcript")
@pytest.mark.usefixtures("chat")
async def test_a_transcript_is_sent(wire: Wire) -> None:
    use_mail_server(mail_server("smtp://127.0.0.1:1?tls=none", "desk@acme.example"))
    try:
        body = '{"email":"maria@example.com"}'
        assert await wire.ok("POST …/conversations/1/transcript", PYTHON, body) is None
    finally:
        use_mail_server(None)


@row(
    "GET conversations/{id}/participants", "POST conversations/{id}/participants",
    "PATCH conversations/{id}/participants", "DELETE conversations/{id}/participants",
)  # fmt: skip
@rule("envelopes", "200 on create")
@pytest.mark.usefixtures("chat")
async def test_participants_are_a_bare_array_of_agents(wire: Wire) -> None:
    path = "…/conversations/1/participants"
    assert await wire.ok(f"GET {path}") == []
    [beto] = await wire.ok(f"POST {path}", PYTHON, '{"user_ids":["2"]}')
    assert (beto["id"], beto["name"], beto["role"]) == (2, "Beto Reis", "agent")
    assert [one["id"] for one in await wire.ok(f"POST {path}", PYTHON, '{"user_ids":[1]}')] == [
        1,
        2,
    ]
    assert await wire.ok(f"PATCH {path}", PYTHON, '{"user_ids":[2]}') == [beto]
    assert await wire.ok(f"DELETE {path}", PYTHON, '{"user_ids":[2]}') is None
    assert await wire.ok(f"GET {path}") == []


@row("POST bulk_actions")
@pytest.mark.usefixtures("chat")
async def test_an_app_changes_what_it_has_ticked(wire: Wire) -> None:
    body = (
        '{"type":"Conversation","ids":[1],"fields":{"status":"resolved","assignee_id":2},'
        '"labels":{"add":["vip"]}}'
    )
    assert await wire.ok("POST …/bulk_actions", PYTHON, body) is None
    changed = await wire.ok("GET …/conversations/1")
    assert (changed["status"], changed["labels"]) == ("resolved", ["vip"])
    assert changed["meta"]["assignee"]["id"] == 2
