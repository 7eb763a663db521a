"""Writing down what happened, in the transaction in which it happens."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from recado.db.database import Transaction
from recado.db.direct import Insertion
from recado.db.notifying import notify
from recado.db.tables import Json
from recado.events.causes import Cause
from recado.events.models import LANES, Event
from recado.events.names import EventName, NoticeName

EVENTS_CHANNEL = "recado_events"  # NOTIFY: there is an event to look at


@dataclass(frozen=True, slots=True)
class Happened:
    """An event on its way into the outbox. `conversation_id` is the database's id."""

    name: EventName | NoticeName
    facts: Json
    conversation_id: int | None
    cause: Cause


async def record_event(
    tx: Transaction,
    name: EventName | NoticeName,
    facts: Json,
    *,
    conversation_id: int | None,
    cause: Cause,
    now: datetime,
) -> None:
    """Store an event: `record_events` with one."""
    await record_events(tx, [Happened(name, facts, conversation_id, cause)], now=now)


async def record_events(tx: Transaction, happened: Sequence[Happened], *, now: datetime) -> None:
    """Store events of the accounts that their facts name, and wake the worker at commit.

    Events of one conversation must be recorded while its row is locked, so that their ids follow the
    order in which they happened. Without a conversation the contact's events stay in order.
    """
    if happened:
        await _EVENTS.later(tx, [_row(one, now) for one in happened])
        await notify(tx, EVENTS_CHANNEL)


_EVENTS: Final = Insertion(
    Event.__table__,
    ("account_id", "name", "conversation_id", "lane", "facts", "cause", "created_at"),
)


def _row(one: Happened, now: datetime) -> Json:
    keeps_order = one.conversation_id or (one.facts.get("contact") or {}).get("id") or 0
    return {
        "account_id": one.facts["account"]["id"],
        "name": one.name,
        "conversation_id": one.conversation_id,
        "lane": keeps_order % LANES,
        "facts": {**one.facts, "event": {"name": one.name, "at": now.isoformat()}},
        "cause": one.cause.as_json(),
        "created_at": now,
    }


_OVERLAP: Final = 500  # a transaction that began earlier may commit later, with a smaller id
_MOST: Final = 1_000  # events read at once


async def newest_event_id(tx: Transaction) -> int:
    """The id of the newest event; 0 when there is none."""
    return await tx.scalar(select(func.max(Event.id))) or 0


async def recent_events(
    tx: Transaction, account_ids: Collection[int], *, since: int
) -> list[Event]:
    """Events of these accounts since about that id, oldest first: some may have been read before."""
    query = select(Event).where(Event.id > since - _OVERLAP, Event.account_id.in_(account_ids))
    return list(await tx.scalars(query.order_by(Event.id.desc()).limit(_MOST)))[::-1]
