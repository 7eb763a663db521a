"""What the form says and takes while somebody types: the URL, a pasted command, headers that are off."""

from typing import Any

import pytest

from recado.actions.differences import action_differences
from recado.actions.models import CustomAction
from recado.actions.request import (
    BodyKind,
    HeaderTemplate,
    Method,
    RequestTemplate,
    names_used,
    problems_in,
    render,
)
from recado.actions.saving import actions_of
from recado.actions.showing import url_finding
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.kinds import AttributeKind, AttributeModel
from recado.db.database import Database
from tests.browser import Browser
from tests.people import NOW, Cast

KNOWN = ("contact.id", "contact.name", "contact.email")
FORM = {
    "name": "CRM", "description": "New customers", "method": "POST",
    "url": "https://crm.example.com/v1/contacts", "body_kind": "json", "body": '{"a": 1}',
}  # fmt: skip


# --- the URL ---


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", ""),
        ("   ", ""),
        ("https://crm.example.com/v1", "crm.example.com"),
        ("https://crm.example.com:8443/v1", "crm.example.com:8443"),
        (" https://crm.example.com ", "crm.example.com"),
        ("https://crm.example.com/{{ contact.id }}?q={{ contact.name }}", "crm.example.com"),
        ("crm.example.com", "!"),
        ("ftp://crm.example.com", "!"),
        ("https://{{ contact.id }}.example.com/", "!"),
        ("https://crm.example.com/{{ contact.nome }}", "!"),
        ("https://crm.example.com/{{ contact.name", "!"),
        ("https://crm.example.com/../x", "!"),
        ("https://crm.example.com/#part", "!"),
        ("https://refused.example.com/", "!Recado may not call this address"),
    ],
)
def test_a_url_is_judged_while_it_is_typed(source: str, told: str) -> None:
    finding = url_finding(source, KNOWN, refuses=lambda start: "refused" in start)
    if told.startswith("!"):
        assert str(finding.problem or "").startswith(told[1:])
        assert finding.problem
    else:
        assert (finding.problem, finding.host) == (None, told)


def test_a_url_is_judged_as_it_is_when_it_is_saved() -> None:
    source = "https://crm.example.com/{{ contact.nome }}"
    template = RequestTemplate(Method.GET, source, (), BodyKind.NONE)
    [problem] = problems_in(template, KNOWN)
    assert url_finding(source, KNOWN, refuses=lambda _: False).problem == problem.sentence


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.7/", "https://192.168.1.1:8080/a", "http://[::1]/", "http://169.254.169.254/"],
)
async def test_an_internal_address_is_told_at_once(ana: Browser, url: str) -> None:
    told = (await ana.post("/app/actions/check-url", {"url": url})).text
    assert "field-error" in told
    assert "not on the public internet" in told


async def test_what_is_typed_is_shown_as_text(ana: Browser) -> None:
    url = "https://x.example/{{ <script>alert(1)</script> }}"
    assert "<script>" not in (await ana.post("/app/actions/check-url", {"url": url})).text


# --- a command pasted into the form ---


async def test_a_pasted_command_takes_the_place_of_the_request_alone(ana: Browser) -> None:
    curl = "curl -X PUT https://erp.example/v2 -H 'X-Api-Key: k3y' -d '{\"b\": 2}' -H 'Content-Type: application/json'"
    drawn = await ana.post("/app/actions/curl", FORM | {"curl": curl}, htmx=True)
    assert drawn.status_code == 200
    assert "<html" not in drawn.text
    for kept in (
        'value="CRM"',
        "New customers",
        'value="https://erp.example/v2"',
        " selected>PUT<",
    ):
        assert kept in drawn.text
    assert "The form is filled in from the command." in drawn.text


async def test_a_command_that_cannot_be_read_leaves_the_form_as_it_is(ana: Browser) -> None:
    drawn = await ana.post("/app/actions/curl", FORM | {"curl": "curl"}, htmx=True)
    assert drawn.status_code == 422
    assert 'value="https://crm.example.com/v1/contacts"' in drawn.text
    assert 'id="error-url"' in drawn.text


async def test_a_command_for_a_strangers_action_finds_nothing(ana: Browser, celia: Browser) -> None:
    here = (await ana.post("/app/actions", FORM)).headers["location"].removesuffix("/test")
    sent = FORM | {"curl": "curl https://x.example", "action_id": here.rpartition("/")[2]}
    assert (await celia.post("/app/actions/curl", sent, htmx=True)).status_code == 404


# --- headers that are off ---

ON, OFF = (
    HeaderTemplate("X-A", "{{ contact.name }}"),
    HeaderTemplate("x-a", "{{ nobody", is_off=True),
)


