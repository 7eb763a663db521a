"""Firing: an action and the facts become a delivery whose request is rendered once, now, and frozen."""

from dataclasses import dataclass
from datetime import datetime

from recado.actions.guarding import note_fired
from recado.actions.models import ActionState, CustomAction
from recado.actions.request import RequestTemplate, render
from recado.db.database import Transaction
from recado.deliveries.coalescing import fingerprint_of, same_before, take_the_place
from recado.deliveries.models import Delivery
from recado.deliveries.policies import Policy, policy_from
from recado.deliveries.queueing import NotSent, Origin, add_delivery
from recado.deliveries.states import State, Why
from recado.lib.facts import Facts
from recado.lib.outcomes import Request, Trouble
from recado.lib.templating import TemplateError


@dataclass(frozen=True, slots=True)
class FiredBy:
    """The rule that fires, and the event it answers; nothing of it where a person does it by hand."""

    rule_id: int | None = None
    rule_name: str | None = None
    event_id: int | None = None
    rule_version: int | None = None


async def fire(
    tx: Transaction, action: CustomAction, facts: Facts, by: FiredBy, *, now: datetime
) -> Delivery:
    """Add the delivery; it has its id once `tx` has flushed. Always one row: also an action that
    is off, or whose template fails, leaves a delivery that says so.
    """
    request = rendered(action.template, facts)
    not_sent = _why_not_sent(action, request)
    policy = policy_from(action.policy)
    conversation_id = (facts.get("conversation") or {}).get("id")
    fingerprint = None
    if policy.skip_same is not None and isinstance(request, Request):
        fingerprint = fingerprint_of(request, conversation_id)
        not_sent = not_sent or await _same(tx, action.id, fingerprint, policy, now=now)
    origin = Origin(
        account_id=action.account_id,
        action_id=action.id,
        action_name=action.name,
        event=facts["event"]["name"],
        event_id=by.event_id,
        rule_id=by.rule_id,
        rule_name=by.rule_name,
        rule_version=by.rule_version,
        action_version=action.version,
        conversation_id=conversation_id,
        policy=policy,
        awaits_answer=bool(action.answers),
        fingerprint=fingerprint,
    )
    kept = None if isinstance(request, TemplateError) else request
    if action.is_active:
        note_fired(tx, action, policy)
    delivery = await add_delivery(tx, origin, kept, now=now, not_sent=not_sent)
    if policy.replaces and conversation_id is not None and delivery.finished_at is None:
        await take_the_place(tx, delivery, policy, now=now)
    return delivery


async def _same(
    tx: Transaction, action_id: int, fingerprint: str, policy: Policy, *, now: datetime
) -> NotSent | None:
    before = await same_before(tx, action_id, fingerprint, policy, now=now)
    return NotSent(State.SKIPPED, {"why": Why.SAME, "by": before}) if before else None


def rendered(template: RequestTemplate, facts: Facts) -> Request | TemplateError:
    """The request that an action's template makes of these facts, or why it makes none."""
    try:
        return render(template, facts)
    except TemplateError as error:
        return error


def failed_template(error: TemplateError) -> NotSent:
    """How a delivery ends whose request could not be made."""
    reason = {"trouble": Trouble.TEMPLATE, "sentence": error.sentence.as_json()}
    return NotSent(State.FAILED, reason)


def _why_not_sent(action: CustomAction, request: Request | TemplateError) -> NotSent | None:
    match ActionState(action.state):
        case ActionState.OFF if action.holds_calls and isinstance(request, Request):
            return NotSent(State.HELD, {"why": Why.ACTION_OFF})
        case ActionState.OFF:
            return NotSent(State.SKIPPED, {"why": Why.ACTION_OFF})
        case ActionState.DRAFT:
            return NotSent(State.SKIPPED, {"why": Why.ACTION_DRAFT})
        case ActionState.ACTIVE:
            return failed_template(request) if isinstance(request, TemplateError) else None
