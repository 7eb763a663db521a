"""What API inboxes and bots are told is signed, with a secret that administrators read by REST."""

import asyncio
import hmac
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.inboxes.models import AgentBot, Inbox
from recado.inboxes.signing import sign_unsigned
from recado.lib.signing import signature
from recado.webhooks.models import Webhook
from recado.webhooks.saving import sign_unsigned_webhooks
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact
from tests.receiver import Received, Receiver

LIMITS = Limits(concurrency=10, lane_concurrency=5, lease=timedelta(seconds=30))


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[0]


async def an_inbox(api: Program, url: str) -> Any:
    return await api.patch("inboxes/1", {"channel": {"webhook_url": url}})


async def a_bot(api: Program, url: str) -> Any:
    made = await api.post("agent_bots", {"name": "Greeter", "outgoing_url": url})
    await api.post("inboxes/1/set_agent_bot", {"agent_bot": made["id"]})
    return made


async def told(
    api: Program, cast: Cast, database: Database, outbound: Outbound, receiver: Receiver
) -> list[Received]:
    """What goes out when Maria writes."""
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account)
    await api.post("conversations", {"contact_id": contact.id, "inbox_id": 1})
    await api.post("conversations/1/messages", {"content": "Olá", "message_type": "incoming"})
    stop = asyncio.Event()
    worker = asyncio.create_task(work(database, outbound, LIMITS, stop))
    await receiver.wait_for(1)
    stop.set()
    async with asyncio.timeout(30):
        await worker
    return receiver.received


def assert_signed(request: Received, secret: str) -> None:
    moment = request.headers["x-chatwoot-timestamp"]
    signed = hmac.digest(secret.encode(), moment.encode() + b"." + request.body, "sha256")
    assert request.headers["x-chatwoot-signature"] == f"sha256={signed.hex()}"
    unique, at = request.headers["webhook-id"], int(request.headers["webhook-timestamp"])
    assert request.headers["webhook-signature"] == signature(unique, at, request.body, [secret])


@pytest.mark.parametrize("listener", [an_inbox, a_bot])
async def test_both_signatures_check(
    listener: Any, api: Program, cast: Cast, database: Database, outbound: Outbound,
    receiver: Receiver,
) -> None:  # fmt: skip
    made = await listener(api, f"{receiver.url}/hook")
    assert made["secret"].startswith("whsec_")
    for request in await told(api, cast, database, outbound, receiver):
        assert_signed(request, made["secret"])


async def test_a_new_secret_signs_at_once_and_the_old_one_beside_it(
    api: Program, cast: Cast, database: Database, outbound: Outbound, receiver: Receiver
) -> None:
    old = (await a_bot(api, f"{receiver.url}/hook"))["secret"]
    new = (await api.post("agent_bots/1/reset_secret"))["secret"]
    assert new != old
    [request, *_] = await told(api, cast, database, outbound, receiver)
    moment = request.headers["x-chatwoot-timestamp"]
    signed = hmac.digest(new.encode(), moment.encode() + b"." + request.body, "sha256")
    assert request.headers["x-chatwoot-signature"] == f"sha256={signed.hex()}"
    assert len(request.headers["webhook-signature"].split()) == 2


async def test_a_secret_stays_when_the_address_moves(api: Program) -> None:
    first = await an_inbox(api, "https://bridge.example/a")
    for url in ("https://bridge.example/b", "https://other.example/a"):
        assert (await an_inbox(api, url))["secret"] == first["secret"]


async def test_only_administrators_read_the_secret(
    api: Program, visitor: Browser, cast: Cast
) -> None:
    await an_inbox(api, "https://bridge.example/a")
    await a_bot(api, "https://bridge.example/b")
    beto = programs(visitor, cast)[1]
    assert "secret" not in await beto.get("inboxes/1")
    assert "secret" not in await beto.get("agent_bots/1")


async def test_without_an_address_there_is_nothing_to_sign(api: Program) -> None:
    made = await api.post("agent_bots", {"name": "Quiet"})
    assert made["secret"] is None
    assert (await api.post(f"agent_bots/{made['id']}/reset_secret"))["secret"] is None
    assert (await api.get("inboxes/1"))["secret"] is None


async def unsigned(database: Database) -> None:
    """As it was before everything was signed."""
    async with database.transaction() as tx:
        for table in (Inbox, AgentBot, Webhook):
            await tx.execute(update(table).values(signing_ring=None))


async def sign_all(database: Database, outbound: Outbound) -> None:
    """What every start does."""
    async with database.transaction() as tx:
        await sign_unsigned(tx, vault=outbound.vault, now=NOW)
        await sign_unsigned_webhooks(tx, vault=outbound.vault, now=NOW)


async def a_webhook(api: Program, url: str) -> Any:
    made = await api.post("webhooks", {"url": url, "subscriptions": ["message_created"]})
    return made["payload"]["webhook"]


@pytest.mark.parametrize("listener", [an_inbox, a_bot, a_webhook])
async def test_what_was_there_before_is_signed_from_the_next_start_on(
    listener: Any, api: Program, cast: Cast, database: Database, outbound: Outbound,
    receiver: Receiver,
) -> None:  # fmt: skip
    await listener(api, f"{receiver.url}/hook")
    await unsigned(database)
    await sign_all(database, outbound)
    secret = await secret_of(listener, api)
    assert secret.startswith("whsec_")
    await sign_all(database, outbound)  # a second start changes nothing
    assert await secret_of(listener, api) == secret
    for request in await told(api, cast, database, outbound, receiver):
        assert_signed(request, secret)


async def secret_of(listener: Any, api: Program) -> str:
    if listener is a_webhook:
        return str((await api.get("webhooks"))["payload"]["webhooks"][0]["secret"])
    path = "inboxes/1" if listener is an_inbox else "agent_bots/1"
    return str((await api.get(path))["secret"])


async def test_an_address_that_cannot_be_called_does_not_stop_the_start(
    api: Program, database: Database, outbound: Outbound
) -> None:
    await an_inbox(api, "https://bridge.example/a")
    await unsigned(database)
    async with database.transaction() as tx:
        settings = {"webhook_url": "never an address"}
        await tx.execute(update(Inbox).values(settings=settings))
    await sign_all(database, outbound)
    assert (await api.get("inboxes/1"))["secret"] is None
