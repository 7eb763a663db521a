"""Forgetting old verdicts."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, literal_column, select

from recado.automation.models import Cascade, Result, RuleCount, RuleVerdict
from recado.automation.tallying import DAYS
from recado.db.database import Transaction

RETENTION: Final = timedelta(days=30)
SAMPLE_RETENTION: Final = timedelta(days=7)  # of verdicts "not matched"; facts stay for longer
_BATCH: Final = 1_000  # rows deleted in one transaction


async def prune_verdicts(tx: Transaction, *, now: datetime) -> int:
    """Delete verdicts of over 30 days ago; how many, at most a batch."""
    return await _forget(tx, RuleVerdict.created_at < now - RETENTION)


async def prune_samples(tx: Transaction, *, now: datetime) -> int:
    """Delete the sampled verdicts "not matched" of over 7 days ago; how many, at most a batch."""
    is_sample = RuleVerdict.result == literal_column(f"'{Result.NOT_MATCHED}'")  # its index's words
    return await _forget(tx, RuleVerdict.created_at < now - SAMPLE_RETENTION, is_sample)


async def _forget(tx: Transaction, *which: ColumnElement[bool]) -> int:
    old = select(RuleVerdict.id).where(*which).order_by(RuleVerdict.created_at).limit(_BATCH)
    gone = await tx.execute(
        delete(RuleVerdict).where(RuleVerdict.id.in_(old)).returning(RuleVerdict.id)
    )
    return len(gone.all())


async def prune_rule_counts(tx: Transaction, *, now: datetime) -> int:
    """Delete the counters of days that no page shows; how many."""
    old = now.date() - timedelta(days=DAYS + 1)
    gone = await tx.execute(delete(RuleCount).where(RuleCount.day < old).returning(RuleCount.day))
    return len(gone.all())


async def prune_cascades(tx: Transaction, *, now: datetime) -> int:
    """Delete counts of firings whose beginning was days ago; how many."""
    old = Cascade.created_at < now - timedelta(days=2)
    gone = await tx.execute(delete(Cascade).where(old).returning(Cascade.root))
    return len(gone.all())
