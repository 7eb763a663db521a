"""Changing a conversation: every change in one place, with its activity line and its events."""

from datetime import datetime
from typing import Any, Final, TypedDict

from sqlalchemy import select

from recado.accounts.models import Team, User
from recado.conversations.clocking import clock_change
from recado.conversations.dealing import may_be_dealt, take_turn
from recado.conversations.describing import facts_about
from recado.conversations.models import Conversation, Message, MessageType, Status
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.deliveries.holding import close_for_conversation
from recado.events.causes import BY_SYSTEM, Actor, Cause
from recado.events.names import EventName
from recado.events.recording import record_event
from recado.inboxes.models import AgentBot
from recado.lib.languages import Sentence, say, speaking


class Change(TypedDict, total=False):
    """What is to be different; a missing key stays as it is.

    `labels` and `custom_attributes` replace what is there. Ids belong to the account.
    """

    status: str
    priority: str | None
    assignee_id: int | None
    team_id: int | None
    labels: list[str]
    custom_attributes: dict[str, Any]
    snoozed_until: datetime | None
    is_muted: bool


async def change_conversation(
    tx: Transaction, conversation: Conversation, change: Change, *, cause: Cause, now: datetime
) -> dict[str, list[Any]]:
    """Apply a change to a conversation found with `for_change`; what differs, as [old, new].

    Records `conversation_opened` or `_resolved` first, then `conversation_updated`. A change that
    changes nothing records nothing.
    """
    changes = _apply(conversation, change)
    if not changes:
        return {}
    conversation.updated_at = now
    await tx.flush()
    await tx.refresh(conversation, ["assignee", "team"])
    await clock_change(tx, conversation, changes, cause=cause, now=now)
    await _write_activities(tx, conversation, changes, cause=cause, now=now)
    facts = facts_about(conversation, now=now, changes=_as_json(changes))
    _, status = changes.get("status", (None, None))
    if status == Status.RESOLVED:
        await close_for_conversation(tx, conversation.account_id, conversation.display_id, now=now)
    narrower = [_EVENTS[status]] if status in _EVENTS else []
    for name in (*narrower, EventName.CONVERSATION_UPDATED):
        await record_event(tx, name, facts, conversation_id=conversation.id, cause=cause, now=now)
    await notify_pages(tx, conversation.account_id, "conversation", id=conversation.display_id)
    if status == Status.OPEN:
        await deal_out(tx, conversation, now=now)
    return changes


_EVENTS: Final = {
    Status.OPEN: EventName.CONVERSATION_OPENED,
    Status.RESOLVED: EventName.CONVERSATION_RESOLVED,
}


async def deal_out(tx: Transaction, conversation: Conversation, *, now: datetime) -> None:
    """Assign an open conversation to whose turn it is, where its inbox wants that.

    While nobody is there it waits for somebody to come: `deal_waiting` looks again.
    """
    agent_id = await take_turn(tx, conversation, now=now)
    if agent_id is not None:
        change: Change = {"assignee_id": agent_id}
        await change_conversation(tx, conversation, change, cause=BY_SYSTEM, now=now)
    elif may_be_dealt(conversation):
        conversation.awaits_turn = True
        await tx.flush()


def _apply(conversation: Conversation, change: Change) -> dict[str, list[Any]]:
    wanted: dict[str, Any] = dict(change)
    if "status" in wanted and wanted["status"] != Status.SNOOZED:
        wanted["snoozed_until"] = None
    if wanted.keys() & {"status", "assignee_id"}:  # somebody has decided
        conversation.awaits_turn = False
    if "labels" in wanted:
        wanted["labels"] = sorted(
            {label.strip().lower() for label in wanted["labels"] if label.strip()}
        )
    changes = {}
    for name, new in wanted.items():
        old = getattr(conversation, name)
        if old != new:
            setattr(conversation, name, new)
            changes[name] = [old, new]
    return changes


