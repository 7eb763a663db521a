"""Rules with names instead of ids, so that they mean the same in another account. Pure.

In conditions inboxes, agents and teams, in effects agents, teams and custom actions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recado.automation.captions import names_of
from recado.automation.effect_names import SHAPES, EffectName, Shape
from recado.automation.known import Known
from recado.automation.trees import group_of
from recado.automation.values import as_id

Swap = Callable[[Any, Mapping[int, str]], Any]


@dataclass(frozen=True, slots=True)
class NamedRule:
    """The parts of a rule that name things."""

    conditions: Any
    effects: Any


def with_names(rule: NamedRule, known: Known) -> NamedRule:
    """Ids become names; what has none stays an id."""
    return swapped(rule, known, lambda value, names: names.get(as_id(value) or 0, value))


def with_ids(rule: NamedRule, known: Known) -> NamedRule:
    """Names become ids; a name that nothing or more than one thing has stays, and is told when checked."""

    def id_of(value: Any, names: Mapping[int, str]) -> Any:
        found = [key for key, name in names.items() if name == value]
        return found[0] if len(found) == 1 else value

    return swapped(rule, known, id_of)


def swapped(rule: NamedRule, known: Known, swap: Swap) -> NamedRule:
    """With `swap(value, names)` in place of each id or name; `names` are those of its kind."""
    conditions, effects = rule.conditions, rule.effects
    if isinstance(conditions, list):
        conditions = [_condition(one, known, swap) for one in conditions]
    if isinstance(effects, list):
        effects = [_effect(one, known, swap) for one in effects]
    return NamedRule(conditions, effects)


def _condition(item: Any, known: Known, swap: Swap) -> Any:
    if not isinstance(item, dict):
        return item
    kind = group_of(item)
    if kind is not None:
        inside = item[kind] if isinstance(item[kind], list) else []
        return {**item, kind: [_condition(one, known, swap) for one in inside]}
    names = names_of(str(item.get("attribute_key")), known)
    if not names or item.get("custom_attribute_type"):
        return item
    return {**item, "values": _values(item.get("values"), names, swap)}


def _values(values: Any, names: Mapping[int, str], swap: Swap) -> Any:
    if isinstance(values, dict):  # of a change
        return {side: _values(given, names, swap) for side, given in values.items()}
    return [swap(one, names) for one in values] if isinstance(values, list) else values


def _effect(effect: Any, known: Known, swap: Swap) -> Any:
    if not isinstance(effect, dict) or effect.get("action_name") not in set(EffectName):
        return effect
    params, names = effect.get("action_params"), _names(effect["action_name"], known)
    if not names or not isinstance(params, list):
        return effect
    return {**effect, "action_params": [_param(one, names, swap) for one in params]}


def _param(param: Any, names: Mapping[int, str], swap: Swap) -> Any:
    if isinstance(param, dict):  # of an e-mail to teams
        return {**param, "team_ids": _values(param.get("team_ids"), names, swap)}
    return swap(param, names)


def _names(name: str, known: Known) -> Mapping[int, str]:
    match SHAPES[EffectName(name)]:
        case Shape.AGENT:
            return known.agents
        case Shape.TEAM | Shape.TEAM_MAIL:
            return known.teams
        case Shape.FILES:
            return known.files
        case Shape.CUSTOM_ACTION:
            return {key: one.name for key, one in known.custom_actions.items()}
        case _:
            return {}
