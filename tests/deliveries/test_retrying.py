"""Whether and when to try again: tables without a clock or a wait."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.deliveries.policies import Policy
from recado.deliveries.retrying import (
    JITTER,
    LONGEST_RETRY_AFTER,
    may_help,
    next_attempt_at,
    retry_after,
    trouble_of,
)
from recado.lib.outcomes import Outcome, Trouble
from tests.deliveries.rows import answered, failed
from tests.people import NOW

HOUR = timedelta(hours=1)
WAITS = Policy().waits


@pytest.mark.parametrize(
    ("tries", "wait"),
    [
        (1, timedelta(seconds=5)),
        (2, timedelta(seconds=30)),
        (3, timedelta(minutes=5)),
        (4, timedelta(minutes=30)),
        (5, timedelta(hours=2)),
        (6, timedelta(hours=5)),
        (7, timedelta(hours=10)),
        (8, timedelta(hours=10)),
    ],
)
def test_the_waits_are_those_promised(tries: int, wait: timedelta) -> None:
    assert next_attempt_at(answered(503), tries=tries, now=NOW, dice=0.5, waits=WAITS) == NOW + wait


def test_after_nine_tries_it_is_given_up() -> None:
    assert next_attempt_at(answered(503), tries=9, now=NOW, dice=0.5, waits=WAITS) is None
    assert sum(WAITS, timedelta()) == timedelta(hours=27, minutes=35, seconds=35)


@given(tries=st.integers(1, 8), dice=st.floats(0, 1, exclude_max=True))
def test_the_dice_move_a_wait_by_a_fifth_at_most(tries: int, dice: float) -> None:
    at = next_attempt_at(failed(Trouble.TIMEOUT), tries=tries, now=NOW, dice=dice, waits=WAITS)
    assert at is not None
    wait = WAITS[tries - 1]
    assert wait * (1 - JITTER) <= at - NOW <= wait * (1 + JITTER)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 507, 599])
def test_these_statuses_are_tried_again(status: int) -> None:
    assert may_help(answered(status))


@pytest.mark.parametrize(
    "status",
    [
        *(200, 201, 204, 299),  # arrived
        *(300, 301, 302, 303, 304, 307, 308),  # redirects are not followed
        *(400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 413, 415, 418, 422, 451),
    ],
)
def test_these_statuses_are_not(status: int) -> None:
    assert not may_help(answered(status))
    assert next_attempt_at(answered(status), tries=1, now=NOW, dice=0.5, waits=WAITS) is None


@pytest.mark.parametrize(
    ("trouble", "is_tried_again"),
    [
        (Trouble.TIMEOUT, True),
        (Trouble.DNS, True),
        (Trouble.CONNECT, True),
        (Trouble.TLS, True),  # certificates are renewed
        (Trouble.RESET, True),
        (Trouble.NOT_HTTP, True),  # a proxy that starts may say anything
        (Trouble.INTERRUPTED, True),
        (Trouble.ADDRESS_REFUSED, False),
        (Trouble.TOO_LARGE, False),
        (Trouble.TEMPLATE, False),
        (Trouble.SECRET, False),
        (Trouble.STOPPED, False),
        (Trouble.BUG, False),
    ],
)
def test_troubles_that_may_pass_are_tried_again(trouble: Trouble, is_tried_again: bool) -> None:
    assert may_help(failed(trouble)) is is_tried_again


@pytest.mark.parametrize(
    ("outcome", "trouble"),
    [
        (answered(204), None),
        (answered(302), Trouble.REDIRECT),
        (answered(404), Trouble.HTTP_STATUS),
        (answered(500), Trouble.HTTP_STATUS),
        (answered(999), Trouble.HTTP_STATUS),
        (answered(101), Trouble.HTTP_STATUS),
        (failed(Trouble.DNS), Trouble.DNS),
    ],
)
def test_every_outcome_but_a_2xx_is_a_trouble(outcome: Outcome, trouble: Trouble | None) -> None:
    assert trouble_of(outcome) == trouble


@pytest.mark.parametrize(
    ("given_value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 7 ", timedelta(seconds=7)),
        ("0000000000090", timedelta(seconds=90)),
        ("0", timedelta()),
        ("86400", LONGEST_RETRY_AFTER),
        ("86401", LONGEST_RETRY_AFTER),
        ("9" * 5000, LONGEST_RETRY_AFTER),  # int() refuses more than 4,300 digits
        (format_datetime(NOW + HOUR, usegmt=True), HOUR),
        (format_datetime(NOW - HOUR, usegmt=True), timedelta()),
        (format_datetime(NOW + 1000 * HOUR, usegmt=True), LONGEST_RETRY_AFTER),
        ("Mon, 23 Nov 2026 13:00:00", HOUR),  # without a zone it means UTC
        ("Mon, 23 Nov 2026 10:00:00 -0300", HOUR),
        ("Mon, 23 Nov 99999999999999999999 10:00:00 GMT", timedelta()),
        ("-5", timedelta()),
        ("1.5", timedelta()),
        ("²", timedelta()),  # a digit to Python, not to int()
        ("१२", timedelta()),
        ("soon", timedelta()),
        ("", timedelta()),
    ],
)
def test_retry_after_is_understood(given_value: str, wait: timedelta) -> None:
    assert retry_after(answered(429, [("rEtRy-AfTeR", given_value)]), now=NOW) == wait


def test_retry_after_lengthens_a_wait_and_never_shortens_it() -> None:
    patient = answered(429, [("Retry-After", "600")])
    eager = answered(429, [("Retry-After", "1")])
    assert next_attempt_at(patient, tries=1, now=NOW, dice=0.5, waits=WAITS) == NOW + timedelta(
        minutes=10
    )
    assert next_attempt_at(eager, tries=3, now=NOW, dice=0.5, waits=WAITS) == NOW + timedelta(
        minutes=5
    )


def test_retry_after_gives_no_further_try() -> None:
    assert (
        next_attempt_at(
            answered(503, [("Retry-After", "1")]), tries=9, now=NOW, dice=0.5, waits=WAITS
        )
        is None
    )
    assert (
        next_attempt_at(
            answered(404, [("Retry-After", "1")]), tries=1, now=NOW, dice=0.5, waits=WAITS
        )
        is None
    )


@given(st.one_of(st.text(), st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [+-]?\w+")))
def test_no_retry_after_makes_us_fall_or_wait_beyond_a_day(value: str) -> None:
    wait = retry_after(answered(503, [("Retry-After", value)]), now=NOW)
    assert timedelta() <= wait <= LONGEST_RETRY_AFTER
