"""What is refused when a rule is saved, at which field, in which words for programs."""

from typing import Any

import pytest

from recado.automation.checking import MOST_CONDITIONS, event_problems, problems_in
from recado.lib.languages import speaking
from tests.automation.rules import CONTACT, CONVERSATION, KNOWN, changed, row


def fields(conditions: Any, event: str = "conversation_updated") -> list[str]:
    return [one.field for one in problems_in(event, conditions, KNOWN)]


ACCEPTED = [
    # (number, conditions): 34, 38, 39, 55, and what clients send
    (34, [row("status", "equal_to", "open")]),
    (38, [changed("company", ["DC"], ["Marvel"])]),
    (38, [changed("labels", [], ["vip"])]),
    (39, [row("customer_type", "equal_to", "platinum", of=CONTACT)]),
    (39, [row("customer_type", "equal_to", "platinum")]),  # the contact's, as nobody else has it
    (55, [row("labels", "equal_to", "bug", then="and"), row("private_note", "equal_to", True)]),
    (78, [row("same", "equal_to", "x") | {"custom_attribute_type": None}]),
    (0, [row("status", "equal_to", "open", then="or"), row("status", "equal_to", "all")]),
    (0, [row("status", "equal_to", "open", then="")]),
    (0, [row("status", "equal_to", "open", then="AND")]),  # a dangling joiner of the last row
    (0, [row("inbox_id", "equal_to", "2")]),
    (0, [row("assignee_id", "equal_to", "nil", 5)]),
    (0, [row("company_name", "contains", "x", then="AND"), row("company", "contains", "x")]),
    (0, [row("email", "is_present") | {"values": None}]),
    (0, [{"attribute_key": "email", "filter_operator": "is_not_present"}]),
    (0, [row("content", "contains", "x")]),  # of a message, on a conversation's event
    (0, [row("browser_language", "equal_to", "xx", of="")]),
    (0, [row("c_number", "equal_to", "-1.5", of=CONTACT)]),
    (0, [{"any": [row("status", "equal_to", "open"), {"all": [row("email", "is_present")]}]}]),
]


@pytest.mark.parametrize(("number", "conditions"), ACCEPTED)
def test_a_sound_rule_is_accepted(number: int, conditions: Any) -> None:
    assert fields(conditions) == [], number


def one(key: str, operator: str, *values: object, of: str = "") -> Any:
    return [row(key, operator, *values, of=of)]


OPEN = row("status", "equal_to", "open")
DEEP: Any = OPEN
for _ in range(9):
    DEEP = {"any": [DEEP]}

REFUSED = [
    # (number, conditions, field)
    (35, one("nonsense", "equal_to", "x"), "conditions.0.attribute_key"),
    (35, [OPEN | {"query_operator": "and"}, row("blocked", "equal_to", True)], "conditions.1.attribute_key"),
    (36, one("status", "nonsense", "open"), "conditions.0.filter_operator"),
    (36, one("status", "contains", "open"), "conditions.0.filter_operator"),
    (36, one("email", "is_greater_than", 1), "conditions.0.filter_operator"),
    (36, one("c_checkbox", "contains", "x", of=CONTACT), "conditions.0.filter_operator"),
    (36, one("c_number", "days_before", 1, of=CONTACT), "conditions.0.filter_operator"),
    (37, [OPEN | {"query_operator": "XOR"}, OPEN], "conditions.0.query_operator"),
    (74, [OPEN | {"query_operator": "1=1; --"}, OPEN], "conditions.0.query_operator"),
    (54, [OPEN, OPEN], "conditions.0.query_operator"),
    (38, one("status", "attribute_changed"), "conditions.0.values"),
    (38, [changed("status", ["wrong"], [])], "conditions.0.values"),
    (38, [row("status", "attribute_changed") | {"values": {"from": "open"}}], "conditions.0.values"),
    (38, [row("status", "attribute_changed") | {"values": {"form": []}}], "conditions.0.values"),
    (38, [changed("content", [], [])], "conditions.0.filter_operator"),  # a message does not change
    (39, one("customer_type", "equal_to", "platinum", of=CONVERSATION), "conditions.0.attribute_key"),
    (75, one("v_date", "is_less_than", "2026-01-01' OR 1=1", of=CONVERSATION), "conditions.0.values"),
    (75, one("v_date", "equal_to", "23/11/2026"), "conditions.0.values"),
    (75, one("v_date", "equal_to", "2026-02-30"), "conditions.0.values"),
    (76, one("v_date", "days_before", -1), "conditions.0.values"),
    (76, one("v_date", "days_before", 1.5), "conditions.0.values"),
    (76, one("v_date", "days_before", True), "conditions.0.values"),
    (76, one("v_date", "days_before", 999_999_999), "conditions.0.values"),
    # values of the wrong type
    (0, one("status", "equal_to", "closed"), "conditions.0.values"),
    (0, one("status", "equal_to"), "conditions.0.values"),
    (0, [OPEN | {"values": "open"}], "conditions.0.values"),
    (0, [OPEN | {"values": None}], "conditions.0.values"),
    (0, one("status", "equal_to", ["open"]), "conditions.0.values"),
    (0, one("status", "equal_to", "nil"), "conditions.0.values"),  # there is always a status
    (0, one("content", "contains", ""), "conditions.0.values"),
    (0, one("content", "contains", True), "conditions.0.values"),
    (0, one("content", "contains", "x" * 2_001), "conditions.0.values"),
    (0, one("content", "contains", *["x"] * 501), "conditions.0.values"),
    (0, one("content", "contains", "\u0301"), "conditions.0.values"),  # nothing but an accent
    (0, one("content", "matches", "("), "conditions.0.values"),
    (0, one("content", "matches", "(?=x)"), "conditions.0.values"),  # RE2 has none of these
    (0, one("content", "matches", "x{1000}{1000}"), "conditions.0.values"),
    (0, one("content", "matches", "\ud800"), "conditions.0.values"),
    (0, one("content", "matches", "x" * 501), "conditions.0.values"),
    (0, one("content", "matches", 3), "conditions.0.values"),
    (0, one("phone_number", "starts_with", "abc"), "conditions.0.values"),
    (0, one("c_number", "equal_to", "12,5"), "conditions.0.values"),
    (0, one("c_number", "equal_to", float("nan")), "conditions.0.values"),
    (0, one("c_number", "is_greater_than", 1, 2), "conditions.0.values"),
    (0, one("c_checkbox", "equal_to", "maybe"), "conditions.0.values"),
    (0, one("private_note", "equal_to", "nil"), "conditions.0.values"),
    (0, one("c_list", "equal_to", "Bronze"), "conditions.0.values"),
    (0, one("assignee_id", "equal_to", "Ana"), "conditions.0.values"),
    # references to what is not there
    (0, one("inbox_id", "equal_to", 1, 99), "conditions.0.values"),
    (0, one("assignee_id", "equal_to", 99), "conditions.0.values"),
    (0, one("team_id", "not_equal_to", "99"), "conditions.0.values"),
    (0, one("labels", "equal_to", "bug", "gone"), "conditions.0.values"),
    (0, [changed("team_id", [3], [99])], "conditions.0.values"),
    # the shape
    (0, None, "conditions"),
    (0, {}, "conditions"),
    (0, [], "conditions"),
    (0, [3], "conditions.0"),
    (0, [{}], "conditions.0.attribute_key"),
    (0, [OPEN | {"attribute_key": 3}], "conditions.0.attribute_key"),
    (0, [OPEN | {"filter_operator": None}], "conditions.0.filter_operator"),
    (0, [OPEN | {"custom_attribute_type": "account_attribute"}], "conditions.0.custom_attribute_type"),
    (0, [OPEN | {"custom_attribute_type": []}], "conditions.0.custom_attribute_type"),
    (0, [{"any": []}], "conditions.0"),
    (0, [{"any": 3}], "conditions.0"),
    (0, [{"any": [OPEN], "all": [OPEN]}], "conditions.0"),
    (0, [{"all": [OPEN, {"any": [OPEN, 3]}]}], "conditions.0.all.1.any.1"),
    (0, [{"all": one("status", "equal_to", "x")}], "conditions.0.all.0.values"),
    (0, [DEEP], "conditions.0" + ".any.0" * 7),
    (0, [OPEN | {"query_operator": "and"}] * (MOST_CONDITIONS + 1), "conditions"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "conditions", "field"), REFUSED)
