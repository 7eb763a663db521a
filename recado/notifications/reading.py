"""A person's own notifications: finding them, and having read them."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import joinedload

from recado.accounts.models import Membership
from recado.conversations.models import Conversation, Message
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.notifications.models import Notification, Way

PAGE: Final = 15  # as the API has it

FRESH: Final = timedelta(minutes=5)
_MOST_FRESH: Final = 10

WITH_SUBJECT: Final = (
    joinedload(Notification.conversation).joinedload(Conversation.contact),
    joinedload(Notification.conversation).joinedload(Conversation.inbox),
    joinedload(Notification.message).joinedload(Message.sender_contact),
    joinedload(Notification.message).selectinload(Message.attachments),
    joinedload(Notification.action),
    joinedload(Notification.by_user),
)


def _of(member: Membership) -> list[ColumnElement[bool]]:
    return [
        Notification.account_id == member.account_id,
        Notification.user_id == member.user_id,
    ]


def _listed(member: Membership, now: datetime) -> list[ColumnElement[bool]]:
    """Those that this person sees in the page now."""
    is_awake = or_(Notification.snoozed_until.is_(None), Notification.snoozed_until <= now)
    return [*_of(member), Notification.ways.contains([Way.PAGE]), is_awake]


async def notifications_page(
    tx: Transaction, member: Membership, *, now: datetime, only_unread: bool = False, page: int = 1
) -> list[Notification]:
    """A page of them, latest first, with what they are about loaded."""
    where = _listed(member, now)
    if only_unread:
        where.append(Notification.read_at.is_(None))
    query = select(Notification).where(*where).options(*WITH_SUBJECT)
    query = query.order_by(Notification.last_activity_at.desc(), Notification.id.desc())
    return list(await tx.scalars(query.limit(PAGE).offset((max(page, 1) - 1) * PAGE)))


async def notification_counts(
    tx: Transaction, member: Membership, *, now: datetime
) -> tuple[int, int]:
    """How many are unread, and how many there are."""
    query = select(func.count().filter(Notification.read_at.is_(None)), func.count())
    row = (await tx.execute(query.where(*_listed(member, now)))).one()
    return row[0], row[1]


async def unread_count(tx: Transaction, member: Membership, *, now: datetime) -> int:
    """How many are unread."""
    query = select(func.count()).where(*_listed(member, now), Notification.read_at.is_(None))
    return await tx.scalar(query) or 0


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
    await _read(tx, member.account_id, member.user_id, now, _listed(member, now))


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


async def remove_notification(tx: Transaction, notification: Notification) -> None:
    """Forget one."""
    await tx.execute(delete(Notification).where(Notification.id == notification.id))
    tx.expunge(notification)
    await notify_pages(tx, notification.account_id, "notification", id=notification.user_id)
