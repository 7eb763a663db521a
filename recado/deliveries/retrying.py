"""Whether and when to try again. Pure: the worker asks, and obeys."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from recado.deliveries.statuses import USUAL_SUCCESS, USUALLY_AGAIN, holds
from recado.lib.outcomes import Failure, Outcome, Response, Trouble

JITTER: Final = 0.2  # of the wait, either way, so that a recovered host is not hit by all at once
LONGEST_RETRY_AFTER: Final = timedelta(hours=24)
_DIGITS: Final = re.compile(r"[0-9]+")
_NO_ANSWER: Final = frozenset({Trouble.TIMEOUT, Trouble.RESET, Trouble.NOT_HTTP})
_FINAL_TROUBLES: Final = frozenset(
    {
        Trouble.ADDRESS_REFUSED,
        Trouble.TOO_LARGE,
        Trouble.TEMPLATE,
        Trouble.TOKEN_REFUSED,
        Trouble.SECRET,
        Trouble.STOPPED,
        Trouble.BUG,
    }
)


def trouble_of(outcome: Outcome, success: Sequence[str] = ()) -> Trouble | None:
    """Why this is no success; None for a 2xx, or for the statuses that count as success instead."""
    match outcome:
        case Failure():
            return outcome.trouble
        case Response(status=status) if holds(success or USUAL_SUCCESS, status):
            return None
        case Response(status=status) if 300 <= status < 400:
            return Trouble.REDIRECT
        case Response():
            return Trouble.HTTP_STATUS


def is_unsure(outcome: Outcome) -> bool:
    """Whether the request may have been acted on though no answer came."""
    return isinstance(outcome, Failure) and outcome.was_sent and outcome.trouble in _NO_ANSWER


def may_help(outcome: Outcome, again: Sequence[str] = ()) -> bool:
    """Whether trying again could end otherwise; `again` are the statuses for which it could."""
    match outcome:
        case Failure():
            return outcome.trouble not in _FINAL_TROUBLES
        case Response():
            return holds(again or USUALLY_AGAIN, outcome.status)


def next_attempt_at(
    outcome: Outcome,
    *,
    tries: int,
    now: datetime,
    dice: float,
    waits: Sequence[timedelta],
    again: Sequence[str] = (),
) -> datetime | None:
    """When to try again; None when it cannot help or the tries are used up.

    `tries` counts those made, this one included; `waits` lie between them; `dice` in [0, 1) moves the wait by up to 20 %
    either way. Retry-After may lengthen the wait, up to a day, never shorten it (RFC 9110, 10.2.3).
    """
    if not may_help(outcome, again) or tries > len(waits):
        return None
    wait = waits[tries - 1] * (1 + JITTER * (2 * dice - 1))
    if isinstance(outcome, Response):
        wait = max(wait, retry_after(outcome, now=now))
    return now + wait


def retry_after(response: Response, *, now: datetime) -> timedelta:
    """What the receiver asked for, in seconds or as a date; nothing when it makes no sense."""
    given = next((value for name, value in response.headers if name.lower() == "retry-after"), "")
    wait = _seconds(given.strip()) if _DIGITS.fullmatch(given.strip()) else _until(given, now)
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


def _seconds(digits: str) -> timedelta:
    if len(digits.lstrip("0")) > 5:
        return LONGEST_RETRY_AFTER
    return timedelta(seconds=int(digits.lstrip("0") or "0"))


def _until(text: str, now: datetime) -> timedelta:
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser raises all of them
        return timedelta()
    return (when if when.tzinfo else when.replace(tzinfo=UTC)) - now
