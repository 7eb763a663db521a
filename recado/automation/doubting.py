"""What is allowed and yet probably not meant: rules that never fire, or fight each other. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from recado.automation.catalogue import NONE
from recado.automation.effect_names import BY_MAIL, EffectName
from recado.automation.effect_reading import actions_in, effects_in
from recado.automation.known import Definitions, Known
from recado.automation.restraining import control_from
from recado.automation.satisfying import Literal, alternatives, conflict
from recado.automation.trees import AllOf, Tree, parse
from recado.automation.wording import condition_sentence
from recado.lib.languages import Sentence, say
from recado.mail.explaining import NO_SERVER

_MOST_PAIRS: Final = 2_000  # of rules compared


class Code(StrEnum):
    """The kinds of warnings; the API shows these names."""

    NEVER = "never_matches"
    PARTLY = "part_never_matches"
    SHADOWED = "shadowed"
    FIGHT = "fight"
    TWICE = "sets_twice"
    ACTION_OFF = "action_off"
    ACTION_MISSING = "action_missing"
    NO_MAIL = "no_mail_server"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that is probably not meant; `other_id` is the other rule, if there is one."""

    code: Code
    sentence: Sentence
    other_id: int | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A rule as warnings need it; a draft that was never saved has the id 0."""

    id: int
    name: str
    event_name: str
    conditions: object
    effects: object
    control: Mapping[str, Any]
    is_active: bool


def warnings_of(rule: Watched, others: Sequence[Watched], known: Known) -> list[Doubt]:
    """Every warning about one rule; `others` are the account's rules in their order.

    Its saved self among them is looked at as it is here; a new one comes last.
    """
    everybody = [one if one.id != rule.id else rule for one in others]
    if all(one.id != rule.id for one in others):
        everybody.append(rule)
    return warnings_among(everybody, known, only=rule.id)[rule.id]


def warnings_among(
    rules: Sequence[Watched], known: Known, *, only: int | None = None
) -> dict[int, list[Doubt]]:
    """The warnings about each rule of an account, the rules in their order."""
    wanted = [one for one in rules if only is None or one.id == only]
    found = {one.id: [*_alone(one, known)] for one in wanted}
    for one, other in _pairs(rules, only):
        for rule_id, warning in _between(one, other, known):
            if rule_id in found:
                found[rule_id].append(warning)
    return found


def _pairs(rules: Sequence[Watched], only: int | None) -> Iterator[tuple[Watched, Watched]]:
    """Active rules on the same event, the upper one first."""
    active = [one for one in rules if one.is_active or one.id == only]
    count = 0
    for number, upper in enumerate(active):
        for lower in active[number + 1 :]:
            if upper.event_name != lower.event_name or only not in (None, upper.id, lower.id):
                continue
            count += 1
            if count > _MOST_PAIRS:
                return
            yield upper, lower


def _alone(rule: Watched, known: Known) -> Iterator[Doubt]:
    yield from _contradictions(rule, known)
    yield from _twice(rule)
    yield from _actions(rule, known)
    yield from _mail(rule, known)


def _contradictions(rule: Watched, known: Known) -> Iterator[Doubt]:
    ways = alternatives(parse(rule.conditions), known.custom_attributes)
    if not ways:
        return
    conflicts = [conflict(rule.event_name, way) for way in ways]
    first = next((one for one in conflicts if one), None)
    if first is None:
        return
    words = _together(first, known)
    if all(conflicts):
        yield Doubt(Code.NEVER, say("It can never fire: %(conditions)s.", conditions=words))
    else:
        yield Doubt(
            Code.PARTLY,
            say("One of its alternatives can never hold: %(conditions)s.", conditions=words),
        )


def _together(literals: Sequence[Literal], known: Known) -> Sentence | str:
    words: Any = condition_sentence(literals[0].leaf, known)
    for one in literals[1:3]:
        words = say(
            "%(before)s and %(after)s", before=words, after=condition_sentence(one.leaf, known)
        )
    return words if len(literals) > 1 else say("%(condition)s is never so here", condition=words)


# --- what rules set --------------------------------------------------------------------------------

_FIELDS: Final[Mapping[str, Sentence]] = {
    "status": say("the status"),
    "priority": say("the priority"),
    "assignee": say("the assigned agent"),
    "team": say("the team"),
}
_SETS: Final[
    Mapping[EffectName, tuple[str, str | None]]
] = {  # field and value; None: the parameter
    EffectName.CHANGE_STATUS: ("status", None),
    EffectName.RESOLVE_CONVERSATION: ("status", "resolved"),
    EffectName.MUTE_CONVERSATION: ("status", "resolved"),
    EffectName.OPEN_CONVERSATION: ("status", "open"),
    EffectName.PENDING_CONVERSATION: ("status", "pending"),
    EffectName.SNOOZE_CONVERSATION: ("status", "snoozed"),
    EffectName.CHANGE_PRIORITY: ("priority", None),
    EffectName.ASSIGN_AGENT: ("assignee", None),
    EffectName.REMOVE_ASSIGNED_AGENT: ("assignee", NONE),
    EffectName.ASSIGN_TEAM: ("team", None),
    EffectName.REMOVE_ASSIGNED_TEAM: ("team", NONE),
}


def _settings(rule: Watched) -> Iterator[tuple[str, str]]:
    """Which fields a rule sets, and to what; a label is a field of its own, on or off."""
    for effect in effects_in(rule.effects):
        if effect.name in {EffectName.ADD_LABEL, EffectName.REMOVE_LABEL}:
            titles = effect.value if isinstance(effect.value, tuple) else ()
            state = "on" if effect.name is EffectName.ADD_LABEL else "off"
            yield from ((f"label {one.lower()}", state) for one in titles)
        elif effect.name in _SETS:
            field, value = _SETS[effect.name]
            given = NONE if effect.value is None else str(effect.value)
            yield field, given if value is None else value


def _field_name(field: str) -> Sentence:
    return _FIELDS.get(field) or say("the label “%(title)s”", title=field.removeprefix("label "))


def _twice(rule: Watched) -> Iterator[Doubt]:
    seen: dict[str, str] = {}
    for field, value in _settings(rule):
        if seen.setdefault(field, value) != value:
            seen[field] = value
            sentence = say("It sets %(field)s twice; the last one stays.", field=_field_name(field))
            yield Doubt(Code.TWICE, sentence)


def _actions(rule: Watched, known: Known) -> Iterator[Doubt]:
    for action_id in dict.fromkeys(actions_in(rule.effects)):
        action = known.custom_actions.get(action_id)
        if action is None:
            yield Doubt(Code.ACTION_MISSING, say("It sends a custom action that was deleted."))
        elif not action.is_active:
            sentence = say("The custom action “%(name)s” is not active.", name=action.name)
            yield Doubt(Code.ACTION_OFF, sentence)


def _mail(rule: Watched, known: Known) -> Iterator[Doubt]:
    if not known.sends_mail and any(one.name in BY_MAIL for one in effects_in(rule.effects)):
        yield Doubt(Code.NO_MAIL, NO_SERVER)


# --- two rules ------------------------------------------------------------------------------------


def _between(upper: Watched, lower: Watched, known: Known) -> Iterator[tuple[int, Doubt]]:
    definitions = known.custom_attributes
    if _stops_always(upper) and _implies(lower, upper, definitions):
        sentence = say("“%(name)s” above it always fires first and stops it.", name=upper.name)
        yield lower.id, Doubt(Code.SHADOWED, sentence, upper.id)
        return
    if control_from(upper.control).stops:
        return  # they never fire together
    mine, theirs = dict(_settings(upper)), dict(_settings(lower))
    fields = [one for one in mine if one in theirs and mine[one] != theirs[one]]
    if fields and _may_meet(upper, lower, definitions):
        for one, other in ((upper, lower), (lower, upper)):
            sentence = say(
                "“%(name)s” sets %(field)s to something else on the same event; the lower one wins.",
                name=other.name,
                field=_field_name(fields[0]),
            )
            yield one.id, Doubt(Code.FIGHT, sentence, other.id)


def _stops_always(rule: Watched) -> bool:
    control = control_from(rule.control)
    return control.stops and not control.remembers and control.hours is None


def _implies(lower: Watched, upper: Watched, definitions: Definitions) -> bool:
    """Whether the upper rule holds whenever the lower one does, as far as can be seen."""
    mine = alternatives(parse(lower.conditions), definitions)
    theirs = alternatives(parse(upper.conditions), definitions)
    if not mine or not theirs:
        return False
    keys = [frozenset(one.key for one in way) for way in theirs]
    return all(any(key <= {one.key for one in way} for key in keys) for way in mine)


def _may_meet(one: Watched, other: Watched, definitions: Definitions) -> bool:
    tree: Tree = AllOf((parse(one.conditions), parse(other.conditions)))
    ways = alternatives(tree, definitions)
    return ways is None or any(conflict(one.event_name, way) is None for way in ways)
