"""Sending again, and calling off what waits."""

from datetime import datetime

from sqlalchemy import select, update

from recado.db.database import Transaction
from recado.db.notifying import notify, notify_pages
from recado.deliveries.leasing import Waiting, waiting_among
from recado.deliveries.models import Delivery
from recado.deliveries.policies import policy_from
from recado.deliveries.queueing import DELIVERIES_CHANNEL
from recado.deliveries.requests import is_dropped, is_erased
from recado.deliveries.states import State, Why
from recado.lib.languages import Sentence, say


def resend_problem(delivery: Delivery) -> Sentence | None:
    """Why a delivery, its lease loaded, cannot be sent again."""
    if not delivery.request:
        return say("There is nothing to send: the request could not be made from its template.")
    if is_erased(delivery.request):
        return say("Whom it told of was erased: there is nothing left to send.")
    if is_dropped(delivery.request):
        return say(
            "Its body was not kept, as the custom action says, so it cannot be sent as it was."
        )
    if delivery.is_test:
        return say("This was a test: repeat it on the test page of the custom action.")
    if delivery.state == State.PENDING and delivery.lease is not None:
        return say("It is being sent right now.")
    return None


async def send_again(tx: Transaction, delivery: Delivery, who: str, *, now: datetime) -> None:
    """Make a delivery due now, with a fresh schedule and expiry and the same `webhook-id`.

    The request is the frozen one. Pressed twice, it is still due once.
    """
    lasts = policy_from(delivery.policy).lasts
    delivery.expires_at = now + lasts if lasts else None
    delivery.state = State.PENDING
    delivery.reason = {"why": Why.AGAIN, "who": who}
    delivery.due_at = now
    delivery.held_until = None
    delivery.tries_count = 0
    delivery.interruptions_count = 0
    delivery.finished_at = None
    delivery.awaits_answer = not delivery.is_test
    await tx.flush()
    await notify(tx, DELIVERIES_CHANNEL)
    await _tell(tx, delivery)


def cancel_problem(delivery: Delivery) -> Sentence | None:
    """Why a delivery cannot be cancelled: only what waits can."""
    if State(delivery.state).is_end:
        return say("It has ended already: there is nothing to cancel.")
    return None


async def cancel(tx: Transaction, delivery: Delivery, who: str, *, now: datetime) -> None:
    """Call a waiting delivery off, which is locked. One that is being sent right now is not tried again, unless that
    try succeeds: then it is delivered.
    """
    delivery.reason = {"why": Why.BY_PERSON, "who": who}
    if delivery.lease is None:
        delivery.state = State.CANCELLED
        delivery.due_at = None
        delivery.held_until = None
        delivery.finished_at = now
    await tx.flush()
    await _tell(tx, delivery)


async def _tell(tx: Transaction, delivery: Delivery) -> None:
    number = delivery.conversation_id
    conversations = [number] if number else []
    await notify_pages(tx, delivery.account_id, "delivery", conversations=conversations)


async def end_waiting(
    tx: Transaction, account_id: int, action_id: int, *, state: State, why: Why, now: datetime
) -> int:
    """End every delivery of an action that waits or is held; how many there were.

    One that is being sent right now keeps its worker, who finds the reason when it records and
    does not try again (`settling.called_off`).
    """
    idle, busy = await lock_waiting(tx, account_id, action_id, State.PENDING, State.HELD)
    reason = {"why": why}
    await tx.execute(
        update(Delivery)
        .where(Delivery.id.in_(idle))
        .values(state=state, reason=reason, due_at=None, held_until=None, finished_at=now)
    )
    await tx.execute(update(Delivery).where(Delivery.id.in_(busy)).values(reason=reason))
    await notify_pages(tx, account_id, "delivery")
    return len(idle)


async def lock_waiting(tx: Transaction, account_id: int, action_id: int, *states: State) -> Waiting:
    """An action's deliveries in these states, tests apart, locked in the order of recording."""
    rows = await tx.scalars(
        select(Delivery.id)
        .where(
            Delivery.account_id == account_id,
            Delivery.action_id == action_id,
            Delivery.state.in_(states),
            Delivery.is_test.is_(False),
        )
        .order_by(Delivery.id)
        .with_for_update()
    )
    return await waiting_among(tx, list(rows))


async def await_answers(
    tx: Transaction, account_id: int, action_id: int, *, is_wanted: bool
) -> None:
    """Let what waits be used when it ends, or no longer: the action's administrator changed that."""
    await tx.execute(
        update(Delivery)
        .where(
            Delivery.account_id == account_id,
            Delivery.action_id == action_id,
            Delivery.finished_at.is_(None),
            Delivery.is_test.is_(False),
            Delivery.awaits_answer.is_not(is_wanted),
        )
        .values(awaits_answer=is_wanted)
    )
