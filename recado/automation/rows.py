"""The form of a rule, ready to be drawn: each condition and each effect with its choices. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from recado.automation.captions import EVENT_LABELS, GONE_OPTIONS, OPERATOR_LABELS, Words
from recado.automation.catalogue import (
    NONE,
    Attribute,
    Operator,
    find_attribute,
    has_conversation,
)
from recado.automation.choices import (
    AttributeChoice,
    EffectChoice,
    Option,
    attributes_for,
    effects_by_hand,
    effects_offered,
    options_of,
)
from recado.automation.effect_names import Shape
from recado.automation.forms import UNCHOSEN, Control, control_of, group_kind
from recado.automation.known import CustomActionInfo, Known
from recado.automation.saving import RuleDraft
from recado.automation.trees import Joiner, joiner_of
from recado.automation.values import as_id, as_written
from recado.events.names import EventName
from recado.lib.languages import Sentence, say

Choices = list[tuple[str, Words]]

_OFFERED: Final[tuple[tuple[Sentence, tuple[EventName, ...]], ...]] = (
    (
        say("Conversation"),
        (
            EventName.CONVERSATION_CREATED,
            EventName.CONVERSATION_UPDATED,
            EventName.CONVERSATION_OPENED,
            EventName.CONVERSATION_RESOLVED,
            EventName.LABEL_ADDED,
            EventName.LABEL_REMOVED,
            EventName.ASSIGNEE_CHANGED,
            EventName.TEAM_CHANGED,
            EventName.PRIORITY_CHANGED,
            EventName.CONVERSATION_ATTRIBUTE_CHANGED,
        ),
    ),
    (say("Message"), (EventName.MESSAGE_CREATED,)),
    (
        say("Time"),
        (
            EventName.AGENT_IDLE,
            EventName.CONTACT_IDLE,
            EventName.SNOOZE_ENDED,
            EventName.BUSINESS_HOURS_STARTED,
            EventName.BUSINESS_HOURS_ENDED,
        ),
    ),
    (
        say("Contact"),
        (
            EventName.CONTACT_CREATED,
            EventName.CONTACT_UPDATED,
            EventName.CONTACT_ATTRIBUTE_CHANGED,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One value control: its field name's end, what it holds, and what can be chosen."""

    name: str
    values: list[str]
    options: list[Option]


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition in the form. `sides` are one control, two for a change, none for presence."""

    place: str  # "2", or "2_0" inside a group
    title: Sentence
    attribute: str
    attributes: dict[str, Choices]
    operator: str
    operators: Choices
    control: Control
    sides: list[Side]
    joiner: str  # with the row before; "" for none
    note: Sentence | None = None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Conditions of which all, or any, must hold."""

    place: str
    title: Sentence
    kind: str  # "all" or "any"
    conditions: list[ConditionRow]
    joiner: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An effect in the form; `shape` says how its parameter is asked for."""

    number: int
    name: str
    names: Choices
    shape: str
    values: list[str]
    options: list[Option]
    off: list[Option]  # custom actions that cannot be chosen now
    note: Sentence | None = None
    value: str = ""  # what a custom attribute is set to, or what an e-mail says


@dataclass(frozen=True, slots=True)
class RuleRows:
    """Everything repeated in the form. `grouped` holds conditions that rows cannot show, as JSON."""

    conditions: list[ConditionRow | GroupRow]
    effects: list[EffectRow]
    grouped: str


def event_choices() -> dict[str, Choices]:
    """The events that rules can wait for, by what they are about."""
    return {str(group): [(name, EVENT_LABELS[name]) for name in names] for group, names in _OFFERED}


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a rule waits, as the form asks for it: in the largest unit that fits, or as typed.

    None where the event cannot wait.
    """

    number: str
    unit: str
    is_idle: bool


