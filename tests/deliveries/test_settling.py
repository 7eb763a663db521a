"""What an outcome makes of a delivery."""

from datetime import timedelta

import pytest

from recado.deliveries.settling import (
    CALLED_OFF,
    MOST_INTERRUPTIONS,
    Terms,
    called_off,
    reason_of,
    settle,
    settle_interrupted,
)
from recado.deliveries.states import State, Why
from recado.lib.outcomes import Outcome, Trouble
from tests.deliveries.rows import answered, failed
from tests.people import NOW


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_is_delivered(status: int) -> None:
    settled = settle(answered(status), Terms(tries=3), now=NOW, dice=0.5)
    assert (settled.state, settled.due_at) == (State.DELIVERED, None)
    assert settled.reason == {"trouble": None, "status": status}


def test_a_503_is_tried_again_later() -> None:
    settled = settle(answered(503), Terms(tries=1), now=NOW, dice=0.5)
    assert (settled.state, settled.due_at) == (State.PENDING, NOW + timedelta(seconds=5))
    assert settled.reason == {"trouble": Trouble.HTTP_STATUS, "status": 503}


@pytest.mark.parametrize("outcome", [answered(404), answered(301), failed(Trouble.ADDRESS_REFUSED)])
def test_what_cannot_help_ends_at_once(outcome: Outcome) -> None:
    settled = settle(outcome, Terms(tries=1), now=NOW, dice=0.5)
    assert (settled.state, settled.due_at) == (State.FAILED, None)
    assert settled.reason["tries"] == 1


def test_the_last_try_fails_for_good() -> None:
    settled = settle(failed(Trouble.TIMEOUT, "connecting"), Terms(tries=9), now=NOW, dice=0.5)
    assert settled.state == State.FAILED
    assert settled.reason == {"trouble": Trouble.TIMEOUT, "detail": "connecting", "tries": 9}


def test_a_test_is_never_tried_again() -> None:
    settled = settle(answered(503), Terms(tries=1, is_test=True), now=NOW, dice=0.5)
    assert (settled.state, settled.due_at) == (State.FAILED, None)


@pytest.mark.parametrize(("why", "state"), CALLED_OFF.items())
def test_what_was_called_off_meanwhile_is_not_tried_again(why: Why, state: State) -> None:
    settled = settle(answered(503), Terms(tries=1, called_off=why), now=NOW, dice=0.5)
    assert (settled.state, settled.reason, settled.due_at) == (state, {"why": why}, None)


def test_what_arrived_is_delivered_although_it_was_called_off() -> None:
    settled = settle(
        answered(200), Terms(tries=1, called_off=Why.ACTION_DELETED), now=NOW, dice=0.5
    )
    assert settled.state == State.DELIVERED


def test_only_some_reasons_call_off() -> None:
    assert called_off("action_off") == Why.ACTION_OFF
    assert called_off("again") is None
    assert called_off(None) is None


@pytest.mark.parametrize("interruptions", range(1, 5))
def test_a_delivery_that_kills_its_workers_ends_after_the_third(interruptions: int) -> None:
    end = settle_interrupted(interruptions=interruptions, is_test=False)
    assert (end is not None) == (interruptions >= MOST_INTERRUPTIONS)
    if end:
        assert end.state == State.FAILED
        assert end.reason["trouble"] == Trouble.INTERRUPTED


def test_an_interrupted_test_ends_at_once() -> None:
    end = settle_interrupted(interruptions=1, is_test=True)
    assert end is not None
    assert end.state == State.FAILED


def test_a_reason_remembers_what_explains_it() -> None:
    assert reason_of(answered(418)) == {"trouble": Trouble.HTTP_STATUS, "status": 418}
    assert reason_of(failed(Trouble.TLS, "expired")) == {
        "trouble": Trouble.TLS, "detail": "expired",
    }  # fmt: skip


@pytest.mark.parametrize("state", State)
def test_two_states_wait_and_all_others_are_ends(state: State) -> None:
    assert state.is_end == (state not in {State.PENDING, State.HELD})
