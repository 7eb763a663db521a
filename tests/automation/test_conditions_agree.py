"""The network of rules, one rule alone and a naive interpreter say the same, whatever the rules.

The interpreter below knows the JSON's meaning and nothing of trees, columns or bits.
"""

import unicodedata
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from recado.automation.catalogue import Operator
from recado.automation.checking import problems_in
from recado.automation.conditions import RuleSet, compile_rule, evaluate
from recado.automation.trees import parse, to_json
from tests.automation.rules import CONTACT, CONVERSATION, KNOWN, changed, facts, row

WORDS = ["a", "B", "á", "ab", "É b"]
LABELS = ["bug", "vip", "Urgent"]
NUMBERS = [0, 1, -2.5, "3", "4.50"]
DAYS = ["2026-11-20", "2026-11-23", "2026-12-01"]


def some(values: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


def rows_about(key: str, values: list[Any], operators: list[str], of: str = "") -> Any:
    return st.builds(
        lambda operator, chosen: row(key, operator, *chosen, of=of),
        st.sampled_from(operators),
        some(values),
    )


def rows_with_one(key: str, values: list[Any], operators: list[str], of: str = "") -> Any:
    return st.builds(
        lambda operator, value: row(key, operator, value, of=of),
        st.sampled_from(operators),
        st.sampled_from(values),
    )


EQUALITY = ["equal_to", "not_equal_to"]
PRESENCE = ["is_present", "is_not_present"]
IN_TEXT = [*EQUALITY, *PRESENCE, "contains", "does_not_contain", "starts_with"]
LEAVES = st.one_of(
    rows_about("status", ["open", "resolved", "all"], EQUALITY),
    rows_about("priority", ["low", "high", "nil"], [*EQUALITY, *PRESENCE]),
    rows_about("assignee_id", [5, "6", "nil"], [*EQUALITY, *PRESENCE]),
    rows_about("labels", LABELS, [*EQUALITY, *PRESENCE]),
    rows_about("content", WORDS, IN_TEXT),
    rows_about("v_text", WORDS, IN_TEXT, of=CONVERSATION),
    rows_about("c_number", NUMBERS, [*EQUALITY, *PRESENCE], of=CONTACT),
    rows_with_one("c_number", NUMBERS, ["is_greater_than", "is_less_than"], of=CONTACT),
    rows_about("v_date", DAYS, EQUALITY, of=CONVERSATION),
    rows_with_one("v_date", DAYS, ["is_greater_than", "is_less_than"], of=CONVERSATION),
    rows_about("private_note", [True, "false"], EQUALITY),
    st.builds(
        lambda old, new: changed("status", old, new),
        st.lists(st.sampled_from(["open", "resolved"]), max_size=2),
        st.lists(st.sampled_from(["open", "resolved"]), max_size=2),
    ),
)
ITEMS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda kind, children: {kind: children},
        st.sampled_from(["all", "any"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


def rules() -> st.SearchStrategy[list[Any]]:
    """Flat lists of rows and groups with any joiners."""
    pair = st.tuples(ITEMS, st.sampled_from(["and", "OR", "AND", "or"]))
    return st.lists(pair, min_size=1, max_size=4).map(
        lambda pairs: [item | {"query_operator": joiner} for item, joiner in pairs]
    )


HAPPENED = st.builds(
    lambda conversation, contact, message, assignee, change: facts(
        conversation=conversation,
        contact={"custom_attribute": contact},
        message=message,
        assignee=assignee,
        changes={} if change is None else {"status": change},
    ),
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["open", "resolved"]),
            "priority": st.sampled_from([None, "low", "high"]),
            "labels": st.lists(st.sampled_from(["bug", "vip", "urgent"]), max_size=3),
            "custom_attribute": st.fixed_dictionaries(
                {}, optional={"v_text": st.sampled_from(WORDS), "v_date": st.sampled_from(DAYS)}
            ),
        }
    ),
    st.fixed_dictionaries({}, optional={"c_number": st.sampled_from([*NUMBERS, "x", None])}),
    st.one_of(
        st.none(),
        st.fixed_dictionaries({"content": st.sampled_from(WORDS), "private": st.booleans()}),
    ),
    st.sampled_from([None, {"id": 5}, {"id": 6}]),
    st.one_of(st.none(), st.tuples(*[st.sampled_from(["open", "resolved"])] * 2)),
)


def naive(conditions: list[Any], about: dict[str, Any]) -> bool:
    """AND first: split at each OR, then all of each part."""
    parts: list[list[Any]] = [[]]
    for number, item in enumerate(conditions):
        parts[-1].append(item)
        if item["query_operator"].lower() == "or" and number < len(conditions) - 1:
            parts.append([])
    return any(all(naive_item(item, about) for item in part) for part in parts)


def naive_item(item: Any, about: dict[str, Any]) -> bool:
    if "all" in item:
        return all(naive_item(child, about) for child in item["all"])
    if "any" in item:
        return any(naive_item(child, about) for child in item["any"])
    operator, values = item["filter_operator"], item["values"]
    if operator == "attribute_changed":
        return naive_change(values, about["changes"].get("status"))
    opposite = {
        "not_equal_to": "equal_to",
        "does_not_contain": "contains",
        "is_not_present": "is_present",
    }.get(operator)
    actual = naive_value(item["attribute_key"], about)
    if opposite:
        return not naive_test(item["attribute_key"], opposite, values, actual)
    return naive_test(item["attribute_key"], operator, values, actual)


