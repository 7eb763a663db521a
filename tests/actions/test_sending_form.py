"""How it is sent, as the form has it."""

import pytest

from recado.actions.sending_form import policy_in, policy_values
from recado.deliveries.policies import policy_problems

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
    }
    assert policy_values(policy_in(form)) == {
        "schedule": "own",
        "waits": "5, 60",
        "expires_after_seconds": 1800,
        "only_while_open": True,
        "careful": True,
    }
