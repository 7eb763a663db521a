"""Finding verdicts: what each rule decided, newest first, by keyset."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, func, select

from recado.automation.models import Result, RuleVerdict
from recado.db.database import Transaction

PAGE: Final = 20
NEARLY: Final = "nearly"  # did not fire, but for one condition
_COUNTED: Final = 10_000  # the newest verdicts of a rule
_NEARLY: Final = (
    RuleVerdict.result == Result.NOT_MATCHED,
    RuleVerdict.short_by == 1,
    func.jsonb_array_length(RuleVerdict.conditions) > 1,  # of one condition none is near
)


@dataclass(frozen=True, slots=True)
class VerdictFilter:
    """Which verdicts; None means any. `before` is the id of the last one seen."""

    rule_id: int | None = None
    conversation_id: int | None = None  # the number people see
    result: str | None = None  # or NEARLY
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
    if wanted.result == NEARLY:
        query = query.where(*_NEARLY)
    elif wanted.result is not None:
        query = query.where(RuleVerdict.result == wanted.result)
    if wanted.before is not None:
        query = query.where(RuleVerdict.id < wanted.before)
    found = list(await tx.scalars(query.order_by(RuleVerdict.id.desc()).limit(limit + 1)))
    page = found[:limit]
    return page, page[-1].id if len(found) > limit else None


async def result_counts(tx: Transaction, account_id: int, rule_id: int) -> dict[str, int]:
    """How many verdicts of each result are kept of a rule, NEARLY too; the newest 10,000."""
    mine = (RuleVerdict.account_id == account_id, RuleVerdict.rule_id == rule_id)
    newest = (
        select(RuleVerdict.result, and_(*_NEARLY).label("near"))
        .where(*mine)
        .order_by(RuleVerdict.id.desc())
        .limit(_COUNTED)
    ).subquery()
    result, near = newest.c.result, newest.c.near
    rows = await tx.execute(select(result, near, func.count()).group_by(result, near))
    counts: Counter[str] = Counter()
    for name, is_near, count in rows:
        counts[name] += count
        counts[NEARLY] += count if is_near else 0
    return dict(counts)
