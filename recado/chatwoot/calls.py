"""What must be written to the other desk because of an event here. Pure.

Each call names a place below the conversation or contact; whom it names is ours until `people` and
`teams` say who that is there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recado.events.names import EventName
from recado.lib.facts import Facts

OUTGOING: Final = ("outgoing", "template")
_OWN: Final = ("name", "email", "phone_number", "identifier", "blocked")


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the place, what it says, and of whom it speaks as ours (`agent` or `team`)."""

    method: str
    place: str
    body: dict[str, Any] | None = None
    names: tuple[str, int] | None = None
    repeats_when_unsure: bool = True


def message_body(content: str, *, private: bool) -> dict[str, Any]:
    """A message as it is posted there."""
    return {"content": content, "message_type": "outgoing", "private": private}


def conversation_calls(name: str, facts: Facts) -> list[Call]:
    """What an event of a conversation makes us write, in order."""
    if name == EventName.MESSAGE_CREATED:
        return _message_calls(facts["message"])
    if name != EventName.CONVERSATION_UPDATED:
        return []  # opened and resolved come with it
    changes = facts.get("changes") or {}
    calls = (_change_call(key, new, facts["conversation"]) for key, (_, new) in changes.items())
    return [one for one in calls if one is not None]


def _change_call(key: str, new: Any, told: Facts) -> Call | None:
    """What one change makes us write; None for what only clocks say. Lists go as they are now."""
    match key:
        case "labels":
            return Call("POST", key, {key: told["labels"]})
        case "custom_attributes":
            return Call("POST", key, {key: told["custom_attribute"]})
        case "status":
            until = _unix(told.get("snoozed_until"))
            return Call("POST", "toggle_status", {"status": new} | until)
        case "priority":
            return Call("POST", "toggle_priority", {"priority": new})
        case "assignee_id" | "team_id":
            who = ("agent" if key == "assignee_id" else "team", new) if new else None
            return Call("POST", "assignments", {key: new}, names=who)
        case "is_muted":
            return Call("POST", "mute" if new else "unmute")
        case _:
            return None


def contact_calls(facts: Facts) -> list[Call]:
    """What a changed contact makes us write: only what changed."""
    changes = facts.get("changes") or {}
    body: dict[str, Any] = {key: changes[key][1] for key in _OWN if key in changes}
    calls = []
    old, new = changes.get("custom_attributes", ({}, {}))
    if changed := {key: one for key, one in new.items() if old.get(key) != one}:
        body["custom_attributes"] = changed
    if body:
        calls.append(Call("PUT", "", body))
    if gone := [key for key in old if key not in new]:
        calls.append(Call("POST", "destroy_custom_attributes", {"custom_attributes": gone}))
    return calls


def _message_calls(message: Facts) -> list[Call]:
    if message["message_type"] not in OUTGOING:
        return []
    files = [one["url"] for one in message.get("attachments") or []]
    content = "\n".join(one for one in (message["content"], *files) if one)
    body = message_body(content, private=message["private"])
    # Said twice to a contact is worse than a line that asks whether it arrived.
    return [Call("POST", "messages", body, repeats_when_unsure=message["private"])]


def _unix(text: str | None) -> dict[str, int]:
    if not text:
        return {}
    return {"snoozed_until": int(datetime.fromisoformat(text).timestamp())}
