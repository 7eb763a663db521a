"""A pasted curl command becomes the draft of an action."""

import html
import re

import pytest

from recado.actions.importing import paste
from recado.actions.saving import HeaderDraft
from tests.browser import Browser
from tests.receiver import Receiver

TOKEN = "tok-3f9a77c1"


@pytest.mark.parametrize(
    ("options", "auth"),
    [
        ("-u ana:s3cret", ("basic", {"user": "ana"}, {"password": "s3cret"})),
        ("-u key:", ("basic", {"user": "key"}, {})),
        ("-H 'Authorization: Basic YW5hOnMzY3JldA=='", ("basic", {"user": "ana"}, {"password": "s3cret"})),
        ("-H 'authorization: bearer abc'", ("bearer", {}, {"token": "abc"})),
        ("--oauth2-bearer abc", ("bearer", {}, {"token": "abc"})),
        ("-H 'X-A: 1'", ("none", {}, {})),
    ],
)  # fmt: skip
def test_who_sends(options: str, auth: tuple[str, dict[str, str], dict[str, str]]) -> None:
    draft = paste(f"curl https://a.example {options}").draft
    assert (draft.auth.kind, draft.auth.values, draft.auth.secrets) == auth
    assert not any(one.name.lower() == "authorization" for one in draft.headers)


def test_a_key_in_the_address_becomes_a_secret() -> None:
    draft = paste("curl 'https://a.example/x?page=1&api_key=ab%2Fcd'").draft
    assert draft.url == "https://a.example/x?page=1"
    assert draft.auth.values == {"place": "query", "name": "api_key"}
    assert draft.auth.secrets == {"key": "ab/cd"}


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("X-Api-Key", True), ("apikey", True), ("X-Auth-Token", True), ("Cookie", True),
        ("Authorization", True), ("X-Client-Secret", True), ("X-Senha", True),
        ("Accept", False), ("X-Request-Id", False), ("X-Monkey-Business", False),
    ],
)  # fmt: skip
def test_likely_secrets_are_secret(name: str, is_secret: bool) -> None:
    draft = paste(f"curl https://a.example -H '{name}: Value 1'").draft
    assert draft.headers == (HeaderDraft(name, "Value 1", is_secret),)


@pytest.mark.parametrize(
    ("options", "kind", "body", "headers"),
    [
        ("-H 'Content-Type: application/json' -d '{\"a\":[1,2.50]}'", "json", '{"a":[1,2.50]}', []),
        ("--json '{\"a\":1}'", "json", '{\n  "a": 1\n}', ["Accept"]),
        ("-d '{\"a\": 1}'", "json", '{\n  "a": 1\n}', []),  # meant as JSON; a note says so
        ("-d 'name=Ana+Lima&b=%26'", "form", "name = Ana Lima\nb = &", []),
        ("-d 'just text'", "text", "just text", []),
        ("-H 'Content-Type: application/xml' -d '<a/>'", "text", "<a/>", ["Content-Type"]),
        ("-H 'Content-Type: application/vnd.api+json' -d '{}'", "json", "{}", ["Content-Type"]),
        ("-H 'Content-Type: application/json' -d '{\"n\": \"{{ contact.name }}\"}'", "json", '{\n  "n": "{{ contact.name }}"\n}', []),
        ("", "none", "", []),
    ],
)  # fmt: skip
def test_bodies(options: str, kind: str, body: str, headers: list[str]) -> None:
    draft = paste(f"curl https://a.example {options}").draft
    assert (draft.body_kind, draft.body) == (kind, body)
    assert [one.name for one in draft.headers] == headers


def test_a_method_that_actions_have_not_is_said() -> None:
    made = paste("curl -X PURGE https://a.example")
    assert made.draft.method == "POST"
    assert "PURGE is no method" in str(made.notes[0])


async def test_the_form_comes_filled_in_and_what_is_sent_is_what_curl_would(
    ana: Browser, receiver: Receiver
) -> None:
    command = (
        f"curl -k -X PUT '{receiver.url}/contacts' -H 'X-Api-Key: {TOKEN}' "
        '-H "X-Source: site" --json \'{"name": "Ana"}\''
    )
    answer = await ana.post("/app/actions/curl", {"curl": command})
    assert answer.status_code == 200
    text = html.unescape(answer.text)
    assert "The form is filled in from the command." in text
    assert "--insecure: Certificates are always checked." in text
    assert f'name="url" type="text" value="{receiver.url}/contacts"' in text
    assert re.search('<option value="PUT"[^>]* selected>PUT</option>', text)
    row = text.partition('value="X-Api-Key"')[2].partition("data-row")[0]
    assert f'value="{TOKEN}" type="password"' in row
    assert "data-secret checked" in row
    form = {
        "name": "CRM", "method": "PUT", "url": f"{receiver.url}/contacts", "body_kind": "json",
        "body": '{"name": "Ana"}', "headers-0-name": "X-Api-Key", "headers-0-value": TOKEN,
        "headers-0-secret": "true",
    }  # fmt: skip
    await ana.post("/app/actions", form)
    tested = await ana.post("/app/actions/1/test", {})
    assert receiver.received[-1].headers["x-api-key"] == TOKEN
    assert TOKEN not in tested.text


async def test_a_command_that_cannot_be_read_stays_with_its_sentence(ana: Browser) -> None:
    answer = await ana.post("/app/actions/curl", {"curl": "wget https://a.example"})
    assert answer.status_code == 422
    assert "Paste a command that begins with curl." in answer.text
    assert "wget https://a.example" in answer.text
    assert "The form is filled in" not in (await ana.get("/app/actions/new")).text
