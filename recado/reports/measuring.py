"""Averages and counts of a stretch of time, as the API reports them: in all, in steps, by whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, DateTime, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from recado.conversations.models import (
    Conversation,
    Message,
    MessageType,
    ReportingEvent,
    ReportingName,
    Status,
)
from recado.db.database import Transaction
from recado.inboxes.models import Inbox
from recado.reports.dimensions import BY, Dimension


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose conversations, from `since` until before `until`; `key` is an id, or a label's title."""

    account_id: int
    since: datetime
    until: datetime
    dimension: Dimension | None = None
    key: int | str | None = None


@dataclass(slots=True)
class Measures:
    """How often things happened, and how many seconds they took together."""

    counts: dict[str, int] = field(default_factory=dict)  # by ReportingName or MessageType
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """How often it happened."""
        return self.counts.get(name, 0)

    def average(self, name: ReportingName) -> float | None:
        """Seconds; None where it did not happen."""
        count = self.count(name)
        return self.seconds[name] / count if count else None


_SPOKEN: Final = (MessageType.INCOMING, MessageType.OUTGOING)


async def measures_in_steps(
    tx: Transaction, scope: Scope, starts: Sequence[datetime], *, business: bool
) -> list[Measures]:
    """A line for each step that begins at one of `starts`, messages included."""
    found: dict[Any, Measures] = {}
    moments = cast(list(starts), ARRAY(DateTime(timezone=True)))
    step = func.width_bucket(ReportingEvent.created_at, moments)
    await _add_events(tx, scope, step, found, business=business)
    await _add_messages(tx, scope, func.width_bucket(Message.created_at, moments), found)
    return [found.get(number, Measures()) for number in range(1, len(starts) + 1)]


async def measures_by(
    tx: Transaction, scope: Scope, dimension: Dimension, *, business: bool
) -> dict[Any, Measures]:
    """A line for each agent, team or inbox, by id, or label; without messages."""
    found: dict[Any, Measures] = {}
    await _add_events(tx, scope, BY[dimension], found, business=business)
    return found


async def standing(tx: Transaction, account_id: int) -> dict[int | None, tuple[int, int]]:
    """By assignee, None for nobody's: how many are open, and how many of them wait for an answer."""
    talk = Conversation
    waits = talk.first_reply_created_at.is_(None) | talk.waiting_since.is_not(None)
    rows = await tx.execute(
        select(talk.assignee_id, func.count(), func.count().filter(waits))
        .where(talk.account_id == account_id, talk.status == Status.OPEN)
        .group_by(talk.assignee_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def begun_by_channel(tx: Transaction, scope: Scope) -> dict[str, dict[str, int]]:
    """Of the conversations that began: how many stand where, by their inbox's channel."""
    rows = await tx.execute(
        select(Inbox.channel, Conversation.status, func.count())
        .join(Inbox, Inbox.id == Conversation.inbox_id)
        .where(
            Conversation.account_id == scope.account_id,
            Conversation.created_at >= scope.since,
            Conversation.created_at < scope.until,
        )
        .group_by(Inbox.channel, Conversation.status)
    )
    found: dict[str, dict[str, int]] = {}
    for channel, status, count in rows:
        found.setdefault(channel, dict.fromkeys(Status, 0))[Status(status)] = count
    return found


async def _add_events(
    tx: Transaction,
    scope: Scope,
    key: ColumnElement[Any],
    into: dict[Any, Measures],
    *,
    business: bool,
) -> None:
    event = ReportingEvent
    value = event.value_in_business_hours if business else event.value
    by = (key.label("key"), event.name)
    query = (
        select(*by, func.count(), func.sum(value))
        .where(event.account_id == scope.account_id, event.name.in_(ReportingName))
        .where(event.created_at >= scope.since, event.created_at < scope.until)
        .where(*_only(scope, event.user_id, event.team_id, event.inbox_id, event.labels))
        .group_by(*by)
    )
    for at, name, count, seconds in (tuple(row) for row in await tx.execute(query)):
        line = into.setdefault(at, Measures())
        line.counts[name], line.seconds[name] = count, seconds


async def _add_messages(
    tx: Transaction, scope: Scope, key: ColumnElement[Any], into: dict[Any, Measures]
) -> None:
    talk = Conversation
    by = (key.label("key"), Message.message_type)
    query = (
        select(*by, func.count())
        .where(Message.account_id == scope.account_id, ~Message.private)
        .where(Message.message_type.in_(_SPOKEN))
        .where(Message.created_at >= scope.since, Message.created_at < scope.until)
        .group_by(*by)
    )
    if only := _only(scope, talk.assignee_id, talk.team_id, talk.inbox_id, talk.labels):
        query = query.join(talk, talk.id == Message.conversation_id).where(*only)
    for at, name, count in (tuple(row) for row in await tx.execute(query)):
        into.setdefault(at, Measures()).counts[name] = count


def _only(
    scope: Scope,
    user: Any,  # columns of either table
    team: Any,
    inbox: Any,
    labels: Any,
) -> list[ColumnElement[bool]]:
    match scope.dimension:
        case None:
            return []
        case Dimension.LABEL:
            return [labels.contains(cast([scope.key], ARRAY(TEXT)))]
        case Dimension.AGENT:
            return [user == scope.key]
        case Dimension.TEAM:
            return [team == scope.key]
        case Dimension.INBOX:
            return [inbox == scope.key]