def _template(*headers: HeaderTemplate) -> RequestTemplate:
    return RequestTemplate(Method.POST, "https://x.example/", headers, BodyKind.JSON, "{}")


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ((ON,), ["Content-Type", "X-A"]),
        ((ON, OFF), ["Content-Type", "X-A"]),
        ((OFF, ON), ["Content-Type", "X-A"]),
        ((OFF,), ["Content-Type"]),
        ((HeaderTemplate("Content-Type", "text/x", is_off=True),), ["Content-Type"]),
        ((HeaderTemplate("Authorization", "", 5, is_off=True),), ["Content-Type"]),
    ],
)
def test_a_header_that_is_off_is_not_sent(headers: Any, sent: list[str]) -> None:
    made = render(_template(*headers), {"contact": {"name": "Maria"}})
    assert [one.name for one in made.headers] == sent


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ((ON, OFF), []),
        ((OFF, ON), []),
        ((ON, HeaderTemplate("x-a", "")), ["headers.1.name"]),
        ((OFF, ON, HeaderTemplate("X-A", "")), ["headers.2.name"]),
        ((HeaderTemplate("", "", is_off=True),), []),
        ((OFF, HeaderTemplate("", "v")), ["headers.1.name"]),
    ],
)
def test_a_header_that_is_off_is_not_looked_at(headers: Any, fields: list[str]) -> None:
    assert [one.field for one in problems_in(_template(*headers), KNOWN)] == fields


def test_a_header_that_is_off_reads_no_variables() -> None:
    off = HeaderTemplate("X-B", "{{ contact.email }}", is_off=True)
    assert names_used(_template(ON, off)) == ["contact.name"]


async def _saved(ana: Browser, database: Database, cast: Cast, headers: Any) -> CustomAction:
    made = await ana.post("/app/actions", FORM | headers)
    assert made.status_code == 303, made.text
    async with database.transaction() as tx:
        return (await actions_of(tx, cast.account.id))[0]


async def test_it_keeps_its_value_and_its_secret(
    ana: Browser, database: Database, cast: Cast
) -> None:
    headers = {
        "headers-0-name": "X-A", "headers-0-value": "1", "headers-0-off": "true",
        "headers-1-name": "X-Key", "headers-1-value": "s3cr3t", "headers-1-secret": "true",
        "headers-1-off": "true",
    }  # fmt: skip
    action = await _saved(ana, database, cast, headers)
    assert [(one["name"], one["value"], one["is_off"]) for one in action.headers] == [
        ("X-A", "1", True), ("X-Key", "", True),
    ]  # fmt: skip
    secret_id = action.headers[1]["secret_id"]
    form = (await ana.get(f"/app/actions/{action.id}/edit")).text
    assert 'name="headers-0-off" value="true" data-off checked' in form
    on = {"headers-1-name": "X-Key", "headers-1-secret": "true", "headers-1-kept": str(secret_id)}
    assert (await ana.post(f"/app/actions/{action.id}", FORM | on)).status_code == 303
    async with database.transaction() as tx:
        [stored] = (await tx.get_one(CustomAction, action.id)).headers
    assert stored == {"name": "X-Key", "value": "", "secret_id": secret_id}


async def test_a_copy_and_a_file_keep_it_off(ana: Browser, database: Database, cast: Cast) -> None:
    headers = {"headers-0-name": "X-A", "headers-0-value": "1", "headers-0-off": "true"}
    action = await _saved(ana, database, cast, headers)
    document = (await ana.get(f"/app/actions/{action.id}/export")).text
    assert '"enabled": false' in document
    form = (await ana.post("/app/actions/import", {"document": document})).text
    assert 'name="headers-0-off" value="true" data-off checked' in form


def test_a_version_says_that_it_was_switched() -> None:
    before = {
        "name": "", "description": "", "method": "", "url": "", "body_kind": "", "body": "",
        "policy": {}, "headers": [{"name": "X-A", "value": "1", "secret_id": None}],
    }  # fmt: skip
    off = [{**before["headers"][0], "is_off": True}]  # type: ignore[index]
    told = [str(one.sentence) for one in action_differences(before, before | {"headers": off})]
    assert told == ["Header switched off: X-A"]
    told = [str(one.sentence) for one in action_differences(before | {"headers": off}, before)]
    assert told == ["Header switched on: X-A"]


# --- variables that came up meanwhile ---


async def test_an_attribute_made_meanwhile_is_listed(
    ana: Browser, celia: Browser, database: Database, cast: Cast
) -> None:
    before = (await ana.get("/app/actions/variables")).json()
    async with database.transaction() as tx:
        draft = AttributeDraft(
            "ERP number", "erp_number", AttributeKind.TEXT, AttributeModel.CONTACT
        )
        await create_attribute(tx, cast.account.id, draft, now=NOW)
    after = [one["name"] for one in (await ana.get("/app/actions/variables")).json()]
    assert "erp_number" in " ".join(set(after) - {one["name"] for one in before})
    assert "erp_number" not in (await celia.get("/app/actions/variables")).text
