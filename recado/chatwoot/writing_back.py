"""Writing back: what happens to a mirrored conversation here becomes deliveries to its own desk.

They are deliveries like any other: written in the transaction of their cause, tried again, in the
order of their conversation, in the log. What was mirrored is not written back.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import select

from recado.chatwoot.calling import TOKEN_HEADER
from recado.chatwoot.calls import Call, contact_calls, conversation_calls
from recado.chatwoot.connecting import TOLD_BY
from recado.chatwoot.mirroring_messages import note_written
from recado.chatwoot.models import ChatwootLink, ChatwootServer, Kind
from recado.chatwoot.remembering import remote_id
from recado.db.database import Transaction
from recado.db.surviving import mistake_in
from recado.deliveries.delivering import Tried
from recado.deliveries.policies import Order, Policy
from recado.deliveries.queueing import NotSent, Origin, queue_delivery
from recado.deliveries.settling import Settled
from recado.deliveries.states import State, Why
from recado.events.causes import Actor, cause_from
from recado.events.models import Event
from recado.events.names import EventName
from recado.inboxes.models import Channel
from recado.lib.outcomes import Request, RequestHeader, Response

_LOG = logging.getLogger(__name__)
_KINDS: Final = {"agent": Kind.AGENT, "team": Kind.TEAM}
_HEADERS: Final = (
    RequestHeader("Content-Type", "application/json"),
    RequestHeader("Accept", "application/json"),
)


async def write_back(tx: Transaction, events: Sequence[Event], *, now: datetime) -> None:
    """Write down a delivery for each thing that these events change over there.

    A mistake of ours about one event stops neither the others nor their rules: it stands in the log.
    """
    for event in events:
        if not _may_concern(event):
            continue
        if mistake := await mistake_in(_in_savepoint(tx, event, now)):
            _LOG.error("Writing event %s back failed", event.id, exc_info=mistake)


def _may_concern(event: Event) -> bool:
    if event.cause.get("actor") == Actor.CHATWOOT:
        return False
    if event.name == EventName.CONTACT_UPDATED:
        return True
    return (event.facts.get("inbox") or {}).get("channel") == Channel.CHATWOOT


async def _in_savepoint(tx: Transaction, event: Event, now: datetime) -> None:
    async with tx.begin_nested():
        if event.name == EventName.CONTACT_UPDATED:
            await _write_contact(tx, event, now=now)
        else:
            await _write_conversation(tx, event, now=now)


async def _write_conversation(tx: Transaction, event: Event, *, now: datetime) -> None:
    calls = conversation_calls(event.name, event.facts)
    for server, number in (
        await _there(tx, event, Kind.CONVERSATION, event.conversation_id) if calls else ()
    ):
        for call in calls:
            await _queue(tx, server, event, f"conversations/{number}", call, now=now)


async def _write_contact(tx: Transaction, event: Event, *, now: datetime) -> None:
    calls = contact_calls(event.facts)
    contact_id = event.facts["contact"]["id"]
    for server, number in await _there(tx, event, Kind.CONTACT, contact_id) if calls else ():
        for call in calls:
            await _queue(tx, server, event, f"contacts/{number}", call, now=now)


async def _there(
    tx: Transaction, event: Event, kind: Kind, local: int | None
) -> list[tuple[ChatwootServer, int]]:
    """The connected desks that have this, each with its number there."""
    query = (
        select(ChatwootServer, ChatwootLink.remote_id)
        .join(ChatwootLink, ChatwootLink.server_id == ChatwootServer.id)
        .where(
            ChatwootServer.account_id == event.account_id,
            ChatwootServer.key.is_not(None),
            ChatwootLink.kind == kind,
            ChatwootLink.local_id == local,
        )
    )
    return [(row[0], row[1]) for row in await tx.execute(query)]


async def _queue(
    tx: Transaction, server: ChatwootServer, event: Event, place: str, call: Call, *, now: datetime
) -> None:
    not_sent = None
    if call.names is not None:
        kind, ours = call.names
        theirs = await remote_id(tx, server.id, _KINDS[kind], ours)
        call = replace(call, body={f"{'assignee' if kind == 'agent' else kind}_id": theirs})
        if theirs is None:
            not_sent = NotSent(State.SKIPPED, {"why": Why.UNKNOWN_THERE})
    request = _request(server, place, call)
    await queue_delivery(tx, _origin(server, event, call), request, now=now, not_sent=not_sent)


def _request(server: ChatwootServer, place: str, call: Call) -> Request:
    root = f"{server.url}/api/v1/accounts/{server.remote_account_id}/{place}"
    url = f"{root}/{call.place}" if call.place else root
    token = RequestHeader(TOKEN_HEADER, "", server.secret_id)
    body = orjson.dumps(call.body or {}).decode()
    return Request(call.method, url, (*_HEADERS, token), body)


def _origin(server: ChatwootServer, event: Event, call: Call) -> Origin:
    cause = cause_from(event.cause)
    message = event.facts.get("message") if event.name == EventName.MESSAGE_CREATED else None
    return Origin(
        account_id=event.account_id,
        action_id=None,
        action_name=server.name,
        event=event.name,
        event_id=event.id,
        rule_id=cause.id if cause.actor is Actor.RULE else None,
        conversation_id=(event.facts.get("conversation") or {}).get("id"),
        policy=Policy(order=Order.WAIT, repeats_when_unsure=call.repeats_when_unsure),
        told_by=TOLD_BY,
        told_by_id=server.id,
        message_id=message["id"] if message else None,
    )


async def note_answers(tx: Transaction, written: Sequence[tuple[Tried, Settled]]) -> None:
    """Keep the numbers that our messages have there, in the transaction that records the answers."""
    for tried, settled in written:
        claimed, outcome = tried.claimed, tried.outcome
        if claimed.told_by != TOLD_BY or settled.state != State.DELIVERED:
            continue
        number = _number_in(outcome) if isinstance(outcome, Response) else None
        if claimed.message_id is not None and number is not None and claimed.told_by_id:
            await note_written(tx, claimed.told_by_id, claimed.message_id, number)


def _number_in(response: Response) -> int | None:
    try:
        said = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None  # cut, or none: the message is known by what it says
    number = said.get("id") if isinstance(said, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None
