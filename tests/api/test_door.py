"""The rules that hold for every endpoint: tokens, ways of sending, refusals."""

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from recado.app import Parts, create_app
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.storing import DiskStore
from recado.settings import Settings
from tests.api.calling import Program
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


async def test_the_server_says_that_it_is_ready_without_a_token(visitor: Browser) -> None:
    for path in ("/api", "/api/"):
        answer = await visitor.get(path)
        assert answer.status_code == 200
        told = answer.json()
        assert set(told) == {"version", "timestamp", "queue_services", "data_services"}
        assert (told["queue_services"], told["data_services"]) == ("ok", "ok")


async def test_a_database_that_does_not_answer_is_told(
    outbound: Outbound, settings: Settings
) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    async with Browser(
        create_app(Parts(settings, away, outbound, DiskStore(settings.files_dir)))
    ) as visitor:
        answer = await visitor.get("/api")
    await away.close()
    assert answer.status_code == 200
    assert (answer.json()["queue_services"], answer.json()["data_services"]) == ("failing",) * 2


async def test_two_who_save_the_same_at_once_are_told_so(api: Program, cast: Cast) -> None:
    body = {"name": "M", "email": "m@x.com", "inbox_id": cast.inbox.id, "source_id": "s"}
    answers = await asyncio.gather(*(api.call("POST", "contacts", body) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [200, 422, 422, 422, 422, 422]
    body = {"inbox_id": cast.inbox.id, "contact_id": 1}
    started = await asyncio.gather(*(api.call("POST", "conversations", body) for _ in range(5)))
    assert sorted(one.json()["id"] for one in started) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "headers",
    [
        {"api_access_token": "TOKEN"},
        {"Api-Access-Token": "TOKEN"},
        {"API_ACCESS_TOKEN": "TOKEN"},
        {"api-access_token": "TOKEN"},
        {"api_access_token": "TOKEN", "Authorization": "Bearer something.else.entirely"},
    ],
)
async def test_a_token_opens_however_its_header_is_spelled(
    api: Program, headers: dict[str, str]
) -> None:
    sent = {name: value.replace("TOKEN", api.token) for name, value in headers.items()}
    path = f"/api/v1/accounts/{api.account_id}/teams"
    assert (await api.browser.get(path, headers=sent)).status_code == 200


@pytest.mark.parametrize("token", [None, "", "wrong", "é" * 10, "x" * 5000])
async def test_no_token_and_a_wrong_one_are_the_same(api: Program, token: str | None) -> None:
    headers = {} if token is None else {"api_access_token": token.encode()}
    for path in (f"/api/v1/accounts/{api.account_id}/teams", "/api/v1/profile"):
        answer = await api.browser.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {"error": "Invalid Access Token"}


async def test_a_browsers_session_does_not_open_the_api(ana: Browser, cast: Cast) -> None:
    assert (await ana.get(f"/api/v1/accounts/{cast.account.id}/teams")).status_code == 401


async def test_somebody_elses_account_is_not_there(api: Program, cast: Cast) -> None:
    for account_id in (cast.other_account.id, 999, 0, 2**63, 10**30):
        path = f"/api/v1/accounts/{account_id}/teams"
        answer = await api.browser.api("GET", path, api.token)
        assert answer.status_code == 404, account_id
        assert answer.json() == {"error": "Resource could not be found"}


async def test_what_is_nowhere_is_told_in_json(api: Program) -> None:
    for path in ("nothing", "conversations/x", "conversations/99", f"contacts/{2**63}", "teams/-1"):
        answer = await api.call("GET", path)
        assert answer.status_code == 404, path
        assert answer.json() == {"error": "Resource could not be found"}
    for path in ("/api/nothing", "/api/v3/accounts/1"):
        assert (await api.browser.get(path)).json() == {"error": "Resource could not be found"}
    answer = await api.call("DELETE", "teams")
    assert answer.status_code == 405
    assert "error" in answer.json()


async def test_a_trailing_slash_is_the_same_path(api: Program) -> None:
    made = await api.post("teams/", {"name": "a"})
    assert await api.get(f"teams/{made['id']}/") == made


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (JSON, b'{"name": "Sales"}'),
        (JSON, b'{"team": {"name": "Sales"}}'),
        ("text/plain", b'{"name": "Sales"}'),
        ("", b'{"name": "Sales"}'),
        (FORM, b"name=Sales"),
        (FORM, b"team[name]=Sales"),
        (FORM, b'{"name": "Sales"}'),  # curl -d without saying what it is
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nSales\r\n--b--\r\n',
        ),
    ],
)
async def test_a_body_comes_in_many_ways(api: Program, kind: str, content: bytes) -> None:
    answer = await api.send("POST", "teams", content, kind)
    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == "sales"


