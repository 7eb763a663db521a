"""Custom actions and their deliveries through the API."""

from typing import Any

import orjson
import pytest

from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.db.database import Database
from recado.deliveries.policies import DEFAULT_POLICY, policy_as_json
from recado.deliveries.queueing import NotSent, Origin, queue_delivery
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Request
from recado.lib.signing import is_signing_secret, new_signing_secret
from tests.api.calling import Program
from tests.people import NOW, Cast, a_contact, a_conversation, a_message
from tests.receiver import Receiver

SECRET = "Bearer tell-nobody-1234"


def an_action(url: str = "https://crm.example/contacts", **more: Any) -> dict[str, Any]:
    return {
        "name": "CRM", "description": "Registers", "method": "POST", "url": url,
        "headers": [
            {"name": "X-Team", "value": "{{ team.name }}", "secret": False},
            {"name": "Authorization", "value": SECRET, "secret": True},
        ],
        "body_kind": "json", "body": '{"name": "{{ contact.name }}"}', **more,
    }  # fmt: skip


async def test_an_action_is_made_as_a_draft_and_shown_without_secrets(api: Program) -> None:
    made = await api.post("custom_actions", an_action())
    times = {made.pop("created_at"), made.pop("updated_at")}
    assert all(str(one).endswith("Z") for one in times)
    assert made == {
        "id": 1, "name": "CRM", "description": "Registers", "method": "POST",
        "url": "https://crm.example/contacts",
        "headers": [
            {"name": "X-Team", "value": "{{ team.name }}", "secret": False, "enabled": True},
            {"name": "Authorization", "value": None, "secret": True, "enabled": True},
        ],
        "body_kind": "json", "body": '{"name": "{{ contact.name }}"}', "state": "draft",
        "holds_calls": False, "sign": False, "signing_secret": None,
        "auth": {"kind": "none", "has_certificate": False},
        "policy": policy_as_json(DEFAULT_POLICY),
        "answers": {}, "notice": None,
    }  # fmt: skip
    listed = await api.get("custom_actions")
    assert [one["name"] for one in listed["payload"]] == ["CRM"]
    assert "tell-nobody" not in orjson.dumps(listed).decode()


async def test_an_action_can_be_made_active_at_once(api: Program) -> None:
    made = await api.post("custom_actions", {"custom_action": an_action(state="active")})
    assert made["state"] == "active"


async def test_a_change_keeps_what_is_not_sent_and_the_secret(
    api: Program, receiver: Receiver
) -> None:
    made = await api.post("custom_actions", an_action(receiver.url + "/a"))
    path = f"custom_actions/{made['id']}"
    changed = await api.patch(path, {"description": "new", "headers": made["headers"]})
    assert (changed["description"], changed["name"]) == ("new", "CRM")
    await api.post(f"{path}/test", {})
    assert receiver.received[0].headers["authorization"] == SECRET


async def test_a_secret_does_not_follow_to_another_host(api: Program) -> None:
    made = await api.post("custom_actions", an_action())
    answer = await api.call(
        "PATCH", f"custom_actions/{made['id']}", {"url": "https://evil.example/x"}
    )
    assert answer.status_code == 422
    assert answer.json()["attributes"] == ["headers.1.value"]
    assert "new host" in answer.json()["errors"]["headers.1.value"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"method": "BREW"}, "method"),
        ({"url": "ftp://x.example"}, "url"),
        ({"url": "https://{{ contact.name }}/"}, "url"),
        ({"url": "https://a.example/{{ contact.nmae }}"}, "url"),
        ({"body": '{"a": '}, "body"),
        ({"body_kind": "soup"}, "body_kind"),
        ({"headers": [{"name": "a b", "value": "x"}]}, "headers.0.name"),
        ({"headers": [{"name": "X", "value": None, "secret": True}]}, "headers.0.value"),
        ({"headers": "no"}, "headers"),
        ({"headers": [{"name": 1}]}, "headers.0.name"),
        ({"state": "great"}, "state"),
    ],
)
async def test_every_mistake_is_told_at_its_field(
    api: Program, change: dict[str, Any], field: str
) -> None:
    answer = await api.call("POST", "custom_actions", an_action(**change))
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["attributes"][0]
    assert answer.json()["message"]


