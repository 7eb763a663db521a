"""Why a delivery that is due is not sent yet: it keeps its place, or enough was sent for now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from recado.db.database import Transaction
from recado.deliveries.filtering import host_of
from recado.deliveries.limiting import limited_until
from recado.deliveries.models import Allowance, Delivery
from recado.deliveries.policies import COLLECT, Order
from recado.deliveries.resting import resting_lane, said_of_rest
from recado.deliveries.states import State
from recado.lib.languages import Sentence, say


@dataclass(frozen=True, slots=True)
class Wait:
    """What a delivery waits for: another one, or until a moment."""

    sentence: Sentence
    delivery_id: int | None = None
    until: datetime | None = None


async def wait_of(tx: Transaction, delivery: Delivery, *, now: datetime) -> Wait | None:
    """None where a delivery, its lease loaded, goes when it is due."""
    if delivery.state != State.PENDING or delivery.lease is not None:
        return None
    if before := await _before(tx, delivery):
        told = say("It keeps its place in the conversation: first the call before it must end.")
        return Wait(told, delivery_id=before)
    if delivery.ordering and not delivery.tries_count and delivery.due_at and delivery.due_at > now:
        return Wait(
            say("It waits for newer calls of the conversation, to make one of them."),
            until=delivery.due_at,
        )
    if rest := await resting_lane(tx, delivery.account_id, delivery.lane, now=now):
        told = said_of_rest(host_of(delivery.lane), rest.rests_by or "Recado")
        return Wait(told, until=rest.rests_until)
    return await _allowance(tx, delivery, now=now) or await _lane_limit(tx, delivery, now=now)


async def _before(tx: Transaction, delivery: Delivery) -> int | None:
    if delivery.ordering in {None, COLLECT}:
        return None
    query = select(Delivery.id).where(
        Delivery.action_id == delivery.action_id,
        Delivery.conversation_id == delivery.conversation_id,
        Delivery.state == State.PENDING,
        Delivery.ordering.is_not(None),
        Delivery.id < delivery.id,
    )
    if delivery.ordering == Order.SKIP:
        query = query.where(Delivery.lease.has() | (Delivery.tries_count == 0))
    return await tx.scalar(query.order_by(Delivery.id).limit(1))


async def _allowance(tx: Transaction, delivery: Delivery, *, now: datetime) -> Wait | None:
    query = select(Allowance).where(
        Allowance.action_id == delivery.action_id,
        Allowance.used >= Allowance.calls,
        Allowance.window_ends_at > now,
    )
    full = await tx.scalar(query)
    if full is None:
        return None
    told = say("The custom action has sent as many calls as it may for now.")
    return Wait(told, until=full.window_ends_at)


async def _lane_limit(tx: Transaction, delivery: Delivery, *, now: datetime) -> Wait | None:
    until = await limited_until(tx, delivery.account_id, delivery.lane, now=now)
    if until is None:
        return None
    host = host_of(delivery.lane)
    told = say("%(host)s has had as many calls as its rate limit allows for now.", host=host)
    return Wait(told, until=until)
