"""What is allowed and yet probably not meant."""

from typing import Any

import pytest

from recado.automation.doubting import Code, Watched, warnings_among, warnings_of
from recado.automation.models import AutomationRule
from recado.db.database import Database
from tests.automation.rules import CONTACT, KNOWN, changed, row
from tests.automation.stories import a_rule, does
from tests.automation.test_pages import FILLED
from tests.browser import Browser
from tests.people import Cast

OPEN = row("status", "equal_to", "open")


def a_watched(
    *conditions: Any,
    effects: list[Any] | None = None,
    on: str = "message_created",
    id: int = 1,
    **control: Any,
) -> Watched:
    joined = [*conditions] or [OPEN]
    for one in joined[:-1]:
        one["query_operator"] = one.get("query_operator") or "and"
    return Watched(id, f"Rule {id}", on, joined, effects or [], control, is_active=True)


def codes(rule: Watched) -> list[Code]:
    return [one.code for one in warnings_of(rule, [rule], KNOWN)]


@pytest.mark.parametrize(
    "conditions",
    [
        [row("status", "equal_to", "open"), row("status", "equal_to", "pending")],
        [row("status", "equal_to", "open"), row("status", "not_equal_to", "open")],
        [row("status", "not_equal_to", "open", "pending", "resolved", "snoozed")],
        [row("priority", "is_not_present"), row("priority", "equal_to", "high")],
        [row("email", "is_not_present"), row("email", "contains", "@acme")],
        [row("email", "contains", "acme"), row("email", "does_not_contain", "ACME")],
        [row("content", "starts_with", "order"), row("content", "does_not_contain", "order")],
        [row("c_number", "is_greater_than", "10", of=CONTACT),
         row("c_number", "is_less_than", "10", of=CONTACT)],
        [row("c_date", "is_greater_than", "2026-01-02", of=CONTACT),
         row("c_date", "is_less_than", "2026-01-02", of=CONTACT)],
        [row("c_checkbox", "equal_to", "true", of=CONTACT),
         row("c_checkbox", "equal_to", "false", of=CONTACT)],
        [row("inbox_id", "equal_to", 1), row("inbox_id", "equal_to", 2)],
        [row("labels", "is_not_present"), row("labels", "equal_to", "vip")],
        # both alternatives are impossible
        [{"any": [{"all": [OPEN, row("status", "equal_to", "pending")]},
                  {"all": [OPEN, row("status", "equal_to", "snoozed")]}]}],
    ],
)  # fmt: skip
def test_conditions_that_can_never_hold(conditions: list[Any]) -> None:
    assert codes(a_watched(*conditions)) == [Code.NEVER]


@pytest.mark.parametrize(
    "conditions",
    [
        [row("status", "equal_to", "open", "pending"), row("status", "not_equal_to", "open")],
        [row("status", "equal_to", "open"), row("status", "equal_to", "all")],
        [row("content", "contains", "a"), row("content", "contains", "b")],
        [row("content", "starts_with", "a"), row("content", "contains", "b")],
        [row("content", "contains", "a"), row("content", "matches", "^b")],  # who knows
        [row("c_number", "is_greater_than", "10", of=CONTACT),
         row("c_number", "is_less_than", "11", of=CONTACT)],
        [row("c_date", "is_greater_than", "2026-01-02", of=CONTACT),
         row("c_date", "is_less_than", "2026-01-04", of=CONTACT)],
        [row("labels", "equal_to", "vip"), row("labels", "equal_to", "bug")],  # it may have both
        [row("assignee_id", "not_equal_to", 5, 6)],
        [row("email", "contains", "x"), row("name", "does_not_contain", "x")],
        [changed("status", ["open"], ["resolved"]), OPEN],
        [row("status", "equal_to", "open", then="or"), row("status", "equal_to", "pending")],
        [row("nonsense", "equal_to", "x"), OPEN],  # an error elsewhere
    ],
)  # fmt: skip
def test_conditions_that_may_hold(conditions: list[Any]) -> None:
    assert codes(a_watched(*conditions)) == []


def test_one_alternative_alone_may_be_impossible() -> None:
    both = {"all": [OPEN, row("status", "equal_to", "pending")]}
    rule = a_watched({"any": [both, row("content", "contains", "x")]})
    [doubt] = warnings_of(rule, [rule], KNOWN)
    assert doubt.code == Code.PARTLY
    assert "“Open”" in str(doubt.sentence)
    assert "“Pending”" in str(doubt.sentence)


