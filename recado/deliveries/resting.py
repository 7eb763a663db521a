"""Putting a destination aside for a while by hand: its calls wait, cost no attempt, and go on by themselves.

Kept as a rate limit that is used up until then, so that claims need to know nothing of it.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from recado.db.database import Transaction
from recado.db.notifying import notify, notify_pages
from recado.deliveries.limiting import NO_LIMIT
from recado.deliveries.models import LaneLimit
from recado.deliveries.queueing import DELIVERIES_CHANNEL
from recado.lib.languages import Sentence, say

RESTS: Final = {
    "15": say("For 15 minutes"),
    "60": say("For an hour"),
    "240": say("For 4 hours"),
    "1440": say("For a day"),
}  # by minutes


def rest_of(minutes: str) -> timedelta | None:
    """How long a choice lasts; None for what is no choice."""
    return timedelta(minutes=int(minutes)) if minutes in RESTS else None


async def rest_lane(
    tx: Transaction, account_id: int, lane: str, who: str, *, until: datetime
) -> None:
    """Send nothing of this account there until then; what is on its way arrives."""
    told = {"window_ends_at": until, "rests_until": until, "rests_by": who}
    new = insert(LaneLimit).values(
        account_id=account_id, lane=lane, calls=NO_LIMIT, seconds=1, used=NO_LIMIT, **told
    )
    same = new.on_conflict_do_update(
        index_elements=["account_id", "lane"], set_={"used": LaneLimit.calls, **told}
    )
    await tx.execute(same)
    await notify_pages(tx, account_id, "delivery")


async def wake_lane(tx: Transaction, account_id: int, lane: str, *, now: datetime) -> None:
    """Let a destination that rests go on now; its rate limit, if there is one, begins anew."""
    mine = (LaneLimit.account_id == account_id, LaneLimit.lane == lane)
    rests = (*mine, LaneLimit.rests_until.is_not(None))
    await tx.execute(delete(LaneLimit).where(*rests, LaneLimit.calls == NO_LIMIT))
    fresh = {"used": 0, "window_ends_at": now, "rests_until": None, "rests_by": None}
    await tx.execute(update(LaneLimit).where(*rests).values(**fresh))
    await notify(tx, DELIVERIES_CHANNEL)
    await notify_pages(tx, account_id, "delivery")


async def resting_lanes(tx: Transaction, account_id: int, *, now: datetime) -> dict[str, LaneLimit]:
    """What rests now, by lane."""
    query = select(LaneLimit).where(LaneLimit.account_id == account_id, LaneLimit.rests_until > now)
    return {one.lane: one for one in await tx.scalars(query.order_by(LaneLimit.lane))}


async def resting_lane(
    tx: Transaction, account_id: int, lane: str, *, now: datetime
) -> LaneLimit | None:
    """The one destination, if it rests now."""
    return (await resting_lanes(tx, account_id, now=now)).get(lane)


def said_of_rest(host: str, who: str) -> Sentence:
    """Why nothing is sent there."""
    return say(
        "%(who)s put %(host)s aside: its calls wait and cost no attempt.", who=who, host=host
    )


async def prune_rests(tx: Transaction, *, now: datetime) -> int:
    """Forget rests that are over, where there is no limit: claims look at less; how many."""
    over = (LaneLimit.calls == NO_LIMIT, LaneLimit.rests_until <= now)
    rows = await tx.execute(delete(LaneLimit).where(*over).returning(LaneLimit.lane))
    return len(rows.all())
