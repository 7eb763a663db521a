"""How many calls an account lets a destination have in a stretch of time: kept where claims find it.

A limit is the account's own: it slows nobody else's calls to the same server.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from recado.db.database import Transaction
from recado.deliveries.models import LaneLimit
from recado.deliveries.policies import SECONDS, Per


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many calls in each stretch."""

    calls: int
    per: Per


async def limit_lane(tx: Transaction, account_id: int, lane: str, limit: Limit | None) -> None:
    """Set, change or (None) lift a limit; what was sent just now still counts."""
    if limit is None:
        mine = (LaneLimit.account_id == account_id, LaneLimit.lane == lane)
        await tx.execute(delete(LaneLimit).where(*mine))
        return
    told = {"calls": limit.calls, "seconds": SECONDS[limit.per]}
    new = insert(LaneLimit).values(account_id=account_id, lane=lane, used=0, **told)
    await tx.execute(new.on_conflict_do_update(index_elements=["account_id", "lane"], set_=told))


async def limits_of(tx: Transaction, account_id: int) -> dict[str, LaneLimit]:
    """An account's limits, by lane."""
    query = select(LaneLimit).where(LaneLimit.account_id == account_id)
    return {one.lane: one for one in await tx.scalars(query)}


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
