"""Being connected to a Chatwoot: beginning, ending, and how it is going.

Its webhook comes to an address of ours that ends in a key nobody can guess; what it sends is signed
with a secret of its own (from version 4.13 on).
"""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, func, select

from recado.chatwoot.calling import NotAnswered, Remote, ask
from recado.chatwoot.entering import Entered
from recado.chatwoot.models import ChatwootArrival, ChatwootLink, ChatwootServer, Kind
from recado.chatwoot.remembering import find_server, server_at
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.keeping_secrets import (
    change_secret,
    keep_secret,
    opened,
    sealed_secrets,
)
from recado.deliveries.models import Delivery, Secret
from recado.deliveries.states import State
from recado.inboxes.models import Channel, Inbox
from recado.lib.addresses import lane_of
from recado.lib.languages import Sentence, say
from recado.lib.secrets import Vault

TOLD_BY: Final = "chatwoot"  # what deliveries to it say
SUBSCRIPTIONS: Final = (
    "conversation_created", "conversation_status_changed", "conversation_updated",
    "message_created", "message_updated", "contact_created", "contact_updated",
)  # fmt: skip
_NAME: Final = "Recado"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connection is going: what waits in each direction, and since when."""

    server: ChatwootServer
    arrivals: int
    oldest: datetime | None
    unread: int  # came in, and could not be understood
    outgoing: int
    failed: int  # could not be written back

    @property
    def trouble(self) -> Sentence | None:
        """Why the last look failed."""
        kept = self.server.trouble
        return Sentence(**kept) if kept else None


async def connect(
    database: Database, outbound: Outbound, account_id: int, entered: Entered, *, public_url: str
) -> int:
    """Listen to that account from now on, and answer the connection's id; again renews it.

    NotAnswered where it refuses our webhook: then nothing is connected.
    """
    remote, now = entered.remote, datetime.now(UTC)
    async with database.transaction() as tx:
        server = await server_at(
            tx, account_id, remote.url, remote.account_id, entered.name, now=now
        )
        key, webhook_id = server.key or secrets.token_urlsafe(32), server.webhook_id
    address = f"{public_url}/public/chatwoot/{key}"
    webhook, at = await _subscribed(remote, address, webhook_id)
    async with database.transaction() as tx:
        found = await find_server(tx, account_id, server.id, for_change=True)
        if found is None:
            raise RuntimeError("The desk just written down is not there.")
        found.key, found.webhook_id = key, webhook["id"]
        await _keep_secrets(tx, found, remote.token, webhook.get("secret"), vault=outbound.vault)
        found.remote_user_id = entered.user_id
        found.connected_at = found.connected_at or at or now
        found.due_at, found.trouble = now, {}
    return server.id


async def _subscribed(
    remote: Remote, address: str, webhook_id: int | None
) -> tuple[dict[str, Any], datetime | None]:
    body = {"name": _NAME, "url": address, "subscriptions": list(SUBSCRIPTIONS)}
    if webhook_id is not None:  # it may be gone
        await _unsubscribed(remote, webhook_id)
    answered = await ask(remote, "POST", "webhooks", body=body)
    found = answered.json
    for name in ("payload", "webhook"):
        found = found.get(name, found) if isinstance(found, dict) else {}
    if not isinstance(found, dict) or not isinstance(found.get("id"), int):
        raise NotAnswered(say("It does not answer as a Chatwoot does."))
    return found, answered.at


async def _unsubscribed(remote: Remote, webhook_id: int) -> NotAnswered | None:
    try:
        await ask(remote, "DELETE", f"webhooks/{webhook_id}")
    except NotAnswered as error:
        return error
    return None


async def _keep_secrets(
    tx: Transaction, server: ChatwootServer, token: str, signing: Any, *, vault: Vault
) -> None:
    """A renewed token takes the old one's place: what waits, or is sent again by hand, has it, too."""
    server.secret_id = await _kept(tx, server, server.secret_id, token, vault)
    is_signed = isinstance(signing, str) and signing
    server.signing_id = (
        await _kept(tx, server, server.signing_id, signing, vault) if is_signed else None
    )


async def _kept(
    tx: Transaction, server: ChatwootServer, before: int | None, value: str, vault: Vault
) -> int:
    account_id, lane = server.account_id, lane_of(server.url)
    if before and await change_secret(tx, account_id, before, value, vault=vault):
        return before
    now = datetime.now(UTC)
    return await keep_secret(tx, account_id, value, vault=vault, lane=lane, now=now)


