"""Sending again, and calling off what waits."""

from datetime import datetime

from sqlalchemy import select, update

from recado.db.database import Transaction
from recado.db.notifying import notify, notify_pages
from recado.deliveries.models import Delivery
from recado.deliveries.queueing import DELIVERIES_CHANNEL
from recado.deliveries.states import State, Why
from recado.lib.languages import Sentence, say


def resend_problem(delivery: Delivery) -> Sentence | None:
    """Why a delivery cannot be sent again."""
    if not delivery.request:
        return say("There is nothing to send: the request could not be made from its template.")
    if delivery.is_test:
        return say("This was a test: repeat it on the test page of the custom action.")
    if delivery.state == State.PENDING and delivery.claim is not None:
        return say("It is being sent right now.")
    return None


async def send_again(tx: Transaction, delivery: Delivery, who: str, *, now: datetime) -> None:
    """Make a delivery due now, with a fresh schedule and the same `webhook-id`.

    The request is the frozen one. Pressed twice, it is still due once.
    """
    delivery.state = State.PENDING
    delivery.reason = {"why": Why.AGAIN, "who": who}
    delivery.due_at = now
    delivery.claim = None
    delivery.tries_count = 0
    delivery.interruptions_count = 0
    delivery.finished_at = None
    await tx.flush()
    await notify(tx, DELIVERIES_CHANNEL)
    await notify_pages(tx, delivery.account_id, "delivery")


async def end_waiting(
    tx: Transaction, account_id: int, action_id: int, *, state: State, why: Why, now: datetime
) -> int:
    """End every delivery of an action that waits for its next try; how many there were.

    One that is being sent right now keeps its worker, who finds the reason when it records and
    does not try again (`settling.called_off`).
    """
    waiting = await tx.execute(
        select(Delivery.id, Delivery.claim.is_(None))
        .where(
            Delivery.account_id == account_id,
            Delivery.action_id == action_id,
            Delivery.state == State.PENDING,
            Delivery.is_test.is_(False),
        )
        .order_by(Delivery.id)  # as recording does: no deadlocks
        .with_for_update()
    )
    idle: list[int] = []
    busy: list[int] = []
    for delivery_id, is_idle in waiting:
        (idle if is_idle else busy).append(delivery_id)
    ended = update(Delivery).where(Delivery.id.in_(idle))
    await tx.execute(ended.values(state=state, reason={"why": why}, due_at=None, finished_at=now))
    await tx.execute(update(Delivery).where(Delivery.id.in_(busy)).values(reason={"why": why}))
    await notify_pages(tx, account_id, "delivery")
    return len(idle)