def _as_json(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {
        name: [one.isoformat() if isinstance(one, datetime) else one for one in pair]
        for name, pair in changes.items()
    }


async def _write_activities(
    tx: Transaction,
    conversation: Conversation,
    changes: dict[str, list[Any]],
    *,
    cause: Cause,
    now: datetime,
) -> None:
    """Lines such as "Ana resolved the conversation", kept with their English text and values."""
    who = await _who(tx, cause)
    for sentence in _sentences(conversation, changes, who):
        with speaking(conversation.account.language):
            content = str(sentence)
        tx.add(
            Message(
                account_id=conversation.account_id,
                conversation_id=conversation.id,
                inbox_id=conversation.inbox_id,
                message_type=MessageType.ACTIVITY,
                content=content,
                content_attributes={"sentence": sentence.as_json()},
                created_at=now,
            )
        )
    await tx.flush()


async def _who(tx: Transaction, cause: Cause) -> str:
    if cause.user_id is None:
        if cause.actor is Actor.BOT:
            return await tx.scalar(select(AgentBot.name).where(AgentBot.id == cause.id)) or ""
        names = {Actor.RULE: "Recado", Actor.SYSTEM: "Recado", Actor.CHATWOOT: "Chatwoot"}
        return names.get(cause.actor, "")
    return await tx.scalar(select(User.name).where(User.id == cause.user_id)) or ""


def _sentences(
    conversation: Conversation, changes: dict[str, list[Any]], who: str
) -> list[Sentence]:
    lines = []
    if "status" in changes:
        lines.append(_about_status(changes["status"][1], who))
    if "assignee_id" in changes:
        lines.append(_about_assignee(conversation.assignee, who))
    if "team_id" in changes:
        lines.append(_about_team(conversation.team, who))
    if "priority" in changes:
        lines.append(_about_priority(changes["priority"][1], who))
    if "labels" in changes:
        old, new = changes["labels"]
        lines += _about_labels(old, new, who or conversation.contact.shown_name)
    return lines


def _about_status(status: str, who: str) -> Sentence:
    if not who and status in _BY_CONTACT:
        return _BY_CONTACT[Status(status)]
    return Sentence(_BY_SOMEBODY[Status(status)].text, {"who": who})


_BY_SOMEBODY: Final = {
    Status.OPEN: say("%(who)s opened the conversation."),
    Status.RESOLVED: say("%(who)s resolved the conversation."),
    Status.PENDING: say("%(who)s marked the conversation as pending."),
    Status.SNOOZED: say("%(who)s snoozed the conversation."),
}
_BY_CONTACT: Final = {
    Status.OPEN: say("The contact wrote again: the conversation is open."),
    Status.PENDING: say("The contact wrote again: the conversation is pending."),
    Status.RESOLVED: say("The contact resolved the conversation."),
}


def _about_assignee(assignee: User | None, who: str) -> Sentence:
    if assignee is None:
        return say("%(who)s unassigned the conversation.", who=who)
    return say("%(who)s assigned the conversation to %(name)s.", who=who, name=assignee.name)


def _about_team(team: Team | None, who: str) -> Sentence:
    if team is None:
        return say("%(who)s took the conversation from its team.", who=who)
    return say("%(who)s gave the conversation to the team %(name)s.", who=who, name=team.name)


def _about_priority(priority: str | None, who: str) -> Sentence:
    if priority is None:
        return say("%(who)s removed the priority.", who=who)
    return say("%(who)s set the priority to %(priority)s.", who=who, priority=priority)


def _about_labels(old: list[str], new: list[str], who: str) -> list[Sentence]:
    lines = []
    if added := [one for one in new if one not in old]:
        lines.append(say("%(who)s added the labels %(labels)s.", who=who, labels=", ".join(added)))
    if gone := [one for one in old if one not in new]:
        lines.append(say("%(who)s removed the labels %(labels)s.", who=who, labels=", ".join(gone)))
    return lines
