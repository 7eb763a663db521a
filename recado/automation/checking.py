"""What is wrong with a rule's conditions, told at the field, before anything is saved.

What passes here can be compiled and names only what exists; nothing raises, whatever JSON comes.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from recado.automation.catalogue import (
    ALL,
    NONE,
    Attribute,
    Operator,
    Subject,
    find_attribute,
    has_changes,
    has_conversation,
)
from recado.automation.known import Known, Problem, problem
from recado.automation.predicates import Misfit, predicate_of
from recado.automation.trees import DEEPEST, Leaf, group_of, joiner_of, leaves, parse
from recado.automation.values import as_code, as_id
from recado.contacts.kinds import AttributeModel
from recado.events.names import EventName
from recado.lib.languages import Sentence, say

MOST_CONDITIONS: Final = 100  # of one rule

_MODELS: Final = ("", *AttributeModel)
_PRESENCE: Final = frozenset({Operator.IS_PRESENT, Operator.IS_NOT_PRESENT})


def event_problems(event_name: object) -> list[Problem]:
    """What is wrong with the event a rule waits for."""
    if isinstance(event_name, str) and event_name in tuple(EventName):
        return []
    return [problem("event_name", say("Choose the event that the rule waits for."))]


def problems_in(event_name: str, conditions: object, known: Known) -> list[Problem]:
    """What is wrong with the conditions of a rule for an event, at most one Problem a field.

    An unknown event is told by `event_problems`; here it only leaves out what depends on it.
    """
    if not isinstance(conditions, list):
        return [problem("conditions", say("Conditions must be a list."))]
    if not conditions:
        return [problem("conditions", say("Add at least one condition."))]
    shape = [*_shape(conditions, "conditions", 1), *_joiners(conditions)]
    tree = parse(conditions)
    if sum(1 for _ in leaves(tree)) > MOST_CONDITIONS:
        shape.append(
            problem("conditions", say("Use at most %(number)s conditions.", number=MOST_CONDITIONS))
        )
        return shape
    told = {one.field for one in shape}
    event = EventName(event_name) if not event_problems(event_name) else None
    for leaf in leaves(tree):
        if not any(f"{leaf.place}.".startswith(f"{place}.") for place in told):
            shape.extend(_leaf_problems(leaf, event, known))
    return shape


def _shape(items: list[object], place: str, depth: int) -> Iterator[Problem]:
    """What is wrong with rows and groups as such, and with a row's plain fields."""
    for number, item in enumerate(items):
        here = f"{place}.{number}"
        if not isinstance(item, Mapping):
            yield problem(here, say("A condition must be an object."))
        elif group_of(item) is None:
            yield from _model_problems(item, here)
        else:
            yield from _group_problems(item, here, depth)


def _model_problems(item: Mapping[str, object], here: str) -> Iterator[Problem]:
    model = item.get("custom_attribute_type")
    if model is not None and model not in _MODELS:
        yield problem(
            f"{here}.custom_attribute_type",
            say("Choose conversation_attribute or contact_attribute."),
        )


def _group_problems(item: Mapping[str, object], here: str, depth: int) -> Iterator[Problem]:
    children = item[group_of(item) or "all"]
    if "all" in item and "any" in item:
        yield problem(here, say("A group is either “all” or “any”, not both."))
    elif not isinstance(children, list) or not children:
        yield problem(here, say("A group needs at least one condition."))
    elif depth >= DEEPEST:
        yield problem(here, say("Groups can be nested %(number)s deep.", number=DEEPEST))
    else:
        yield from _shape(children, f"{here}.{group_of(item)}", depth + 1)


def _joiners(conditions: list[object]) -> Iterator[Problem]:
    last = len(conditions) - 1
    for number, item in enumerate(conditions):
        if not isinstance(item, Mapping) or joiner_of(item):
            continue
        written = item.get("query_operator")
        field = f"conditions.{number}.query_operator"
        if written not in (None, ""):
            yield problem(field, say("Conditions are joined with AND or OR."))
        elif number < last:
            yield problem(field, say("Say how this condition is joined with the next: AND or OR."))


def _leaf_problems(leaf: Leaf, event: EventName | None, known: Known) -> Iterator[Problem]:
    ready = predicate_of(leaf, known.custom_attributes)
    if isinstance(ready, Misfit):
        yield _misfit_problem(leaf, ready)
        return
    attribute = find_attribute(leaf.attribute_key, leaf.model, known.custom_attributes)
    if attribute is None:  # predicate_of has told
        return
    if event:
        yield from _event_misfits(leaf, attribute, event)
    yield from _stale_references(leaf, attribute, known)


def _misfit_problem(leaf: Leaf, misfit: Misfit) -> Problem:
    text = ""
    if misfit.field == "attribute_key" and leaf.attribute_key:
        text = f"Automation conditions {leaf.attribute_key} not supported."
    return problem(f"{leaf.place}.{misfit.field}", misfit.sentence, text)


def _event_misfits(leaf: Leaf, attribute: Attribute, event: EventName) -> Iterator[Problem]:
    is_change = leaf.operator == Operator.ATTRIBUTE_CHANGED
    if not has_conversation(event) and attribute.subject is not Subject.CONTACT:
        yield problem(
            f"{leaf.place}.attribute_key",
            say(
                "%(attribute)s cannot be known when a contact changes: no conversation is involved.",
                attribute=attribute.label,
            ),
        )
    elif is_change and not has_changes(event):
        yield problem(
            f"{leaf.place}.filter_operator", say("This event does not say what has changed.")
        )
    elif is_change and not attribute.can_change:
        yield problem(
            f"{leaf.place}.filter_operator",
            say("No event says that “%(attribute)s” has changed.", attribute=attribute.label),
        )


def _stale_references(leaf: Leaf, attribute: Attribute, known: Known) -> Iterator[Problem]:
    if leaf.operator in _PRESENCE:
        return
    for value in _values(leaf.values):
        sentence = _missing(attribute, value, known)
        if sentence:
            yield problem(f"{leaf.place}.values", sentence)
            return


def _values(values: object) -> list[object]:
    if isinstance(values, Mapping):
        return [*_values(values.get("from")), *_values(values.get("to"))]
    written = values if isinstance(values, list) else []
    return [one for one in written if one not in (None, "", NONE, ALL)]


def _missing(attribute: Attribute, value: object, known: Known) -> Sentence | None:
    match attribute.key if attribute.model is None else "":
        case "inbox_id" if as_id(value) not in known.inboxes:
            return say("There is no such inbox. It may have been deleted.")
        case "assignee_id" if as_id(value) not in known.agents:
            return say("There is no such agent. They may have left the account.")
        case "team_id" if as_id(value) not in known.teams:
            return say("There is no such team. It may have been deleted.")
        case "labels" if as_code(value) not in map(as_code, known.labels):
            return say("There is no label “%(title)s”.", title=str(value))
        case _:
            return None
