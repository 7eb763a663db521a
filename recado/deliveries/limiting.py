"""How many calls an account lets a destination have in a stretch of time: kept where claims find it.

A limit is the account's own: it slows nobody else's calls to the same server.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from recado.db.database import Transaction
from recado.deliveries.models import LaneLimit
from recado.deliveries.policies import SECONDS, Per

NO_LIMIT: Final = 2_000_000_000  # calls of a row that only says that a destination rests


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many calls in each stretch."""

    calls: int
    per: Per


async def limit_lane(tx: Transaction, account_id: int, lane: str, limit: Limit | None) -> None:
    """Set, change or (None) lift a limit; what was sent just now still counts."""
    mine = (LaneLimit.account_id == account_id, LaneLimit.lane == lane)
    if limit is None:
        await tx.execute(delete(LaneLimit).where(*mine, LaneLimit.rests_until.is_(None)))
        none = {"calls": NO_LIMIT, "used": NO_LIMIT, "seconds": 1}
        await tx.execute(update(LaneLimit).where(*mine).values(**none))
        return
    told = {"calls": limit.calls, "seconds": SECONDS[limit.per]}
    new = insert(LaneLimit).values(account_id=account_id, lane=lane, used=0, **told)
    used = case((LaneLimit.rests_until.is_(None), LaneLimit.used), else_=limit.calls)
    same = new.on_conflict_do_update(
        index_elements=["account_id", "lane"], set_={**told, "used": used}
    )
    await tx.execute(same)


async def limited_until(
    tx: Transaction, account_id: int, lane: str, *, now: datetime
) -> datetime | None:
    """When a destination that has had its calls may have more; None where it may now."""
    query = select(LaneLimit.window_ends_at).where(
        LaneLimit.account_id == account_id,
        LaneLimit.lane == lane,
        LaneLimit.used >= LaneLimit.calls,
        LaneLimit.window_ends_at > now,
    )
    return await tx.scalar(query)
