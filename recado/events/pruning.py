"""Forgetting old events: what they led to has its own rows."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from recado.db.database import Transaction
from recado.events.models import Event

RETENTION: Final = timedelta(days=30)
_BATCH: Final = 1_000  # rows deleted in one transaction


async def prune_events(tx: Transaction, *, now: datetime) -> int:
    """Delete events handled over 30 days ago; how many, at most a batch."""
    old = select(Event.id).where(Event.processed_at < now - RETENTION).limit(_BATCH)
    gone = await tx.execute(delete(Event).where(Event.id.in_(old)).returning(Event.id))
    return len(gone.all())
