"""What the form of a rule offers: attributes for an event, their operators, and values to choose.

All pure: the page draws a field for each `Field`, fills it from `options`, and sends back the
keys and values it was given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from babel import Locale

from recado.automation.captions import (
    BY_HAND_LABELS,
    CHOICE_LABELS,
    EFFECT_LABELS,
    Words,
)
from recado.automation.catalogue import (
    ALL,
    NONE,
    STANDARD,
    Attribute,
    Kind,
    Operator,
    Subject,
    custom_attribute,
    has_changes,
    has_conversation,
)
from recado.automation.effect_names import SHAPES, SNOOZES, WITHOUT_CONVERSATION, EffectName, Shape
from recado.automation.known import Known
from recado.automation.values import as_text
from recado.contacts.kinds import AttributeModel
from recado.events.names import EventName
from recado.lib.languages import Sentence, language, say


class Field(StrEnum):
    """Which input the page draws for a value."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHECKBOX = "checkbox"  # a choice between yes and no
    SELECT = "select"


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: what is stored, and what people read.

    `detail` says more about it; `why` it cannot be chosen now.
    """

    value: str
    label: Words
    detail: str = ""
    why: Words = ""


@dataclass(frozen=True, slots=True)
class AttributeChoice:
    """An attribute that a condition on this event may ask for, ready to be drawn.

    `model` goes into `custom_attribute_type`. `options` are empty unless the field is a select or a
    checkbox. `group` is a heading.
    """

    key: str
    model: str
    label: Words
    group: Sentence
    field: Field
    operators: tuple[Operator, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class EffectChoice:
    """An effect that a rule may have, ready to be drawn; `options` for its parameter, if a choice."""

    name: EffectName
    label: Words
    shape: Shape
    options: tuple[Option, ...]


_GROUPS: Final = {
    Subject.MESSAGE: say("Message"),
    Subject.CONVERSATION: say("Conversation"),
    Subject.CONTACT: say("Contact"),
}
_OWN_GROUPS: Final = {
    Subject.CONVERSATION: say("Conversation custom attributes"),
    Subject.CONTACT: say("Contact custom attributes"),
}
_FIELDS: Final = {Kind.NUMBER: Field.NUMBER, Kind.DATE: Field.DATE, Kind.CHECKBOX: Field.CHECKBOX}
_SELECTS: Final = frozenset({Kind.CHOICE, Kind.ID, Kind.LABELS, Kind.LANGUAGE})
_LANGUAGES: Final = (
    "ar bg bn ca cs da de el en es et fa fi fr gu he hi hr hu id it ja ka kn ko lt lv ml mr ms nl "
    "no pl pt pt-BR ro ru sk sl sr sv ta te th tr uk ur vi zh-CN zh-TW"
)
_NO_COUNTRIES: Final = dict.fromkeys(["EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"])


def attributes_for(event_name: EventName, known: Known) -> list[AttributeChoice]:
    """Every attribute that makes sense for an event, in the form's order, grouped by subject.

    Attributes of messages are offered only where there is a message, those of conversations not for
    contacts' own events; an existing rule may hold others and stays valid.
    """
    standard = (one for one in STANDARD.values() if _makes_sense(one, event_name))
    custom = (
        custom_attribute(AttributeModel(model), key, known.custom_attributes)
        for model, key in known.custom_attributes
    )
    offered = [*standard, *(one for one in custom if _makes_sense(one, event_name))]
    choices = [_choice(one, event_name, known) for one in offered]
    order = [*_GROUPS.values(), *_OWN_GROUPS.values()]
    return sorted(choices, key=lambda one: order.index(one.group))


def effects_offered(known: Known, event: EventName | None = None) -> list[EffectChoice]:
    """Every effect, in the form's order, custom actions first; only active ones can be chosen.

    With an event, only what can be done about it.
    """
    is_alone = event is not None and not has_conversation(event)
    return [
        EffectChoice(name, label, SHAPES[name], tuple(_effect_options(name, known, is_alone)))
        for name, label in EFFECT_LABELS.items()
        if not is_alone or name in WITHOUT_CONVERSATION
    ]


def effects_by_hand(known: Known) -> list[EffectChoice]:
    """What a macro can do, in the form's order: agents may be whoever runs it."""
    itself = tuple(Option(value, label) for value, label in BY_HAND_LABELS.items())
    return [
        replace(one, options=(*itself, *one.options)) if one.shape is Shape.AGENT else one
        for one in effects_offered(known)
        if one.name is not EffectName.SEND_WEBHOOK_EVENT  # by hand none is sent
    ]


def first_attribute(event_name: EventName) -> str:
    """The attribute that a new condition begins with."""
    if event_name is EventName.MESSAGE_CREATED:
        return "message_type"
    return "status" if has_conversation(event_name) else "email"


def _makes_sense(attribute: Attribute, event_name: EventName) -> bool:
    if attribute.subject is Subject.MESSAGE:
        return event_name is EventName.MESSAGE_CREATED
    return attribute.subject is Subject.CONTACT or has_conversation(event_name)


