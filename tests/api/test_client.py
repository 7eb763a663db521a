"""The client API: a contact's own program, without a token, sees only what is its own."""

import hmac
from dataclasses import dataclass
from typing import Any

import pytest

from recado.db.database import Database
from recado.inboxes.keeping_tokens import hmac_of
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.api.calling import Program
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation, a_message


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
    return _hash(cast.inbox, identifier)


def _hash(inbox: Inbox, identifier: str) -> str:
    return hmac.digest(hmac_of(inbox, VAULT).encode(), identifier.encode(), "sha256").hex()


async def _a_website(database: Database, cast: Cast, **settings: bool) -> Inbox:
    draft = InboxDraft("Loja", Channel.WEB_WIDGET, dict(settings))
    async with database.transaction() as tx:
        return await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)


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
    for source_id, is_verified in ((stranger["source_id"], False), (proven["source_id"], True)):
        begun = await client.ok("POST", f"/contacts/{source_id}/conversations")
        told = await api.get(f"conversations/{begun['id']}")
        assert told["meta"]["hmac_verified"] is is_verified


async def test_an_inbox_may_insist_on_proof(client: Client, api: Program, cast: Cast) -> None:
    await api.patch(f"inboxes/{cast.inbox.id}", {"channel": {"hmac_mandatory": True}})
    assert (await client.ok("GET", ""))["identity_validation_enabled"] is True
    assert (await client.call("POST", "/contacts", {"identifier": "u"})).status_code == 422
    body = {"identifier": "u", "identifier_hash": proof(cast, "u")}
    assert (await client.ok("POST", "/contacts", body))["id"]


async def test_visitors_of_a_website_prove_only_who_they_say_to_be(
    visitor: Browser, api: Program, cast: Cast, database: Database
) -> None:
    """Whoever claims nothing is a stranger, and needs no proof of it."""
    inbox = await _a_website(database, cast, hmac_mandatory=True)
    client = Client(visitor, inbox.identifier)
    async with database.transaction() as tx:
        await a_contact(tx, cast.account, identifier="user-1")  # maria@example.com
    stranger = await client.ok("POST", "/contacts", {"name": "Zé"})
    mine = f"/contacts/{stranger['source_id']}"
    await client.ok("POST", f"{mine}/conversations")
    await client.ok("POST", f"{mine}/conversations/1/messages", {"content": "Oi"})
    await client.ok("PATCH", mine, {"custom_attributes": {"plan": "pro"}})
    for path, method in (("/contacts", "POST"), (mine, "PATCH")):
        answer = await client.call(method, path, {"identifier": "user-2"})
        assert (answer.status_code, "HMAC failed" in answer.text) == (422, True)
    claimed = await client.ok("POST", "/contacts", {"name": "Zé", "email": "maria@example.com"})
    assert (claimed["id"] not in {1, stranger["id"]}, claimed["email"]) == (True, None)
    right = {"identifier": "user-1", "identifier_hash": _hash(inbox, "user-1")}
    assert (await client.ok("POST", "/contacts", right))["id"] == 1


async def test_a_proof_is_of_the_identifier_and_of_nothing_else(
    client: Client, cast: Cast, database: Database
) -> None:
    """Who may prove to be user-7 does not become Maria by giving her address, or user-8 by a change."""
    async with database.transaction() as tx:
        maria = await a_contact(tx, cast.account)
        await a_message(tx, await a_conversation(tx, cast.inbox, maria), "my secret")
    me = {"identifier": "user-7", "identifier_hash": proof(cast, "user-7")}
    claimed = await client.ok("POST", "/contacts", {**me, "email": "maria@example.com"})
    assert (claimed["name"], claimed["phone_number"]) == ("", None)
    assert await client.ok("GET", f"/contacts/{claimed['source_id']}/conversations") == []
    own = await client.ok("POST", "/contacts", me)
    mine = f"/contacts/{own['source_id']}"
    again = await client.ok("POST", "/contacts", {**me, "email": "maria@example.com"})
    assert own["id"] == again["id"] != maria.id  # the identifier goes before the address
    assert (await client.call("PATCH", mine, {"identifier": "user-8"})).status_code == 422
    assert await client.ok("PATCH", mine, {"identifier": "user-7", "name": "Rui"})


async def test_who_took_an_identifier_first_learns_nothing_of_who_proves_it(
    client: Client, cast: Cast
) -> None:
    taker = await client.ok("POST", "/contacts", {"identifier": "user-9", "name": "Mallory"})
    right = {"identifier": "user-9", "identifier_hash": proof(cast, "user-9")}
    owner = await client.ok("POST", "/contacts", right)
    await client.ok("PATCH", f"/contacts/{owner['source_id']}", {"email": "rui@example.com"})
    seen = await client.ok("GET", f"/contacts/{taker['source_id']}")
    assert (seen["id"], seen["email"]) == (owner["id"], None)
    refused = await client.call("PATCH", f"/contacts/{taker['source_id']}", {"name": "M"})
    assert refused.status_code == 422


async def test_who_proves_to_be_somebody_does_not_write_to_an_impostor(
    client: Client, api: Program, cast: Cast
) -> None:
    """Mallory says to be user-9 before Rui, who is, comes for the first time, and once more after it."""
    right = {"identifier": "user-9", "identifier_hash": proof(cast, "user-9")}
    claims = []
    for _ in range(2):
        taker = await client.ok("POST", "/contacts", {"identifier": "user-9", "name": "Mallory"})
        claims.append(f"/contacts/{taker['source_id']}/conversations")
        await client.ok("POST", claims[-1])
        rui = await client.ok("POST", "/contacts", right)
        mine = f"/contacts/{rui['source_id']}/conversations"
        assert [one["id"] for one in await client.ok("GET", mine)] == (
            [] if len(claims) == 1 else [2]
        )
        if len(claims) == 1:
            await client.ok("POST", mine)
            await client.ok("POST", f"{mine}/2/messages", {"content": "my secret"})
        assert (await client.call("GET", f"{mine}/1")).status_code == 404
    for claim in claims:
        for one in await client.ok("GET", claim):
            assert "my secret" not in str(one)
    begun = {"inbox_id": cast.inbox.id, "contact_id": rui["id"], "message": {"content": "Olá, Rui"}}
    number = (await api.post("conversations", begun))["id"]
    assert number in [one["id"] for one in await client.ok("GET", mine)]  # not at Mallory's
    for claim in claims:
        assert number not in [one["id"] for one in await client.ok("GET", claim)]


async def test_what_was_said_unproven_is_kept_by_whoever_said_it(
    client: Client, cast: Cast
) -> None:
    """The same browser, before and after somebody signs in."""
    me = await client.ok("POST", "/contacts", {"identifier": "user-9", "name": "Rui"})
    mine = f"/contacts/{me['source_id']}"
    await client.ok("POST", f"{mine}/conversations")
    right = {"identifier": "user-9", "identifier_hash": proof(cast, "user-9")}
    await client.ok("PATCH", mine, right)
    elsewhere = (await client.ok("POST", "/contacts", right))["source_id"]
    for path in (mine, f"/contacts/{elsewhere}"):
        assert [one["id"] for one in await client.ok("GET", f"{path}/conversations")] == [1]


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
