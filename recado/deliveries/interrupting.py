"""Deliveries whose worker died while sending them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from recado.db.database import Transaction
from recado.deliveries.claims import Claimed
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.settling import settle_interrupted
from recado.lib.outcomes import Trouble


async def record_interruptions(
    tx: Transaction, claimed: list[Claimed], *, now: datetime
) -> list[Claimed]:
    """Write the cut attempt of each down, and return those that are still to be sent.

    The attempt costs none of the schedule's tries. A delivery that was interrupted too often may
    be what kills the worker: it ends.
    """
    going_on = []
    for one in claimed:
        await tx.execute(
            insert(Attempt).values(
                delivery_id=one.id,
                number=one.attempts_count + 1,
                started_at=now,
                milliseconds=0.0,
                timing={},
                trouble=Trouble.INTERRUPTED,
                detail="",
                response_size=0,
                response_is_cut=False,
            )
        )
        changed = replace(
            one,
            attempts_count=one.attempts_count + 1,
            interruptions_count=one.interruptions_count + 1,
        )
        if await _goes_on(tx, changed, now=now):
            going_on.append(changed)
    return going_on


async def _goes_on(tx: Transaction, claimed: Claimed, *, now: datetime) -> bool:
    end = settle_interrupted(interruptions=claimed.interruptions_count, is_test=claimed.is_test)
    values: dict[str, Any] = {
        "attempts_count": claimed.attempts_count,
        "interruptions_count": claimed.interruptions_count,
    }
    if end:
        values |= {
            "state": end.state, "reason": end.reason, "due_at": None, "claim": None, "finished_at": now,
        }  # fmt: skip
    await tx.execute(update(Delivery).where(Delivery.id == claimed.id).values(**values))
    return end is None