def naive_change(values: Any, change: Any) -> bool:
    if change is None or change[0] == change[1]:
        return False
    before, after = values["from"], values["to"]
    return (not before or change[0] in before) and (not after or change[1] in after)


def naive_value(key: str, about: dict[str, Any]) -> Any:
    message = about["message"] or {}
    values = {
        "assignee_id": (about["assignee"] or {}).get("id"),
        "content": message.get("content"),
        "private_note": message.get("private"),
        "c_number": about["contact"]["custom_attribute"].get("c_number"),
        "v_text": about["conversation"]["custom_attribute"].get("v_text"),
        "v_date": about["conversation"]["custom_attribute"].get("v_date"),
    }
    return values[key] if key in values else about["conversation"][key]


def naive_typed(key: str, value: Any) -> Any:
    if value is None or value == "nil":
        return None
    if key == "c_number":
        return None if value == "x" else float(value)
    if key == "v_date":
        return date.fromisoformat(value)
    if key == "private_note":
        return str(value).lower() == "true"
    if key == "assignee_id":
        return int(value)
    decomposed = unicodedata.normalize("NFD", str(value).lower())
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def naive_test(key: str, operator: str, values: list[Any], actual: Any) -> bool:
    if operator == "is_present":
        return bool(actual) if key == "labels" else naive_typed(key, actual) is not None
    if key == "status" and "all" in values:
        return True
    wanted = [naive_typed(key, one) for one in values]
    if key == "labels":
        return any(one in actual for one in wanted)
    typed = naive_typed(key, actual)
    if operator == "equal_to":
        return typed in wanted
    if typed is None:
        return False
    tests = {
        "contains": lambda one: one in typed,
        "starts_with": lambda one: typed.startswith(one),
        "is_greater_than": lambda one: typed > one,
        "is_less_than": lambda one: typed < one,
    }
    return any(tests[operator](one) for one in wanted)


OPPOSITES = {
    "equal_to": "not_equal_to",
    "contains": "does_not_contain",
    "is_present": "is_not_present",
}
OPPOSITES |= {negative: positive for positive, negative in OPPOSITES.items()}


def opposite(item: Any) -> Any:
    """The same row or group with every operator turned round where it can be."""
    if "all" in item or "any" in item:
        kind = "all" if "all" in item else "any"
        return item | {kind: [opposite(child) for child in item[kind]]}
    operator = item["filter_operator"]
    return item | {"filter_operator": OPPOSITES.get(operator, operator)}


@settings(max_examples=80, deadline=None)
@given(st.lists(rules(), min_size=1, max_size=6), st.lists(HAPPENED, min_size=1, max_size=3))
def test_all_evaluators_agree(written: list[Any], happened: list[Any]) -> None:
    written = [*written, *[[opposite(item) for item in rule] for rule in written]]
    compiled = {
        number: compile_rule(parse(conditions), KNOWN.custom_attributes)
        for number, conditions in enumerate(written)
    }
    together = RuleSet(compiled)
    for about in happened:
        expected = [number for number, rule in enumerate(written) if naive(rule, about)]
        assert together.test(about).matched == expected
        alone = [number for number, rule in compiled.items() if evaluate(rule, about).matched]
        assert alone == expected


@settings(max_examples=40, deadline=None)
@given(rules(), HAPPENED)
def test_a_tree_written_as_json_means_the_same(conditions: list[Any], about: Any) -> None:
    again = parse(to_json(parse(conditions)))
    definitions = KNOWN.custom_attributes
    expected = evaluate(compile_rule(parse(conditions), definitions), about).matched
    assert evaluate(compile_rule(again, definitions), about).matched is expected


@settings(max_examples=40, deadline=None)
@given(rules())
def test_sound_rules_have_no_problems(conditions: list[Any]) -> None:
    assert problems_in("conversation_updated", conditions, KNOWN) == []


WORDS_OF_RULES = [
    *["attribute_key", "filter_operator", "values", "query_operator", "custom_attribute_type"],
    *["all", "any", "from", "to"],
]
KEYS_AND_OPERATORS = ["status", "labels", "v_date", "equal_to", "days_before", "matches", "nil"]
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
JSON = st.recursive(
    PLAIN | st.sampled_from(KEYS_AND_OPERATORS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS_OF_RULES), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=120, deadline=None)
@given(JSON, JSON)
def test_any_json_is_either_refused_or_can_be_tested(conditions: Any, about: Any) -> None:
    problems = problems_in("conversation_updated", conditions, KNOWN)
    found = evaluate(compile_rule(parse(conditions), KNOWN.custom_attributes), about)
    assert problems or found.error is None


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from([*KNOWN.custom_attributes, ("", "status"), ("", "labels"), ("", "email")]),
    st.sampled_from(list(Operator)),
    JSON,
    JSON,
)
def test_any_value_is_either_refused_or_can_be_tested(
    attribute: tuple[str, str], operator: str, values: Any, actual: Any
) -> None:
    model, key = attribute
    condition = row(key, operator, of=model) | {"values": values}
    about = facts(
        contact={"custom_attribute": {key: actual}, "email": actual},
        conversation={"custom_attribute": {key: actual}, "status": actual, "labels": actual},
        changes={key: [actual, values]},
    )
    problems = problems_in("conversation_updated", [condition], KNOWN)
    found = evaluate(compile_rule(parse([condition]), KNOWN.custom_attributes), about)
    assert problems or found.error is None
