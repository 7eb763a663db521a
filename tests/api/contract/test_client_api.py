"""The rows of the client API: a contact's own program, without a token."""

import hmac
from typing import Any

import pytest

from recado.inboxes.keeping_tokens import hmac_of
from tests.api.contract.rows import row, rule
from tests.api.contract.wire import JSON, PYTHON, Wire, multipart
from tests.api.contract.wire import as_multipart as multipart_head
from tests.people import VAULT, Cast

OWN = (JSON, "User-Agent: okhttp/4.12.0")  # a mobile app; no token anywhere
INBOX = "/public/api/v1/inboxes/{inbox}"
ME = f"{INBOX}/contacts/{{me}}"
ONE = f"{ME}/conversations/{{id}}"


@pytest.fixture
def inbox(cast: Cast) -> str:
    """The address of the inbox Site."""
    return f"/public/api/v1/inboxes/{cast.inbox.identifier}"


@pytest.fixture
async def me(wire: Wire, inbox: str) -> str:
    """The address of a contact who has just introduced themselves."""
    made = await wire.ok(f"POST {inbox}/contacts", OWN, '{"name":"Maria"}')
    return f"{inbox}/contacts/{made['source_id']}"


@row(f"GET {INBOX}", f"POST {INBOX}/contacts", f"GET {ME}", f"PATCH {ME}")
@rule("envelopes")
async def test_a_contact_introduces_themselves(wire: Wire, inbox: str) -> None:
    assert (await wire.ok(f"GET {inbox}", OWN))["name"] == "Site"
    body = (
        '{"identifier":"","email":"maria@example.com","name":"Maria","phone_number":"",'
        '"avatar_url":"","custom_attributes":{}}'
    )
    made = await wire.ok(f"POST {inbox}/contacts", OWN, body)
    assert set(made) == {"source_id", "pubsub_token", "id", "name", "email", "phone_number"}
    line = f"{inbox}/contacts/{made['source_id']}"
    assert await wire.ok(f"GET {line}", OWN) == made
    assert (await wire.ok(f"PATCH {line}", OWN, '{"name":"Ána"}'))["name"] == "Ána"


@row(f"POST {INBOX}/contacts")
async def test_a_contact_brings_their_own_source_id(wire: Wire, inbox: str) -> None:
    made = await wire.ok(f"POST {inbox}/contacts", OWN, '{"source_id":"ext-1","name":"M"}')
    assert made["source_id"] == "ext-1"


@row(
    f"GET {ME}/conversations", f"POST {ME}/conversations", f"GET {ONE}",
    f"GET {ONE}/messages", f"POST {ONE}/messages",
)  # fmt: skip
@rule("envelopes")
async def test_a_contact_talks(wire: Wire, me: str) -> None:
    made = await wire.ok(f"POST {me}/conversations", OWN, "{}")
    assert (made["id"], made["status"]) == (1, "open")
    body = '{"content":"Oi","echo_id":"e-1"}'
    said = await wire.ok(f"POST {me}/conversations/1/messages", OWN, body)
    assert (said["content"], said["message_type"], said["echo_id"]) == ("Oi", 0, "e-1")
    assert await wire.ok(f"GET {me}/conversations/1/messages", OWN) == [said]
    assert [one["id"] for one in await wire.ok(f"GET {me}/conversations", OWN)] == [1]
    assert (await wire.ok(f"GET {me}/conversations/1", OWN))["messages"] == [said]


@row(f"POST {ONE}/messages")
async def test_a_contact_sends_a_file(wire: Wire, me: str) -> None:
    await wire.ok(f"POST {me}/conversations", OWN)
    file = '; filename="a.png"\r\nContent-Type: image/png'
    body = multipart(("content", ""), ("attachments[]", b"\x89PNG", file))
    said = await wire.ok(f"POST {me}/conversations/1/messages", multipart_head(OWN), body)
    assert said["attachments"][0]["file_type"] == "image"


@row(f"PATCH {ONE}/messages/{{n}}")
async def test_a_contact_chooses(wire: Wire, me: str) -> None:
    await wire.ok(f"POST {me}/conversations", OWN)
    asked = await wire.ok(
        "POST …/conversations/1/messages", PYTHON,
        '{"content":"Which?","content_type":"input_select",'
        '"content_attributes":{"items":[{"title":"A","value":"a"}]}}',
    )  # fmt: skip
    line = f"PATCH {me}/conversations/1/messages/{asked['id']}"
    told = await wire.ok(line, OWN, '{"submitted_values":[{"title":"A","value":"a"}]}')
    assert told["content_attributes"]["submitted_values"] == [{"title": "A", "value": "a"}]


@row(f"POST {ONE}/toggle_status", f"POST {ONE}/toggle_typing", f"POST {ONE}/update_last_seen")
async def test_a_contact_types_reads_and_ends(wire: Wire, me: str) -> None:
    await wire.ok(f"POST {me}/conversations", OWN)
    line = f"POST {me}/conversations/1"
    for status in ("on", "off"):
        await wire.ok(f"{line}/toggle_typing", OWN, f'{{"typing_status":"{status}"}}')
    await wire.ok(f"{line}/update_last_seen", OWN)
    assert (await wire.ok(f"{line}/toggle_status", OWN))["status"] == "resolved"
    assert (await wire.ok(f"{line}/toggle_status", OWN))["status"] == "resolved"  # never reopened


@rule("identifier_hash proves who a contact is")
async def test_an_identifier_is_proven(wire: Wire, inbox: str, cast: Cast) -> None:
    await wire.ok("PATCH …/inboxes/1", PYTHON, '{"channel":{"hmac_mandatory":true}}')
    good = hmac.digest(hmac_of(cast.inbox, VAULT).encode(), b"user-1", "sha256").hex()
    for proof, status in (("", 422), ("0" * 64, 422), (good, 200)):
        body = f'{{"identifier":"user-1","identifier_hash":"{proof}"}}'
        assert (await wire.send(f"POST {inbox}/contacts", OWN, body)).status == status


@rule("a contact never sees notes and activities")
async def test_a_contact_sees_only_what_was_said_to_them(wire: Wire, me: str, inbox: str) -> None:
    await wire.ok(f"POST {me}/conversations", OWN)
    line = "POST …/conversations/1/messages"
    await wire.ok(line, PYTHON, '{"content":"hush","private":true}')
    await wire.ok("POST …/conversations/1/toggle_priority", PYTHON, '{"priority":"high"}')
    await wire.ok(line, PYTHON, '{"content":"Olá"}')
    for path in ("/messages", ""):
        told: Any = await wire.ok(f"GET {me}/conversations/1{path}", OWN)
        messages = told if isinstance(told, list) else told["messages"]
        assert [one["content"] for one in messages] == ["Olá"]
    other = await wire.ok(f"POST {inbox}/contacts", OWN, "{}")
    strange = f"{inbox}/contacts/{other['source_id']}/conversations"
    assert await wire.ok(f"GET {strange}", OWN) == []
    assert (await wire.send(f"GET {strange}/1", OWN)).status == 404
