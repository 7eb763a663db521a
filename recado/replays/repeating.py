"""One delivery sent again, as it was or made anew."""

from dataclasses import dataclass
from datetime import datetime

from recado.actions.models import CustomAction
from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.policies import policy_from
from recado.deliveries.queueing import Origin, queue_delivery
from recado.deliveries.requests import is_dropped
from recado.deliveries.resending import cancel, cancel_problem, resend_problem, send_again
from recado.deliveries.states import State
from recado.lib.languages import Sentence, say
from recado.replays.models import Mode
from recado.replays.remaking import remade, version_made_with


@dataclass(frozen=True, slots=True)
class How:
    """What somebody chose for sending again, and who it was."""

    mode: Mode
    includes_delivered: bool
    who: str


async def repeat(
    tx: Transaction, delivery: Delivery, action: CustomAction | None, how: How, *, now: datetime
) -> Sentence | None:
    """Send a locked delivery again, or call it off; why it was left out, or None when it goes.

    As it was, it is the same delivery with the same `webhook-id`. Made anew it is another one,
    which says what it repeats.
    """
    if how.mode == Mode.CANCEL:
        return await _called_off(tx, delivery, how, now=now)
    if problem := repeat_problem(delivery, action, how):
        return problem
    if how.mode == Mode.AS_IT_WAS or action is None:
        await send_again(tx, delivery, how.who, now=now)
        return None
    request = await remade(tx, action, delivery, how.mode, now=now)
    if isinstance(request, Sentence):
        return request
    origin = _origin(delivery, action, version_made_with(action, delivery, how.mode))
    made = await queue_delivery(tx, origin, request, now=now)
    made.repeats_id = delivery.id
    await tx.flush()
    return None


async def _called_off(
    tx: Transaction, delivery: Delivery, how: How, *, now: datetime
) -> Sentence | None:
    if problem := cancel_problem(delivery):
        return problem
    await cancel(tx, delivery, how.who, now=now)
    return None


def repeat_problem(delivery: Delivery, action: CustomAction | None, how: How) -> Sentence | None:
    """Why a delivery is left out, as far as that can be said without making its request."""
    if delivery.state == State.DELIVERED and not how.includes_delivered:
        return say("Delivered already.")
    if action is None and how.mode != Mode.AS_IT_WAS:
        return say("The custom action was deleted.")
    if action is not None and not action.is_active:
        return say("The custom action is not active.")
    problem = resend_problem(delivery)
    is_lost = not delivery.request or is_dropped(delivery.request)
    if problem is not None and how.mode != Mode.AS_IT_WAS and is_lost and not delivery.is_test:
        return None  # what could not be made then, or was not kept, may be made now
    return problem


def _origin(delivery: Delivery, action: CustomAction, version: int | None) -> Origin:
    return Origin(
        account_id=action.account_id,
        action_id=action.id,
        action_name=action.name,
        event=delivery.event,
        event_id=delivery.event_id,
        rule_id=delivery.rule_id,
        rule_name=delivery.rule_name,
        rule_version=delivery.rule_version,
        action_version=version,
        conversation_id=delivery.conversation_id,
        policy=policy_from(action.policy),
        awaits_answer=bool(action.answers),
    )
