"""How an action wants to be sent."""

from datetime import timedelta

import pytest

from recado.deliveries.policies import (
    FAST_LASTS,
    Policy,
    Schedule,
    policy_as_json,
    policy_from,
    policy_problems,
)


def test_the_standard_schedule_lasts_for_over_a_day() -> None:
    assert sum(Policy().waits, timedelta()) == timedelta(hours=27, minutes=35, seconds=35)


def test_the_fast_schedule_gives_up_after_half_an_hour() -> None:
    assert Policy(schedule=Schedule.FAST).lasts == FAST_LASTS
    assert Policy().lasts is None


def test_an_own_expiry_goes_before_that_of_the_schedule() -> None:
    policy = Policy(schedule=Schedule.FAST, expires_after=timedelta(minutes=5))
    assert policy.lasts == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("method", "repeats_when_unsure", "expected"),
    [
        ("POST", True, True),  # the promise is at least once
        ("POST", False, False),
        ("PATCH", False, False),
        ("PUT", False, True),  # sent twice, it does the same as once
        ("DELETE", False, True),
        ("GET", False, True),
    ],
)
def test_what_is_repeated_when_unsure(
    method: str, repeats_when_unsure: bool, expected: bool
) -> None:
    assert Policy(repeats_when_unsure=repeats_when_unsure).may_repeat(method) is expected


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy(schedule=Schedule.FAST),
        Policy(Schedule.OWN, (1, 60), timedelta(hours=2), True, False),
        Policy(keep_days=7, keeps_bodies=False),
    ],
)
def test_a_policy_survives_being_kept(policy: Policy) -> None:
    kept = policy_as_json(policy)
    assert policy_problems(kept) == {}
    assert policy_from(kept) == policy


@pytest.mark.parametrize(
    ("json", "field"),
    [
        ({"schedule": "sometimes"}, "schedule"),
        ({"schedule": {"own": 1}}, "schedule"),
        ({"schedule": "own"}, "waits"),  # which waits?
        ({"schedule": "own", "waits": [0]}, "waits"),
        ({"schedule": "own", "waits": [1.5]}, "waits"),
        ({"schedule": "own", "waits": [True]}, "waits"),
        ({"schedule": "own", "waits": [86_401]}, "waits"),
        ({"schedule": "own", "waits": [1] * 16}, "waits"),
        ({"waits": "5, 10"}, "waits"),
        ({"expires_after_seconds": 5}, "expires_after_seconds"),
        ({"expires_after_seconds": "10"}, "expires_after_seconds"),
        ({"only_while_open": "yes"}, "only_while_open"),
        ({"repeats_when_unsure": 1}, "repeats_when_unsure"),
        ({"keep_days": 0}, "keep_days"),
        ({"keep_days": 366}, "keep_days"),
        ({"keep_days": "7"}, "keep_days"),
        ({"keeps_bodies": "no"}, "keeps_bodies"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_at_its_field(
    json: dict[str, object], field: str
) -> None:
    assert set(policy_problems(json)) == {field}
