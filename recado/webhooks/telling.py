"""Telling others what happened: an event becomes a delivery for everybody who listens.

The body is frozen here, from facts that were frozen when it happened; from then on it is a delivery
like any other: tried again, kept in the log, sent again by hand.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
from sqlalchemy import select

from recado.conversations.counting_unread import unread_at
from recado.conversations.describing import message_facts, sender_facts
from recado.conversations.finding import WITH_PARTS
from recado.conversations.models import Message, MessageType
from recado.db.asking import Asked
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.surviving import mistake_in
from recado.deliveries.models import Delivery
from recado.deliveries.queueing import Origin, queue_delivery
from recado.events.causes import Actor, Cause, cause_from
from recado.events.models import Event
from recado.inboxes.models import Inbox
from recado.lib.outcomes import Request, RequestHeader, Scheme, Signing
from recado.webhooks.names import OF_BOTS, OF_INBOXES, Subscription, names_told
from recado.webhooks.payloads import Around, payload, sender_of
from recado.webhooks.tellers import Teller

_LOG = logging.getLogger(__name__)
_HEADERS: Final = (
    RequestHeader("Content-Type", "application/json"),
    RequestHeader("Accept", "application/json"),
)
_BEFORE: Final = timedelta(seconds=1)  # the message that opened a conversation counts as unread


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who wants to be told of these events of an account, or of one of its inboxes."""

    teller: Teller
    id: int
    account_id: int
    name: str
    url: str
    names: frozenset[str]
    inbox_id: int | None = None
    signing_ring: int | None = None

    def wants(self, event: Event, name: str) -> bool:
        """Whether an event is told here under this name."""
        if self.account_id != event.account_id or name not in self.names:
            return False
        inbox = event.facts.get("inbox") or {}
        return self.inbox_id is None or self.inbox_id == inbox.get("id")


async def listeners_of(tx: Transaction, account_ids: Iterable[int]) -> list[Listener]:
    """Everybody who listens in these accounts."""
    rows = await _LISTENERS.rows(tx, accounts=sorted(set(account_ids)))
    return [_listener(*one) for one in rows]


def listeners_asked(events: Iterable[Event]) -> Asked:
    """What `tell_all` asks first, for whoever has it asked beside something else."""
    return _LISTENERS.asked(accounts=sorted({one.account_id for one in events}))


_LISTENERS: Final = Direct("""
    select 'webhook', id, account_id, name, url, signing_ring, null::bigint, subscriptions
    from webhooks where account_id = any(:accounts::bigint[])
    union all
    select 'agent_bot', b.id, b.account_id, b.name, b.outgoing_url, b.signing_ring, i.id, null
    from agent_bots b join inboxes i on i.agent_bot_id = b.id
    where b.account_id = any(:accounts) and b.outgoing_url <> ''
    union all
    select 'inbox', id, account_id, name, settings ->> 'webhook_url', signing_ring, id, null
    from inboxes
    where account_id = any(:accounts) and channel = 'api' and settings ->> 'webhook_url' <> ''
""")


def _listener(teller: str, id_: int, account_id: int, name: str, url: str, *more: Any) -> Listener:
    ring, inbox_id, subscriptions = more
    names = OF_BOTS if teller == Teller.AGENT_BOT else OF_INBOXES
    names = names if subscriptions is None else frozenset(subscriptions)
    return Listener(Teller(teller), id_, account_id, name, url, names, inbox_id, ring)


async def is_told(tx: Transaction, inbox: Inbox, name: Subscription) -> bool:
    """Whether anybody listens to this event of an inbox."""
    listeners = await listeners_of(tx, [inbox.account_id])
    return any(name in one.names and one.inbox_id in {None, inbox.id} for one in listeners)


async def tell_all(tx: Transaction, events: Sequence[Event], *, now: datetime) -> None:
    """Write down a delivery for everybody whom one of these events concerns.

    A mistake of ours about one event stops neither the others nor their rules: it stands in the log.
    """
    listeners = await listeners_of(tx, (one.account_id for one in events))
    hearing = {one.account_id for one in listeners}
    for event in events:
        if event.account_id not in hearing:
            continue
        if mistake := await mistake_in(_tell_in_savepoint(tx, listeners, event, now)):
            _LOG.error("Webhooks failed on event %s", event.id, exc_info=mistake)


async def _tell_in_savepoint(
    tx: Transaction, listeners: Sequence[Listener], event: Event, now: datetime
) -> None:
    async with tx.begin_nested():
        await tell(tx, listeners, event, now=now)


