"""Writing down what happened, in the transaction in which it happens."""

from datetime import datetime

from sqlalchemy import insert

from recado.db.database import Transaction
from recado.db.notifying import notify
from recado.db.tables import Json
from recado.events.causes import Cause
from recado.events.models import LANES, Event
from recado.events.names import EventName, NoticeName

EVENTS_CHANNEL = "recado_events"  # NOTIFY: there is an event to look at


async def record_event(
    tx: Transaction,
    name: EventName | NoticeName,
    facts: Json,
    *,
    conversation_id: int | None,
    cause: Cause,
    now: datetime,
) -> None:
    """Store an event of the account that `facts` name, and wake the worker at commit.

    `conversation_id` is the database's id. Events of one conversation must be recorded while its
    row is locked, so that their ids follow the order in which they happened.
    """
    account_id = facts["account"]["id"]
    facts = {**facts, "event": {"name": name, "at": now.isoformat()}}
    await tx.execute(
        insert(Event).values(
            account_id=account_id,
            name=name,
            conversation_id=conversation_id,
            lane=(conversation_id or 0) % LANES,
            facts=facts,
            cause=cause.as_json(),
            created_at=now,
        )
    )
    await notify(tx, EVENTS_CHANNEL)
