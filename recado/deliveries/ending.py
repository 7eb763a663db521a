"""Ending deliveries that were not sent: their time is over, or they were held too long."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.deliveries.claims import Claimed
from recado.deliveries.leasing import end_leases
from recado.deliveries.models import Delivery
from recado.deliveries.settling import Settled, settle_expired
from recado.deliveries.states import State

_BATCH: Final = 500  # rows ended in one transaction


async def end_expired(
    tx: Transaction, claimed: Sequence[Claimed], *, now: datetime
) -> list[Claimed]:
    """End those whose time is over before this try, and return those that are still to be sent."""
    expired = [one for one in claimed if one.is_expired(now)]
    if expired:
        await end(tx, [one.id for one in expired], settle_expired(), now=now)
        for account_id in {one.account_id for one in expired}:
            await notify_pages(tx, account_id, "delivery")
    return [one for one in claimed if not one.is_expired(now)]


async def end_overdue_holds(tx: Transaction, *, now: datetime) -> int:
    """End held deliveries whose time is over; how many there were, at most a batch."""
    query = (
        select(Delivery.id)
        .where(Delivery.state == State.HELD, Delivery.held_until <= now)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = list(await tx.scalars(query))
    await end(tx, ids, settle_expired(), now=now)
    return len(ids)


async def end(tx: Transaction, ids: Sequence[int], ended: Settled, *, now: datetime) -> None:
    """Write one end for several deliveries, whoever holds them."""
    await tx.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(state=ended.state, reason=ended.reason, due_at=None, finished_at=now)
    )
    await end_leases(tx, ids)
