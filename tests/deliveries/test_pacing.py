"""How fast a destination is sent to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recado.deliveries.pacing import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    WINDOW,
    Pace,
    is_failing,
    paced,
)
from recado.lib.outcomes import Failure, Outcome, Response, Timing, Trouble
from tests.people import NOW

TIMING = Timing(total=1.0)
TIMEOUT = Failure(Trouble.TIMEOUT, TIMING, was_sent=True)
REFUSED = Failure(Trouble.CONNECT, TIMING)


def answered(status: int) -> Response:
    return Response(status, (), b"", 0, False, TIMING)


def after(pace: Pace, *outcomes: Outcome, most: int = 100) -> Pace:
    return paced(pace, outcomes, most=most, now=NOW)


def test_concurrency_grows_by_one_a_round_of_successes() -> None:
    assert after(Pace(concurrency=4), *[answered(200)] * 4).concurrency == pytest.approx(5, abs=0.2)


def test_concurrency_never_passes_the_operators_limit() -> None:
    assert after(Pace(concurrency=20), *[answered(200)] * 50, most=20).concurrency == 20


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (TIMEOUT, 4.0),  # it cannot keep up
        (answered(429), 4.0),  # it says so
        (answered(500), 8.0),  # a mistake of its own, not too much at once
        (answered(404), 8.125),  # an answer like any other
    ],
)
def test_what_halves_concurrency(outcome: Outcome, expected: float) -> None:
    assert after(Pace(concurrency=8), outcome).concurrency == expected


def test_concurrency_never_falls_below_one() -> None:
    assert after(Pace(concurrency=1), TIMEOUT).concurrency == 1


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (answered(200), False),
        (answered(404), False),
        (answered(302), False),
        (answered(429), True),
        (answered(503), True),
        (TIMEOUT, True),
        (REFUSED, True),
    ],
)
def test_what_counts_against_a_destination(outcome: Outcome, expected: bool) -> None:
    assert is_failing(outcome) is expected


def test_nine_failures_do_not_open_the_breaker_and_ten_do() -> None:
    nine = after(Pace(), *[REFUSED] * 9)
    assert not nine.is_open
    assert after(nine, REFUSED).open_until == NOW + FIRST_PAUSE


def test_under_half_of_failures_keep_the_breaker_closed() -> None:
    mixed = [answered(200), answered(200), REFUSED] * 6
    assert not after(Pace(), *mixed).is_open


def test_failures_of_long_ago_do_not_count() -> None:
    old = after(Pace(), *[REFUSED] * 9)
    later = paced(old, [REFUSED], most=100, now=NOW + WINDOW)
    assert not later.is_open
    assert later.failures == 1


def test_a_probe_that_fails_doubles_the_pause_up_to_ten_minutes() -> None:
    pace = after(Pace(), *[REFUSED] * 10)
    pauses = []
    for _ in range(7):
        pace = after(replace(pace, is_probing=True), REFUSED)
        assert pace.open_until is not None
        pauses.append(pace.open_until - NOW)
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses[-1] == LONGEST_PAUSE


def test_a_probe_that_succeeds_closes_the_breaker_and_starts_slowly() -> None:
    pace = after(Pace(concurrency=50), *[REFUSED] * 10)
    pace = after(replace(pace, is_probing=True), answered(200))
    assert not pace.is_open
    assert (pace.concurrency, pace.openings) == (1.0, 0)


def test_calls_under_way_when_the_breaker_opened_change_nothing() -> None:
    opened = after(Pace(), *[REFUSED] * 10)
    assert after(opened, REFUSED, TIMEOUT, answered(200)) == opened


def test_our_own_mistakes_say_nothing_about_a_destination() -> None:
    mistakes = [Failure(one, TIMING) for one in (Trouble.SECRET, Trouble.BUG, Trouble.TEMPLATE)]
    assert after(Pace(), *mistakes * 10) == Pace()
