"""A rule as a sentence in the reader's language, for lists and for the form while it is written.

Works for any JSON: what is missing shows as "…", and of what the account no longer has it says so.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from recado.automation.captions import (
    BY_HAND_LABELS,
    CHOICE_LABELS,
    GONE,
    Words,
    named,
    value_label,
)
from recado.automation.catalogue import NONE, Attribute, Kind, Operator, find_attribute
from recado.automation.effect_names import (
    SHAPES,
    SNOOZES,
    Effect,
    EffectName,
    Files,
    Setting,
    Shape,
    TeamMail,
    Value,
)
from recado.automation.effect_reading import read_effect
from recado.automation.known import Known
from recado.automation.trees import AllOf, Leaf, Tree, parse
from recado.automation.values import as_id
from recado.events.names import EventName
from recado.lib.excerpts import shortened
from recado.lib.languages import Sentence, say

_WHEN: Final[Mapping[str, Sentence]] = {
    EventName.CONVERSATION_CREATED: say("When a conversation is created"),
    EventName.CONVERSATION_UPDATED: say("When a conversation is updated"),
    EventName.CONVERSATION_OPENED: say("When a conversation is opened"),
    EventName.CONVERSATION_RESOLVED: say("When a conversation is resolved"),
    EventName.MESSAGE_CREATED: say("When a message is created"),
    EventName.CONTACT_CREATED: say("When a contact is created"),
    EventName.CONTACT_UPDATED: say("When a contact is updated"),
    EventName.SNOOZE_ENDED: say("When a snooze ends"),
    EventName.AGENT_IDLE: say("When no agent has replied"),
    EventName.CONTACT_IDLE: say("When the contact has not replied"),
    EventName.BUSINESS_HOURS_STARTED: say("When business hours start"),
    EventName.BUSINESS_HOURS_ENDED: say("When business hours end"),
    EventName.LABEL_ADDED: say("When a label is added"),
    EventName.LABEL_REMOVED: say("When a label is removed"),
    EventName.ASSIGNEE_CHANGED: say("When the assigned agent changes"),
    EventName.TEAM_CHANGED: say("When the assigned team changes"),
    EventName.PRIORITY_CHANGED: say("When the priority changes"),
    EventName.CONVERSATION_ATTRIBUTE_CHANGED: say(
        "When a custom attribute of the conversation changes"
    ),
    EventName.CONTACT_ATTRIBUTE_CHANGED: say("When a custom attribute of the contact changes"),
}

_WORDS: Final[Mapping[str, Sentence]] = {
    Operator.EQUAL_TO: say("%(attribute)s is %(values)s"),
    Operator.NOT_EQUAL_TO: say("%(attribute)s is not %(values)s"),
    Operator.CONTAINS: say("%(attribute)s contains %(values)s"),
    Operator.DOES_NOT_CONTAIN: say("%(attribute)s does not contain %(values)s"),
    Operator.STARTS_WITH: say("%(attribute)s starts with %(values)s"),
    Operator.MATCHES: say("%(attribute)s matches %(values)s"),
    Operator.IS_PRESENT: say("%(attribute)s is present"),
    Operator.IS_NOT_PRESENT: say("%(attribute)s is not present"),
    Operator.IS_GREATER_THAN: say("%(attribute)s is greater than %(values)s"),
    Operator.IS_LESS_THAN: say("%(attribute)s is less than %(values)s"),
    Operator.DAYS_BEFORE: say("%(attribute)s is more than %(values)s days ago"),
}
_WORDS_OF_KIND: Final[Mapping[Kind, Mapping[str, Sentence]]] = {
    Kind.DATE: {
        Operator.IS_GREATER_THAN: say("%(attribute)s is after %(values)s"),
        Operator.IS_LESS_THAN: say("%(attribute)s is before %(values)s"),
    },
    Kind.LABELS: {
        Operator.EQUAL_TO: say("the conversation has the label %(values)s"),
        Operator.NOT_EQUAL_TO: say("the conversation does not have the label %(values)s"),
        Operator.IS_PRESENT: say("the conversation has labels"),
        Operator.IS_NOT_PRESENT: say("the conversation has no labels"),
    },
}

_EFFECTS: Final[Mapping[EffectName, Sentence]] = {
    EffectName.SEND_CUSTOM_ACTION: say("send the custom action %(value)s"),
    EffectName.ASSIGN_AGENT: say("assign to %(value)s"),
    EffectName.ASSIGN_TEAM: say("assign to the team %(value)s"),
    EffectName.REMOVE_ASSIGNED_AGENT: say("remove the assigned agent"),
    EffectName.REMOVE_ASSIGNED_TEAM: say("remove the assigned team"),
    EffectName.ADD_LABEL: say("add the label %(value)s"),
    EffectName.REMOVE_LABEL: say("remove the label %(value)s"),
    EffectName.SEND_MESSAGE: say("send the message %(value)s"),
    EffectName.ADD_PRIVATE_NOTE: say("add the private note %(value)s"),
    EffectName.CHANGE_STATUS: say("change the status to %(value)s"),
    EffectName.CHANGE_PRIORITY: say("change the priority to %(value)s"),
    EffectName.RESOLVE_CONVERSATION: say("resolve the conversation"),
    EffectName.OPEN_CONVERSATION: say("open the conversation"),
    EffectName.PENDING_CONVERSATION: say("mark the conversation as pending"),
    EffectName.SNOOZE_CONVERSATION: say("snooze the conversation"),
    EffectName.MUTE_CONVERSATION: say("mute the conversation"),
    EffectName.SET_CUSTOM_ATTRIBUTE: say("set %(value)s"),
    EffectName.SEND_WEBHOOK_EVENT: say("send a webhook event to %(value)s"),
    EffectName.SEND_ATTACHMENT: say("send the file %(value)s"),
    EffectName.SEND_EMAIL_TRANSCRIPT: say("send the transcript by e-mail to %(value)s"),
    EffectName.SEND_EMAIL_TO_TEAM: say("send an e-mail to the team %(value)s"),
}
_AND: Final = say("%(before)s and %(after)s")
_OR: Final = say("%(before)s or %(after)s")
_THEN: Final = say("%(before)s, %(after)s")
_LONGEST: Final = 60  # characters of a text shown in a sentence


def rule_sentence(
    event_name: str, conditions: object, effects: object, known: Known, *, delay: object = None
) -> Sentence:
    """A rule as stored, in one sentence; `delay` is its minutes."""
    return say(
        "%(when)s, if %(conditions)s: %(effects)s.",
        when=_when(event_name, as_id(delay)),
        conditions=conditions_sentence(parse(conditions), known),
        effects=effects_sentence(effects, known),
    )


def _when(event_name: str, minutes: int | None) -> Words:
    when = _WHEN.get(event_name, "…")
    if event_name in {EventName.AGENT_IDLE, EventName.CONTACT_IDLE}:
        return say("%(when)s for %(time)s", when=when, time=_time(minutes))
    return say("%(when)s, %(time)s later", when=when, time=_time(minutes)) if minutes else when


def _time(minutes: int | None) -> Words:
    for unit, sentence in _UNITS.items():
        if minutes and minutes % unit == 0:
            return Sentence(sentence.text, {"number": minutes // unit})
    return "…"


_UNITS: Final = {1_440: say("%(number)s d"), 60: say("%(number)s h"), 1: say("%(number)s min")}


def conditions_sentence(tree: Tree, known: Known) -> Words:
    """A condition tree in words, groups in brackets; "…" where there are none yet."""
    if isinstance(tree, Leaf):
        return condition_sentence(tree, known)
    parts = [_bracketed(child, known) for child in tree.children]
    return _folded(_AND if isinstance(tree, AllOf) else _OR, parts)


def condition_sentence(leaf: Leaf, known: Known) -> Words:
    """One condition in words."""
    attribute = find_attribute(leaf.attribute_key, leaf.model, known.custom_attributes)
    if attribute is None:
        return say("“%(key)s” (deleted) …", key=leaf.attribute_key) if leaf.attribute_key else "…"
    if leaf.operator == Operator.ATTRIBUTE_CHANGED:
        return _change_sentence(attribute, leaf.values, known)
    words = _WORDS_OF_KIND.get(attribute.kind, {}).get(leaf.operator) or _WORDS.get(leaf.operator)
    if words is None:
        return Sentence("%(attribute)s …", {"attribute": attribute.label})
    if leaf.operator == Operator.DAYS_BEFORE:
        values: Words = (
            str(leaf.values[0]) if isinstance(leaf.values, list) and leaf.values else "…"
        )
    else:
        values = _values(attribute, leaf.values, known)
    return Sentence(words.text, {"attribute": attribute.label, "values": values})


def effects_sentence(effects: object, known: Known) -> Words:
    """A list of effects as stored, in words; "…" where there are none yet."""
    written = effects if isinstance(effects, list) else []
    return _folded(_THEN, [effect_sentence(one, known) for one in written])


def effect_sentence(stored: object, known: Known) -> Words:
    """One stored effect in words; "…" while it is not complete."""
    effect = read_effect(stored)
    if effect is None:
        return "…"
    if effect.name is EffectName.SNOOZE_CONVERSATION and effect.value is not None:
        return say("snooze the conversation %(value)s", value=_effect_value(effect, known))
    return Sentence(_EFFECTS[effect.name].text, {"value": _effect_value(effect, known)})


def _bracketed(tree: Tree, known: Known) -> Words:
    inside = conditions_sentence(tree, known)
    return inside if isinstance(tree, Leaf) else Sentence("(%(inside)s)", {"inside": inside})


def _change_sentence(attribute: Attribute, values: object, known: Known) -> Sentence:
    sides = values if isinstance(values, Mapping) else {}
    before, after = sides.get("from"), sides.get("to")
    label = attribute.label
    old, new = _values(attribute, before, known), _values(attribute, after, known)
    match bool(before), bool(after), attribute.kind:
        case True, False, Kind.LABELS:
            return say("the label %(before)s was removed", before=old)
        case False, True, Kind.LABELS:
            return say("the label %(after)s was added", after=new)
        case True, True, _:
            return say(
                "%(attribute)s changed from %(before)s to %(after)s",
                attribute=label,
                before=old,
                after=new,
            )
        case True, _, _:
            return say("%(attribute)s changed from %(before)s", attribute=label, before=old)
        case _, True, _:
            return say("%(attribute)s changed to %(after)s", attribute=label, after=new)
        case _:
            return say("%(attribute)s changed", attribute=label)


def _values(attribute: Attribute, given: object, known: Known) -> Words:
    written = given if isinstance(given, list) else []
    return _folded(_OR, [_name(value_label(attribute, one, known)) for one in written])


def _effect_value(effect: Effect, known: Known) -> Words:
    value = effect.value
    match SHAPES[effect.name]:
        case Shape.AGENT:
            return _chosen("assignee_id", value, known.agents)
        case Shape.TEAM:
            return _chosen("team_id", value, known.teams, gone="the")
        case Shape.STATUS | Shape.PRIORITY as shape:
            return _chosen(shape.value, value, {})
        case Shape.CUSTOM_ACTION:
            key = value if isinstance(value, int) else 0
            action = known.custom_actions.get(key)
            return _name(named("the", value, {key: action.name} if action else {}))
        case Shape.LABELS:
            titles = value if isinstance(value, tuple) else ()
            return _folded(_THEN, [_quoted(one) for one in titles])
        case Shape.ATTRIBUTE | Shape.TEAM_MAIL | Shape.FILES:
            return _several(value, known)
        case Shape.SNOOZE:
            return SNOOZES.get(str(value), str(value))
        case _:
            return _quoted(shortened(str(value), _LONGEST))


def _team_mail(value: TeamMail, known: Known) -> Words:
    teams = [_name(named("the", one, known.teams)) for one in value.team_ids]
    message = _quoted(shortened(value.message, _LONGEST))
    return say("%(teams)s: %(message)s", teams=_folded(_THEN, teams), message=message)


def _several(value: Value, known: Known) -> Words:
    """Parameters of two parts: which attribute gets which value, which teams which text."""
    match value:
        case Setting():
            return _setting(value, known)
        case Files():
            names = [_name(named("the", one, known.files)) for one in value.ids]
            return _folded(_THEN, names)
        case TeamMail():
            return _team_mail(value, known)
        case _:
            return "…"


def _setting(value: Setting, known: Known) -> Words:
    attribute = find_attribute(value.key, value.model, known.custom_attributes)
    label = attribute.label if attribute else say("%(key)s (deleted)", key=value.key)
    if not value.value:
        return say("%(attribute)s to nothing", attribute=label)
    written = _quoted(shortened(value.value, _LONGEST))
    return say("%(attribute)s to %(values)s", attribute=label, values=written)


def _chosen(key: str, value: Value, names: Mapping[int, str], *, gone: str = "") -> Words:
    written = NONE if value is None else str(value)
    word = CHOICE_LABELS[key].get(written) or BY_HAND_LABELS.get(written)
    return _name(word or named(gone or key, value, names))


def _name(words: Words) -> Words:
    """A name in quotation marks; what stands for one that is gone is none."""
    return words if words in GONE.values() else _quoted(words)


def _quoted(words: Words) -> Sentence:
    return Sentence("“%(words)s”", {"words": words})


def _folded(joiner: Sentence, parts: Sequence[Words]) -> Words:
    """The parts joined one after the other; "…" for none."""
    words = parts[0] if parts else "…"
    for part in parts[1:]:
        words = Sentence(joiner.text, {"before": words, "after": part})
    return words
