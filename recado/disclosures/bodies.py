"""What a webhook's body tells of people: found by writing one and looking what is in it. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from recado.lib.facts import Facts, Kind, Variable, sample_facts, with_values
from recado.lib.personal import person_of
from recado.webhooks.payloads import Around, payload, sender_of

CONVERSATION: Final = "conversation"  # a body that tells of one, without an event
CONTACT: Final = "contact"  # likewise
_CHANGING: Final = ("_updated", "_changed", "_opened", "_resolved")
_SENDERS: Final = ("contact", "user")


def names_in_bodies(events: Iterable[str], variables: Sequence[Variable]) -> tuple[str, ...]:
    """The variables that tell of people and whose values stand in the bodies of these events."""
    marks = {one.name: f"<{one.name}>" for one in variables if person_of(one.name)}
    written = b"".join(
        _body(name, sender, variables, marks) for name in events for sender in _SENDERS
    )
    return tuple(name for name, mark in marks.items() if mark.encode() in written)


def _body(event: str, sender: str, variables: Sequence[Variable], marks: dict[str, str]) -> bytes:
    facts = _marked(variables, marks)
    facts["message"]["sender_type"] = sender
    if not event.endswith(_CHANGING):
        facts["changes"] = None
    around = Around(facts["message"], sender_of(facts), unread=1)
    return orjson.dumps(payload(event, facts, around, {}))


def _marked(variables: Sequence[Variable], marks: dict[str, str]) -> Facts:
    """Facts whose every value about people is its own name."""
    kinds = {one.name: one.kind for one in variables}
    values = {name: _shaped(kinds[name], name, mark) for name, mark in marks.items()}
    facts = with_values(sample_facts(variables), values)
    facts["typing"] = {"name": marks["agent.name"], "is_private": False}
    facts["visit"] = {"contact_inbox_id": 1, "source_id": "", "info": {}}
    return facts


def _shaped(kind: Kind, name: str, mark: str) -> Any:
    if name == "message.attachments":
        return [{"id": 1, "file_type": "file", "url": mark, "size": 1}]
    if name == "changes":
        return {"status": [mark, mark]}
    if kind == Kind.MANY:
        return [mark]
    return {"inside": mark} if kind == Kind.OBJECT else mark
