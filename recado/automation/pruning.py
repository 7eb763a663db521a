"""Forgetting old verdicts."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from recado.automation.models import RuleVerdict
from recado.db.database import Transaction

RETENTION: Final = timedelta(days=30)
_BATCH: Final = 1_000  # rows deleted in one transaction


async def prune_verdicts(tx: Transaction, *, now: datetime) -> int:
    """Delete verdicts of over 30 days ago; how many, at most a batch."""
    old = (
        select(RuleVerdict.id)
        .where(RuleVerdict.created_at < now - RETENTION)
        .order_by(RuleVerdict.id)
        .limit(_BATCH)
    )
    gone = await tx.execute(
        delete(RuleVerdict).where(RuleVerdict.id.in_(old)).returning(RuleVerdict.id)
    )
    return len(gone.all())
