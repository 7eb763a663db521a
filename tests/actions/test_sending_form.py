"""How it is sent, as the form has it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from recado.actions.sending_form import (
    policy_in,
    policy_values,
    times_offered,
    tries_text,
    waits_outlook,
)
from recado.deliveries.policies import FAST_WAITS, STANDARD_WAITS, Policy, policy_problems
from recado.lib.languages import speaking

PLAIN = {"policy-schedule": "standard"}


def test_a_form_without_these_fields_means_the_defaults() -> None:
    assert policy_in({"name": "CRM"}) == {}


@pytest.mark.parametrize("text", ["5, 30, 300", "5 30 300", "5;30;300", " 5,\n30 300, "])
def test_waits_are_read_however_they_are_parted(text: str) -> None:
    form = {"policy-schedule": "own", "policy-waits": text}
    assert policy_in(form)["waits"] == [5, 30, 300]


@pytest.mark.parametrize("text", ["soon", "5, x", "-5", "1.5", "٣", "9" * 5_000])
def test_waits_that_are_no_numbers_are_refused_and_shown_again(text: str) -> None:
    policy = policy_in({"policy-schedule": "own", "policy-waits": text})
    assert set(policy_problems(policy)) == {"waits"}
    assert policy_values(policy)["waits"] == text


def test_the_careful_box_means_do_not_repeat() -> None:
    assert policy_in(PLAIN)["repeats_when_unsure"] is True
    assert policy_in({**PLAIN, "policy-careful": "true"})["repeats_when_unsure"] is False


def test_a_form_shows_what_it_was_told() -> None:
    form = {
        "policy-schedule": "own",
        "policy-waits": "5, 60",
        "policy-expires_after_seconds": "1800",
        "policy-only_while_open": "true",
        "policy-careful": "true",
        "policy-order": "newest",
        "policy-collect_seconds": "30",
        "policy-most_calls": "60",
        "policy-hourly_budget": "900",
        "policy-most_calls_per": "hour",
        "policy-keep_days": "7",
        "policy-drops_bodies": "true",
        "policy-answer_within_seconds": "30",
        "policy-success_statuses": "200 - 299, 409",
        "policy-again_statuses": "5xx",
    }
    assert policy_values(policy_in(form)) == {
        "schedule": "own",
        "waits": "5, 60",
        "expires_after_seconds": 1800,
        "only_while_open": True,
        "careful": True,
        "order": "newest",
        "collect_seconds": 30,
        "skip_same_seconds": "",
        "most_calls": 60,
        "hourly_budget": 900,
        "most_calls_per": "hour",
        "keep_days": 7,
        "drops_bodies": True,
        "answer_within_seconds": 30,
        "success_statuses": "200-299, 409",
        "again_statuses": "5xx",
    }


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ([], "1 tries in about 0 seconds."),
        ([5], "2 tries in about 5 seconds."),
        (FAST_WAITS, "6 tries in about 13 minutes."),
        (STANDARD_WAITS, "9 tries in about 27.6 hours."),
        ([86_400] * 3, "4 tries in about 3 days."),
    ],
)
def test_a_schedule_says_what_it_comes_to(waits: Sequence[int], expected: str) -> None:
    assert str(tries_text([timedelta(seconds=one) for one in waits])) == expected


def test_a_schedule_says_it_as_the_reader_writes_numbers() -> None:
    with speaking("pt_BR"):
        assert "27,6 horas" in str(tries_text(Policy().waits))


@pytest.mark.parametrize("typed", ["", "soon", "5,", "5, 0", "1 " * 16])
def test_only_waits_that_make_sense_come_to_something(typed: str) -> None:
    told = str(waits_outlook({"policy-waits": typed}))
    assert told == ("2 tries in about 5 seconds." if typed == "5," else "")


def test_a_time_chosen_through_the_api_is_offered_too() -> None:
    offered = times_offered({"collect_seconds": 90, "expires_after_seconds": "soon"})
    assert (90, "90 seconds") in offered["collect_seconds"]
    assert offered["skip_same_seconds"][0] == (60, "1 minute")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"policy-order": "backwards"}, "order"),
        ({"policy-collect_seconds": "0"}, "collect_seconds"),
        ({"policy-skip_same_seconds": "x"}, "skip_same_seconds"),
        ({"policy-most_calls": "-1"}, "most_calls"),
        ({"policy-hourly_budget": "many"}, "hourly_budget"),
        ({"policy-most_calls_per": "week"}, "most_calls_per"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, str], field: str) -> None:
    assert set(policy_problems(policy_in({**PLAIN, **change}))) == {field}
