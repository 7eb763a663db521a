"""Writing down what reports count, in the transaction in which it happens.

An answer counts from the moment since which the contact waits, and is the answer's author's; a
resolution counts from the last opening, and is the assignee's, or else of whoever resolved. Labels
are the conversation's, also later; whose a new conversation is follows its assignment.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, case, func, insert, select, update

from recado.conversations.models import (
    Conversation,
    Message,
    MessageType,
    ReportingChange,
    ReportingEvent,
    ReportingName,
    Status,
)
from recado.db.database import Transaction
from recado.events.causes import Cause
from recado.lib.hours import open_seconds

_OPENINGS: Final = (ReportingName.CONVERSATION_CREATED, ReportingName.CONVERSATION_OPENED)
_FOLLOWED: Final = {"labels", "assignee_id", "team_id"}

RECENT: Final = timedelta(hours=1)  # nobody counts what is younger
_QUARTER: Final = timedelta(minutes=15)  # days begin at one of them, wherever the account is
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def clock_start(conversation: Conversation, *, now: datetime) -> ReportingEvent:
    """A conversation has begun."""
    return _noted(conversation, ReportingName.CONVERSATION_CREATED, now, now=now)


def clock_answer(
    conversation: Conversation, message: Message, *, now: datetime
) -> ReportingEvent | None:
    """A person has answered a contact who waits; asked before the conversation's clocks turn."""
    is_answer = message.message_type == MessageType.OUTGOING and not message.private
    if not (is_answer and message.sender_user_id and conversation.waiting_since):
        return None
    is_first = conversation.first_reply_created_at is None
    name = ReportingName.FIRST_RESPONSE if is_first else ReportingName.REPLY_TIME
    answer = _noted(conversation, name, conversation.waiting_since, now=now)
    answer.user_id = message.sender_user_id
    return answer


async def clock_change(
    tx: Transaction,
    conversation: Conversation,
    changes: Mapping[str, list[Any]],
    *,
    cause: Cause,
    now: datetime,
) -> None:
    """A conversation has changed: resolved, opened again, or it belongs to somebody else."""
    if _FOLLOWED & set(changes):
        await _follow(tx, conversation, now=now)
    match changes.get("status"):
        case [_, Status.RESOLVED]:
            since = await _opened_at(tx, conversation)
            ended = _noted(conversation, ReportingName.CONVERSATION_RESOLVED, since, now=now)
            ended.user_id = ended.user_id or cause.user_id
            tx.add(ended)
        case [Status.RESOLVED, _]:
            tx.add(_noted(conversation, ReportingName.CONVERSATION_OPENED, now, now=now))
        case _:
            pass


async def count_again(tx: Transaction, account_id: int, moments: Iterable[datetime]) -> None:
    """Something has been written down just now that was long ago: those days are counted again."""
    quarters = {_EPOCH + (one - _EPOCH) // _QUARTER * _QUARTER for one in moments}
    if quarters:
        rows = [{"account_id": account_id, "at": one} for one in sorted(quarters)]
        await tx.execute(insert(ReportingChange), rows)


async def rename_label(tx: Transaction, account_id: int, old: str, new: str) -> None:
    """What is counted under a label is counted under its new title; days that are over, again."""
    event = ReportingEvent
    renamed = (
        update(event)
        .where(event.account_id == account_id, event.labels.contains([old]))
        .values(labels=func.array_replace(event.labels, old, new))
        .returning(event.account_id, event.created_at)
        .cte("renamed")
    )
    await _note_changes(tx, renamed)


async def _opened_at(tx: Transaction, conversation: Conversation) -> datetime:
    event = ReportingEvent
    query = select(func.max(event.created_at)).where(
        event.conversation_id == conversation.id, event.name.in_(_OPENINGS)
    )
    return await tx.scalar(query) or conversation.created_at


async def _follow(tx: Transaction, conversation: Conversation, *, now: datetime) -> None:
    """One statement: what follows, and that what may be counted already is to be counted again."""
    event = ReportingEvent
    begins = event.name == ReportingName.CONVERSATION_CREATED
    followed = (
        update(event)
        .where(event.conversation_id == conversation.id)
        .values(
            labels=conversation.labels,
            user_id=case((begins, conversation.assignee_id), else_=event.user_id),
            team_id=case((begins, conversation.team_id), else_=event.team_id),
        )
        .returning(event.account_id, event.created_at)
        .cte("followed")
    )
    await _note_changes(tx, followed, followed.c.created_at < now - RECENT)


async def _note_changes(tx: Transaction, changed: CTE, *which: ColumnElement[bool]) -> None:
    """What changes these events also says that their quarters of an hour are to be counted again."""
    quarter = func.date_bin(_QUARTER, changed.c.created_at, _EPOCH)
    rows = select(changed.c.account_id, quarter).where(*which).distinct()
    await tx.execute(
        insert(ReportingChange)
        .from_select(["account_id", "at"], rows)
        .execution_options(synchronize_session=False)
    )


def _noted(
    conversation: Conversation, name: ReportingName, since: datetime, *, now: datetime
) -> ReportingEvent:
    hours = conversation.inbox.hours
    since = min(since, now)
    seconds = (now - since).total_seconds()
    return ReportingEvent(
        account_id=conversation.account_id,
        name=name,
        value=seconds,
        value_in_business_hours=seconds if hours is None else open_seconds(hours, since, now),
        conversation_id=conversation.id,
        inbox_id=conversation.inbox_id,
        user_id=conversation.assignee_id,
        team_id=conversation.team_id,
        labels=list(conversation.labels),
        started_at=since,
        created_at=now,
    )
