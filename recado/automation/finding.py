"""Finding verdicts: what each rule decided, newest first, by keyset."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from recado.automation.models import RuleVerdict
from recado.db.database import Transaction

PAGE: Final = 20
_COUNTED: Final = 10_000  # the newest verdicts of a rule


@dataclass(frozen=True, slots=True)
class VerdictFilter:
    """Which verdicts; None means any. `before` is the id of the last one seen."""

    rule_id: int | None = None
    conversation_id: int | None = None  # the number people see
    result: str | None = None
    before: int | None = None


async def verdicts_page(
    tx: Transaction, account_id: int, wanted: VerdictFilter, *, limit: int = PAGE
) -> tuple[list[RuleVerdict], int | None]:
    """A page of verdicts, and the cursor of the next; None at the end."""
    query = select(RuleVerdict).where(RuleVerdict.account_id == account_id)
    if wanted.rule_id is not None:
        query = query.where(RuleVerdict.rule_id == wanted.rule_id)
    if wanted.conversation_id is not None:
        query = query.where(RuleVerdict.conversation_id == wanted.conversation_id)
    if wanted.result is not None:
        query = query.where(RuleVerdict.result == wanted.result)
    if wanted.before is not None:
        query = query.where(RuleVerdict.id < wanted.before)
    found = list(await tx.scalars(query.order_by(RuleVerdict.id.desc()).limit(limit + 1)))
    page = found[:limit]
    return page, page[-1].id if len(found) > limit else None


async def result_counts(tx: Transaction, account_id: int, rule_id: int) -> dict[str, int]:
    """How often a rule came to each result, among its newest 10,000 verdicts."""
    mine = (RuleVerdict.account_id == account_id, RuleVerdict.rule_id == rule_id)
    newest = (
        select(RuleVerdict.result).where(*mine).order_by(RuleVerdict.id.desc()).limit(_COUNTED)
    ).subquery()
    rows = await tx.execute(select(newest.c.result, func.count()).group_by(newest.c.result))
    return {row[0]: row[1] for row in rows}
