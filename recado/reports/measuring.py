"""Averages and counts of a stretch of time, as the API reports them: in all, in steps, by whose they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    Select,
    cast,
    func,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from recado.conversations.models import (
    Conversation,
    Message,
    ReportingEvent,
    ReportingName,
    Status,
)
from recado.db.database import Transaction
from recado.inboxes.models import Inbox
from recado.reports.days import ROOM, known_days, of_uncounted
from recado.reports.dimensions import ALL, Dimension, key_by, key_of
from recado.reports.models import ConversationTotal
from recado.reports.saying import SPOKEN, WHOSE, messages_of, said_by, said_by_day, said_in_gone
from recado.reports.stretches import stretches


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose conversations, from `since` until before `until`; `key` is an id, or a label's title.

    `zone` is the account's: by its days the worker counts.
    """

    account_id: int
    zone: str
    since: datetime
    until: datetime
    dimension: Dimension | None = None
    key: int | str | None = None

    @property
    def between(self) -> tuple[date, date]:
        """The first and the last day of which it has something."""
        zone = ZoneInfo(self.zone)
        return self.since.astimezone(zone).date(), self.until.astimezone(zone).date()


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


async def measures_in_steps(
    tx: Transaction, scope: Scope, starts: Sequence[datetime], *, business: bool
) -> list[Measures]:
    """A line for each step that begins at one of `starts`, messages included."""
    moments = cast(list(starts), ARRAY(DateTime(timezone=True)))
    sources = [
        *_events(scope, starts, lambda at, _: func.width_bucket(at, moments), business=business),
        *_messages(scope, starts, lambda at: func.width_bucket(at, moments)),
    ]
    found = await _added_up(tx, sources)
    return [found.get(number, Measures()) for number in range(1, len(starts) + 1)]


async def measures_by(
    tx: Transaction, scope: Scope, dimension: Dimension, *, business: bool
) -> dict[Any, Measures]:
    """A line for each agent, team or inbox, by id, or label; without messages."""
    by = replace(scope, dimension=dimension)
    found = await _added_up(tx, _events(by, (), lambda _, key: key, business=business))
    return {key_of(dimension, key): line for key, line in found.items()}


async def messages_by(tx: Transaction, scope: Scope, dimension: Dimension) -> dict[Any, Measures]:
    """How much was said in each inbox, or by each agent; None: by nobody of ours."""
    days, whose = _days(scope, ()), WHOSE[dimension]
    past = _counted(days, scope, dimension, ConversationTotal.key.expression)
    fresh = of_uncounted(days, _said(days, scope, whose))
    gone = _gone(days, replace(scope, dimension=dimension, key=None), lambda _, key: key)
    found = await _added_up(tx, [past.where(ConversationTotal.name.in_(SPOKEN)), fresh, gone])
    return {key_of(dimension, key): line for key, line in found.items()}


async def messages_of_whose(
    tx: Transaction, scope: Scope, whose: ColumnElement[Any]
) -> dict[Any, Measures]:
    """How much was said, by whose the conversation is now: a column of it; None: nobody's."""
    days = _days(scope, ())
    daily = said_by_day(scope.account_id, scope.between, (), whose)
    fresh = _in_talks(_said(days, scope, whose))
    return await _added_up(tx, [*said_by(days, daily, daily.c.whose), of_uncounted(days, fresh)])


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


_By = Callable[[Any, Any], ColumnElement[Any]]  # of a moment, and of whose it is


def _events(
    scope: Scope, cuts: Sequence[datetime], by: _By, *, business: bool
) -> list[Select[Any]]:
    """Of days that are counted the totals, of the rest of the time the events themselves."""
    days = _days(scope, cuts)
    total, event = ConversationTotal, ReportingEvent
    dimension = scope.dimension or ALL
    value = event.value_in_business_hours if business else event.value
    past = (
        _counted(days, scope, dimension, by(days.c.starts, total.key))
        .where(total.business == business, total.name.in_(ReportingName))
        .where(*([] if scope.key is None else [total.key == str(scope.key)]))
    )
    happened = (
        select(
            by(event.created_at, key_by(dimension)).label("key"),
            event.name,
            func.count().label("count"),
            func.sum(value).label("seconds"),
        )
        .where(event.created_at >= days.c.starts, event.created_at < days.c.ends)
        .where(event.account_id == scope.account_id, event.name.in_(ReportingName))
        .where(*_only(scope, event.user_id, event.team_id, event.inbox_id, event.labels))
        .group_by(text("1"), event.name)
    )
    return [past, of_uncounted(days, happened)]


