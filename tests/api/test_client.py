"""The client API: a contact's own program, without a token, sees only what is its own."""

import hmac
from dataclasses import dataclass
from typing import Any

import pytest

from recado.db.database import Database
from recado.inboxes.keeping_tokens import hmac_of
from tests.api.calling import Program
from tests.browser import Browser
from tests.people import VAULT, Cast, a_contact, a_conversation, a_message


@dataclass
class Client:
    """Talks to one inbox."""

    browser: Browser
    identifier: str

    async def call(self, method: str, path: str, json: Any = None) -> Any:
        full = f"/public/api/v1/inboxes/{self.identifier}{path}"
        return await self.browser.api(method, full, None, json)

    async def ok(self, method: str, path: str, json: Any = None) -> Any:
        answer = await self.call(method, path, json)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json() if answer.content else None


@pytest.fixture
def client(visitor: Browser, cast: Cast) -> Client:
    return Client(visitor, cast.inbox.identifier)


def proof(cast: Cast, identifier: str) -> str:
    return hmac.digest(hmac_of(cast.inbox, VAULT).encode(), identifier.encode(), "sha256").hex()


async def test_somebody_new_talks(client: Client, api: Program) -> None:
    assert (await client.ok("GET", ""))["identity_validation_enabled"] is False
    me = await client.ok("POST", "/contacts", {"name": "Maria", "email": "Maria@example.com"})
    assert (me["name"], me["email"], me["phone_number"]) == ("Maria", "maria@example.com", None)
    mine = f"/contacts/{me['source_id']}"
    assert await client.ok("GET", mine) == me
    assert (await client.ok("PATCH", mine, {"name": "Maria S."}))["name"] == "Maria S."
    one = await client.ok("POST", f"{mine}/conversations")
    assert (one["id"], one["status"], one["messages"]) == (1, "open", [])
    path = f"{mine}/conversations/1"
    sent = await client.ok("POST", f"{path}/messages", {"content": "Oi", "echo_id": "a"})
    assert (sent["message_type"], sent["sender"]["name"]) == (0, "Maria S.")
    assert await client.ok("POST", f"{path}/messages", {"content": "Oi", "echo_id": "a"}) == sent
    await api.post("conversations/1/messages", {"content": "Olá"})
    await api.post("conversations/1/messages", {"content": "hush", "private": True})
    await api.post("conversations/1/labels", {"labels": ["vip"]})
    await api.post("contacts/1/labels", {"labels": ["debtor"]})
    said = await client.ok("GET", f"{path}/messages")
    assert [one["content"] for one in said] == ["Oi", "Olá"]
    assert await client.ok("GET", f"{path}/messages?before={said[1]['id']}") == said[:1]
    assert [one["id"] for one in await client.ok("GET", f"{mine}/conversations")] == [1]
    for text in ("hush", "vip", "debtor"):
        assert text not in (await client.call("GET", path)).text
    assert await client.ok("POST", f"{path}/toggle_typing", {"typing_status": "on"}) is None
    assert await client.ok("POST", f"{path}/update_last_seen") is None
    assert (await client.ok("GET", path))["contact_last_seen_at"] > 0
    assert (await client.ok("POST", f"{path}/toggle_status"))["status"] == "resolved"
    assert (await client.ok("POST", f"{path}/toggle_status"))["status"] == "resolved"


async def test_a_choice_is_submitted(client: Client, api: Program) -> None:
    me = await client.ok("POST", "/contacts")
    path = f"/contacts/{me['source_id']}/conversations"
    await client.ok("POST", path)
    asked = await api.post(
        "conversations/1/messages", {"content": "Which?", "content_type": "input_select"}
    )
    body = {"submitted_values": [{"title": "A", "value": "a"}]}
    made = await client.ok("PATCH", f"{path}/1/messages/{asked['id']}", body)
    assert made["content_attributes"]["submitted_values"] == body["submitted_values"]
    note = await api.post("conversations/1/messages", {"content": "n", "private": True})
    refused = await client.call("PATCH", f"{path}/1/messages/{note['id']}", body)
    assert refused.status_code == 404


async def test_a_claim_shows_nothing_of_a_contact_until_it_is_proven(
    client: Client, api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account, identifier="user-1")
        await a_message(tx, await a_conversation(tx, cast.inbox, contact), "my secret")
    claim = {"email": "maria@example.com", "name": "Mallory"}
    stranger = await client.ok("POST", "/contacts", claim)
    assert (stranger["name"], stranger["email"], stranger["phone_number"]) == ("", None, None)
    path = f"/contacts/{stranger['source_id']}"
    assert await client.ok("GET", f"{path}/conversations") == []
    assert (await client.call("GET", f"{path}/conversations/1")).status_code == 404
    assert (await client.call("PATCH", path, {"name": "Mallory"})).status_code == 422
    assert (await api.get("contacts/1"))["payload"]["name"] == "Maria Souza"
    wrong = {"identifier": "user-1", "identifier_hash": "0" * 64}
    assert (await client.call("POST", "/contacts", wrong)).status_code == 422
    right = {"identifier": "user-1", "identifier_hash": proof(cast, "user-1")}
    proven = await client.ok("POST", "/contacts", right)
    assert (proven["id"], proven["name"]) == (contact.id, "Maria Souza")
    [own] = await client.ok("GET", f"/contacts/{proven['source_id']}/conversations")
    assert own["messages"][0]["content"] == "my secret"


async def test_an_inbox_may_insist_on_proof(client: Client, api: Program, cast: Cast) -> None:
    await api.patch(f"inboxes/{cast.inbox.id}", {"channel": {"hmac_mandatory": True}})
    assert (await client.ok("GET", ""))["identity_validation_enabled"] is True
    assert (await client.call("POST", "/contacts", {"identifier": "u"})).status_code == 422
    body = {"identifier": "u", "identifier_hash": proof(cast, "u")}
    assert (await client.ok("POST", "/contacts", body))["id"]


async def test_what_is_not_ones_own_is_not_there(
    client: Client, visitor: Browser, cast: Cast
) -> None:
    mine, theirs = [await client.ok("POST", "/contacts") for _ in range(2)]
    await client.ok("POST", f"/contacts/{theirs['source_id']}/conversations")
    other = Client(visitor, cast.other_inbox.identifier)
    for path in ("", "/messages"):
        full = f"/contacts/{mine['source_id']}/conversations/1{path}"
        assert (await client.call("GET", full)).status_code == 404
    for each, path in (
        (client, "/contacts/no-such-secret"),
        (other, f"/contacts/{theirs['source_id']}"),
        (other, f"/contacts/{theirs['source_id']}/conversations/1"),
        (Client(visitor, "no-such-inbox"), ""),
    ):
        answer = await each.call("GET", path)
        assert answer.status_code == 404
        assert answer.json() == {"error": "Resource could not be found"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/contacts", {"phone_number": "12"}),
        ("/contacts", {"email": "nonsense"}),
        ("/contacts", {"custom_attributes": 7}),
    ],
)
async def test_nonsense_is_refused(client: Client, path: str, body: Any) -> None:
    assert (await client.call("POST", path, body)).status_code == 422