def test_a_wrong_rule_is_refused_at_its_field(number: int, conditions: Any, field: str) -> None:
    assert fields(conditions) == [field], number


def test_an_unknown_attribute_is_told_in_the_words_of_the_api() -> None:
    [found] = problems_in("message_created", one("blocked", "equal_to", True), KNOWN)
    assert found.api_text == "Automation conditions blocked not supported."


def test_other_problems_are_told_to_programs_in_english() -> None:
    with speaking("pt_BR"):
        [found] = problems_in("message_created", one("inbox_id", "equal_to", 9), KNOWN)
        assert found.api_text == "There is no such inbox. It may have been deleted."
        assert str(found.sentence) != found.api_text


def test_every_wrong_field_is_told_at_once() -> None:
    conditions = [
        row("gone", "equal_to", "x", then="xor"),
        row("status", "equal_to", "x", then="and"),
        row("email", "is_less_than", 1),
    ]
    assert sorted(fields(conditions)) == [
        "conditions.0.attribute_key",
        "conditions.0.query_operator",
        "conditions.1.values",
        "conditions.2.filter_operator",
    ]


@pytest.mark.parametrize(
    ("event", "condition", "field"),
    [
        ("message_created", changed("status", [], []), "conditions.0.filter_operator"),
        ("conversation_created", changed("status", [], []), "conditions.0.filter_operator"),
        ("contact_created", changed("email", [], []), "conditions.0.filter_operator"),
        ("contact_updated", row("status", "equal_to", "open"), "conditions.0.attribute_key"),
        ("contact_created", row("content", "contains", "x"), "conditions.0.attribute_key"),
        ("contact_created", row("v_text", "equal_to", "x"), "conditions.0.attribute_key"),
    ],
)
def test_what_an_event_cannot_know_is_refused(event: str, condition: Any, field: str) -> None:
    assert fields([condition], event) == [field]


@pytest.mark.parametrize(
    ("event", "condition"),
    [
        ("contact_updated", changed("email", [], [])),
        ("contact_created", row("c_text", "equal_to", "x", of=CONTACT)),
        ("conversation_resolved", changed("status", ["pending"], [])),
        ("conversation_created", row("content", "contains", "x")),
        ("nonsense", changed("status", [], [])),  # told by event_problems
    ],
)
def test_what_an_event_knows_is_accepted(event: str, condition: Any) -> None:
    assert fields([condition], event) == []


@pytest.mark.parametrize(
    ("event", "is_known"),
    [
        ("message_created", True),
        ("contact_updated", True),
        ("webwidget", False),
        (None, False),
        ([], False),
    ],
)
def test_only_known_events_are_accepted(event: object, is_known: bool) -> None:
    assert (event_problems(event) == []) is is_known