async def _forget_secrets(tx: Transaction, server: ChatwootServer) -> None:
    ids = [one for one in (server.secret_id, server.signing_id) if one is not None]
    waiting = select(Delivery.id).where(
        Delivery.account_id == server.account_id, Delivery.told_by == TOLD_BY,
        Delivery.told_by_id == server.id, Delivery.state == State.PENDING,
    )  # fmt: skip
    if not await tx.scalar(waiting.limit(1)):  # what waits still needs the token
        own = select(Secret).where(Secret.account_id == server.account_id, Secret.id.in_(ids))
        for secret in await tx.scalars(own):
            await tx.delete(secret)


async def disconnect(
    database: Database, outbound: Outbound, account_id: int, server_id: int
) -> NotAnswered | None:
    """Listen no more. What was mirrored stays, its inboxes as ordinary API inboxes.

    The answer is why our webhook could not be removed over there, where it could not.
    """
    async with database.transaction() as tx:
        server = await find_server(tx, account_id, server_id)
        if server is None or not server.is_connected:
            return None
        remote, webhook_id = await remote_of(tx, server, outbound), server.webhook_id
    kept = await _unsubscribed(remote, webhook_id) if remote and webhook_id else None
    async with database.transaction() as tx:
        found = await find_server(tx, account_id, server_id, for_change=True)
        if found is not None:
            await _end(tx, found)
    return kept


async def _end(tx: Transaction, server: ChatwootServer) -> None:
    await _forget_secrets(tx, server)
    server.key = server.webhook_id = server.secret_id = server.signing_id = None
    server.connected_at = server.caught_up_to = server.due_at = None
    server.trouble = {}
    await tx.execute(delete(ChatwootArrival).where(ChatwootArrival.server_id == server.id))
    ours = select(ChatwootLink.local_id).where(
        ChatwootLink.server_id == server.id, ChatwootLink.kind == Kind.INBOX
    )
    mirrors = (
        Inbox.account_id == server.account_id,
        Inbox.channel == Channel.CHATWOOT,
        Inbox.id.in_(ours),
    )
    for inbox in await tx.scalars(select(Inbox).where(*mirrors)):
        inbox.channel = Channel.API


async def remote_of(tx: Transaction, server: ChatwootServer, outbound: Outbound) -> Remote | None:
    """What it takes to ask a connected desk; None where its token cannot be read."""
    values = await secrets_of(tx, server, outbound.vault)
    token = values.get(server.secret_id or 0)
    if token is None:
        return None
    remote = Remote(outbound.sender, server.url, token, server.remote_account_id, waits=())
    return replace(remote, deadline_seconds=outbound.deadline_seconds)


async def secrets_of(tx: Transaction, server: ChatwootServer, vault: Vault) -> dict[int, str]:
    """The token and the signing secret, by their ids; none where one cannot be read."""
    ids = [one for one in (server.secret_id, server.signing_id) if one is not None]
    sealed = await sealed_secrets(tx, ids)
    lane = lane_of(server.url)
    return opened(sealed, ids, account_id=server.account_id, lane=lane, vault=vault) or {}


async def connections_of(tx: Transaction, account_id: int) -> list[Standing]:
    """The desks this account is connected to, with how it is going."""
    return [await _standing(tx, one) for one in await connected_servers(tx, account_id)]


async def connected_servers(tx: Transaction, account_id: int) -> list[ChatwootServer]:
    """The desks this account is connected to, oldest first."""
    query = select(ChatwootServer).where(
        ChatwootServer.account_id == account_id, ChatwootServer.key.is_not(None)
    )
    return list(await tx.scalars(query.order_by(ChatwootServer.id)))


async def _standing(tx: Transaction, server: ChatwootServer) -> Standing:
    waits = ChatwootArrival.trouble == ""
    arrived = (
        await tx.execute(
            select(
                func.count().filter(waits),
                func.min(ChatwootArrival.received_at).filter(waits),
                func.count().filter(~waits),
            ).where(ChatwootArrival.server_id == server.id)
        )
    ).one()
    written = (
        await tx.execute(
            select(
                func.count().filter(Delivery.state == State.PENDING),
                func.count().filter(Delivery.state.in_([State.FAILED, State.UNKNOWN])),
            ).where(
                Delivery.account_id == server.account_id,
                Delivery.told_by == TOLD_BY,
                Delivery.told_by_id == server.id,
            )
        )
    ).one()
    return Standing(server, arrived[0], arrived[1], arrived[2], written[0], written[1])