async def tell(
    tx: Transaction, listeners: Sequence[Listener], event: Event, *, now: datetime
) -> None:
    """Write down a delivery for each of the listeners that an event concerns."""
    names = names_told(event.name, event.facts)
    wanted = [(one, name) for one in listeners for name in names if one.wants(event, name)]
    if not wanted:
        return
    around = await look_around(tx, event)
    by = _performed_by(cause_from(event.cause))
    for listener, name in wanted:
        body = orjson.dumps(payload(name, event.facts, around, by)).decode()
        await _queue(tx, listener, event, name, body, now=now)


async def _queue(
    tx: Transaction, listener: Listener, event: Event, name: str, body: str, *, now: datetime
) -> None:
    unique = RequestHeader("X-Chatwoot-Delivery", str(uuid4()))
    is_message = name == Subscription.MESSAGE_CREATED
    origin = Origin(
        account_id=event.account_id,
        action_id=None,
        action_name=listener.name,
        event=name,
        event_id=event.id,
        conversation_id=(event.facts.get("conversation") or {}).get("id"),
        told_by=listener.teller,
        told_by_id=listener.id,
        message_id=event.facts["message"]["id"] if is_message else None,
    )
    ring = listener.signing_ring
    signing = Signing(ring, Scheme.CHATWOOT) if ring else None
    request = Request("POST", listener.url, (*_HEADERS, unique), body, signing)
    await queue_delivery(tx, origin, request, now=now)


@dataclass(frozen=True, slots=True)
class ByRule:
    """The rule whose effect tells of an event, at an address of its own."""

    rule_id: int
    rule_name: str
    event_name: str  # what the rule waits for
    url: str


async def tell_by_rule(tx: Transaction, event: Event, rule: ByRule, *, now: datetime) -> Delivery:
    """Write down the delivery of a rule's webhook: the conversation (or contact) as it was then."""
    about = "conversation" if event.facts.get("conversation") else "contact"
    by = _performed_by(cause_from(event.cause))
    body = payload(about, event.facts, await look_around(tx, event), by) | {
        "event": f"automation_event.{rule.event_name}",
        "automation_rule": {"id": rule.rule_id, "name": rule.rule_name},
    }
    message = event.facts.get("message")
    if message:
        body["message"] = {key: message.get(key) for key in ("id", "content", "message_type")}
    origin = Origin(
        account_id=event.account_id,
        action_id=None,
        action_name=urlsplit(rule.url).hostname or rule.url,
        event=rule.event_name,
        event_id=event.id,
        rule_id=rule.rule_id,
        rule_name=rule.rule_name,
        conversation_id=(event.facts.get("conversation") or {}).get("id"),
        told_by=Teller.RULE,
        told_by_id=rule.rule_id,
    )
    unique = RequestHeader("X-Chatwoot-Delivery", str(uuid4()))
    request = Request("POST", rule.url, (*_HEADERS, unique), orjson.dumps(body).decode())
    return await queue_delivery(tx, origin, request, now=now)


def _performed_by(cause: Cause) -> dict[str, Any]:
    """Who did it, so that whoever listens can tell their own doing from others'."""
    names = {Actor.PERSON: "user", Actor.TOKEN: "user", Actor.RULE: "automation_rule"}
    return {"type": names.get(cause.actor, str(cause.actor)), "id": cause.id}


async def look_around(tx: Transaction, event: Event) -> Around:
    """What the conversation was like when it happened: nothing later than the event counts."""
    if event.conversation_id is None:
        return Around()
    message = event.facts.get("message")
    unread = await _unread(tx, event, event.conversation_id)
    if message and not message["private"]:
        return Around(message, sender_of(event.facts), unread)
    query = (
        select(Message)
        .where(
            Message.conversation_id == event.conversation_id,
            Message.message_type != MessageType.ACTIVITY,
            Message.private.is_(False),
            Message.created_at <= event.created_at,
        )
        .order_by(Message.id.desc())
        .limit(1)
        .options(*WITH_PARTS)
    )
    last = await tx.scalar(query)
    return Around(message_facts(last), sender_facts(last), unread) if last else Around(None)


async def _unread(tx: Transaction, event: Event, conversation_id: int) -> int:
    conversation = event.facts["conversation"]
    seen = conversation.get("agent_last_seen_at")
    began = datetime.fromisoformat(conversation["created_at"]) - _BEFORE
    return await unread_at(
        tx, conversation_id, until=event.created_at,
        seen=datetime.fromisoformat(seen) if seen else began,
    )  # fmt: skip
