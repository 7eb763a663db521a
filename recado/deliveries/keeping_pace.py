"""Remembering how fast each destination can be sent to, for every worker."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from recado.db.database import Transaction
from recado.deliveries.delivering import Tried
from recado.deliveries.models import Lane
from recado.deliveries.pacing import Pace, paced
from recado.lib.outcomes import Outcome


async def keep_pace(
    tx: Transaction, tried: Sequence[Tried], *, most: int, now: datetime
) -> list[str]:
    """Let each destination's calls speed it up, slow it down, open or close its breaker.

    The lanes whose breaker has opened just now are returned.
    """
    outcomes: dict[str, list[Outcome]] = {}
    for one in tried:
        outcomes.setdefault(one.claimed.lane, []).append(one.outcome)
    before = await _paces(tx, sorted(outcomes))
    after = {
        lane: paced(before.get(lane, Pace()), called, most=most, now=now)
        for lane, called in outcomes.items()
    }
    await _keep(tx, {lane: pace for lane, pace in after.items() if pace != before.get(lane)})
    return [
        lane
        for lane, pace in after.items()
        if pace.is_open and pace.openings > before.get(lane, Pace()).openings
    ]


async def find_lane(tx: Transaction, lane: str) -> Lane | None:
    """What is known of a destination; None while nothing was sent there."""
    return await tx.scalar(select(Lane).where(Lane.lane == lane))


async def _paces(tx: Transaction, lanes: Sequence[str]) -> dict[str, Pace]:
    query = select(Lane).where(Lane.lane.in_(lanes)).order_by(Lane.lane).with_for_update()
    return {
        row.lane: Pace(
            row.concurrency,
            row.window_started_at,
            row.calls,
            row.failures,
            row.openings,
            row.open_until,
            row.is_probing,
        )
        for row in await tx.scalars(query)
    }


async def _keep(tx: Transaction, paces: dict[str, Pace]) -> None:
    if not paces:
        return
    rows = [{"lane": lane, **asdict(pace)} for lane, pace in sorted(paces.items())]
    new = insert(Lane).values(rows)
    columns = {name: new.excluded[name] for name in rows[0] if name != "lane"}
    await tx.execute(new.on_conflict_do_update(index_elements=["lane"], set_=columns))
