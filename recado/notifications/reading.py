"""A person's own notifications: finding them, and having read them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from recado.accounts.models import Membership
from recado.conversations.finding import WITH_EVERYTHING, WITH_PARTS
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.notifications.models import Notification, Way

PAGE: Final = 15  # as the API has it

FRESH: Final = timedelta(minutes=5)
_MOST_FRESH: Final = 10

WITH_SUBJECT: Final = (
    selectinload(Notification.conversation).options(*WITH_EVERYTHING),
    selectinload(Notification.message).options(*WITH_PARTS),
    joinedload(Notification.action),
    joinedload(Notification.inbox),
    joinedload(Notification.by_user),
)


def _of(member: Membership) -> list[ColumnElement[bool]]:
    return [
        Notification.account_id == member.account_id,
        Notification.user_id == member.user_id,
    ]


@dataclass(frozen=True, slots=True)
class Wished:
    """Which of them, and in which order: the unread ones that are awake, latest first."""

    read_too: bool = False
    snoozed_too: bool = False
    is_oldest_first: bool = False


UNREAD: Final = Wished()
ALL: Final = Wished(read_too=True)


def _listed(member: Membership, wished: Wished, now: datetime) -> list[ColumnElement[bool]]:
    """Those that this person sees in the page."""
    where = [*_of(member), Notification.ways.contains([Way.PAGE])]
    if not wished.read_too:
        where.append(Notification.read_at.is_(None))
    if not wished.snoozed_too:
        is_awake = or_(Notification.snoozed_until.is_(None), Notification.snoozed_until <= now)
        where.append(is_awake)
    return where


async def notifications_page(
    tx: Transaction, member: Membership, wished: Wished, *, now: datetime, page: int = 1
) -> list[Notification]:
    """A page of them, with what they are about loaded."""
    query = select(Notification).where(*_listed(member, wished, now)).options(*WITH_SUBJECT)
    columns = Notification.last_activity_at, Notification.id
    query = query.order_by(
        *(one.asc() if wished.is_oldest_first else one.desc() for one in columns)
    )
    return list(await tx.scalars(query.limit(PAGE).offset((max(page, 1) - 1) * PAGE)))


async def notification_count(
    tx: Transaction, member: Membership, wished: Wished = UNREAD, *, now: datetime
) -> int:
    """How many there are."""
    return await tx.scalar(select(func.count()).where(*_listed(member, wished, now))) or 0


async def fresh_notifications(
    tx: Transaction, member: Membership, *, now: datetime
) -> list[Notification]:
    """What the browser may tell of: unread ones of the last minutes that are wanted so, oldest first."""
    query = select(Notification).where(
        *_of(member),
        Notification.ways.contains([Way.PUSH]),
        Notification.read_at.is_(None),
        Notification.last_activity_at > now - FRESH,
    )
    query = query.options(*WITH_SUBJECT).order_by(Notification.last_activity_at.desc())
    return list(await tx.scalars(query.limit(_MOST_FRESH)))[::-1]


async def find_notification(
    tx: Transaction, member: Membership, notification_id: int
) -> Notification | None:
    """One of this person's own, with what it is about loaded."""
    query = select(Notification).where(*_of(member), Notification.id == notification_id)
    return await tx.scalar(query.options(*WITH_SUBJECT))


async def mark_read(tx: Transaction, notification: Notification, *, now: datetime) -> None:
    """Have read one."""
    await _read(
        tx, notification.account_id, notification.user_id, now, [Notification.id == notification.id]
    )
    await tx.refresh(notification, ["read_at"])


async def mark_all_read(tx: Transaction, member: Membership, *, now: datetime) -> None:
    """Have read all that are listed."""
    await _read(tx, member.account_id, member.user_id, now, _listed(member, UNREAD, now))


async def mark_conversation_read(
    tx: Transaction, member: Membership, conversation: Conversation, *, now: datetime
) -> None:
    """Have read those about a conversation: it was looked at."""
    about = [Notification.conversation_id == conversation.id]
    await _read(tx, member.account_id, member.user_id, now, about)


async def _read(
    tx: Transaction, account_id: int, user_id: int, now: datetime, where: list[ColumnElement[bool]]
) -> None:
    unread = [
        Notification.account_id == account_id,
        Notification.user_id == user_id,
        Notification.read_at.is_(None),
    ]
    done = update(Notification).where(*unread, *where).values(read_at=now)
    gone = await tx.execute(done.returning(Notification.id), execution_options=_ROWS_ONLY)
    if gone.all():
        await notify_pages(tx, account_id, "notification", id=user_id)


_ROWS_ONLY: Final[dict[str, Any]] = {"synchronize_session": False}


async def mark_unread(tx: Transaction, notification: Notification) -> None:
    """Have one wait again, unless a newer one about the same does already."""
    same = [
        getattr(Notification, name).is_not_distinct_from(getattr(notification, name))
        for name in ("account_id", "user_id", "kind", "conversation_id", "action_id", "inbox_id")
    ]
    waits = select(Notification.id).where(*same, Notification.read_at.is_(None))
    if await tx.scalar(waits) is None:
        notification.read_at = None
        await tx.flush()
        await _tell(tx, notification)


async def snooze(tx: Transaction, notification: Notification, until: datetime | None) -> None:
    """Put one aside until a moment, when it is unread again; None wakes it."""
    notification.snoozed_until = until
    await tx.flush()
    await mark_unread(tx, notification)
    await _tell(tx, notification)


async def remove_notifications(tx: Transaction, member: Membership, *, only_read: bool) -> None:
    """Forget all of this person's, or those that are read."""
    where = [*_of(member), *([Notification.read_at.is_not(None)] if only_read else [])]
    await tx.execute(delete(Notification).where(*where), execution_options=_ROWS_ONLY)
    await notify_pages(tx, member.account_id, "notification", id=member.user_id)


async def remove_notification(tx: Transaction, notification: Notification) -> None:
    """Forget one."""
    await tx.execute(delete(Notification).where(Notification.id == notification.id))
    tx.expunge(notification)
    await _tell(tx, notification)


async def _tell(tx: Transaction, one: Notification) -> None:
    await notify_pages(tx, one.account_id, "notification", id=one.user_id)