@pytest.mark.parametrize(("kind", "content"), [(JSON, b"null"), (JSON, b""), (FORM, b"")])
async def test_nothing_is_a_body_too(
    api: Program, cast: Cast, database: Database, kind: str, content: bytes
) -> None:
    async with database.transaction() as tx:
        await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    answer = await api.send("POST", "conversations/1/toggle_status", content, kind)
    assert answer.json()["payload"]["current_status"] == "resolved"


async def test_a_message_comes_as_multipart(api: Program, cast: Cast, database: Database) -> None:
    async with database.transaction() as tx:
        await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    fields = {
        "content": "Olá 😀", "private": "true", "message_type": "outgoing",
        "content_attributes": '{"in_reply_to": 3}',
    }  # fmt: skip
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    path, kind = "conversations/1/messages", "multipart/form-data; boundary=b"
    answer = await api.send("POST", path, f"{parts}--b--\r\n".encode(), kind)
    made = answer.json()
    assert (made["content"], made["private"]) == ("Olá 😀", True)
    assert made["content_attributes"] == {"in_reply_to": 3}


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        (JSON, b"{", 400),
        (JSON, b"[]", 400),
        (JSON, b'"x"', 400),
        (JSON, b"12", 400),
        (JSON, b'{"name": NaN}', 400),
        (JSON, b'{"name": "\xff"}', 400),
        (JSON, b'{"name": "\\ud800"}', 400),
        (JSON, b'{"name": 1e999}', 400),
        (JSON, b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
        (JSON, b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}", 422),
        (JSON, b'{"name": "a\\u0000b"}', 422),
        (JSON, b'{"name": {"a": 1}}', 422),
        (JSON, b'{"name": true}', 422),
        (FORM, b"name=%ff", 400),
        (FORM, b"name=a%00b", 422),
        (FORM, b"name[" + b"a][" * 50 + b"b]=1", 400),
        (FORM, b"&".join(b"a=1" for _ in range(2000)), 400),
        ("multipart/form-data", b"--b", 400),
        ("multipart/form-data; boundary=b", b"--b", 400),
        ("multipart/form-data; boundary=b", b"nonsense", 400),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--b--\r\n', 400,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n'
            b"Content-Type: text/plain; charset=klingon\r\n\r\nx\r\n--b--\r\n", 400,
        ),
        (JSON, b'{"name": "' + b"x" * (11 * 1024 * 1024) + b'"}', 413),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_in_words(
    api: Program, kind: str, content: bytes, status: int
) -> None:
    answer = await api.send("POST", "teams", content, kind)
    assert answer.status_code == status, answer.text[:300]
    told = answer.json()
    assert told.get("error") or told.get("message")


@pytest.mark.parametrize(
    "query", ["page=x", "page=-1", f"page={10**12}", "q=%00", "q=%ff", "sort[]=a", "page[a]=1"]
)
async def test_a_query_that_makes_no_sense_is_no_error_of_ours(api: Program, query: str) -> None:
    answer = await api.call("GET", f"contacts?{query}")
    assert answer.status_code in {200, 400, 422}


async def test_a_very_long_text_in_a_short_field_is_refused(api: Program, cast: Cast) -> None:
    long = "ã" * 3_000  # more than an index of PostgreSQL holds
    bodies: dict[str, dict[str, Any]] = {
        "teams": {"name": long},
        "labels": {"title": long},
        "agents": {"name": "a", "email": f"{long}@x.example"},
        "contacts": {"email": f"{long}@x.example", "identifier": long},
        "conversations": {"source_id": long},
        "inboxes": {"name": long, "channel": {"type": "api"}},
        "custom_attribute_definitions": {"attribute_key": long},
        "custom_actions": {"name": long, "url": "https://a.example"},
    }
    for path, body in bodies.items():
        assert (await api.call("POST", path, body)).status_code == 422, path