async def test_a_taken_name_is_refused_whatever_its_case(api: Program) -> None:
    await api.post("custom_actions", an_action())
    answer = await api.call("POST", "custom_actions", an_action(name="crm"))
    assert answer.status_code == 422
    assert answer.json() == {
        "message": "name: This name is taken by another custom action",
        "attributes": ["name"],
        "errors": {"name": "This name is taken by another custom action."},
    }


async def test_an_action_is_switched(api: Program) -> None:
    path = f"custom_actions/{(await api.post('custom_actions', an_action()))['id']}"
    assert (await api.post(f"{path}/toggle", {"state": "active"}))["state"] == "active"
    assert (await api.post(f"{path}/toggle", {"state": "off"}))["state"] == "off"
    assert (await api.post(f"{path}/toggle"))["state"] == "active"
    assert (await api.call("POST", f"{path}/toggle", {"state": "draft"})).status_code == 422
    assert (await api.patch(path, {"state": "off"}))["state"] == "off"


async def test_an_action_is_deleted(api: Program) -> None:
    path = f"custom_actions/{(await api.post('custom_actions', an_action()))['id']}"
    answer = await api.call("DELETE", path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await api.call("GET", path)).status_code == 404


async def test_a_test_with_sample_data_says_what_was_sent_and_what_came(
    api: Program, receiver: Receiver
) -> None:
    receiver.answer(201, b'{"ok": true}', headers={"X-Answer": "yes"})
    made = await api.post("custom_actions", an_action(receiver.url + "/a"))
    tried = await api.post(
        f"custom_actions/{made['id']}/test", {"values": {"contact.name": 'A "B"\n😀'}}
    )
    assert (tried["state"], tried["trouble"], tried["status"]) == ("delivered", None, 201)
    assert tried["sentence"] == "Delivered: the receiver answered 201."
    assert tried["body"] == '{"ok": true}'
    assert {"name": "X-Answer", "value": "yes"} in tried["headers"]
    assert tried["milliseconds"] > 0
    assert tried["request"]["method"] == "POST"
    assert orjson.loads(tried["request"]["body"]) == {"name": 'A "B"\n😀'}
    assert orjson.loads(receiver.received[0].body) == {"name": 'A "B"\n😀'}
    assert "tell-nobody" not in orjson.dumps(tried).decode()
    [logged] = (await api.get("deliveries"))["payload"]
    assert logged["is_test"] is True


async def test_an_echoed_secret_is_masked(api: Program, receiver: Receiver) -> None:
    made = await api.post("custom_actions", an_action(receiver.url + "/echo"))
    tried = await api.post(f"custom_actions/{made['id']}/test")
    assert tried["status"] == 200
    for told in (tried, await api.get("deliveries")):
        assert "tell-nobody" not in orjson.dumps(told).decode()


async def test_a_test_that_fails_says_why(api: Program, receiver: Receiver) -> None:
    cases = {
        receiver.url + "/status/500": ("http_status", 500),
        receiver.url + "/status/302": ("redirect", 302),
        "http://127.0.0.1:1/": ("connect", None),
        "http://10.0.0.1/": ("address_refused", None),
    }
    for url, (trouble, status) in cases.items():
        made = await api.post("custom_actions", an_action(url, name=url))
        tried = await api.post(f"custom_actions/{made['id']}/test", {"mode": "send"})
        assert (tried["state"], tried["trouble"], tried["status"]) == ("failed", trouble, status)
        assert tried["sentence"]


