"""What is allowed and yet probably not meant: rules that never fire, or fight each other. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Any, Final

from recado.automation.catalogue import NONE
from recado.automation.effect_names import BY_MAIL, EffectName
from recado.automation.effect_reading import actions_in, effects_in
from recado.automation.known import Definitions, Known
from recado.automation.restraining import Control, control_from
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
    return warnings_among(everybody, known, only={rule.id})[rule.id]


def warnings_among(
    rules: Sequence[Watched], known: Known, *, only: Collection[int] | None = None
) -> dict[int, list[Doubt]]:
    """The warnings about each rule of an account, or about those of these ids; the rules in their order."""
    wanted = {one.id for one in rules} if only is None else set(only)
    found = {one.id: [*_alone(one, known)] for one in rules if one.id in wanted}
    named = set() if only is None else wanted  # a rule that is asked for counts as active
    active = [one for one in rules if one.is_active or one.id in named]
    for one, other in islice(_pairs(active, wanted, known.custom_attributes), _MOST_PAIRS):
        for rule_id, warning in _between(one, other, known.custom_attributes):
            if rule_id in found:
                found[rule_id].append(warning)
    return found


class _Read:
    """A rule with what is read from it once, however many others it is compared with."""

    def __init__(self, rule: Watched, definitions: Definitions) -> None:
        self.rule = rule
        self._definitions = definitions

    @cached_property
    def control(self) -> Control:
        """What restrains it."""
        return control_from(self.rule.control)

    @cached_property
    def sets(self) -> dict[str, str]:
        """Which fields it sets, and to what at last."""
        return dict(_settings(self.rule))

    @cached_property
    def tree(self) -> Tree:
        """Its conditions."""
        return parse(self.rule.conditions)

    @cached_property
    def ways(self) -> list[list[Literal]] | None:
        """The ways in which they can hold."""
        return alternatives(self.tree, self._definitions)


def _pairs(
    rules: Sequence[Watched], wanted: Set[int], definitions: Definitions
) -> Iterator[tuple[_Read, _Read]]:
    """Rules on the same event of which one is wanted, the upper one first."""
    by_event: dict[str, list[_Read]] = {}
    for rule in rules:
        by_event.setdefault(rule.event_name, []).append(_Read(rule, definitions))
    for together in by_event.values():
        places = [place for place, one in enumerate(together) if one.rule.id in wanted]
        for place, upper in enumerate(together):
            if upper.rule.id in wanted:
                lowers = together[place + 1 :]
            else:
                lowers = [together[one] for one in places if one > place]
            yield from ((upper, lower) for lower in lowers)


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


def _between(upper: _Read, lower: _Read, definitions: Definitions) -> Iterator[tuple[int, Doubt]]:
    if _stops_always(upper) and _implies(lower, upper):
        name = upper.rule.name
        sentence = say("“%(name)s” above it always fires first and stops it.", name=name)
        yield lower.rule.id, Doubt(Code.SHADOWED, sentence, upper.rule.id)
        return
    if upper.control.stops:
        return  # they never fire together
    mine, theirs = upper.sets, lower.sets
    fields = [one for one in mine if one in theirs and mine[one] != theirs[one]]
    if fields and _may_meet(upper, lower, definitions):
        for one, other in ((upper.rule, lower.rule), (lower.rule, upper.rule)):
            sentence = say(
                "“%(name)s” sets %(field)s to something else on the same event; the lower one wins.",
                name=other.name,
                field=_field_name(fields[0]),
            )
            yield one.id, Doubt(Code.FIGHT, sentence, other.id)


def _stops_always(one: _Read) -> bool:
    control = one.control
    return control.stops and not control.remembers and control.hours is None


def _implies(lower: _Read, upper: _Read) -> bool:
    """Whether the upper rule holds whenever the lower one does, as far as can be seen."""
    mine, theirs = lower.ways, upper.ways
    if not mine or not theirs:
        return False
    keys = [frozenset(one.key for one in way) for way in theirs]
    return all(any(key <= {one.key for one in way} for key in keys) for way in mine)


def _may_meet(one: _Read, other: _Read, definitions: Definitions) -> bool:
    ways = alternatives(AllOf((one.tree, other.tree)), definitions)
    return ways is None or any(conflict(one.rule.event_name, way) is None for way in ways)
