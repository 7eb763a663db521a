"""Every attribute with every operator it has, on facts of every event: the network of rules and an
interpreter that knows only what the words mean come to the same, also on the next event.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recado.automation.catalogue import OPERATORS, Kind, Operator, find_attribute
from recado.automation.checking import problems_in
from recado.automation.conditions import RuleSet, compile_rule, evaluate
from recado.automation.trees import parse
from recado.events.names import EventName
from tests.automation.rules import CONTACT, CONVERSATION, KNOWN, changed, facts, row

TODAY = "2026-11-23"
TEXTS = ["a", "B", "É b", "ação", "12"]
CODES = ["ana@x.com", "ANA@x.com", "https://x.com/é"]
DAYS = ["2026-11-20", TODAY, "2026-12-01T10:00:00Z"]
NUMBERS = [0, 1, -2.5, "3", "4.50"]
FLAGS = [True, False, "true"]
SAMPLES: dict[Kind, list[Any]] = {
    Kind.TEXT: TEXTS,
    Kind.CODE: CODES,
    Kind.PHONE: ["+55 11 9", "5511", "911"],
    Kind.LANGUAGE: ["pt_BR", "pt-br", "es"],
    Kind.LABELS: ["bug", "vip", "Urgent"],
    Kind.NUMBER: NUMBERS,
    Kind.DATE: DAYS,
    Kind.CHECKBOX: FLAGS,
}
CHOICES: dict[str, list[Any]] = {
    "assignee_id": [5, "6"],
    "team_id": [3, "4"],
    "inbox_id": [1, "2"],
    "status": ["open", "resolved"],
    "priority": ["low", "high"],
    "message_type": ["incoming", "outgoing", "template"],
    "sender_type": ["contact", "user", "agent_bot"],
    "country_code": ["BR", "pt"],
    "v_list": ["Free", "platinum"],
}
# where each attribute stands: written down once more, and not taken from the catalogue
PLACES: dict[str, tuple[str, ...]] = {
    "status": ("conversation", "status"),
    "priority": ("conversation", "priority"),
    "labels": ("conversation", "labels"),
    "created_at": ("conversation", "created_at"),
    "last_activity_at": ("conversation", "last_activity_at"),
    "browser_language": ("conversation", "additional_attributes", "browser_language"),
    "conversation_language": ("conversation", "additional_attributes", "conversation_language"),
    "referer": ("conversation", "additional_attributes", "referer"),
    "mail_subject": ("conversation", "additional_attributes", "mail_subject"),
    "inbox_id": ("inbox", "id"),
    "within_business_hours": ("inbox", "within_business_hours"),
    "assignee_id": ("assignee", "id"),
    "team_id": ("team", "id"),
    "content": ("message", "content"),
    "message_type": ("message", "message_type"),
    "sender_type": ("message", "sender_type"),
    "private_note": ("message", "private"),
    "has_attachment": ("message", "attachments"),
    "name": ("contact", "name"),
    "email": ("contact", "email"),
    "phone_number": ("contact", "phone_number"),
    "identifier": ("contact", "identifier"),
    "company": ("contact", "additional_attributes", "company_name"),
    "city": ("contact", "additional_attributes", "city"),
    "country_code": ("contact", "additional_attributes", "country_code"),
    "v_text": ("conversation", "custom_attribute", "v_text"),
    "v_link": ("conversation", "custom_attribute", "v_link"),
    "v_date": ("conversation", "custom_attribute", "v_date"),
    "v_list": ("conversation", "custom_attribute", "v_list"),
    "c_number": ("contact", "custom_attribute", "c_number"),
    "c_currency": ("contact", "custom_attribute", "c_currency"),
    "c_percent": ("contact", "custom_attribute", "c_percent"),
    "c_checkbox": ("contact", "custom_attribute", "c_checkbox"),
}
ONE_VALUE = {Operator.IS_GREATER_THAN, Operator.IS_LESS_THAN}


def model_of(key: str) -> str:
    return {"v_": CONVERSATION, "c_": CONTACT}.get(key[:2], "")


def kind_of(key: str) -> Kind:
    attribute = find_attribute(key, model_of(key), KNOWN.custom_attributes)
    assert attribute is not None
    return attribute.kind


def samples_of(key: str) -> list[Any]:
    return CHOICES.get(key) or SAMPLES[kind_of(key)]


@st.composite
def a_row(draw: st.DrawFn) -> Any:
    key = draw(st.sampled_from(sorted(PLACES)))
    operator = draw(st.sampled_from(OPERATORS[kind_of(key)]))
    if operator is Operator.DAYS_BEFORE:
        values = [draw(st.sampled_from([0, 2, "3"]))]
    elif operator is Operator.MATCHES:
        values = draw(st.lists(st.sampled_from(["^a", "b$", "[0-9]+"]), min_size=1, max_size=2))
    else:
        most = 1 if operator in ONE_VALUE else 3
        values = draw(st.lists(st.sampled_from(samples_of(key)), min_size=1, max_size=most))
        if (
            key in {"priority", "assignee_id", "team_id", "sender_type"}
            and operator is Operator.EQUAL_TO
        ):
            values = draw(st.sampled_from([values, [*values, "nil"]]))
    return row(key, operator.value, *values, of=model_of(key))


CHANGING = ("status", "priority", "labels", "v_text", "v_date", "email")


@st.composite
def a_change(draw: st.DrawFn) -> Any:
    key = draw(st.sampled_from(CHANGING))
    sides = [draw(st.lists(st.sampled_from(samples_of(key)), max_size=2)) for _ in range(2)]
    return changed(key, *sides) | {"custom_attribute_type": model_of(key)}


ITEMS = st.recursive(
    st.one_of(a_row(), a_row(), a_change()),
    lambda inner: st.builds(
        lambda kind, children: {kind: children},
        st.sampled_from(["all", "any"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
RULES = st.lists(
    st.tuples(ITEMS, st.sampled_from(["and", "OR"])), min_size=1, max_size=4
).map(lambda pairs: [item | {"query_operator": joiner} for item, joiner in pairs])  # fmt: skip


@st.composite
def happened(draw: st.DrawFn) -> dict[str, Any]:
    """Facts in which anything may be missing, of any event; two of three carry changes."""
    about = facts(
        event={"name": draw(st.sampled_from(list(EventName))), "at": f"{TODAY}T12:00:00Z"}
    )
    for part in ("message", "assignee", "team"):
        about[part] = draw(st.sampled_from([None, {}]))
    for key, place in PLACES.items():
        value = draw(st.none() | st.sampled_from(samples_of(key)))
        if key == "labels":
            value = draw(st.lists(st.sampled_from(["bug", "vip", "urgent"]), max_size=3))
        if key == "has_attachment":
            value = draw(st.sampled_from([[], [{"id": 1}]]))
        put(about, place, value)
    for key in draw(st.lists(st.sampled_from(CHANGING), max_size=3)):
        values = st.lists(st.sampled_from(["bug", "vip"]), max_size=2) if key == "labels" else (
            st.none() | st.sampled_from(samples_of(key)))  # fmt: skip
        pair = [draw(values), draw(values)]
        if model_of(key):
            pair = [{key: pair[0]}, {key: pair[1]}]
        about["changes"]["custom_attributes" if model_of(key) else key] = pair
    return about


def put(about: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    *groups, last = place
    for key in groups:
        if about.get(key) is None:
            if key in {"message", "assignee", "team"}:
                return
            about[key] = {}
        about = about[key]
    about[last] = value


# --- the interpreter ------------------------------------------------------------------------------


def words(value: Any) -> str:
    plain = unicodedata.normalize("NFD", str(value).lower())
    return "".join(one for one in plain if not unicodedata.combining(one))


def day(value: Any) -> date:
    return datetime.fromisoformat(value).date()


MEANT: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: words,
    Kind.CODE: lambda value: str(value).lower(),
    Kind.PHONE: lambda value: re.sub("[^0-9]", "", str(value)),
    Kind.LANGUAGE: lambda value: value.lower().replace("_", "-"),
    Kind.CHOICE: lambda value: value.lower(),
    Kind.ID: int,
    Kind.NUMBER: float,
    Kind.DATE: day,
    Kind.CHECKBOX: lambda value: bool(value) if isinstance(value, list) else str(value) in {"True", "true"},
}  # fmt: skip


def meant(key: str, value: Any) -> Any:
    """A value as it is compared; None for none."""
    if value is None or value in {"", "nil"} if not isinstance(value, list) else False:
        return None
    return MEANT[kind_of(key)](value)


def stands(key: str, about: Any) -> Any:
    for step in PLACES[key]:
        about = about.get(step) if isinstance(about, dict) else None
    return about


def naive(items: list[Any], about: dict[str, Any]) -> bool:
    parts: list[list[Any]] = [[]]
    for number, item in enumerate(items):
        parts[-1].append(item)
        if item["query_operator"] == "OR" and number < len(items) - 1:
            parts.append([])
    return any(all(naive_item(item, about) for item in part) for part in parts)


def naive_item(item: Any, about: dict[str, Any]) -> bool:
    if "all" in item or "any" in item:
        answers = [naive_item(child, about) for child in item.get("all") or item["any"]]
        return all(answers) if "all" in item else any(answers)
    key, operator, values = item["attribute_key"], item["filter_operator"], item["values"]
    if operator == "attribute_changed":
        return naive_change(key, values, about["changes"])
    positive = {
        "not_equal_to": "equal_to", "does_not_contain": "contains", "is_not_present": "is_present",
    }.get(operator)  # fmt: skip
    if positive:
        return not naive_test(key, positive, values, stands(key, about))
    return naive_test(key, operator, values, stands(key, about))


def naive_test(key: str, operator: str, values: list[Any], raw: Any) -> bool:
    if kind_of(key) is Kind.LABELS:
        if operator == "is_present":
            return bool(raw)
        return bool({one.lower() for one in values} & {one.lower() for one in raw or ()})
    actual = meant(key, raw)
    if operator == "is_present":
        return actual is not None
    if operator == "matches":
        return bool(raw) and any(re.search(one, str(raw), re.IGNORECASE) for one in values)
    if operator == "days_before":
        return actual is not None and (day(TODAY) - actual).days > int(values[0])
    wanted = [meant(key, one) for one in values]
    if operator == "equal_to":
        return actual in wanted
    return actual is not None and naive_comparison(operator, actual, wanted)


def naive_comparison(operator: str, actual: Any, wanted: list[Any]) -> bool:
    match operator:
        case "contains":
            return any(one in actual for one in wanted)
        case "starts_with":
            return any(actual.startswith(one) for one in wanted)
        case "is_greater_than":
            return bool(actual > wanted[0])
        case _:
            return bool(actual < wanted[0])


def naive_change(key: str, sides: Any, changes: dict[str, Any]) -> bool:
    pair = changes.get("custom_attributes" if model_of(key) else key)
    if pair is None or (model_of(key) and not any(key in one for one in pair)):
        return False
    if model_of(key):
        pair = [one.get(key) for one in pair]
    if key == "labels":
        old, new = ({one.lower() for one in side} for side in pair)
        gone, come = old - new, new - old
        took = not sides["from"] or gone & {one.lower() for one in sides["from"]}
        put_on = not sides["to"] or come & {one.lower() for one in sides["to"]}
        return old != new and bool(took) and bool(put_on)
    before, after = (meant(key, one) for one in pair)
    fits = (not sides["from"] or before in [meant(key, one) for one in sides["from"]]) and (
        not sides["to"] or after in [meant(key, one) for one in sides["to"]]
    )
    return before != after and fits


@settings(max_examples=40, deadline=None)
@given(st.lists(RULES, min_size=1, max_size=8), st.lists(happened(), min_size=1, max_size=4))
def test_all_evaluators_agree_on_everything(
    written: list[Any], events: list[dict[str, Any]]
) -> None:
    compiled = {
        number: compile_rule(parse(conditions), KNOWN.custom_attributes)
        for number, conditions in enumerate(written)
    }
    assert [one.error for one in compiled.values() if one.error] == []
    together = RuleSet(compiled)
    for about in [*events, *events]:  # what the network remembers must not matter
        expected = [number for number, rule in enumerate(written) if naive(rule, about)]
        assert together.test(about).matched == expected
        assert [n for n, rule in compiled.items() if evaluate(rule, about).matched] == expected


@pytest.mark.parametrize("key", sorted(PLACES))
def test_every_operator_of_an_attribute_can_be_saved(key: str) -> None:
    event = "message_created"
    for operator in OPERATORS[kind_of(key)]:
        values = {Operator.DAYS_BEFORE: [2], Operator.MATCHES: ["^a"]}.get(
            operator, samples_of(key)[:1]
        )
        found = problems_in(event, [row(key, operator.value, *values, of=model_of(key))], KNOWN)
        assert found == [], operator
