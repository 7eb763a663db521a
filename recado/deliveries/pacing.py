"""How fast a destination is sent to: its own concurrency and its own circuit breaker. Pure.

Concurrency grows by one a round of successes and halves on time-outs and 429 (additive increase,
multiplicative decrease, as TCP does). The breaker opens when half of at least ten calls in five
minutes failed: nothing is claimed for the destination, which costs no attempt, until one probe
has succeeded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from recado.lib.outcomes import Failure, Outcome, Response, Trouble

FIRST_CONCURRENCY: Final = 10.0
WINDOW: Final = timedelta(minutes=5)
FEWEST_CALLS: Final = 10  # fewer say nothing about a destination
FAILING_SHARE: Final = 0.5
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=10)
_NOT_ITS_FAULT: Final = frozenset(
    {Trouble.SECRET, Trouble.TEMPLATE, Trouble.TOKEN, Trouble.TOKEN_REFUSED, Trouble.BUG}
)


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a destination. `open_until` is set while its breaker is open or probing."""

    concurrency: float = FIRST_CONCURRENCY
    window_started_at: datetime | None = None
    calls: int = 0  # in the window
    failures: int = 0
    openings: int = 0  # in a row, without a success between
    open_until: datetime | None = None
    is_probing: bool = False  # the pause is over and one call is out to see

    @property
    def is_open(self) -> bool:
        """Whether the next call is a probe, or none at all."""
        return self.open_until is not None


def paced(pace: Pace, outcomes: Sequence[Outcome], *, most: int, now: datetime) -> Pace:
    """The pace after these calls; `most` is the operator's limit of calls at once."""
    for outcome in outcomes:
        if isinstance(outcome, Failure) and outcome.trouble in _NOT_ITS_FAULT:
            continue
        pace = _after(_in_window(pace, now), outcome, most=most, now=now)
    return pace


def is_failing(outcome: Outcome) -> bool:
    """Whether the destination itself is in trouble; a 404 or 422 is an answer like any other."""
    if isinstance(outcome, Failure):
        return True
    return outcome.status >= 500 or outcome.status == 429


def _in_window(pace: Pace, now: datetime) -> Pace:
    if pace.window_started_at is not None and now - pace.window_started_at < WINDOW:
        return pace
    return replace(pace, window_started_at=now, calls=0, failures=0)


def _after(pace: Pace, outcome: Outcome, *, most: int, now: datetime) -> Pace:
    if pace.is_open and not pace.is_probing:
        return pace  # it was under way when the breaker opened
    if not is_failing(outcome):
        return _after_success(pace, most=most)
    failed = replace(
        pace,
        calls=pace.calls + 1,
        failures=pace.failures + 1,
        concurrency=_halved(pace.concurrency) if _is_overload(outcome) else pace.concurrency,
    )
    return _opened(failed, now) if _should_open(failed) else failed


def _after_success(pace: Pace, *, most: int) -> Pace:
    grown = min(float(most), pace.concurrency + 1 / pace.concurrency)
    if pace.is_open:  # the probe got through: what failed before is past
        return Pace(concurrency=1.0, window_started_at=pace.window_started_at, calls=1)
    return replace(pace, concurrency=grown, calls=pace.calls + 1)


def _should_open(pace: Pace) -> bool:
    if pace.is_open:  # the probe failed
        return True
    return pace.calls >= FEWEST_CALLS and pace.failures >= FAILING_SHARE * pace.calls


def _opened(pace: Pace, now: datetime) -> Pace:
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(pace.openings, 10))
    return replace(
        pace,
        open_until=now + pause,
        is_probing=False,
        openings=pace.openings + 1,
        calls=0,
        failures=0,
    )


def _halved(concurrency: float) -> float:
    return max(1.0, concurrency / 2)


def _is_overload(outcome: Outcome) -> bool:
    match outcome:
        case Failure(trouble=Trouble.TIMEOUT):
            return True
        case Response(status=429):
            return True
        case _:
            return False
