"""The closed list of what a rule can do, the shape of each one's parameters, and checking them.

Stored and sent as the API has it: `{"action_name": str, "action_params": list}`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from recado.automation.catalogue import NONE, PRIORITIES, STATUSES, custom_attribute
from recado.automation.known import AttributeModel, Known, Problem, problem
from recado.automation.predicates import Misfit, expected_value
from recado.automation.values import as_code, as_id
from recado.lib.addresses import url_problem
from recado.lib.facts import STANDARD_VARIABLES, names_known
from recado.lib.languages import Sentence, say
from recado.lib.templating import TemplateError, shielded, unknown_names

MOST_EFFECTS: Final = 50  # of one rule
MOST_LABELS: Final = 100  # of one effect
LONGEST_TEXT: Final = 150_000  # characters of a message, as the API allows
LONGEST_VALUE: Final = 1_500  # characters of what a custom attribute is set to
LAST_RESPONDING_AGENT: Final = "last_responding_agent"


class EffectName(StrEnum):
    """What a rule can do; the API shows these names as `action_name`."""

    ASSIGN_AGENT = "assign_agent"
    ASSIGN_TEAM = "assign_team"
    REMOVE_ASSIGNED_AGENT = "remove_assigned_agent"
    REMOVE_ASSIGNED_TEAM = "remove_assigned_team"
    ADD_LABEL = "add_label"
    REMOVE_LABEL = "remove_label"
    SEND_MESSAGE = "send_message"
    ADD_PRIVATE_NOTE = "add_private_note"
    CHANGE_STATUS = "change_status"
    CHANGE_PRIORITY = "change_priority"
    RESOLVE_CONVERSATION = "resolve_conversation"
    OPEN_CONVERSATION = "open_conversation"
    PENDING_CONVERSATION = "pending_conversation"
    SNOOZE_CONVERSATION = "snooze_conversation"
    MUTE_CONVERSATION = "mute_conversation"
    SEND_CUSTOM_ACTION = "send_custom_action"
    SET_CUSTOM_ATTRIBUTE = "set_custom_attribute"
    SEND_WEBHOOK_EVENT = "send_webhook_event"


class Shape(Enum):
    """What the parameters of an effect are; the form draws a field for each."""

    NOTHING = "nothing"
    AGENT = "agent"
    TEAM = "team"
    LABELS = "labels"
    TEXT = "text"
    STATUS = "status"
    PRIORITY = "priority"
    CUSTOM_ACTION = "custom_action"
    ATTRIBUTE = "attribute"  # {"attribute_key", "custom_attribute_type", "value"}
    SNOOZE = "snooze"
    URL = "url"


SHAPES: Final[Mapping[EffectName, Shape]] = {
    EffectName.ASSIGN_AGENT: Shape.AGENT,
    EffectName.ASSIGN_TEAM: Shape.TEAM,
    EffectName.REMOVE_ASSIGNED_AGENT: Shape.NOTHING,
    EffectName.REMOVE_ASSIGNED_TEAM: Shape.NOTHING,
    EffectName.ADD_LABEL: Shape.LABELS,
    EffectName.REMOVE_LABEL: Shape.LABELS,
    EffectName.SEND_MESSAGE: Shape.TEXT,
    EffectName.ADD_PRIVATE_NOTE: Shape.TEXT,
    EffectName.CHANGE_STATUS: Shape.STATUS,
    EffectName.CHANGE_PRIORITY: Shape.PRIORITY,
    EffectName.RESOLVE_CONVERSATION: Shape.NOTHING,
    EffectName.OPEN_CONVERSATION: Shape.NOTHING,
    EffectName.PENDING_CONVERSATION: Shape.NOTHING,
    EffectName.SNOOZE_CONVERSATION: Shape.SNOOZE,
    EffectName.MUTE_CONVERSATION: Shape.NOTHING,
    EffectName.SEND_CUSTOM_ACTION: Shape.CUSTOM_ACTION,
    EffectName.SET_CUSTOM_ATTRIBUTE: Shape.ATTRIBUTE,
    EffectName.SEND_WEBHOOK_EVENT: Shape.URL,
}

WITHOUT_CONVERSATION: Final = frozenset(
    {
        EffectName.SEND_CUSTOM_ACTION,
        EffectName.SET_CUSTOM_ATTRIBUTE,
        EffectName.SEND_WEBHOOK_EVENT,
    }
)
SNOOZES: Final[Mapping[str, Sentence]] = {  # what `snooze_conversation` takes; none: till a reply
    "60": say("for an hour"),
    "240": say("for four hours"),
    "1440": say("for a day"),
    "tomorrow": say("until tomorrow morning"),
    "next_week": say("until Monday morning"),
}
MOST_MINUTES: Final = 366 * 24 * 60  # of a snooze


@dataclass(frozen=True, slots=True)
class Setting:
    """A custom attribute and what it becomes: a plain value or a template; "" takes it away."""

    model: str
    key: str
    value: str

    @property
    def is_template(self) -> bool:
        """Whether the value is made of the event's facts."""
        return "{{" in self.value or "{%" in self.value


