"""How a change of a conversation is taken back: what the form of a toast sends and says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recado.accounts.undoing import Undo
from recado.conversations.changing_many import MOST
from recado.conversations.models import Conversation, Status
from recado.conversations.snoozing import OWN
from recado.lib.languages import Sentence, say
from recado.lib.numbers import number_in

_STATUSES: Final = {
    Status.OPEN: say("The conversation is open."),
    Status.PENDING: say("The conversation is pending."),
    Status.RESOLVED: say("The conversation is resolved."),
    Status.SNOOZED: say("The conversation is snoozed."),
}


# --- one conversation, on its page ---


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


# --- one or many, on the page that follows ---


@dataclass(frozen=True, slots=True)
class Done:
    """What a person did at one moment to the conversations of these numbers."""

    at: datetime
    numbers: tuple[int, ...]

    @property
    def query(self) -> dict[str, str]:
        """As an address or a form says it."""
        return {"did": self.at.isoformat(), "of": ".".join(map(str, self.numbers))}


def done_from(query: Mapping[str, Any]) -> Done | None:
    """The Done that `query` says; None where there is nothing of the kind."""
    try:
        at = datetime.fromisoformat(str(query.get("did", "")))
    except ValueError:
        return None
    named = [number_in(one) for one in str(query.get("of", "")).split(".")[:MOST]]
    numbers = tuple(one for one in named if one)
    return Done(at, numbers) if at.tzinfo and numbers else None


def is_as_left(conversation: Conversation, changes: Mapping[str, list[Any]]) -> bool:
    """Whether nobody has changed since what `changes`, read from an event, say."""
    now = {name: getattr(conversation, name, None) for name in changes}
    return all(
        (one.isoformat() if isinstance(one, datetime) else one) == changes[name][1]
        for name, one in now.items()
    )


def form_back(changes: Mapping[str, list[Any]]) -> dict[str, str]:
    """The form that takes `changes` back; when a snooze ends is not in it."""
    status = {"status": str(changes["status"][0])} if "status" in changes else {}
    return status | _values(changes)


def told_done(changed: Mapping[int, Mapping[str, list[Any]]], chosen: int) -> Sentence:
    """What the page that follows says: what was changed, by number, of so many that were chosen."""
    if chosen == 1:
        [changes] = changed.values()
        status = changes.get("status", [None, None])[1]
        return _STATUSES[Status(status)] if status else say("The conversation is changed.")
    if len(changed) < chosen:
        return say(
            "Changed: %(changed)s of %(chosen)s conversations. The others stay as they were.",
            changed=len(changed), chosen=chosen,
        )  # fmt: skip
    return say("%(count)s conversations are changed.", count=len(changed))


def told_back(back: int, kept: int) -> Sentence:
    """What the page says to which taking back leads: how many are as before, how many are not."""
    if not back:
        return say("Somebody has changed this since: it stays as it is.")
    if kept:
        return say(
            "As before: %(back)s. Changed by somebody since, and left so: %(kept)s.",
            back=back, kept=kept,
        )  # fmt: skip
    one = say("The conversation is as before.")
    return one if back == 1 else say("%(count)s conversations are as before.", count=back)
