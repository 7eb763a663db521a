"""Forgetting old verdicts, and files that no rule or macro sends any more."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, literal_column, select, text

from recado.automation.models import Cascade, Result, RuleCount, RuleTest, RuleVerdict
from recado.automation.tallying import DAYS
from recado.db.database import Transaction

RETENTION: Final = timedelta(days=30)
SAMPLE_RETENTION: Final = timedelta(days=7)  # of verdicts "not matched"; facts stay for longer
UNUSED: Final = timedelta(days=7)  # of files: a form that was left open may still name one
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
    gone = [
        await tx.execute(delete(one).where(one.day < old).returning(one.day))
        for one in (RuleCount, RuleTest)
    ]
    return sum(len(one.all()) for one in gone)


async def prune_uploads(tx: Transaction, *, now: datetime) -> int:
    """Forget files of over a week ago that no rule, no version of one and no macro sends; how many.

    What was sent with them stays in its messages.
    """
    gone = await tx.execute(_UNUSED_UPLOADS, {"before": now - UNUSED})
    return len(gone.all())


_UNUSED_UPLOADS: Final = text("""
    delete from uploads where created_at < :before and not exists (
        select from (
            select account_id, effects from automation_rules
            union all select account_id, effects from macros
            union all select account_id, snapshot -> 'effects' from versions where kind = 'rule'
        ) as sending,
        jsonb_path_query(
            effects, '$[*] ? (@.action_name == "send_attachment").action_params[*]'
        ) as file
        where sending.account_id = uploads.account_id and file #>> '{}' = uploads.id::text
    ) returning id
""")


async def prune_cascades(tx: Transaction, *, now: datetime) -> int:
    """Delete counts of firings whose beginning was days ago; how many."""
    old = Cascade.created_at < now - timedelta(days=2)
    gone = await tx.execute(delete(Cascade).where(old).returning(Cascade.root))
    return len(gone.all())
