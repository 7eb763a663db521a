"""What an outcome makes of a delivery: an end, or another try. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recado.deliveries.retrying import next_attempt_at, trouble_of
from recado.deliveries.states import State
from recado.lib.outcomes import Failure, Outcome, Trouble

MOST_INTERRUPTIONS = 3  # a delivery whose worker died so often may be what kills it


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery's next state; `due_at` only while it waits, `reason` as the row keeps it."""

    state: State
    reason: dict[str, Any]
    due_at: datetime | None = None


def settle(outcome: Outcome, *, tries: int, is_test: bool, now: datetime, dice: float) -> Settled:
    """Ended, or due again. `tries` counts this one; a test is never tried again."""
    trouble = trouble_of(outcome)
    reason = reason_of(outcome)
    if trouble is None:
        return Settled(State.DELIVERED, reason)
    due_at = None if is_test else next_attempt_at(outcome, tries=tries, now=now, dice=dice)
    if due_at is not None:
        return Settled(State.PENDING, reason, due_at)
    return Settled(State.FAILED, {**reason, "tries": tries})


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