def wait_of(draft: RuleDraft) -> Wait | None:
    """The waiting of a draft, as the form shows it."""
    if draft.event_name in set(EventName) and not has_conversation(EventName(draft.event_name)):
        return None
    is_idle = draft.event_name in {EventName.AGENT_IDLE, EventName.CONTACT_IDLE}
    minutes = as_id(draft.delay_minutes)
    if minutes is None:
        return Wait(as_written(draft.delay_minutes), "1", is_idle)
    unit = next(one for one in (1_440, 60, 1) if minutes % one == 0)
    return Wait(str(minutes // unit), str(unit), is_idle)


WAIT_UNITS: Final[Choices] = [("1", say("minutes")), ("60", say("hours")), ("1440", say("days"))]


def rows_of(draft: RuleDraft, known: Known) -> RuleRows:
    """The rows that show a draft."""
    is_event = draft.event_name in set(EventName)
    event = EventName(draft.event_name) if is_event else EventName.MESSAGE_CREATED
    if any(_is_deep(one) for one in draft.conditions):
        return RuleRows([], _rules_effects(draft, known), json.dumps(draft.conditions))
    offered = attributes_for(event, known)
    items = [
        _item(number, draft.conditions, offered, known) for number in range(len(draft.conditions))
    ]
    return RuleRows(items, _rules_effects(draft, known), "")


def rows_by_hand(effects: list[Any], known: Known) -> list[EffectRow]:
    """The rows that show the effects of a macro."""
    return _effects(effects, effects_by_hand(known), known)


def _is_deep(item: Any) -> bool:
    """Whether a group holds groups, for which there are no rows."""
    kind = group_kind(item)
    children = item[kind] if kind else []
    return any(not isinstance(one, Mapping) or group_kind(dict(one)) for one in children)


def _item(
    number: int, rows: list[Any], offered: list[AttributeChoice], known: Known
) -> ConditionRow | GroupRow:
    joiner = (joiner_of(rows[number - 1]) or Joiner.AND).value if number else ""
    kind = group_kind(rows[number])
    if kind is None:
        title = say("Condition %(number)s", number=number + 1)
        return _condition((str(number), title, joiner), rows[number], offered, known)
    inside = [
        _condition((f"{number}_{inner}", _inner_title(inner, number), ""), row, offered, known)
        for inner, row in enumerate(rows[number][kind])
    ]
    title = say("Group %(number)s", number=number + 1)
    return GroupRow(str(number), title, kind, inside, joiner)


def _inner_title(inner: int, number: int) -> Sentence:
    return say("Condition %(number)s of group %(group)s", number=inner + 1, group=number + 1)


def _condition(
    head: tuple[str, Sentence, str], row: Any, offered: list[AttributeChoice], known: Known
) -> ConditionRow:
    place, title, joiner = head
    key, model = str(row.get("attribute_key") or ""), str(row.get("custom_attribute_type") or "")
    attribute = find_attribute(key, model, known.custom_attributes)
    value = _attribute_value(attribute, key, model)
    choice = next((one for one in offered if _choice_value(one) == value), None)
    operator = str(row.get("filter_operator") or "")
    control = control_of(attribute, operator)
    return ConditionRow(
        place,
        title,
        value,
        _attribute_choices(offered, choice, attribute, value),
        operator,
        _operators(choice, attribute, operator),
        control,
        _sides(row.get("values"), operator, control, attribute, known),
        joiner,
        _note(choice, attribute),
    )


def _attribute_value(attribute: Attribute | None, key: str, model: str) -> str:
    """What the select sends: a custom attribute carries its model."""
    if attribute is None:
        return f"{model}:{key}" if model else key
    return f"{attribute.model}:{attribute.key}" if attribute.model else attribute.key


def _choice_value(choice: AttributeChoice) -> str:
    return f"{choice.model}:{choice.key}" if choice.model else choice.key


def _attribute_choices(
    offered: list[AttributeChoice],
    choice: AttributeChoice | None,
    attribute: Attribute | None,
    value: str,
) -> dict[str, Choices]:
    groups: dict[str, Choices] = {
        str(group): [(_choice_value(one), one.label) for one in found]
        for group, found in groupby(offered, key=lambda one: one.group)
    }
    if choice is None and value:  # of another event, or deleted: it stays until somebody changes it
        label = attribute.label if attribute else say("%(key)s (deleted)", key=value)
        groups[str(say("Not for this event"))] = [(value, label)]
    return groups


def _operators(
    choice: AttributeChoice | None, attribute: Attribute | None, operator: str
) -> Choices:
    offered = choice.operators if choice else attribute.operators if attribute else ()
    names = [one for one in Operator if one in offered or one == operator]
    in_order = sorted(names, key=lambda one: list(offered).index(one) if one in offered else 99)
    return [(one.value, OPERATOR_LABELS[one]) for one in in_order]


def _note(choice: AttributeChoice | None, attribute: Attribute | None) -> Sentence | None:
    if choice is None and attribute is not None:
        return say("This event says nothing about it, so the condition sees an empty value.")
    return None


def _sides(
    values: Any, operator: str, control: Control, attribute: Attribute | None, known: Known
) -> list[Side]:
    if control is Control.NOTHING:
        return []
    if operator == Operator.ATTRIBUTE_CHANGED:
        given = values if isinstance(values, Mapping) else {}
        return [_side(side, given.get(side), attribute, known, control) for side in ("from", "to")]
    return [_side("values", values, attribute, known, control)]


def _side(
    name: str, values: Any, attribute: Attribute | None, known: Known, control: Control
) -> Side:
    options = list(options_of(attribute, known)) if attribute else []
    given = values if isinstance(values, list) else []
    written = [NONE if one is None else as_written(one) for one in given]
    has_choices = control in {Control.MANY, Control.ONE}
    gone = GONE_OPTIONS.get(attribute.key) if attribute and attribute.model is None else None
    return Side(name, written, _with_gone(written, options, gone) if has_choices else options)


def _rules_effects(draft: RuleDraft, known: Known) -> list[EffectRow]:
    is_event = draft.event_name in set(EventName)
    offered = effects_offered(known, EventName(draft.event_name) if is_event else None)
    return _effects(draft.effects, offered, known)


def _effects(effects: list[Any], offered: list[EffectChoice], known: Known) -> list[EffectRow]:
    return [_effect(number, row, offered, known) for number, row in enumerate(effects)]


def _effect(number: int, row: Any, offered: list[EffectChoice], known: Known) -> EffectRow:
    name = str(row.get("action_name") or "")
    choice = next((one for one in offered if one.name == name), None)
    gone = (
        None if choice else next((one for one in effects_offered(known) if one.name == name), None)
    )
    choice = choice or gone  # of another event: it stays until somebody changes it
    params = row.get("action_params") or []
    values = [text for one in params if one != UNCHOSEN for text in _param(one)]
    options = list(choice.options) if choice else []
    off, note = _off_actions(choice, values, options, known)
    is_choice = choice is not None and choice.shape in _CHOSEN
    gone_name = _GONE_CHOICES.get(choice.shape) if choice else None
    return EffectRow(
        number,
        name,
        [(one.name.value, one.label) for one in (*offered, *([gone] if gone else []))],
        choice.shape.value if choice else Shape.NOTHING.value,
        values,
        _with_gone(values, options, gone_name) if options or is_choice else options,
        off,
        note,
        next((_text_of(one) for one in params if isinstance(one, Mapping)), ""),
    )


_GONE_CHOICES: Final = {
    Shape.AGENT: GONE_OPTIONS["assignee_id"],
    Shape.TEAM: GONE_OPTIONS["team_id"],
    Shape.TEAM_MAIL: GONE_OPTIONS["team_id"],
    Shape.CUSTOM_ACTION: say("Deleted custom action"),
    Shape.FILES: say("Deleted file"),
}
_CHOSEN: Final = {Shape.LABELS, Shape.CUSTOM_ACTION}  # out of a list that may be empty


def _param(one: Any) -> list[str]:
    if isinstance(one, Mapping) and "team_ids" in one:
        return [as_written(team) for team in one["team_ids"] or []]
    if isinstance(one, Mapping):
        return [f"{one.get('custom_attribute_type') or ''}:{one.get('attribute_key') or ''}"]
    return [NONE if one is None else as_written(one)]


def _text_of(param: Mapping[str, Any]) -> str:
    """What a custom attribute is set to, or what an e-mail says."""
    return as_written(param.get("value", param.get("message")))


def _off_actions(
    choice: EffectChoice | None, values: list[str], options: list[Option], known: Known
) -> tuple[list[Option], Sentence | None]:
    """What cannot be chosen, greyed; one that the rule uses already stays, marked."""
    if choice is None or choice.shape is not Shape.CUSTOM_ACTION:
        return [], None
    off = [_off(key, one) for key, one in known.custom_actions.items() if not one.is_active]
    used = next((one for one in off if one.value in values), None)
    if used is None:
        return off, None
    options.append(used)
    name = known.custom_actions[as_id(used.value) or 0].name
    note = say("“%(name)s” is not active: the rule waits for it and sends nothing.", name=name)
    return [one for one in off if one is not used], note


def _off(action_id: int, action: CustomActionInfo) -> Option:
    if action.is_draft:
        label, why = (
            say("%(name)s (draft)", name=action.name),
            say("A draft: test and save it first."),
        )
    else:
        label, why = say("%(name)s (off)", name=action.name), say("Off: switch it on first.")
    return Option(str(action_id), label, action.detail, why)


def _with_gone(
    values: list[str], options: list[Option], name: Sentence | None = None
) -> list[Option]:
    """With what is not there any more: it stays until somebody changes it. `name` stands for an id."""
    known = {one.value for one in options}
    gone = [one for one in values if one not in known]
    return [*options, *(Option(one, name or say("%(key)s (deleted)", key=one)) for one in gone)]