async def test_a_rendering_sends_nothing(
    api: Program, receiver: Receiver, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        conversation = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, conversation, "the last one")
    body = '{"m": "{{ message.content }}", "n": {{ conversation.id }}}'
    made = await api.post("custom_actions", an_action(receiver.url + "/a", body=body))
    tried = await api.post(
        f"custom_actions/{made['id']}/test", {"mode": "render", "conversation_id": "1"}
    )
    assert orjson.loads(tried["request"]["body"]) == {"m": "the last one", "n": 1}
    assert (tried["state"], tried["status"], tried["body"]) == (None, None, None)
    assert receiver.received == []
    assert (await api.get("deliveries"))["payload"] == []
    assert "tell-nobody" not in orjson.dumps(tried).decode()


async def test_values_must_be_known_and_conversations_there(api: Program) -> None:
    path = f"custom_actions/{(await api.post('custom_actions', an_action()))['id']}/test"
    wrong = {
        "values": {"contact.nmae": 1},
        "mode": "guess",
    }
    for name, value in wrong.items():
        answer = await api.call("POST", path, {name: value, **({"mode": "render"} | {name: value})})
        assert answer.status_code == 422, answer.text
        assert answer.json()["attributes"][0].startswith(name)
    gone = await api.call("POST", path, {"conversation_id": 99, "mode": "render"})
    assert gone.status_code == 404