_CONDITION = {
    "attribute_key": "content", "filter_operator": "contains", "values": ["a"],
    "query_operator": None,
}  # fmt: skip
_DEFINITION = {
    "attribute_display_name": "A", "attribute_display_type": "text", "attribute_key": "a",
    "attribute_model": 0, "attribute_values": [], "regex_pattern": None, "regex_cue": "",
    "attribute_description": "",
}  # fmt: skip
_CONTACT = {
    "name": "N", "email": "", "phone_number": "", "identifier": "", "avatar_url": "",
    "blocked": False, "custom_attributes": {"a": 1}, "additional_attributes": {},
}  # fmt: skip
_RULE = {
    "name": "R", "event_name": "message_created", "conditions": [_CONDITION], "description": "",
    "actions": [{"action_name": "add_label", "action_params": ["l"]}], "active": True,
}  # fmt: skip
_ACTION = {
    "name": "A", "url": "http://127.0.0.1:1/", "headers": [{"name": "X", "value": "1"}],
    "body_kind": "json", "body": "{}", "method": "POST", "state": "draft", "description": "",
    "policy": {"schedule": "own", "waits": [5, 30], "expires_after_seconds": 60},
}  # fmt: skip
_INBOX = {"name": "I", "channel": {"type": "api", "webhook_url": "", "hmac_mandatory": True}}
_MESSAGE = {
    "content": "x", "message_type": "incoming", "private": False, "content_type": "text",
    "content_attributes": {"in_reply_to": 1}, "source_id": "s", "echo_id": "e", "attachments": [],
}  # fmt: skip
_CONVERSATION = {
    "contact_id": 1, "inbox_id": 1, "source_id": "", "status": "open", "assignee_id": 1,
    "team_id": 1, "custom_attributes": {"a": 1}, "additional_attributes": {}, "message": _MESSAGE,
}  # fmt: skip
_LABEL = {"title": "l", "color": "#ffffff", "description": "", "show_on_sidebar": True}
_TEAM = {"name": "t", "description": "", "allow_auto_assign": True}
TAKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "inboxes", _INBOX), ("PATCH", "inboxes/1", _INBOX),
    ("POST", "inbox_members", {"inbox_id": 1, "user_ids": [1]}),
    ("PATCH", "inbox_members", {"inbox_id": 1, "user_ids": [1]}),
    ("DELETE", "inbox_members", {"inbox_id": 1, "user_ids": [3]}),
    ("POST", "contacts", {**_CONTACT, "inbox_id": 1, "source_id": ""}),
    ("PATCH", "contacts/1", _CONTACT), ("PUT", "contacts/1", _CONTACT),
    ("GET", "contacts/search", {"q": "a", "page": 1, "sort": "name"}),
    ("POST", "contacts/1/contact_inboxes", {"inbox_id": 1, "source_id": "s"}),
    ("POST", "contacts/1/destroy_custom_attributes", {"custom_attributes": ["a"]}),
    ("POST", "conversations", _CONVERSATION), ("PATCH", "conversations/1", {"priority": "low"}),
    ("POST", "conversations/1/toggle_status", {"status": "snoozed", "snoozed_until": 1}),
    ("POST", "conversations/1/toggle_priority", {"priority": "low"}),
    ("POST", "conversations/1/labels", {"labels": ["a"]}),
    ("POST", "conversations/1/assignments", {"assignee_id": 1, "team_id": 1}),
    ("POST", "conversations/1/custom_attributes", {"custom_attributes": {"a": 1}}),
    ("POST", "conversations/1/messages", _MESSAGE),
    ("POST", "teams", _TEAM), ("PATCH", "teams/1", _TEAM),
    ("POST", "teams/1/team_members", {"user_ids": [1]}),
    ("POST", "labels", _LABEL), ("PATCH", "labels/1", _LABEL),
    ("POST", "agents", {"name": "A", "email": "a@b.co", "role": "agent"}),
    ("POST", "custom_attribute_definitions", _DEFINITION),
    ("PATCH", "custom_attribute_definitions/1", _DEFINITION),
    ("POST", "automation_rules", _RULE), ("PATCH", "automation_rules/1", _RULE),
    ("POST", "custom_actions", _ACTION), ("PATCH", "custom_actions/1", _ACTION),
    ("POST", "custom_actions/1/toggle", {"state": "off"}),
    ("POST", "custom_actions/1/test", {"values": {"contact.name": 1}, "mode": "render"}),
    ("POST", "deliveries/1/retry", {}),
]  # fmt: skip
_LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
    | st.sampled_from(["api", "incoming", "1", "", " ", "{{", "{{ a.b }}", "\0", "🙂", "\ufffe"])
)  # fmt: skip
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def _requests(draw: st.DrawFn) -> tuple[str, str, bytes]:
    """A request that would do, but for some of what it says, perhaps deep inside."""
    method, path, body = draw(st.sampled_from(TAKEN))
    return method, path, orjson.dumps(_spoilt(draw, body), option=orjson.OPT_NON_STR_KEYS)


def _spoilt(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        name = draw(st.sampled_from(sorted(value)))
        return {**value, name: _spoilt(draw, value[name])}
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        return [_spoilt(draw, value[0])]
    return draw(_VALUES)


async def test_no_json_breaks_any_endpoint(api: Program, cast: Cast, database: Database) -> None:
    async with database.transaction() as tx:
        await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    for path, body in (
        ("teams", _TEAM), ("labels", _LABEL), ("automation_rules", _RULE),
        ("custom_actions", _ACTION), ("custom_attribute_definitions", _DEFINITION),
    ):  # fmt: skip
        await api.post(path, body)
    requests: list[tuple[str, str, bytes]] = []

    @hypothesis_settings(max_examples=120, database=None, suppress_health_check=list(HealthCheck))
    @given(_requests())
    def gather(request: tuple[str, str, bytes]) -> None:
        requests.append(request)

    gather()
    for request in requests:
        answer = await api.send(*request, JSON)
        told = (request, answer.text)
        assert answer.status_code in {200, 400, 404, 422}, told
        assert not answer.content or isinstance(answer.json(), dict | list | None), told