def _choice(attribute: Attribute, event_name: EventName, known: Known) -> AttributeChoice:
    is_own = attribute.model is not None
    operators = attribute.operators
    if not attribute.is_optional:
        presence = {Operator.IS_PRESENT, Operator.IS_NOT_PRESENT}
        operators = tuple(one for one in operators if one not in presence)
    if has_changes(event_name) and attribute.can_change:
        operators = (*operators, Operator.ATTRIBUTE_CHANGED)
    return AttributeChoice(
        attribute.key,
        attribute.model or "",
        attribute.label,
        (_OWN_GROUPS if is_own else _GROUPS)[attribute.subject],
        field_of(attribute),
        operators,
        tuple(options_of(attribute, known)),
    )


def field_of(attribute: Attribute) -> Field:
    """The input for a value of an attribute; a list without values is typed."""
    if attribute.key == "country_code" and attribute.model is None:
        return Field.SELECT
    if attribute.kind is Kind.CHOICE and not attribute.choices:
        return Field.TEXT
    return Field.SELECT if attribute.kind in _SELECTS else _FIELDS.get(attribute.kind, Field.TEXT)


def options_of(attribute: Attribute, known: Known) -> Iterator[Option]:
    """What can be chosen for an attribute, in the reader's language; nothing for typed values."""
    if attribute.kind is Kind.CHECKBOX:
        yield Option("true", say("Yes"))
        yield Option("false", say("No"))
    elif attribute.model is not None:
        yield from (Option(one, one) for one in attribute.choices)
    else:
        yield from _standard_options(attribute, known)


def _standard_options(attribute: Attribute, known: Known) -> Iterator[Option]:
    words = CHOICE_LABELS.get(attribute.key, {})
    match attribute.key:
        case "inbox_id":
            yield from _named(known.inboxes)
        case "assignee_id":
            yield Option(NONE, words[NONE])
            yield from _named(known.agents)
        case "team_id":
            yield Option(NONE, words[NONE])
            yield from _named(known.teams)
        case "labels":
            yield from (Option(one, one) for one in known.labels)
        case "country_code":
            yield from _countries()
        case "browser_language" | "conversation_language":
            yield from _languages()
        case _:
            yield from (Option(value, label) for value, label in words.items())


def _named(names: Mapping[int, str]) -> Iterator[Option]:
    return (Option(str(one), name) for one, name in names.items())


def _languages() -> list[Option]:
    reader = language()
    names = {tag: Locale.parse(tag, sep="-").get_display_name(reader) for tag in _LANGUAGES.split()}
    return _sorted(names)


def _countries() -> list[Option]:
    territories = Locale.parse(language()).territories
    return _sorted(
        {code: name for code, name in territories.items() if len(code) == 2} | _NO_COUNTRIES
    )


def _sorted(names: Mapping[str, str | None]) -> list[Option]:
    found = [Option(value, name[0].upper() + name[1:]) for value, name in names.items() if name]
    return sorted(found, key=lambda one: as_text(one.label))


def _effect_options(name: EffectName, known: Known, is_alone: bool) -> Iterator[Option]:
    match SHAPES[name]:
        case Shape.SNOOZE:
            yield from _snoozes()
        case Shape.ATTRIBUTE:
            yield from (one for one in _own_attributes(known) if not is_alone or _is_contacts(one))
        case shape:
            yield from _plain_options(shape, known)


def _plain_options(shape: Shape, known: Known) -> Iterator[Option]:
    match shape:
        case Shape.AGENT:
            words = CHOICE_LABELS["assignee_id"]
            yield from (Option(value, label) for value, label in words.items())
            yield from _named(known.agents)
        case Shape.FILES | Shape.TEAM_MAIL:
            yield from _named(known.files if shape is Shape.FILES else known.teams)
        case Shape.TEAM:
            yield Option(NONE, CHOICE_LABELS["team_id"][NONE])
            yield from _named(known.teams)
        case Shape.LABELS:
            yield from (Option(one, one) for one in known.labels)
        case Shape.STATUS:
            words = CHOICE_LABELS["status"]
            yield from (Option(value, label) for value, label in words.items() if value != ALL)
        case Shape.PRIORITY:
            words = CHOICE_LABELS["priority"]
            yield from (Option(value, label) for value, label in words.items())
        case Shape.CUSTOM_ACTION:
            active = {key: one for key, one in known.custom_actions.items() if one.is_active}
            yield from (Option(str(key), one.name, one.detail) for key, one in active.items())
        case _:
            return


def _snoozes() -> Iterator[Option]:
    yield Option(NONE, say("until the contact writes"))
    yield from (Option(value, label) for value, label in SNOOZES.items())


def _is_contacts(option: Option) -> bool:
    return option.value.startswith(AttributeModel.CONTACT)


def _own_attributes(known: Known) -> Iterator[Option]:
    """Custom attributes as the form names them: "contact_attribute:plan"."""
    for model, key in known.custom_attributes:
        attribute = custom_attribute(AttributeModel(model), key, known.custom_attributes)
        whose = _GROUPS[attribute.subject]
        label = say("%(whose)s: %(label)s", whose=whose, label=attribute.label)
        yield Option(f"{model}:{key}", label)