def _messages(
    scope: Scope, cuts: Sequence[datetime], by: Callable[[Any], ColumnElement[Any]]
) -> list[Select[Any]]:
    """The same of messages. Whose a conversation is changes: then they are counted by conversation."""
    total, talk = ConversationTotal, Conversation
    if scope.dimension not in {None, Dimension.INBOX}:
        only = _only(scope, talk.assignee_id, talk.team_id, talk.inbox_id, talk.labels)
        return _said_in(scope, cuts, by, only)
    days = _days(scope, cuts)
    past = _counted(days, scope, scope.dimension or ALL, by(days.c.starts))
    past, fresh = past.where(total.name.in_(SPOKEN)), _said(days, scope, by(Message.created_at))
    if scope.dimension == Dimension.INBOX:
        past = past.where(total.key == str(scope.key))
        fresh = fresh.where(Message.inbox_id == scope.key)
    return [past, of_uncounted(days, fresh), _gone(days, scope, lambda at, _: by(at))]


def _said(days: CTE, scope: Scope, key: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            key.label("key"),
            Message.message_type.label("name"),
            func.count().label("count"),
            literal(0.0).label("seconds"),
        )
        .select_from(Message)
        .where(*messages_of(days, scope.account_id))
        .group_by(text("1"), Message.message_type)
    )


def _said_in(
    scope: Scope,
    cuts: Sequence[datetime],
    by: Callable[[Any], ColumnElement[Any]],
    only: Sequence[ColumnElement[bool]],
) -> list[Select[Any]]:
    """Messages of conversations that are still there: of counted days the totals, of others each."""
    days = _days(scope, cuts)
    daily = said_by_day(scope.account_id, scope.between, only)
    past = said_by(days, daily, by(days.c.starts))
    fresh = _in_talks(_said(days, scope, by(Message.created_at)).where(*only))
    return [*past, of_uncounted(days, fresh)]


def _in_talks(said: Select[Any]) -> Select[Any]:
    return said.join(Conversation, Conversation.id == Message.conversation_id)


def _gone(days: CTE, scope: Scope, by: _By) -> Select[Any]:
    said = said_in_gone(days, scope.account_id, scope.dimension or ALL)
    return (
        select(
            by(days.c.starts, said.c.key).label("key"), said.c.name, func.sum(said.c.count),
            literal(0.0),
        )
        .join_from(days, said, days.c.day == said.c.day)
        .where(*([] if scope.key is None else [said.c.key == str(scope.key)]))
        .group_by(text("1"), said.c.name)
    )  # fmt: skip


def _days(scope: Scope, cuts: Sequence[datetime]) -> CTE:
    whole = stretches(scope.since, scope.until, scope.zone, cuts)
    return known_days(scope.account_id, scope.zone, whole).cte()


def _counted(days: CTE, scope: Scope, dimension: str, key: ColumnElement[Any]) -> Select[Any]:
    total = ConversationTotal
    counts = func.sum(total.count), func.sum(total.seconds)
    return (
        select(key.label("key"), total.name, *counts)
        .join(days, (days.c.day == total.day) & days.c.is_counted)
        .where(total.account_id == scope.account_id, total.dimension == dimension)
        .group_by(text("1"), total.name)
    )


async def _added_up(tx: Transaction, sources: Sequence[Select[Any]]) -> dict[Any, Measures]:
    """In one statement, so that a day that is just being counted counts once."""
    await tx.execute(ROOM)
    found: dict[Any, Measures] = {}
    for key, name, count, seconds in await tx.execute(union_all(*sources)):
        line = found.setdefault(tuple(key) if isinstance(key, list) else key, Measures())
        line.counts[name] = line.count(name) + int(count)
        line.seconds[name] = line.seconds.get(name, 0.0) + seconds
    return found


def _only(
    scope: Scope,
    user: Any,  # columns of either table
    team: Any,
    inbox: Any,
    labels: Any,
) -> list[ColumnElement[bool]]:
    match scope.dimension if scope.key is not None else None:
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
