"""What an outcome makes of a delivery: an end, or another try. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recado.deliveries.retrying import next_attempt_at, trouble_of
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Failure, Outcome, Trouble

MOST_INTERRUPTIONS: Final = 3  # a delivery whose worker died so often may be what kills it
CALLED_OFF: Final = {
    Why.ACTION_OFF: State.SKIPPED,
    Why.ACTION_DELETED: State.CANCELLED,
    Why.BY_PERSON: State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery's next state; `due_at` only while it waits, `reason` as the row keeps it."""

    state: State
    reason: dict[str, Any]
    due_at: datetime | None = None


def settle(
    outcome: Outcome,
    *,
    tries: int,
    now: datetime,
    dice: float,
    is_test: bool = False,
    called_off: Why | None = None,
) -> Settled:
    """Ended, or due again. `tries` counts this one; a test is never tried again.

    `called_off` is why there shall be no more tries, decided while this one was under way; what
    it achieved still counts.
    """
    trouble = trouble_of(outcome)
    reason = reason_of(outcome)
    if trouble is None:
        return Settled(State.DELIVERED, reason)
    due_at = None if is_test else next_attempt_at(outcome, tries=tries, now=now, dice=dice)
    if due_at is not None and called_off in CALLED_OFF:
        return settle_called_off(called_off)
    if due_at is not None:
        return Settled(State.PENDING, reason, due_at)
    return Settled(State.FAILED, {**reason, "tries": tries})


def settle_called_off(why: Why) -> Settled:
    """The end of a delivery that is not to be tried any more."""
    return Settled(CALLED_OFF[why], {"why": why})


def called_off(reason_why: str | None) -> Why | None:
    """The decision against more tries, if that is what stands in a waiting delivery's reason."""
    return Why(reason_why) if reason_why in CALLED_OFF else None


def settle_interrupted(*, interruptions: int, is_test: bool) -> Settled | None:
    """An end for a delivery whose worker died while sending; None when it is simply sent again."""
    reason = {"trouble": Trouble.INTERRUPTED, "interruptions": interruptions}
    if is_test or interruptions >= MOST_INTERRUPTIONS:
        return Settled(State.FAILED, reason)
    return None


def reason_of(outcome: Outcome) -> dict[str, Any]:
    """What a delivery remembers of its last attempt; `explaining.py` puts it into words."""
    trouble = trouble_of(outcome)
    if isinstance(outcome, Failure):
        return {"trouble": trouble, "detail": outcome.detail}
    return {"trouble": trouble, "status": outcome.status}
