"""What the form of a rule sends, as a draft: rows by number, in the API's shapes. Pure.

Names read `conditions-0-attribute`, `actions-1-params`; numbers may have gaps. `was` says for which
attribute or effect a row's value was asked, so a value never strays to another.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from recado.automation.catalogue import NONE, Attribute, Kind, Operator, find_attribute
from recado.automation.choices import Field, field_of, first_attribute
from recado.automation.effect_names import SHAPES, EffectName, Shape
from recado.automation.known import Known, Problem
from recado.automation.saving import RuleDraft
from recado.automation.trees import Joiner, parse, to_flat
from recado.automation.values import as_id
from recado.events.names import EventName
from recado.lib.forms import row_numbers
from recado.lib.languages import with_point

Sent = Mapping[str, Sequence[str]]  # each field with everything sent under its name
Row = dict[str, Any]  # a condition or an effect, as stored

UNCHOSEN: Final = "unchosen"  # stands for a choice not made, which no check lets pass
_EVENT: Final = EventName.MESSAGE_CREATED
_STEP: Final = re.compile(r"(remove|up|down)-(conditions|actions)-([0-9]{1,4})")
_IN_GROUP: Final = re.compile(r"(add|remove)-conditions-([0-9]{1,4})(?:_([0-9]{1,4}))?")
_GROUPS: Final = ("any", "all")
_SINGLE: Final = frozenset({Operator.IS_GREATER_THAN, Operator.IS_LESS_THAN})


class Control(StrEnum):
    """How the value of a condition is asked for."""

    NOTHING = "nothing"
    LINES = "lines"  # texts, one a line
    TEXT = "text"  # one text
    NUMBER = "number"
    DATE = "date"
    DAYS = "days"
    MANY = "many"  # checkboxes
    ONE = "one"  # yes or no


def control_of(attribute: Attribute | None, operator: str) -> Control:
    """The control that fits an attribute and an operator; for a change, that of each side."""
    if operator in {Operator.IS_PRESENT, Operator.IS_NOT_PRESENT}:
        return Control.NOTHING
    if attribute is None:
        return Control.TEXT
    if operator == Operator.DAYS_BEFORE:
        return Control.DAYS
    if field_of(attribute) is Field.TEXT:
        return Control.TEXT if operator in _SINGLE else Control.LINES
    return _CONTROLS[field_of(attribute)]


_CONTROLS: Final = {
    Field.SELECT: Control.MANY,
    Field.CHECKBOX: Control.ONE,
    Field.NUMBER: Control.NUMBER,
    Field.DATE: Control.DATE,
}


def new_draft() -> RuleDraft:
    """What the form shows at first: an event, one condition to fill, a custom action to choose."""
    effect = {"action_name": EffectName.SEND_CUSTOM_ACTION.value, "action_params": [UNCHOSEN]}
    return RuleDraft("", _EVENT.value, [new_condition(_EVENT)], [effect])


def flattened(draft: RuleDraft) -> RuleDraft:
    """The draft with its conditions as rows where rows can say the same."""
    rows = to_flat(parse(draft.conditions))
    return draft if rows is None else replace(draft, conditions=rows)


def new_condition(event: EventName) -> Row:
    """A row as "add" makes it."""
    return _condition(first_attribute(event), "", Operator.EQUAL_TO, [])


def draft_from(sent: Sent, known: Known) -> RuleDraft:
    """The rule that was sent, however incomplete."""
    name, description = (first_of(sent, field).strip() for field in ("name", "description"))
    event = first_of(sent, "event_name")
    return RuleDraft(
        name,
        event,
        _grouped(sent) or _conditions(sent, known, event),
        [_effect(sent, number) for number in _numbers(sent, "actions")],
        description,
        control=_control(sent),
        delay_minutes=_delay(sent),
    )


def _control(sent: Sent) -> dict[str, Any]:
    """The rule's control as typed: only what is on."""
    control: dict[str, Any] = {
        name: True for name in ("once", "stops") if first_of(sent, name) == "true"
    }
    if minutes := first_of(sent, "cool_down").strip():
        control["cool_down"] = int(minutes) if re.fullmatch("[0-9]{1,9}", minutes) else minutes
    if first_of(sent, "has_hours") == "true":
        days = [int(one) for one in sent.get("days", ()) if one in set("1234567")]
        clock = {name: first_of(sent, name) for name in ("from", "to", "time_zone")}
        control["hours"] = {"days": days, **clock}
    return control


def _delay(sent: Sent) -> int | str | None:
    """How many minutes; what is no number stays as it was typed, for the check to refuse."""
    written = first_of(sent, "execution_delay").strip()
    number, unit = as_id(written), as_id(first_of(sent, "execution_delay_unit"))
    return number * (unit or 1) if number is not None else written or None


