"""Holding deliveries back while their action is off, and sending them when it is on again."""

from datetime import datetime

from sqlalchemy import select, update

from recado.db.database import Transaction
from recado.db.notifying import notify, notify_pages
from recado.deliveries.leasing import waiting_among
from recado.deliveries.models import Delivery
from recado.deliveries.queueing import DELIVERIES_CHANNEL
from recado.deliveries.resending import lock_waiting
from recado.deliveries.settling import HOLD_LASTS
from recado.deliveries.states import State, Why


async def hold_waiting(tx: Transaction, account_id: int, action_id: int, *, now: datetime) -> int:
    """Hold what waits for its next try; how many those were.

    One that is being sent right now keeps its worker, who holds it instead of trying again.
    """
    idle, busy = await lock_waiting(tx, account_id, action_id, State.PENDING)
    reason = {"why": Why.ACTION_OFF}
    await tx.execute(
        update(Delivery)
        .where(Delivery.id.in_(idle))
        .values(state=State.HELD, reason=reason, due_at=None, held_until=now + HOLD_LASTS)
    )
    await tx.execute(update(Delivery).where(Delivery.id.in_(busy)).values(reason=reason))
    await notify_pages(tx, account_id, "delivery")
    return len(idle)


async def hold_skipped(
    tx: Transaction, account_id: int, action_id: int, *, since: datetime, now: datetime
) -> int:
    """Hold what was skipped since the action went off; how many those were."""
    held = await tx.execute(
        update(Delivery)
        .where(
            Delivery.account_id == account_id,
            Delivery.action_id == action_id,
            Delivery.state == State.SKIPPED,
            Delivery.finished_at >= since,
            Delivery.reason["why"].as_string() == Why.ACTION_OFF,
            Delivery.request != {},
            ~Delivery.request.has_key("is_dropped"),
        )
        .values(state=State.HELD, finished_at=None, held_until=now + HOLD_LASTS)
        .returning(Delivery.id)
    )
    await notify_pages(tx, account_id, "delivery")
    return len(held.all())


async def release_held(tx: Transaction, account_id: int, action_id: int, *, now: datetime) -> int:
    """Make every held delivery of an action due, in the order in which they were made."""
    waiting = await lock_waiting(tx, account_id, action_id, State.PENDING, State.HELD)
    await tx.execute(  # those being sent need not be held any more
        update(Delivery)
        .where(
            Delivery.id.in_(waiting.busy),
            Delivery.reason["why"].as_string() == Why.ACTION_OFF,
        )
        .values(reason={})
    )
    released = await tx.execute(
        update(Delivery)
        .where(
            Delivery.id.in_(waiting.idle),
            Delivery.state == State.HELD,
        )
        .values(state=State.PENDING, reason={}, due_at=now, held_until=None)
        .returning(Delivery.id)
    )
    await notify(tx, DELIVERIES_CHANNEL)
    await notify_pages(tx, account_id, "delivery")
    return len(released.all())


async def close_for_conversation(
    tx: Transaction, account_id: int, conversation_id: int, *, now: datetime
) -> int:
    """End what waits and is only sent while its conversation is open; how many those were.

    `conversation_id` is the number people see. One that is being sent finds out when it is recorded.
    """
    waiting = (
        Delivery.account_id == account_id,
        Delivery.conversation_id == conversation_id,
        Delivery.state.in_([State.PENDING, State.HELD]),
        Delivery.policy["only_while_open"].as_boolean(),
    )
    rows = await tx.scalars(
        select(Delivery.id).where(*waiting).order_by(Delivery.id).with_for_update()
    )
    idle, busy = await waiting_among(tx, list(rows))
    reason = {"why": Why.CLOSED}
    await tx.execute(
        update(Delivery)
        .where(Delivery.id.in_(idle))
        .values(state=State.EXPIRED, reason=reason, due_at=None, finished_at=now)
    )
    await tx.execute(update(Delivery).where(Delivery.id.in_(busy)).values(reason=reason))
    return len(idle)
