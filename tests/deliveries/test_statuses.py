"""Statuses as people write them, and what an action that chose its own makes of answers. Pure."""

from typing import Any

import pytest

from recado.deliveries.explaining import explain
from recado.deliveries.policies import Policy, judging, policy_as_json, policy_from, policy_problems
from recado.deliveries.retrying import may_help, trouble_of
from recado.deliveries.settling import Terms, settle
from recado.deliveries.states import State
from recado.deliveries.statuses import MOST_WORDS, holds, tidy_statuses, words_in
from recado.lib.outcomes import Trouble
from tests.deliveries.rows import answered, failed
from tests.people import NOW


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("409", ["409"]),
        ("200-299, 409", ["200-299", "409"]),
        ("200 - 299;409", ["200-299", "409"]),
        ("200–299 409", ["200-299", "409"]),  # as a phone's keyboard makes it
        (" 5xx,\n429 ", ["5xx", "429"]),
    ],
)
def test_a_field_holds_words(text: str, words: list[str]) -> None:
    assert words_in(text) == words


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ([], ()),
        (["409"], ("409",)),
        ([409, "404"], ("409", "404")),  # programs may send numbers
        (["5xx"], ("500-599",)),
        (["5XX", "500-599"], ("500-599",)),
        (["200-299", "409", "409"], ("200-299", "409")),
        (["404-404"], ("404",)),
        (["99"], None),
        (["600"], None),
        (["299-200"], None),
        (["2xx-3xx"], None),
        (["ok"], None),
        (["20٠"], None),
        ([200.5], None),
        ([None], None),
        ([["409"]], None),
        ([str(number) for number in range(400, 400 + MOST_WORDS)], tuple(map(str, range(400, 420)))),
        ([str(number) for number in range(400, 401 + MOST_WORDS)], None),
    ],
)  # fmt: skip
def test_statuses_are_kept_tidy_or_refused(words: list[Any], kept: tuple[str, ...] | None) -> None:
    assert tidy_statuses(words) == kept


@pytest.mark.parametrize(
    ("statuses", "status", "expected"),
    [
        ((), 200, False),
        (("200-299",), 200, True),
        (("200-299",), 299, True),
        (("200-299",), 300, False),
        (("404", "409"), 409, True),
        (("404", "409"), 408, False),
    ],
)
def test_a_status_is_held_by_a_list(statuses: tuple[str, ...], status: int, expected: bool) -> None:
    assert holds(statuses, status) is expected


@pytest.mark.parametrize(
    ("success", "status", "trouble"),
    [
        ((), 204, None),
        ((), 409, Trouble.HTTP_STATUS),
        (("200-299", "409"), 409, None),
        (("200-299", "409"), 201, None),
        (("201",), 200, Trouble.HTTP_STATUS),  # where only a new record will do
        (("302",), 302, None),
        (("201",), 302, Trouble.REDIRECT),
        (("500",), 500, None),
    ],
)
def test_an_action_says_what_counts_as_success(
    success: tuple[str, ...], status: int, trouble: Trouble | None
) -> None:
    assert trouble_of(answered(status), success) == trouble


def test_no_answer_is_never_a_success() -> None:
    assert trouble_of(failed(Trouble.TIMEOUT), ("100-599",)) == Trouble.TIMEOUT


@pytest.mark.parametrize(
    ("again", "status", "expected"),
    [
        ((), 503, True),
        ((), 429, True),
        ((), 409, False),
        (("409", "500-599"), 409, True),
        (("409", "500-599"), 429, False),  # the list takes the place of the usual one
        (("409",), 503, False),
        (("404",), 404, True),  # a record that another call is making
    ],
)
def test_an_action_says_which_refusals_are_tried_again(
    again: tuple[str, ...], status: int, expected: bool
) -> None:
    assert may_help(answered(status), again) is expected


@pytest.mark.parametrize(
    ("policy", "status", "state", "is_due"),
    [
        (Policy(), 409, State.FAILED, False),
        (Policy(success_statuses=("200-299", "409")), 409, State.DELIVERED, False),
        (Policy(again_statuses=("409",)), 409, State.PENDING, True),
        (Policy(again_statuses=("409",)), 503, State.FAILED, False),
        (Policy(success_statuses=("201",)), 200, State.FAILED, False),
        (Policy(success_statuses=("201",), again_statuses=("200",)), 200, State.PENDING, True),
        (Policy(success_statuses=("409",), again_statuses=("409",)), 409, State.DELIVERED, False),
    ],
)
def test_a_delivery_is_settled_as_its_action_wants(
    policy: Policy, status: int, state: State, is_due: bool
) -> None:
    settled = settle(answered(status), Terms(tries=1, policy=policy), now=NOW, dice=0.5)
    assert (settled.state, settled.due_at is not None) == (state, is_due)


def test_a_success_that_does_not_count_says_so() -> None:
    policy = Policy(success_statuses=("201",))
    settled = settle(answered(200), Terms(tries=1, policy=policy), now=NOW, dice=0.5)
    told = str(explain(settled.state, settled.reason))
    assert told.startswith("The receiver answered 200.")
    assert "does not count this as success" in told


def test_a_refusal_that_counts_is_delivered_in_words_too() -> None:
    policy = Policy(success_statuses=("409",))
    settled = settle(answered(409), Terms(tries=1, policy=policy), now=NOW, dice=0.5)
    assert str(explain(settled.state, settled.reason)) == "Delivered: the receiver answered 409."


@pytest.mark.parametrize(
    ("json", "field"),
    [
        ({"answer_within_seconds": 0}, "answer_within_seconds"),
        ({"answer_within_seconds": 51}, "answer_within_seconds"),
        ({"answer_within_seconds": "soon"}, "answer_within_seconds"),
        ({"answer_within_seconds": True}, "answer_within_seconds"),
        ({"success_statuses": ["ok"]}, "success_statuses"),
        ({"success_statuses": "409"}, "success_statuses"),
        ({"success_statuses": {"409": 1}}, "success_statuses"),
        ({"again_statuses": ["4"]}, "again_statuses"),
        ({"again_statuses": [{}]}, "again_statuses"),
    ],
)
def test_nonsense_is_refused_at_its_field(json: dict[str, Any], field: str) -> None:
    assert set(policy_problems(json)) == {field}


@pytest.mark.parametrize(
    "json",
    [
        {},
        {"answer_within_seconds": None, "success_statuses": None, "again_statuses": None},
        {"answer_within_seconds": 50, "success_statuses": ["2xx", 409], "again_statuses": ["5xx"]},
    ],
)
def test_what_makes_sense_is_kept(json: dict[str, Any]) -> None:
    assert policy_problems(json) == {}
    policy = policy_from(json)
    assert policy_from(policy_as_json(policy)) == policy


def test_a_test_is_judged_as_in_earnest_and_waits_for_nobody() -> None:
    policy = Policy(keep_days=3, answer_within=5, success_statuses=("409",), most_calls=1)
    assert judging(policy) == Policy(answer_within=5, success_statuses=("409",))