def stepped(draft: RuleDraft, step: str) -> tuple[RuleDraft, str]:
    """The draft after a press on "add", "remove", "up" or "down", and which field gets the focus."""
    rows = {"conditions": list(draft.conditions), "actions": list(draft.effects)}
    focus = ""
    if step == "add-conditions":
        rows["conditions"].append(new_condition(_event_of(draft)))
        focus = f"conditions-{len(rows['conditions']) - 1}-attribute"
    elif step == "add-actions":
        rows["actions"].append({"action_name": "", "action_params": []})
        focus = f"actions-{len(rows['actions']) - 1}-name"
    elif step == "add-group":
        event = _event_of(draft)
        rows["conditions"].append({"any": [new_condition(event), new_condition(event)]})
        focus = f"conditions-{len(rows['conditions']) - 1}-kind"
    elif step == "simple-conditions":
        rows["conditions"] = [new_condition(_event_of(draft))]
        focus = "conditions-0-attribute"
    elif found := _STEP.fullmatch(step):
        focus = _moved(rows[found[2]], found[1], int(found[3]), found[2])
    elif found := _IN_GROUP.fullmatch(step):
        inner = None if found[3] is None else int(found[3])
        focus = _in_group(rows["conditions"], int(found[2]), inner, _event_of(draft))
    _join(rows["conditions"])
    return replace(draft, conditions=rows["conditions"], effects=rows["actions"]), focus


def _in_group(rows: list[Row], number: int, inner: int | None, event: EventName) -> str:
    """Add a condition to a group, or take the `inner` one away; an empty group goes with its last."""
    kind = group_kind(rows[number]) if number < len(rows) else None
    if kind is None:
        return ""
    children = list(rows[number][kind])
    if inner is None:
        children.append(new_condition(event))
    elif inner < len(children):
        del children[inner]
    rows[number] = {**rows[number], kind: children}
    if not children:
        return _moved(rows, "remove", number, "conditions")
    last = len(children) - 1 if inner is None else max(inner - 1, 0)
    return f"conditions-{number}_{last}-attribute"


def group_kind(row: Row) -> str | None:
    """Whether a row is a group, and of which kind."""
    return next((kind for kind in _GROUPS if isinstance(row.get(kind), list)), None)


def _join(rows: list[Row]) -> None:
    """Each row says how it is joined with the next; the last one says nothing."""
    for row in rows[:-1]:
        row["query_operator"] = row.get("query_operator") or Joiner.AND.value
    for row in rows[-1:]:
        row["query_operator"] = None


def _moved(rows: list[Row], step: str, number: int, what: str) -> str:
    if number >= len(rows):
        return ""
    if step == "remove":
        del rows[number]
        return f"{what}-{max(number - 1, 0)}-{_HEADS[what]}" if rows else f"add-{what}"
    other = number + (1 if step == "down" else -1)
    if 0 <= other < len(rows):
        rows[number], rows[other] = rows[other], rows[number]
        ends = {0: "down", len(rows) - 1: "up"}  # the first has no "up", the last no "down"
        return f"{ends.get(other, step)}-{what}-{other}"
    return ""


_HEADS: Final = {"conditions": "attribute", "actions": "name"}


def fields_of(problems: list[Problem]) -> dict[str, Problem]:
    """Problems by the form's field: "conditions.0.values" stands at "conditions-0-values"."""
    fields: dict[str, Problem] = {}
    for one in problems:
        fields.setdefault(_field(one.field), one)
    return fields


_PARTS: Final = {
    "attribute_key": "attribute",
    "custom_attribute_type": "attribute",
    "filter_operator": "operator",
    "values": "values",
    "action_name": "name",
    "action_params": "params",
}


def _field(path: str) -> str:
    parts = path.split(".")
    if parts[0] == "control":
        return parts[-1]  # "control.cool_down" stands at "cool_down"
    if len(parts) == 5:
        what, number, _kind, inner, part = parts
        return f"{what}-{number}_{inner}-{_PARTS.get(part, 'attribute')}"
    if len(parts) != 3:
        return parts[0]  # a list as a whole, or something deeper
    what, number, part = parts
    if part == "query_operator":  # drawn between this row and the next
        return f"{what}-{int(number) + 1}-joiner"
    return f"{what}-{number}-{_PARTS[part]}"


def _conditions(sent: Sent, known: Known, event: str) -> list[Row]:
    numbers = _numbers(sent, "conditions")
    rows = [_item(sent, number, known, event) for number in numbers]
    joiners = [first_of(sent, f"conditions-{number}-joiner") for number in numbers]
    for row, joiner in zip(rows, joiners[1:], strict=False):
        row["query_operator"] = joiner or Joiner.AND.value
    return rows


def _item(sent: Sent, number: int, known: Known, event: str) -> Row:
    kind = first_of(sent, f"conditions-{number}-kind")
    if kind not in _GROUPS:
        return _row(sent, str(number), known, event)
    pattern = re.compile(rf"conditions-{number}_([0-9]{{1,4}})-attribute")
    inside = row_numbers(sent, pattern)
    rows = [_row(sent, f"{number}_{one}", known, event) for one in inside]
    return {kind: rows, "query_operator": None}


