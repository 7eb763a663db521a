"""`/cable`: ActionCable's protocol over a real WebSocket; contacts never hear of notes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect

from recado.accounts.being_there import say_availability
from recado.accounts.models import Availability
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.lib.pubsub import Ear, pubsub_token, who_listens
from recado.lib.secrets import Vault
from tests.api.calling import Program
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation
from tests.serving import serving


@dataclass
class Line:
    """One connection."""

    socket: ClientConnection

    async def send(self, command: str, identifier: str, **more: Any) -> None:
        await self.socket.send(
            orjson.dumps({"command": command, "identifier": identifier, **more}).decode()
        )

    async def hears(self) -> Any:
        """The next thing said that is no ping."""
        async with asyncio.timeout(20):
            while True:
                told = orjson.loads(await self.socket.recv())
                if told.get("type") != "ping":
                    return told

    async def join(self, **params: Any) -> str:
        identifier = orjson.dumps({"channel": "RoomChannel", **params}).decode()
        await self.send("subscribe", identifier)
        told = await self.hears()
        assert told["identifier"] == identifier
        return str(told["type"])


@asynccontextmanager
async def line(address: str) -> AsyncIterator[Line]:
    async with connect(f"ws://{address}/cable", subprotocols=["actioncable-v1-json"]) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == "actioncable-v1-json"
        one = Line(socket)
        assert await one.hears() == {"type": "welcome"}
        yield one


@pytest.fixture
async def address(app: Any) -> AsyncIterator[str]:
    async with serving(app) as where:
        yield where


async def test_an_agent_hears_what_happens(api: Program, address: str, cast: Cast) -> None:
    profile = (await api.browser.api("GET", "/api/v1/profile", api.token)).json()
    await api.post("contacts", {"name": "Maria", "inbox_id": cast.inbox.id})
    async with line(address) as ana:
        joined = await ana.join(
            pubsub_token=profile["pubsub_token"], account_id=cast.account.id, user_id=profile["id"]
        )
        assert joined == "confirm_subscription"
        await api.post("conversations", {"contact_id": 1, "inbox_id": cast.inbox.id})
        created = (await ana.hears())["message"]
        assert (created["event"], created["data"]["id"]) == ("conversation.created", 1)
        await api.post("conversations/1/messages", {"content": "hush", "private": True})
        note = (await ana.hears())["message"]
        assert (note["event"], note["data"]["content"]) == ("message.created", "hush")
        assert (note["data"]["message_type"], note["data"]["conversation_id"]) == (1, 1)
        await api.post("conversations/1/toggle_typing_status", {"typing_status": "on"})
        typing = (await ana.hears())["message"]
        assert typing["event"] == "conversation.typing_on"
        assert typing["data"]["user"]["name"] == "Ana Lima"
        await api.post("conversations/1/toggle_status", {"status": "pending"})
        assert [(await ana.hears())["message"]["event"] for _ in range(2)] == [
            "conversation.status_changed", "conversation.updated",
        ]  # fmt: skip


async def test_a_contact_hears_no_notes_and_nothing_of_others(
    api: Program, address: str, cast: Cast
) -> None:
    base = f"/public/api/v1/inboxes/{cast.inbox.identifier}/contacts"
    mine, theirs = [(await api.browser.api("POST", base, None)).json() for _ in range(2)]
    for one in (theirs, mine):
        await api.browser.api("POST", f"{base}/{one['source_id']}/conversations", None)
    await api.post("contacts/2/labels", {"labels": ["debtor"]})
    async with line(address) as contact:
        assert await contact.join(pubsub_token=mine["pubsub_token"]) == "confirm_subscription"
        await api.post("conversations/1/messages", {"content": "not for you"})
        await api.post("conversations/2/messages", {"content": "hush", "private": True})
        await api.post("conversations/2/labels", {"labels": ["vip"]})
        await api.post("conversations/2/messages", {"content": "Olá"})
        told = (await contact.hears())["message"]
        assert (told["event"], told["data"]["content"]) == ("message.created", "Olá")
        assert told["data"]["sender"] == {
            "id": cast.ana.user_id,
            "name": "Ana Lima",
            "thumbnail": "",
            "type": "user",
        }
        assert "conversation" not in told["data"]


async def test_strangers_are_rejected(
    address: str, cast: Cast, outbound: Outbound, database: Database
) -> None:
    celia = pubsub_token(outbound.vault, Ear.USER, cast.celia.user_id)
    async with line(address) as one:
        for wrong in (
            {"pubsub_token": celia, "account_id": cast.account.id},
            {"pubsub_token": celia[:-1] + "x", "account_id": cast.other_account.id},
            {"pubsub_token": pubsub_token(outbound.vault, Ear.CONTACT, 999)},
            {"pubsub_token": 7},
            {"pubsub_token": celia, "account_id": "9" * 30},
        ):
            assert await one.join(**wrong) == "reject_subscription"
        await one.socket.send("nonsense")
        await one.socket.send(b"[1]")
        assert (
            await one.join(pubsub_token=celia, account_id=cast.other_account.id)
            == "confirm_subscription"
        )


async def test_an_agent_hears_only_their_inboxes(
    api: Program, address: str, cast: Cast, outbound: Outbound, database: Database
) -> None:
    async with database.transaction() as tx:
        other = await open_inbox(
            tx, cast.account.id, InboxDraft("VIP", Channel.API), vault=VAULT, now=NOW
        )
        contact = await a_contact(tx, cast.account)
        await a_conversation(tx, other, contact)
        await a_conversation(tx, cast.inbox, contact)
    beto = pubsub_token(outbound.vault, Ear.USER, cast.beto.user_id)
    async with line(address) as one:
        joined = await one.join(pubsub_token=beto, account_id=cast.account.id)
        assert joined == "confirm_subscription"
        await api.post("conversations/1/messages", {"content": "not for Beto"})
        await api.post("conversations/2/messages", {"content": "for Beto"})
        assert (await one.hears())["message"]["data"]["content"] == "for Beto"


def test_tokens_cannot_be_made_by_others() -> None:
    ours, theirs = (
        Vault("a key of ours, which is long enough"),
        Vault("another key, as long as it is"),
    )
    token = pubsub_token(ours, Ear.CONTACT, 7)
    assert who_listens(ours, token) == (Ear.CONTACT, 7)
    for wrong in (
        pubsub_token(theirs, Ear.CONTACT, 7), token.replace("c7", "c8"), token.replace("c", "u", 1),
        "", "c", "c7", "c7-", "x7-abc", "c\u0667-abc", "c" + "9" * 30,
    ):  # fmt: skip
        assert who_listens(ours, wrong) is None


async def test_whoever_asks_for_presence_is_there_and_hears_who_else_is(
    address: str, cast: Cast, outbound: Outbound, database: Database
) -> None:
    async with database.transaction() as tx:
        await say_availability(tx, cast.ana, Availability.BUSY)
    async with line(address) as one:
        heard = {}
        for person in (cast.ana, cast.beto):
            token = pubsub_token(outbound.vault, Ear.USER, person.user_id)
            params = {"channel": "RoomChannel", "pubsub_token": token, "account_id": 1}
            identifier = orjson.dumps(params).decode()
            await one.send("subscribe", identifier)
            await one.send("message", identifier, data='{"action":"update_presence"}')
            heard = await _presence(one, identifier, person.user_id)
        assert heard["data"]["users"] == {
            str(cast.ana.user_id): "busy", str(cast.beto.user_id): "online",
        }  # fmt: skip


async def _presence(one: Line, identifier: str, user_id: int) -> Any:
    """What this subscription hears of who is there, as soon as this person is."""
    while True:
        told = await one.hears()
        message = told.get("message") if told["identifier"] == identifier else None
        if message and str(user_id) in message["data"]["users"]:
            assert message["event"] == "presence.update"
            return message
