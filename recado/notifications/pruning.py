"""Forgetting old notifications."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from recado.db.database import Transaction
from recado.notifications.models import Notification

RETENTION: Final = timedelta(days=90)
_BATCH: Final = 1_000  # rows deleted in one transaction


async def prune_notifications(tx: Transaction, *, now: datetime) -> int:
    """Delete those of which nothing was heard for 90 days; how many, at most a batch."""
    old = select(Notification.id).where(Notification.last_activity_at < now - RETENTION)
    gone = delete(Notification).where(Notification.id.in_(old.limit(_BATCH)))
    return len((await tx.execute(gone.returning(Notification.id))).all())
