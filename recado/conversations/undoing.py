"""How a change of a conversation is taken back: what the form of a toast sends. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from recado.accounts.undoing import Undo
from recado.conversations.models import Conversation, Status
from recado.conversations.snoozing import OWN
from recado.lib.languages import Sentence, say

_STATUSES: Final = {
    Status.OPEN: say("The conversation is open."),
    Status.PENDING: say("The conversation is pending."),
    Status.RESOLVED: say("The conversation is resolved."),
    Status.SNOOZED: say("The conversation is snoozed."),
}


def undo_of(conversation: Conversation, changes: Mapping[str, list[Any]]) -> Undo | None:
    """What takes `changes` ([old, new] by name) back; None where nothing has changed."""
    here = f"/app/conversations/{conversation.display_id}"
    old = {name: pair[0] for name, pair in changes.items()}
    if "status" in changes or "snoozed_until" in changes:
        return _status(conversation, here, old)
    told = _told(conversation, changes)
    values = _values(changes)
    if told is None or not values:
        return None
    return Undo(told, f"{here}/change?undone=1", "#state", values, "outerMorph")


def _status(conversation: Conversation, here: str, old: Mapping[str, Any]) -> Undo:
    told, status = _STATUSES[Status(conversation.status)], old.get("status", Status.SNOOZED)
    if status != Status.SNOOZED:
        values = {"status": str(status)}
        return Undo(told, f"{here}/change?undone=1", "#state", values, "outerMorph")
    until = old.get("snoozed_until")
    values = {"until": OWN, "time": until.isoformat()} if until else {"until": ""}
    return Undo(told, f"{here}/snooze?undone=1", "#state", values, "outerMorph")


def _told(conversation: Conversation, changes: Mapping[str, list[Any]]) -> Sentence | None:
    if "assignee_id" in changes:
        who = conversation.assignee
        return say("Assigned to %(name)s.", name=who.name) if who else say("Assigned to nobody.")
    if "team_id" in changes:
        team = conversation.team
        return (
            say("The team is now %(name)s.", name=team.name) if team else say("It has no team now.")
        )
    if "priority" in changes:
        return say("The priority is changed.")
    return say("The labels are changed.") if "labels" in changes else None


def _values(changes: Mapping[str, list[Any]]) -> dict[str, str]:
    forms = {"assignee_id": "assignee", "team_id": "team", "priority": "priority"}
    values = {
        field: "" if changes[name][0] is None else str(changes[name][0])
        for name, field in forms.items()
        if name in changes
    }
    before, after = (set(one or ()) for one in changes.get("labels", ((), ())))
    for field, labels in (("remove_label", after - before), ("add_label", before - after)):
        values |= dict.fromkeys([field] if labels else [], next(iter(labels), ""))
    return values
