"""Fewer calls: what waits is replaced by what is newer, and the same is not told twice.

Nothing vanishes: what is not sent is skipped, and its reason names the delivery that is sent instead.
"""

import hashlib
from datetime import datetime

import orjson
from sqlalchemy import select, update

from recado.db.database import Transaction
from recado.deliveries.leasing import waiting_among
from recado.deliveries.models import Delivery
from recado.deliveries.policies import Order, Policy
from recado.deliveries.queueing import store_deliveries
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Request

_TOLD = (State.PENDING, State.HELD, State.DELIVERED)


def fingerprint_of(request: Request, conversation_id: int | None) -> str:
    """The same for the same call about the same conversation."""
    told = [conversation_id, request.method, request.url, request.body]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()


async def same_before(
    tx: Transaction, action_id: int, fingerprint: str, policy: Policy, *, now: datetime
) -> int | None:
    """The delivery that makes this call unneeded: the same, not long ago, sent or still to be."""
    if policy.skip_same is None:
        return None
    query = select(Delivery.id).where(
        Delivery.action_id == action_id,
        Delivery.fingerprint == fingerprint,
        Delivery.created_at > now - policy.skip_same,
        Delivery.state.in_(_TOLD),
        Delivery.is_test.is_(False),
    )
    return await tx.scalar(query.order_by(Delivery.id.desc()).limit(1))


async def take_the_place(
    tx: Transaction, delivery: Delivery, policy: Policy, *, now: datetime
) -> None:
    """Let a new delivery replace what its conversation has waiting for the same action.

    Calls that are collected are due when the first of them was: a conversation that never rests
    does not put them off for ever. What is being sent right now ends as it ends; with "only the
    newest" it is not tried again.
    """
    await store_deliveries(tx)  # its id is what the others name
    reason = {"why": Why.REPLACED, "by": delivery.id}
    waiting = (
        Delivery.account_id == delivery.account_id,
        Delivery.action_id == delivery.action_id,
        Delivery.conversation_id == delivery.conversation_id,
        Delivery.state.in_([State.PENDING, State.HELD]),
        Delivery.ordering.is_not(None),
        Delivery.id < delivery.id,
    )
    before = select(Delivery.id, Delivery.due_at, Delivery.tries_count)
    rows = await tx.execute(before.where(*waiting).order_by(Delivery.id).with_for_update())
    locked = {row.id: row for row in rows}
    idle, busy = await waiting_among(tx, list(locked))
    await tx.execute(
        update(Delivery)
        .where(Delivery.id.in_(idle))
        .values(state=State.SKIPPED, reason=reason, due_at=None, held_until=None, finished_at=now)
    )
    if policy.order == Order.NEWEST:
        await tx.execute(update(Delivery).where(Delivery.id.in_(busy)).values(reason=reason))
    if policy.collect is not None and delivery.due_at is not None:
        replaced = [locked[one] for one in idle]
        due = [one.due_at for one in replaced if one.due_at and not one.tries_count]
        delivery.due_at = min(due, default=now + policy.collect)
