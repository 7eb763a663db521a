"""What is wrong with a rule's effects: what they say, and what they name that is not there. Pure."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

from recado.automation.catalogue import custom_attribute
from recado.automation.effect_names import (
    MOST_EFFECTS,
    SELF,
    SHAPES,
    EffectName,
    Files,
    Setting,
    Shape,
    TeamMail,
    Value,
)
from recado.automation.effect_reading import (
    Wrong,
    name_of,
    needs_conversation,
    params_of,
    read_value,
)
from recado.automation.known import Known, Problem, problem
from recado.automation.predicates import Misfit, expected_value
from recado.automation.values import as_code
from recado.contacts.kinds import AttributeModel
from recado.lib.addresses import kept_url_problem
from recado.lib.facts import STANDARD_VARIABLES, names_known
from recado.lib.languages import Sentence, say
from recado.lib.templating import TemplateError, shielded, unknown_names

INVALID_ATTACHMENT: Final = "Invalid attachment"  # as the API says it


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
        if (name := name_of(stored)) and needs_conversation(name, stored)
    ]


def _problem(
    stored: object, place: str, known: Known, already_used: Collection[int]
) -> Problem | None:
    if not isinstance(stored, Mapping):
        return problem(place, say("An action must be an object."))
    name = name_of(stored)
    if name is None:
        return _unknown_name(stored, place)
    value = read_value(SHAPES[name], params_of(stored))
    if isinstance(value, Wrong):
        sentence: Sentence | None = value.sentence
    else:
        sentence = _misfit(SHAPES[name], value, known, already_used)
    if sentence is None:
        return None
    text = INVALID_ATTACHMENT if name is EffectName.SEND_ATTACHMENT else ""
    return problem(f"{place}.action_params", sentence, text)


def _unknown_name(stored: Mapping[str, object], place: str) -> Problem:
    written = stored.get("action_name")
    if not isinstance(written, str) or not written:
        return problem(f"{place}.action_name", say("Choose what the rule does."))
    return problem(
        f"{place}.action_name",
        say("“%(name)s” is nothing that a rule can do.", name=written),
        f"Automation actions {written} not supported.",
    )


def _misfit(
    shape: Shape, value: Value, known: Known, already_used: Collection[int]
) -> Sentence | None:
    match shape, value:
        case Shape.AGENT, _:
            return _agent_misfit(value, known)
        case Shape.TEAM, int() if value not in known.teams:
            return say("There is no such team. It may have been deleted.")
        case Shape.LABELS, tuple():
            return _missing_label(value, known)
        case Shape.CUSTOM_ACTION, int():
            return _missing_action(value, known, already_used)
        case Shape.TEXT | Shape.EMAILS | Shape.URL, str():
            return _written_misfit(shape, value, known)
        case _, Files() | TeamMail():
            return _listed_misfit(value, known)
        case Shape.ATTRIBUTE, Setting():
            return _setting_misfit(value, known)
        case _:
            return None


def _written_misfit(shape: Shape, written: str, known: Known) -> Sentence | None:
    if shape is Shape.URL:  # called as it is, without variables
        return kept_url_problem(written, known.refuses)
    return _template_misfit(written, known)


def _agent_misfit(value: Value, known: Known) -> Sentence | None:
    if value == SELF:
        return say("Choose an agent.")  # nobody runs a rule
    is_gone = isinstance(value, int) and value not in known.agents
    return say("There is no such agent. They may have left the account.") if is_gone else None


def _listed_misfit(value: Files | TeamMail, known: Known) -> Sentence | None:
    if isinstance(value, TeamMail):
        return _team_mail_misfit(value, known)
    is_there = set(value.ids) <= set(known.files)
    return None if is_there else say("There is no such file. It may have been deleted.")


def _team_mail_misfit(mail: TeamMail, known: Known) -> Sentence | None:
    missing = next((one for one in mail.team_ids if one not in known.teams), None)
    if missing is not None:
        return say("There is no such team. It may have been deleted.")
    return _template_misfit(mail.message, known)


def _missing_label(titles: tuple[str, ...], known: Known) -> Sentence | None:
    existing = _codes(known.labels)
    missing = next((one for one in titles if as_code(one) not in existing), None)
    return say("There is no label “%(title)s”.", title=missing) if missing else None


@lru_cache(
    maxsize=64
)  # accounts; a list of rules or macros asks for the same with each of its rows
def _codes(labels: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(as_code, labels))


def _missing_action(action_id: int, known: Known, already_used: Collection[int]) -> Sentence | None:
    action = known.custom_actions.get(action_id)
    if action is None:
        return say("There is no such custom action. It may have been deleted.")
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
        f"{AttributeModel(model).of}.custom_attribute.{key}"
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
