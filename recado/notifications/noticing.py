"""Whom an event concerns, by its frozen facts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recado.conversations.mentioning import mentioned
from recado.events.causes import Actor, Cause
from recado.events.names import EventName
from recado.lib.facts import Facts
from recado.notifications.models import Kind

_SAID: Final = {"incoming", "outgoing"}  # by a person, not a line of what happened
_CHANGES: Final = {EventName.CONVERSATION_CREATED, EventName.CONVERSATION_UPDATED}


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is to be told of: one person, everybody in a team, or whoever follows."""

    kind: Kind
    conversation_id: int  # the database's
    user_id: int | None = None
    team_id: int | None = None
    message_id: int | None = None
    of_followers: bool = False
    by: int | None = None  # the person who did it, who is not told


def notices_of(name: str, facts: Facts, cause: Cause) -> Sequence[Notice]:
    """What an event means for people; nothing where another desk did it, which tells its own."""
    if cause.actor == Actor.CHATWOOT or not facts.get("conversation"):
        return ()
    if name in _CHANGES:
        return _assigned(name, facts, cause)
    return _written(facts, cause) if name == EventName.MESSAGE_CREATED else ()


def _assigned(name: str, facts: Facts, cause: Cause) -> list[Notice]:
    assignee = (facts.get("assignee") or {}).get("id")
    is_new = name == EventName.CONVERSATION_CREATED or "assignee_id" in facts.get("changes", {})
    if not is_new or assignee is None or assignee == cause.user_id:
        return []
    return [Notice(Kind.ASSIGNMENT, _conversation(facts), user_id=assignee, by=cause.user_id)]


def _written(facts: Facts, cause: Cause) -> list[Notice]:
    message = facts["message"]
    if message["message_type"] not in _SAID:
        return []
    conversation, number, by = _conversation(facts), message["id"], cause.user_id
    assignee = (facts.get("assignee") or {}).get("id")
    told = _mentions(message["content"], conversation, number, by) if message["private"] else []
    if message["message_type"] == "incoming" and assignee is not None:
        told = [Notice(Kind.NEW_MESSAGE, conversation, user_id=assignee, message_id=number)]
    return [
        *told,
        Notice(Kind.FOLLOWED, conversation, message_id=number, of_followers=True, by=by),
    ]


def _mentions(content: str, conversation: int, message: int, by: int | None) -> list[Notice]:
    people = [
        Notice(Kind.MENTION, conversation, user_id=one, message_id=message, by=by)
        for one in mentioned(content, "user")
        if one != by
    ]
    return people + [
        Notice(Kind.MENTION, conversation, team_id=one, message_id=message, by=by)
        for one in mentioned(content, "team")
    ]


def _conversation(facts: Facts) -> int:
    number: int = facts["conversation"]["db_id"]
    return number