def _row(sent: Sent, place: str, known: Known, event: str) -> Row:
    base = f"conditions-{place}"
    chosen, was = first_of(sent, f"{base}-attribute"), first_of(sent, f"{base}-was")
    if chosen == was and _is_out_of_place(sent, chosen, event):
        return new_condition(EventName(event))
    model, _, key = chosen.rpartition(":")
    attribute = find_attribute(key, model, known.custom_attributes)
    operator = first_of(sent, f"{base}-operator")
    if (
        chosen != was
        and attribute
        and operator not in (*attribute.operators, Operator.ATTRIBUTE_CHANGED)
    ):
        operator = attribute.operators[0].value
    values: Any = []
    if operator == Operator.ATTRIBUTE_CHANGED:
        sides = {side: _values(sent, f"{base}-{side}", attribute) for side in ("from", "to")}
        values = sides if chosen == was else {"from": [], "to": []}
    elif chosen == was and control_of(attribute, operator) is not Control.NOTHING:
        values = _values(sent, f"{base}-values", attribute)
    return _condition(key, model, operator, values)


def _is_out_of_place(sent: Sent, attribute: str, event: str) -> bool:
    """Whether this row is the one the form began with, for an event that it does not fit."""
    was = first_of(sent, "event_was")
    if event == was or not {event, was} <= set(EventName):
        return False
    is_untouched = attribute == first_attribute(EventName(was))
    return is_untouched and not any(first_of(sent, "conditions-0-values"))


def _condition(key: str, model: str, operator: str, values: Any) -> Row:
    return {
        "attribute_key": key,
        "custom_attribute_type": model,
        "filter_operator": str(operator),
        "values": values,
        "query_operator": None,
    }


def _values(sent: Sent, name: str, attribute: Attribute | None) -> list[Any]:
    lines = (line.strip() for text in sent.get(name, ()) for line in text.splitlines())
    kind = attribute.kind if attribute else Kind.TEXT
    return [_value(kind, line) for line in dict.fromkeys(lines) if line]


def _value(kind: Kind, text: str) -> int | str:
    if kind is Kind.ID:
        return as_id(text) or text
    return with_point(text) if kind is Kind.NUMBER else text


def _effect(sent: Sent, number: int) -> Row:
    base = f"actions-{number}"
    name, was = first_of(sent, f"{base}-name"), first_of(sent, f"{base}-was")
    params = [text for text in sent.get(f"{base}-params", ()) if text.strip()]
    shape, before = _shape(name), _shape(was)
    if name != was and (shape is not before or shape is None):
        params = []
    elif shape is Shape.TEAM_MAIL:
        return {"action_name": name, "action_params": [_team_mail(params, sent, base)]}
    elif shape is Shape.ATTRIBUTE:
        return {"action_name": name, "action_params": [_setting(params, sent, base)]}
    return {"action_name": name, "action_params": list(_params(shape, params))}


def _setting(params: list[str], sent: Sent, base: str) -> Row:
    model, _, key = (params[0] if params else "").partition(":")
    value = first_of(sent, f"{base}-value").replace("\r\n", "\n")
    return {"attribute_key": key, "custom_attribute_type": model, "value": value}


def _team_mail(params: list[str], sent: Sent, base: str) -> Row:
    message = first_of(sent, f"{base}-value").replace("\r\n", "\n")
    return {"team_ids": [as_id(one) or one for one in params], "message": message}


def _params(shape: Shape | None, given: list[str]) -> Iterator[Any]:
    match shape:
        case Shape.LABELS:
            yield from given
        case Shape.FILES:
            yield from (as_id(one) or one for one in given)
        case Shape.EMAILS:
            yield ", ".join(given).strip()
        case Shape.URL:
            yield given[0].strip() if given else ""
        case Shape.TEXT:
            yield "\n".join(given).replace("\r\n", "\n")
        case Shape.SNOOZE:
            yield from (as_id(text) or text for text in given if text != NONE)
        case Shape.AGENT | Shape.TEAM | Shape.CUSTOM_ACTION | Shape.STATUS | Shape.PRIORITY:
            text = given[0] if given else UNCHOSEN
            yield as_id(text) or text
        case _:
            return


def _shape(name: str) -> Shape | None:
    return SHAPES[EffectName(name)] if name in set(EffectName) else None


def _grouped(sent: Sent) -> list[Row]:
    """Groups inside groups, which only the API makes, travel through the form as they are."""
    try:
        kept = json.loads(first_of(sent, "conditions"))
    except (ValueError, RecursionError):
        return []
    is_whole = isinstance(kept, list) and all(isinstance(one, dict) for one in kept)
    return kept if is_whole else []


def _event_of(draft: RuleDraft) -> EventName:
    return EventName(draft.event_name) if draft.event_name in set(EventName) else _EVENT


def _numbers(sent: Sent, what: str) -> list[int]:
    pattern = re.compile(rf"{what}-([0-9]{{1,4}})-(?:attribute|name|kind)")
    return row_numbers(sent, pattern)


def first_of(sent: Sent, name: str) -> str:
    """The first value of a field; "" where it was not sent."""
    return next(iter(sent.get(name, ())), "")
