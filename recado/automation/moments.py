"""Which events of rules a recorded event stands for. Pure.

Most events of rules are recorded under their own name. Others say more narrowly what a recorded one
means: a label added is a conversation updated whose labels grew. So nothing is written twice, and a
rule sees the same facts whichever of the names it waits for.
"""

from collections.abc import Iterator
from typing import Any, Final

from recado.events.names import EventName, NoticeName
from recado.lib.facts import Facts

_CONVERSATION: dict[str, EventName] = {
    "assignee_id": EventName.ASSIGNEE_CHANGED,
    "team_id": EventName.TEAM_CHANGED,
    "priority": EventName.PRIORITY_CHANGED,
    "custom_attributes": EventName.CONVERSATION_ATTRIBUTE_CHANGED,
}

OF_THE_CLOCK: Final = frozenset(
    {
        EventName.AGENT_IDLE,
        EventName.CONTACT_IDLE,
        EventName.BUSINESS_HOURS_STARTED,
        EventName.BUSINESS_HOURS_ENDED,
    }
)


def recorded_as(name: str) -> str:
    """The name under which what a rule waits for is recorded."""
    if name in {*_CONVERSATION.values(), EventName.LABEL_ADDED, EventName.LABEL_REMOVED}:
        return EventName.CONVERSATION_UPDATED
    if name in OF_THE_CLOCK:
        return NoticeName.RULE_DUE
    return EventName.CONTACT_UPDATED if name == EventName.CONTACT_ATTRIBUTE_CHANGED else name


def rule_due(name: str, facts: Facts) -> int | None:
    """The one rule that this is about, where its time has come."""
    return facts["due"]["rule_id"] if name == NoticeName.RULE_DUE else None


def moments_of(name: str, facts: Facts) -> list[str]:
    """Every name that rules may wait for when this was recorded, the recorded one first."""
    return [name, *_narrower(name, facts.get("changes") or {})]


def is_moment(wanted: str, name: str, facts: Facts) -> bool:
    """Whether what was recorded under `name` is what a rule waits for."""
    if name == NoticeName.RULE_DUE:
        return bool(facts["due"]["event"] == wanted)
    return wanted == name or wanted in moments_of(name, facts)


def as_moment(facts: Facts, name: str) -> Facts:
    """The facts as a rule that waits for `name` sees them: under the name it waits for."""
    event = facts.get("event") or {}
    return facts if event.get("name") == name else {**facts, "event": {**event, "name": name}}


def _narrower(name: str, changes: dict[str, Any]) -> Iterator[str]:
    match name:
        case EventName.CONVERSATION_UPDATED:
            yield from (moment for key, moment in _CONVERSATION.items() if key in changes)
            yield from _about_labels(*changes.get("labels", ([], [])))
        case EventName.CONTACT_UPDATED if "custom_attributes" in changes:
            yield EventName.CONTACT_ATTRIBUTE_CHANGED
        case _:
            return


def _about_labels(old: list[str], new: list[str]) -> Iterator[str]:
    if set(new) - set(old):
        yield EventName.LABEL_ADDED
    if set(old) - set(new):
        yield EventName.LABEL_REMOVED
