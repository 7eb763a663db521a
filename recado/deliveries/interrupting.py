"""Deliveries whose worker died while sending them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.deliveries.claims import Claimed
from recado.deliveries.leasing import end_leases
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.settling import (
    HOLD_LASTS,
    Settled,
    settle_called_off,
    settle_interrupted,
)
from recado.deliveries.states import State
from recado.lib.outcomes import Trouble


async def record_interruptions(
    tx: Transaction, claimed: list[Claimed], *, now: datetime
) -> list[Claimed]:
    """Write the cut attempt of each down, and return those that are still to be sent.

    The attempt costs none of the schedule's tries. A delivery that was interrupted too often may
    be what kills the worker: it ends. So does one that was called off meanwhile.
    """
    await tx.execute(insert(Attempt), [_attempt(one, now) for one in claimed])
    changed = [
        replace(
            one,
            attempts_count=one.attempts_count + 1,
            interruptions_count=one.interruptions_count + 1,
        )
        for one in claimed
    ]
    for account_id in {one.account_id for one in claimed}:
        await notify_pages(tx, account_id, "delivery")
    return [one for one in changed if await _goes_on(tx, one, now=now)]


def _attempt(claimed: Claimed, now: datetime) -> dict[str, Any]:
    return {
        "delivery_id": claimed.id,
        "number": claimed.attempts_count + 1,
        "started_at": now,
        "milliseconds": 0.0,
        "timing": {},
        "trouble": Trouble.INTERRUPTED,
    }


async def _goes_on(tx: Transaction, claimed: Claimed, *, now: datetime) -> bool:
    end = _end(claimed)
    values: dict[str, Any] = {
        "attempts_count": claimed.attempts_count,
        "interruptions_count": claimed.interruptions_count,
    }
    if end:
        is_held = end.state == State.HELD
        values |= {
            "state": end.state,
            "reason": end.reason,
            "due_at": None,
            "finished_at": None if is_held else now,
            "held_until": now + HOLD_LASTS if is_held else None,
        }
        await end_leases(tx, [claimed.id])
    await tx.execute(update(Delivery).where(Delivery.id == claimed.id).values(**values))
    return end is None


def _end(claimed: Claimed) -> Settled | None:
    if claimed.called_off:
        return settle_called_off(claimed.called_off)
    return settle_interrupted(
        interruptions=claimed.interruptions_count,
        is_test=claimed.is_test,
        may_repeat=claimed.may_repeat,
    )