async def test_a_template_that_fails_is_an_answer_not_an_error(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        draft = AttributeDraft("CPF", "cpf", AttributeKind.TEXT, AttributeModel.CONTACT)
        await create_attribute(tx, cast.account.id, draft, now=NOW)
    headers = [{"name": "X-Cpf", "value": "{{ contact.custom_attribute.cpf }}"}]
    made = await api.post("custom_actions", an_action(headers=headers))
    values = {"contact.custom_attribute.cpf": "a\nb"}  # a line break cannot be in a header
    for mode in ("render", "send"):
        tried = await api.post(
            f"custom_actions/{made['id']}/test", {"mode": mode, "values": values}
        )
        assert (tried["state"], tried["trouble"]) == ("failed", "template")
        assert "line break" in tried["sentence"]
        assert tried["request"]["url"] is None


async def _a_delivery(database: Database, cast: Cast, not_sent: NotSent | None = None) -> int:
    origin = Origin(
        account_id=cast.account.id, action_id=7, action_name="CRM", event="message_created",
        rule_id=8, rule_name="Tell", conversation_id=9,
    )  # fmt: skip
    async with database.transaction() as tx:
        request = Request("POST", "https://crm.example/a", body="{}")
        delivery = await queue_delivery(tx, origin, request, now=NOW, not_sent=not_sent)
    return delivery.id


async def test_deliveries_are_found_by_what_they_are_about(
    api: Program, cast: Cast, database: Database
) -> None:
    skipped = NotSent(State.SKIPPED, {"why": Why.ACTION_OFF})
    first = await _a_delivery(database, cast, skipped)
    second = await _a_delivery(database, cast)
    cases = {
        "": [second, first],
        "?custom_action_id=7&rule_id=8&conversation_id=9": [second, first],
        "?custom_action_id=70": [],
        "?rule_id=80": [],
        "?conversation_id=90": [],
        "?state=skipped": [first],
        "?state=pending": [second],
        f"?cursor={second}": [first],
        "?is_test=true": [],
        "?host=crm.example": [second, first],
        "?host=erp.example": [],
        "?status=none": [],
        "?status=4xx": [],
        "?contact=nobody": [],
        "?since=2020-01-01T00:00:00Z": [second, first],
        "?until=2020-01-01T00:00:00Z": [],
        "?q=crm.example/a": [second, first],
        f"?q={first}&state=skipped": [first],
    }
    for query, expected in cases.items():
        listed = await api.get(f"deliveries{query}")
        assert [one["id"] for one in listed["payload"]] == expected, query
        assert listed["meta"] == {"next_cursor": None}
    shown = await api.get(f"deliveries/{first}")
    assert (shown["state"], shown["event"]) == ("skipped", "message_created")
    assert shown["reason"].startswith("Not sent: the custom action is switched off.")
    assert shown["request"] == {
        "method": "POST", "url": "https://crm.example/a", "headers": [], "body": "{}",
    }  # fmt: skip
    assert (shown["attempts"], shown["due_at"]) == ([], None)
    for nonsense in ("state=great", "status=9xx", "since=yesterday", "until=1"):
        assert (await api.call("GET", f"deliveries?{nonsense}")).status_code == 422, nonsense


async def test_deliveries_come_in_pages(api: Program, cast: Cast, database: Database) -> None:
    ids = [await _a_delivery(database, cast) for _ in range(51)]
    first = await api.get("deliveries")
    assert len(first["payload"]) == 50
    rest = await api.get(f"deliveries?cursor={first['meta']['next_cursor']}")
    assert [one["id"] for one in rest["payload"]] == ids[:1]


async def test_a_delivery_is_sent_again(api: Program, cast: Cast, database: Database) -> None:
    delivery_id = await _a_delivery(database, cast, NotSent(State.SKIPPED, {"why": "action_off"}))
    again = await api.post(f"deliveries/{delivery_id}/retry")
    assert (again["state"], again["id"]) == ("pending", delivery_id)
    assert again["due_at"]
    assert "Ana Lima" in again["reason"]


async def test_a_test_is_not_sent_again(api: Program, receiver: Receiver) -> None:
    made = await api.post("custom_actions", an_action(receiver.url + "/a"))
    await api.post(f"custom_actions/{made['id']}/test")
    [logged] = (await api.get("deliveries"))["payload"]
    answer = await api.call("POST", f"deliveries/{logged['id']}/retry")
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("This was a test")


async def test_reasons_speak_the_persons_language_and_errors_english(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        user = await tx.get_one(type(cast.ana.user), cast.ana.user_id)
        user.language = "pt_BR"
    delivery_id = await _a_delivery(database, cast, NotSent(State.SKIPPED, {"why": "action_off"}))
    shown = await api.get(f"deliveries/{delivery_id}")
    assert "desligada" in shown["reason"] or "desativada" in shown["reason"]
    answer = await api.call("POST", "custom_actions", an_action(name=""))
    assert answer.json()["message"] == "name: Please enter a name"


async def test_how_an_action_is_sent_is_kept_and_changed_in_parts(api: Program) -> None:
    made = await api.post("custom_actions", an_action(policy={"schedule": "fast"}))
    assert made["policy"]["schedule"] == "fast"
    path = f"custom_actions/{made['id']}"
    changed = await api.patch(path, {"policy": {"only_while_open": True}})
    assert changed["policy"] == {**made["policy"], "only_while_open": True}
    assert (await api.patch(path, {"name": "Another"}))["policy"] == changed["policy"]
    refused = await api.call("PATCH", path, {"policy": {"waits": ["soon"]}})
    assert (refused.status_code, refused.json()["attributes"]) == (422, ["policy.waits"])


async def test_an_action_can_hold_its_calls_while_it_is_off(api: Program) -> None:
    made = await api.post("custom_actions", an_action(state="active"))
    off = await api.post(f"custom_actions/{made['id']}/toggle", {"state": "off", "hold": True})
    assert (off["state"], off["holds_calls"]) == ("off", True)


async def test_what_answers_become_is_kept_shown_and_checked(
    api: Program, database: Database, cast: Cast
) -> None:
    draft = AttributeDraft("CRM", "crm_id", AttributeKind.TEXT, AttributeModel.CONTACT)
    async with database.transaction() as tx:
        await create_attribute(tx, cast.account.id, draft, now=NOW)
    fields = [{"path": "$.id", "of": "contact", "key": "crm_id"}]
    answers = {"fields": fields, "note": "{{ response.status }}", "failure": {"labels": ["late"]}}
    made = await api.post("custom_actions", an_action(answers=answers))
    assert made["answers"]["fields"] == [
        {"path": "response.body.id", "of": "contact", "key": "crm_id", "default": ""}
    ]
    assert made["answers"]["failure"]["labels"] == ["late"]
    path = f"custom_actions/{made['id']}"
    changed = await api.patch(path, {"answers": {"note": "", "failure": None}})
    assert (changed["answers"]["fields"], changed["answers"]["note"]) == (
        made["answers"]["fields"], "",
    )  # fmt: skip
    stranger = {"answers": {"failure": {"assignee_id": cast.celia.user_id}}}
    refused = await api.call("PATCH", path, stranger)
    assert (refused.status_code, refused.json()["attributes"]) == (
        422, ["answers.failure.assignee_id"],
    )  # fmt: skip


async def test_a_signing_secret_is_told_once_and_can_be_replaced(
    api: Program, receiver: Receiver
) -> None:
    made = await api.post("custom_actions", an_action(receiver.url, sign=True))
    first = made["signing_secret"]
    assert (made["sign"], is_signing_secret(first)) == (True, True)
    assert (await api.get("custom_actions/1"))["signing_secret"] is None
    assert (await api.patch("custom_actions/1", {"name": "Other"}))["signing_secret"] is None
    await api.post("custom_actions/1/test", {})
    assert receiver.received[-1].headers["webhook-signature"].count("v1,") == 1
    second = (await api.post("custom_actions/1/rotate_signing_secret", {}))["signing_secret"]
    assert is_signing_secret(second)
    assert second != first
    await api.post("custom_actions/1/test", {})
    assert receiver.received[-1].headers["webhook-signature"].count("v1,") == 2
    assert (await api.patch("custom_actions/1", {"sign": False}))["sign"] is False
    refused = await api.call("POST", "custom_actions/1/rotate_signing_secret")
    assert (refused.status_code, refused.json()["attributes"]) == (422, ["sign"])


async def test_another_host_makes_another_signing_secret(api: Program) -> None:
    own = new_signing_secret()
    action = an_action(headers=[], sign=True, signing_secret=own)
    assert (await api.post("custom_actions", action))["signing_secret"] == own
    moved = await api.patch("custom_actions/1", {"url": "https://other.example/"})
    assert is_signing_secret(moved["signing_secret"])
    assert moved["signing_secret"] != own
    wrong = {**action, "name": "Wrong", "signing_secret": "hunter2"}
    refused = await api.call("POST", "custom_actions", wrong)
    assert (refused.status_code, refused.json()["attributes"]) == (422, ["signing.secret"])


async def test_a_delivery_names_the_edit_that_would_mend_it(
    api: Program, receiver: Receiver
) -> None:
    made = await api.post("custom_actions", an_action(receiver.url + "/a"))
    receiver.answer_once(405, b"", {"Allow": "PUT"})
    await api.post(f"custom_actions/{made['id']}/test")
    await api.post(f"custom_actions/{made['id']}/test")
    succeeded, refused = (await api.get("deliveries"))["payload"]
    assert succeeded["proposal"] is None
    assert refused["proposal"] == {
        "field": "method", "value": "PUT", "sentence": "At this address it takes PUT.",
    }  # fmt: skip


async def test_a_header_can_be_kept_and_not_sent(api: Program, receiver: Receiver) -> None:
    headers = [{"name": "X-A", "value": "1", "enabled": False}, {"name": "X-A", "value": "2"}]
    made = await api.post("custom_actions", an_action(receiver.url, headers=headers))
    assert [(one["value"], one["enabled"]) for one in made["headers"]] == [
        ("1", False), ("2", True),
    ]  # fmt: skip
    await api.post(f"custom_actions/{made['id']}/test", {})
    assert receiver.received[0].headers["x-a"] == "2"
