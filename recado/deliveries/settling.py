"""What an outcome makes of a delivery: an end, or another try. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from recado.deliveries.policies import DEFAULT_POLICY, Policy
from recado.deliveries.retrying import is_unsure, next_attempt_at, trouble_of
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Failure, Outcome, Trouble

MOST_INTERRUPTIONS: Final = 3  # a delivery whose worker died so often may be what kills it
HOLD_LASTS: Final = timedelta(days=7)  # what is older would surprise the receiver
CALLED_OFF: Final = {
    Why.ACTION_OFF: State.HELD,
    Why.ACTION_DELETED: State.CANCELLED,
    Why.BY_PERSON: State.CANCELLED,
    Why.CLOSED: State.EXPIRED,
    Why.GONE: State.SKIPPED,
    Why.REPLACED: State.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery's next state; `due_at` only while it waits, `reason` as the row keeps it."""

    state: State
    reason: dict[str, Any]
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed about a delivery. `tries` counts those made, this one included.

    `called_off` is why there shall be no more tries, decided while this one was under way; what it
    achieved still counts. A test is never tried again.
    """

    tries: int
    is_test: bool = False
    called_off: Why | None = None
    policy: Policy = DEFAULT_POLICY
    method: str = "POST"
    expires_at: datetime | None = None


def settle(outcome: Outcome, terms: Terms, *, now: datetime, dice: float) -> Settled:
    """Ended, or due again; `dice` in [0, 1) spreads the waits."""
    reason = reason_of(outcome, terms.policy)
    if reason["trouble"] is None:
        return Settled(State.DELIVERED, reason)
    ended = {**reason, "tries": terms.tries}
    waits = () if terms.is_test else terms.policy.waits
    again = terms.policy.again_statuses
    due_at = next_attempt_at(
        outcome, tries=terms.tries, now=now, dice=dice, waits=waits, again=again
    )
    if is_unsure(outcome) and not terms.is_test and not terms.policy.may_repeat(terms.method):
        return Settled(State.UNKNOWN, ended)
    if due_at is None:
        return Settled(State.FAILED, ended)
    if terms.called_off in CALLED_OFF:
        return settle_called_off(terms.called_off)
    if terms.expires_at is not None and due_at >= terms.expires_at:
        return Settled(State.EXPIRED, ended)
    return Settled(State.PENDING, reason, due_at)


def settle_called_off(why: Why) -> Settled:
    """The end of a delivery that is not to be tried any more, or not for the time being."""
    return Settled(CALLED_OFF[why], {"why": why})


def called_off(reason_why: str | None) -> Why | None:
    """The decision against more tries, if that is what stands in a waiting delivery's reason."""
    return Why(reason_why) if reason_why in CALLED_OFF else None


def settle_interrupted(
    *, interruptions: int, is_test: bool, may_repeat: bool = True
) -> Settled | None:
    """An end for a delivery whose worker died while sending; None when it is simply sent again."""
    reason = {"trouble": Trouble.INTERRUPTED, "interruptions": interruptions}
    if is_test or interruptions >= MOST_INTERRUPTIONS:
        return Settled(State.FAILED, reason)
    return None if may_repeat else Settled(State.UNKNOWN, reason)


def settle_expired() -> Settled:
    """The end of a delivery whose time is over before its next try."""
    return Settled(State.EXPIRED, {"why": Why.EXPIRED})


def reason_of(outcome: Outcome, policy: Policy = DEFAULT_POLICY) -> dict[str, Any]:
    """What a delivery remembers of its last attempt; `explaining.py` puts it into words."""
    trouble = trouble_of(outcome, policy.success_statuses)
    if isinstance(outcome, Failure):
        return {"trouble": trouble, "detail": outcome.detail}
    return {"trouble": trouble, "status": outcome.status}
