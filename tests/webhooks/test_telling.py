"""Events reach webhooks: through the worker, to a real receiver, in Chatwoot's words."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import pytest

from recado.accounts.models import Membership
from recado.conversations.changing import change_conversation
from recado.conversations.finding import find_conversation, messages_page
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.finding import last_told
from recado.deliveries.sharing_secrets import shared_secret
from recado.events.causes import Actor, Cause
from recado.webhooks.models import Webhook
from recado.webhooks.names import Subscription
from recado.webhooks.saving import keep_webhook
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.people import NOW, Cast, a_contact, a_conversation, a_message
from tests.receiver import Receiver

LIMITS = Limits(concurrency=10, lane_concurrency=5, lease=timedelta(seconds=30))


@dataclass(frozen=True)
class Desk:
    """An account, its worker and what its webhooks are told."""

    database: Database
    outbound: Outbound
    receiver: Receiver
    cast: Cast

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(work(self.database, self.outbound, LIMITS, stop))
        try:
            yield
        finally:
            stop.set()
            async with asyncio.timeout(30):
                await task

    async def told(self, number: int) -> list[Any]:
        """The bodies of so many requests, as soon as they are here."""
        async with self.working():
            await self.receiver.wait_for(number)
        assert len(self.receiver.received) == number
        return [orjson.loads(one.body) for one in self.receiver.received]


@pytest.fixture
def desk(database: Database, outbound: Outbound, receiver: Receiver, cast: Cast) -> Desk:
    return Desk(database, outbound, receiver, cast)


async def subscribe(desk: Desk, *names: Subscription, cast_account: int | None = None) -> Webhook:
    webhook = Webhook(
        account_id=cast_account or desk.cast.account.id, name="Bridge",
        url=f"{desk.receiver.url}/hook", subscriptions=list(names or Subscription),
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    async with desk.database.transaction() as tx:
        await keep_webhook(tx, webhook, now=NOW, vault=desk.outbound.vault)
    return webhook


async def chat(tx: Transaction, desk: Desk) -> Conversation:
    return await a_conversation(tx, desk.cast.inbox, await a_contact(tx, desk.cast.account))


async def reply(
    tx: Transaction, conversation: Conversation, who: Membership, text: str, **values: Any
) -> Message:
    draft = MessageDraft(text, MessageType.OUTGOING, sender=who.user, **values)
    by = Cause(Actor.PERSON, who.user_id)
    return await post_message(tx, conversation, draft, cause=by, now=NOW)


async def test_a_bridge_is_told_of_an_agents_reply(desk: Desk) -> None:
    await subscribe(desk, Subscription.MESSAGE_CREATED)
    async with desk.database.transaction() as tx:
        conversation = await chat(tx, desk)
        await a_message(tx, conversation, "Oi", source_id="WAID:1")
        message = await reply(tx, conversation, desk.cast.ana, "Olá 😀")
    told = sorted(await desk.told(2), key=lambda one: one["id"])
    [incoming, outgoing] = told
    assert (incoming["event"], incoming["message_type"]) == ("message_created", "incoming")
    assert incoming["conversation"]["messages"][0]["source_id"] == "WAID:1"
    assert (outgoing["message_type"], outgoing["content"]) == ("outgoing", "Olá 😀")
    assert outgoing["sender"]["type"] == "user"
    assert outgoing["sender"]["name"] == "Ana Lima"
    assert outgoing["performed_by"] == {"type": "user", "id": desk.cast.ana.user_id}
    assert outgoing["account"] == {"id": desk.cast.account.id, "name": "Acme"}
    inside = outgoing["conversation"]
    assert inside["meta"]["sender"]["phone_number"] == "+5511912345678"
    assert inside["contact_inbox"]["source_id"]
    [last] = inside["messages"]
    assert (last["id"], last["message_type"]) == (message.id, 1)
    assert last["sender"]["available_name"] == "Ana Lima"
    assert last["conversation"]["contact_inbox"] == {
        "source_id": inside["contact_inbox"]["source_id"]
    }
    assert last["processed_message_content"] == "Olá 😀"


async def test_a_burst_of_messages_is_told_each_with_itself(desk: Desk) -> None:
    await subscribe(desk, Subscription.MESSAGE_CREATED)
    async with desk.database.transaction() as tx:
        conversation = await chat(tx, desk)
        for number in range(8):
            await reply(tx, conversation, desk.cast.ana, f"line {number}")
    for told in await desk.told(8):
        assert told["conversation"]["messages"][0]["id"] == told["id"]
        assert told["conversation"]["messages"][0]["content"] == told["content"]


async def test_headers_and_the_log(desk: Desk) -> None:
    webhook = await subscribe(desk, Subscription.MESSAGE_CREATED)
    async with desk.database.transaction() as tx:
        await a_message(tx, await chat(tx, desk))
    await desk.told(1)
    [request] = desk.receiver.received
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["content-type"] == "application/json"
    assert len(request.headers["x-chatwoot-delivery"]) == 36
    async with desk.database.transaction() as tx:
        secret = await shared_secret(
            tx, webhook.account_id, webhook.signing_ring, vault=desk.outbound.vault
        )
    assert secret is not None
    signed = request.headers["x-chatwoot-timestamp"].encode() + b"." + request.body
    expected = hmac.digest(secret.encode(), signed, "sha256").hex()
    assert request.headers["x-chatwoot-signature"] == f"sha256={expected}"
    async with desk.database.transaction() as tx:
        [delivery] = (await last_told(tx, desk.cast.account.id, "webhook", [webhook.id]))[
            webhook.id
        ]
    assert (delivery.action_name, delivery.event) == ("Bridge", "message_created")
    assert delivery.state == "delivered"


Do = Callable[[Transaction, Desk], Any]


async def _resolve(tx: Transaction, desk: Desk) -> None:
    conversation = await chat(tx, desk)
    by = Cause(Actor.PERSON, desk.cast.ana.user_id)
    await change_conversation(tx, conversation, {"status": "resolved"}, cause=by, now=NOW)


async def test_a_status_is_told_twice_and_a_new_conversation_without_later_messages(
    desk: Desk,
) -> None:
    await subscribe(
        desk, Subscription.CONVERSATION_CREATED, Subscription.CONVERSATION_UPDATED,
        Subscription.CONVERSATION_STATUS_CHANGED,
    )  # fmt: skip
    async with desk.database.transaction() as tx:
        await _resolve(tx, desk)
    told = {one["event"]: one for one in await desk.told(3)}
    assert set(told) == {
        "conversation_created", "conversation_updated", "conversation_status_changed",
    }  # fmt: skip
    assert told["conversation_created"]["status"] == "open"
    assert told["conversation_created"]["messages"] == []
    assert told["conversation_created"]["id"] == 1
    changed = [{"status": {"previous_value": "open", "current_value": "resolved"}}]
    assert told["conversation_status_changed"]["changed_attributes"] == changed
    assert told["conversation_status_changed"]["status"] == "resolved"


async def test_a_private_note_is_told_but_never_as_the_last_message(desk: Desk) -> None:
    await subscribe(desk, Subscription.MESSAGE_CREATED)
    async with desk.database.transaction() as tx:
        conversation = await chat(tx, desk)
        await a_message(tx, conversation, "Oi")
        await reply(tx, conversation, desk.cast.ana, "secret", private=True)
    note = next(one for one in await desk.told(2) if one["private"])
    assert note["content"] == "secret"
    assert note["conversation"]["messages"][0]["content"] == "Oi"
    assert note["conversation"]["unread_count"] == 1


async def test_another_accounts_webhook_is_told_nothing(desk: Desk) -> None:
    await subscribe(desk, Subscription.MESSAGE_CREATED, cast_account=desk.cast.other_account.id)
    await subscribe(desk, Subscription.MESSAGE_CREATED)
    async with desk.database.transaction() as tx:
        await a_message(tx, await chat(tx, desk))
    assert [one["event"] for one in await desk.told(1)] == ["message_created"]


async def _statuses(desk: Desk) -> list[tuple[str, str]]:
    async with desk.database.transaction() as tx:
        conversation = await find_conversation(tx, desk.cast.account.id, 1)
        assert conversation is not None
        found = await messages_page(tx, conversation.id)
    return [(one.status, one.content_attributes.get("external_error", "")) for one in found]


async def _until_status(desk: Desk, wanted: str) -> None:
    async with asyncio.timeout(30):
        while True:
            [(status, _)] = await _statuses(desk)
            if status == wanted:
                return
            await asyncio.sleep(0.05)


async def test_a_message_that_cannot_leave_its_inbox_fails_and_recovers(desk: Desk) -> None:
    async with desk.database.transaction() as tx:
        inbox = await tx.merge(desk.cast.inbox)
        inbox.settings = {"webhook_url": f"{desk.receiver.url}/inbox"}
    desk.receiver.answer(503)
    async with desk.database.transaction() as tx:
        conversation = await chat(tx, desk)
        await reply(tx, conversation, desk.cast.ana, "Olá")
    async with desk.working():
        await _until_status(desk, "failed")
        [(_, error)] = await _statuses(desk)
        assert "503" in error
        desk.receiver.answer(200)
        await _until_status(desk, "sent")
    assert await _statuses(desk) == [("sent", "")]
    events = [orjson.loads(one.body)["event"] for one in desk.receiver.received]
    assert {"conversation_created", "message_created", "message_updated"} <= set(events)