def test_an_event_says_the_status_by_itself() -> None:
    assert codes(a_watched(OPEN, on="conversation_resolved")) == [Code.NEVER]
    assert codes(a_watched(OPEN, on="conversation_opened")) == []


def test_many_alternatives_are_believed() -> None:
    either = {"any": [row("content", "contains", "a"), row("content", "contains", "b")]}
    assert codes(a_watched(*[dict(either) for _ in range(9)])) == []


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ([does("change_priority", "low"), does("change_priority", "high")], [Code.TWICE]),
        ([does("resolve_conversation"), does("change_status", "open")], [Code.TWICE]),
        ([does("add_label", "vip"), does("remove_label", "VIP")], [Code.TWICE]),
        ([does("add_label", "vip"), does("remove_label", "bug")], []),
        ([does("change_priority", "low"), does("change_priority", "low")], []),
        ([does("send_custom_action", 11)], [Code.ACTION_OFF]),
        ([does("send_custom_action", 99)], [Code.ACTION_MISSING]),
        ([does("send_custom_action", 10), {"action_name": ""}], []),
    ],
)
def test_effects(effects: list[Any], expected: list[Code]) -> None:
    assert codes(a_watched(effects=effects)) == expected


LOW, HIGH = [does("change_priority", "low")], [does("change_priority", "high")]
TEAM = row("team_id", "equal_to", 3)


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        (a_watched(effects=LOW), a_watched(effects=HIGH, id=2), {1: [Code.FIGHT], 2: [Code.FIGHT]}),
        (a_watched(effects=LOW), a_watched(effects=LOW, id=2), {1: [], 2: []}),
        # on another event, and where both can never hold at once, they do not meet
        (a_watched(effects=LOW), a_watched(effects=HIGH, on="conversation_created", id=2),
         {1: [], 2: []}),
        (a_watched(effects=LOW), a_watched(row("status", "equal_to", "pending"), effects=HIGH, id=2),
         {1: [], 2: []}),
        (a_watched(stops=True), a_watched(OPEN, TEAM, id=2), {1: [], 2: [Code.SHADOWED]}),
        (a_watched(stops=True), a_watched(TEAM, id=2), {1: [], 2: []}),
        (a_watched(stops=True, once=True), a_watched(id=2), {1: [], 2: []}),  # not always
        (a_watched(effects=LOW, stops=True), a_watched(TEAM, effects=HIGH, id=2), {1: [], 2: []}),
    ],
)  # fmt: skip
def test_two_rules(upper: Watched, lower: Watched, expected: dict[int, list[Code]]) -> None:
    found = warnings_among([upper, lower], KNOWN)
    assert {key: [one.code for one in doubts] for key, doubts in found.items()} == expected


def test_some_rules_have_the_warnings_that_they_have_among_all() -> None:
    rules = [
        a_watched(effects=LOW), a_watched(effects=HIGH, id=2),
        a_watched(on="conversation_created", stops=True, id=3),
        a_watched(on="conversation_created", id=4), a_watched(effects=LOW, id=5),
    ]  # fmt: skip
    every = warnings_among(rules, KNOWN)
    assert [len(one) for one in every.values()] == [1, 2, 0, 1, 1]
    for some in ({1}, {2, 4}, {3, 5}):
        assert warnings_among(rules, KNOWN, only=some) == {key: every[key] for key in some}


async def test_doubts_are_shown_in_the_list_the_form_and_the_api(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        first: AutomationRule = await a_rule(tx, cast, *LOW, name="Low", when=OPEN)
        await a_rule(tx, cast, *HIGH, name="High", when=OPEN)
    said = "“Low” sets the priority to something else"
    assert said in (await ana.get("/app/automation")).text
    assert "“High” sets the priority" in (await ana.get(f"/app/automation/{first.id}")).text
    assert "“High” sets the priority" in (await ana.get(f"/app/automation/{first.id}/edit")).text
    effect = {"actions-0-name": "change_priority", "actions-0-was": "change_priority"}
    typed = {**FILLED, **effect, "actions-0-params": "high"}
    assert said in (await ana.post("/app/automation/draft", typed)).text
    path = f"/api/v1/accounts/{cast.account.id}/automation_rules"
    rules = (await ana.api("GET", path, cast.ana_token)).json()["payload"]
    assert [[one["code"] for one in rule["warnings"]] for rule in rules] == [["fight"], ["fight"]]
    assert rules[1]["warnings"][0]["rule_id"] == first.id