Value = int | str | tuple[str, ...] | Setting | None


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect read. What `value` is depends on the shape of its name:

    AGENT an id, LAST_RESPONDING_AGENT or None (nobody); TEAM an id or None; LABELS titles; TEXT,
    STATUS the text; PRIORITY the name or None; CUSTOM_ACTION an id; ATTRIBUTE a Setting; SNOOZE
    minutes or a name, as text, or None; URL an address; NOTHING None.
    """

    name: EffectName
    value: Value


@dataclass(frozen=True, slots=True)
class _Wrong:
    sentence: Sentence


def read_effect(stored: object) -> Effect | None:
    """A stored effect, or None where it makes no sense; names nothing that must still exist."""
    name = _name(stored)
    if name is None or not isinstance(stored, Mapping):
        return None
    value = _value(SHAPES[name], _params(stored))
    return None if isinstance(value, _Wrong) else Effect(name, value)


def effect_problems(
    effects: object,
    known: Known,
    *,
    already_used: Collection[int] = (),
    has_conversation: bool = True,
) -> list[Problem]:
    """What is wrong with a rule's effects, each at its field ("actions.0.action_params").

    Custom actions must be active, except those that the rule used before (`already_used`): such a
    rule can be edited while it waits for its action. Nothing raises, whatever JSON comes.
    """
    if not isinstance(effects, list):
        return [problem("actions", say("Actions must be a list."))]
    if not effects:
        return [problem("actions", say("Add at least one action."))]
    if len(effects) > MOST_EFFECTS:
        return [problem("actions", say("Use at most %(number)s actions.", number=MOST_EFFECTS))]
    found = [
        _problem(stored, f"actions.{number}", known, already_used)
        for number, stored in enumerate(effects)
    ]
    return [one for one in found if one] + _homeless(effects, has_conversation)


def _homeless(effects: list[object], has_conversation: bool) -> list[Problem]:
    """Effects on a conversation, where the event has none."""
    if has_conversation:
        return []
    return [
        problem(
            f"actions.{number}.action_name",
            say("This needs a conversation, and this event is about a contact alone."),
        )
        for number, stored in enumerate(effects)
        if (name := _name(stored)) and needs_conversation(name, stored)
    ]


def needs_conversation(name: EffectName, stored: object) -> bool:
    """Whether there must be a conversation for an effect to be done."""
    if name not in WITHOUT_CONVERSATION:
        return True
    effect = read_effect(stored)
    value = effect.value if effect else None
    return isinstance(value, Setting) and value.model == AttributeModel.CONVERSATION


def _problem(
    stored: object, place: str, known: Known, already_used: Collection[int]
) -> Problem | None:
    if not isinstance(stored, Mapping):
        return problem(place, say("An action must be an object."))
    name = _name(stored)
    if name is None:
        return _unknown_name(stored, place)
    value = _value(SHAPES[name], _params(stored))
    if isinstance(value, _Wrong):
        return problem(f"{place}.action_params", value.sentence)
    sentence = _misfit(SHAPES[name], value, known, already_used)
    return problem(f"{place}.action_params", sentence) if sentence else None


def _unknown_name(stored: Mapping[str, object], place: str) -> Problem:
    written = stored.get("action_name")
    if not isinstance(written, str) or not written:
        return problem(f"{place}.action_name", say("Choose what the rule does."))
    return problem(
        f"{place}.action_name",
        say("“%(name)s” is nothing that a rule can do.", name=written),
        f"Automation actions {written} not supported.",
    )


def _name(stored: object) -> EffectName | None:
    written = stored.get("action_name") if isinstance(stored, Mapping) else None
    return next((one for one in EffectName if one == written), None)


def _params(stored: Mapping[str, object]) -> object:
    params = stored.get("action_params")
    return [] if params is None else params


def _value(shape: Shape, params: object) -> Value | _Wrong:
    if not isinstance(params, list):
        return _Wrong(say("Parameters must be a list."))
    if shape is Shape.LABELS:
        return _labels(params)
    if shape is Shape.NOTHING:
        blank = all(one in (None, "") for one in params)
        return None if blank else _Wrong(say("This action takes no parameters."))
    if len(params) > 1:
        return _Wrong(say("Choose one value only."))
    return _single(shape, params[0] if params else None)


def _single(shape: Shape, given: object) -> Value | _Wrong:
    match shape:
        case Shape.AGENT if given == LAST_RESPONDING_AGENT:
            return LAST_RESPONDING_AGENT
        case Shape.AGENT:
            return None if given == NONE else _id(given, say("Choose an agent."))
        case Shape.TEAM:
            is_none = given in (NONE, None, "", "0") or (given == 0 and given is not False)
            return None if is_none else _id(given, say("Choose a team."))
        case Shape.CUSTOM_ACTION:
            return _id(given, say("Choose a custom action."))
        case Shape.STATUS:
            return _one_of(STATUSES, given, say("Choose a status."))
        case Shape.PRIORITY:
            wrong = say("Choose a priority.")
            return None if given in (NONE, None) else _one_of(PRIORITIES, given, wrong)
        case _:
            return _READERS[shape](given)


def _id(given: object, otherwise: Sentence) -> int | _Wrong:
    found = as_id(given)
    return _Wrong(otherwise) if found is None else found


def _one_of(names: tuple[str, ...], given: object, otherwise: Sentence) -> str | _Wrong:
    return next((name for name in names if name == given), None) or _Wrong(otherwise)


def _setting(given: object) -> Setting | _Wrong:
    parts = given if isinstance(given, Mapping) else {}
    key, model, value = (
        parts.get(name) for name in ("attribute_key", "custom_attribute_type", "value")
    )
    if not isinstance(key, str) or not key or model not in tuple(AttributeModel):
        return _Wrong(say("Choose a custom attribute."))
    if isinstance(value, bool):
        value = str(value).lower()
    written = str(value) if isinstance(value, str | int | float) else ""
    if len(written) > LONGEST_VALUE:
        return _Wrong(say("Use at most %(number)s characters.", number=LONGEST_VALUE))
    return Setting(str(model), key, written.strip())


def _snooze(given: object) -> str | _Wrong | None:
    if given in (None, "", NONE):
        return None
    minutes = as_id(given)
    if minutes is not None and minutes <= MOST_MINUTES:
        return str(minutes)
    return _one_of(tuple(SNOOZES), given, say("Choose how long, or enter minutes."))


def _url(given: object) -> str | _Wrong:
    if not isinstance(given, str) or not given.strip():
        return _Wrong(say("Enter the address that is called."))
    wrong = url_problem(given.strip())
    return _Wrong(wrong) if wrong else given.strip()


def _text(given: object) -> str | _Wrong:
    if not isinstance(given, str) or not given.strip():
        return _Wrong(say("Enter a text."))
    if len(given) > LONGEST_TEXT:
        return _Wrong(say("Use at most %(number)s characters.", number=LONGEST_TEXT))
    return given


_READERS: Final[Mapping[Shape, Callable[[object], Value | _Wrong]]] = {
    Shape.TEXT: _text,
    Shape.ATTRIBUTE: _setting,
    Shape.SNOOZE: _snooze,
    Shape.URL: _url,
}


def _labels(params: list[object]) -> tuple[str, ...] | _Wrong:
    titles = [one.strip() for one in params if isinstance(one, str) and one.strip()]
    if not titles or len(titles) < len(params) or len(titles) > MOST_LABELS:
        return _Wrong(say("Choose at least one label."))
    return tuple(dict.fromkeys(titles))


def _misfit(
    shape: Shape, value: Value, known: Known, already_used: Collection[int]
) -> Sentence | None:
    match shape, value:
        case Shape.AGENT, int() if value not in known.agents:
            return say("There is no agent %(id)s.", id=value)
        case Shape.TEAM, int() if value not in known.teams:
            return say("There is no team %(id)s.", id=value)
        case Shape.LABELS, tuple():
            return _missing_label(value, known)
        case Shape.CUSTOM_ACTION, int():
            return _missing_action(value, known, already_used)
        case Shape.TEXT, str():
            return _template_misfit(value, known)
        case Shape.ATTRIBUTE, Setting():
            return _setting_misfit(value, known)
        case _:
            return None


def _missing_label(titles: tuple[str, ...], known: Known) -> Sentence | None:
    existing = {as_code(one) for one in known.labels}
    missing = next((one for one in titles if as_code(one) not in existing), None)
    return say("There is no label “%(title)s”.", title=missing) if missing else None


def _missing_action(action_id: int, known: Known, already_used: Collection[int]) -> Sentence | None:
    action = known.custom_actions.get(action_id)
    if action is None:
        return say("There is no custom action %(id)s.", id=action_id)
    if action.is_active or action_id in already_used:
        return None
    return say("The custom action “%(name)s” is not active.", name=action.name)


def _setting_misfit(setting: Setting, known: Known) -> Sentence | None:
    if (setting.model, setting.key) not in known.custom_attributes:
        return say("There is no attribute “%(key)s”. It may have been deleted.", key=setting.key)
    if setting.is_template:
        return _template_misfit(setting.value, known)
    attribute = custom_attribute(
        AttributeModel(setting.model), setting.key, known.custom_attributes
    )
    value = expected_value(attribute, setting.value, may_be_none=False) if setting.value else None
    return value.sentence if isinstance(value, Misfit) else None


def _template_misfit(source: str, known: Known) -> Sentence | None:
    try:
        unknown = unknown_names(shielded(source), template_names(known))
    except TemplateError as error:
        return _at(error.position, error.sentence)
    return _at((unknown[0].line, unknown[0].column), unknown[0].sentence) if unknown else None


def template_names(known: Known) -> frozenset[str]:
    """Every variable that a text of this account's rules may name."""
    custom = {
        f"{'contact' if model == AttributeModel.CONTACT else 'conversation'}.custom_attribute.{key}"
        for model, key in known.custom_attributes
    }
    return names_known(STANDARD_VARIABLES) | custom


def _at(position: tuple[int, int] | None, sentence: Sentence) -> Sentence:
    if position is None:
        return sentence
    line, column = position
    return say(
        "Line %(line)s, column %(column)s: %(what)s", line=line, column=column, what=sentence
    )
