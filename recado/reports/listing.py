"""What reports count, event by event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select

from recado.conversations.models import Conversation, ReportingEvent
from recado.db.database import Transaction

PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are looked for; None looks for all. `until` is outside."""

    since: datetime | None = None
    until: datetime | None = None
    inbox_id: int | None = None
    user_id: int | None = None
    name: str | None = None


async def events_page(
    tx: Transaction, account_id: int, wanted: Wanted, *, page: int
) -> list[tuple[ReportingEvent, int | None]]:
    """A page of events, newest first, each with its conversation's number while there is one."""
    query = (
        select(ReportingEvent, Conversation.display_id)
        .outerjoin(Conversation, Conversation.id == ReportingEvent.conversation_id)
        .where(*_matching(account_id, wanted))
        .order_by(ReportingEvent.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return [(row[0], row[1]) for row in await tx.execute(query)]


async def event_count(tx: Transaction, account_id: int, wanted: Wanted) -> int:
    """How many there are."""
    query = select(func.count()).select_from(ReportingEvent)
    return await tx.scalar(query.where(*_matching(account_id, wanted))) or 0


async def events_of_conversation(
    tx: Transaction, conversation: Conversation
) -> list[ReportingEvent]:
    """A conversation's events, in their order."""
    query = select(ReportingEvent).where(ReportingEvent.conversation_id == conversation.id)
    return list(await tx.scalars(query.order_by(ReportingEvent.id)))


def _matching(account_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    event = ReportingEvent
    conditions = [event.account_id == account_id]
    if wanted.since is not None:
        conditions.append(event.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(event.created_at < wanted.until)
    for column, value in (
        (event.inbox_id, wanted.inbox_id), (event.user_id, wanted.user_id), (event.name, wanted.name)
    ):  # fmt: skip
        if value is not None:
            conditions.append(column == value)
    return conditions
