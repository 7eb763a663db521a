"""What changed between two saves of a rule, in words a person would use. Pure."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from recado.automation.captions import EVENT_LABELS, Words
from recado.automation.known import Known
from recado.automation.trees import Leaf, leaves, parse
from recado.automation.wording import condition_sentence, conditions_sentence, effect_sentence
from recado.lib.calendars import weekdays
from recado.lib.languages import say

Key = Callable[[Any], object]  # by which things of two lists are the same

_TEXTS: Final = {
    "name": say("Name: “%(before)s” → “%(after)s”"),
    "description": say("Description: “%(before)s” → “%(after)s”"),
}


_CONTROL: Final = {
    "stops": say("Stop after this rule"),
    "once": say("Only once in each conversation"),
    "cool_down": say("Pause after it fired, in minutes"),
    "hours": say("Only at certain hours"),
}


def rule_differences(
    before: Mapping[str, Any], after: Mapping[str, Any], known: Known
) -> list[Words]:
    """Every difference between two snapshots of a rule; empty where they mean the same."""
    return [
        *_texts(before, after),
        *_events(before, after),
        *_conditions(before["conditions"], after["conditions"], known),
        *_effects(before["effects"], after["effects"], known),
        *_control(before.get("control") or {}, after.get("control") or {}),
    ]


def _control(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Words]:
    for name, label in _CONTROL.items():
        old, new = before.get(name), after.get(name)
        if old != new:
            yield say(
                "%(setting)s: %(before)s → %(after)s",
                setting=label,
                before=_setting(old),
                after=_setting(new),
            )


def _setting(value: Any) -> Words:
    if isinstance(value, Mapping):
        days = ", ".join(name for number, name in weekdays() if number in value["days"])
        return f"{value['from']}–{value['to']} ({days}; {value['time_zone']})"
    if value is True:
        return say("yes")
    return say("no") if not value else str(value)


def _texts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Words]:
    for name, sentence in _TEXTS.items():
        old, new = str(before.get(name, "")), str(after.get(name, ""))
        if old != new:
            yield say(sentence.text, before=old, after=new)


def _events(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Words]:
    old, new = before["event_name"], after["event_name"]
    if old != new:
        yield say(
            "Event: %(before)s → %(after)s",
            before=EVENT_LABELS.get(old, old),
            after=EVENT_LABELS.get(new, new),
        )


def _conditions(before: object, after: object, known: Known) -> Iterator[Words]:
    old, new = parse(before), parse(after)
    if old == new:
        return
    gone, come = _apart(list(leaves(old)), list(leaves(new)), _leaf_key)
    is_only_joined = not gone and not come
    for leaf, other in _changed(gone, come, _subject):
        yield say(
            "Condition changed: %(before)s → %(after)s",
            before=condition_sentence(leaf, known),
            after=condition_sentence(other, known),
        )
    for leaf in gone:
        yield say("Condition removed: %(condition)s", condition=condition_sentence(leaf, known))
    for leaf in come:
        yield say("Condition added: %(condition)s", condition=condition_sentence(leaf, known))
    if is_only_joined:
        yield say(
            "The conditions are joined differently: %(before)s → %(after)s",
            before=conditions_sentence(old, known),
            after=conditions_sentence(new, known),
        )


def _effects(before: Sequence[Any], after: Sequence[Any], known: Known) -> Iterator[Words]:
    gone, come = _apart(list(before), list(after), _effect_key)
    for effect, other in _changed(gone, come, itemgetter("action_name")):
        yield say(
            "Action changed: %(before)s → %(after)s",
            before=effect_sentence(effect, known),
            after=effect_sentence(other, known),
        )
    for effect in gone:
        yield say("Action removed: %(action)s", action=effect_sentence(effect, known))
    for effect in come:
        yield say("Action added: %(action)s", action=effect_sentence(effect, known))
    if _order(before, after) != _order(after, before):
        yield say("The actions stand in another order.")


def _order(these: Sequence[Any], others: Sequence[Any]) -> list[str]:
    """Those that stand in both lists, in the order of the first."""
    known = {_effect_key(one) for one in others}
    return [key for key in map(_effect_key, these) if key in known]


def _apart(old: list[Any], new: list[Any], key: Key) -> tuple[list[Any], list[Any]]:
    """What only the old list has, and what only the new one has."""
    return _only(old, new, key), _only(new, old, key)


def _only(these: list[Any], others: list[Any], key: Key) -> list[Any]:
    left = [key(one) for one in others]
    only = []
    for one in these:
        if key(one) in left:
            left.remove(key(one))
        else:
            only.append(one)
    return only


def _changed(gone: list[Any], come: list[Any], subject: Key) -> list[tuple[Any, Any]]:
    """Those that say something else of the same subject, taken out of both lists."""
    pairs = []
    for one in list(gone):
        other = next((other for other in come if subject(other) == subject(one)), None)
        if other is not None:
            gone.remove(one)
            come.remove(other)
            pairs.append((one, other))
    return pairs


def _subject(leaf: Leaf) -> tuple[str, str]:
    return leaf.attribute_key, leaf.model


def _leaf_key(leaf: Leaf) -> str:
    return json.dumps([leaf.attribute_key, leaf.model, leaf.operator, leaf.values], sort_keys=True)


def _effect_key(effect: Mapping[str, Any]) -> str:
    return json.dumps([effect["action_name"], effect["action_params"]], sort_keys=True)
