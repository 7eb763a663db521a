"""Forgetting old deliveries, a few at a time, so that claiming never waits for it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from recado.db.database import Transaction
from recado.deliveries.models import Delivery

RETENTION: Final = timedelta(days=30)
_BATCH: Final = 500  # rows deleted in one transaction, with their attempts


async def prune_deliveries(tx: Transaction, *, now: datetime) -> int:
    """Delete deliveries that ended over 30 days ago; how many, at most a batch."""
    old = (
        select(Delivery.id)
        .where(Delivery.finished_at < now - RETENTION)
        .order_by(Delivery.finished_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    gone = await tx.execute(delete(Delivery).where(Delivery.id.in_(old)).returning(Delivery.id))
    return len(gone.all())
