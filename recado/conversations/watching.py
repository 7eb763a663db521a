"""Who looks at a conversation, and when somebody did last: a row each, moved on by an open page."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from recado.accounts.models import User
from recado.conversations.models import Conversation, Look
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.notifying import notify_pages
from recado.db.reading import Reading, made

WATCHED: Final = timedelta(seconds=50)  # a page that is looked at says so every 20 seconds
RETENTION: Final = timedelta(days=180)  # after that, what anybody has seen is seen
_BATCH: Final = 1_000  # rows deleted in one transaction


async def look_at(
    tx: Transaction, conversation: Conversation, user_id: int, *, now: datetime
) -> None:
    """Remember that somebody looks; others hear of it when it is news."""
    before = await last_look(tx, conversation, user_id)
    add = insert(Look).values(
        conversation_id=conversation.id, user_id=user_id, account_id=conversation.account_id,
        at=now, until=now + WATCHED,
    )  # fmt: skip
    await tx.execute(
        add.on_conflict_do_update(index_elements=_KEY, set_={"at": now, "until": now + WATCHED})
    )
    if before is None or before.until < now:
        await _tell(tx, conversation, user_id)
    if before is None or before.at < conversation.last_activity_at:  # the own list has less unread
        await notify_pages(tx, conversation.account_id, "seen", id=user_id)


_KEY: Final = ("conversation_id", "user_id")


async def last_look(tx: Transaction, conversation: Conversation, user_id: int) -> Look | None:
    """When somebody looked last, as it is stored at this moment."""
    rows = await _LOOK.rows(tx, conversation_id=conversation.id, user_id=user_id)
    return made(Look, dict(rows[0])) if rows else None


_LOOK: Final = Direct(f"""
    select {Reading(Look).columns} from looks
    where conversation_id = :conversation_id and user_id = :user_id
""")  # noqa: S608 - names of our own


async def look_away(
    tx: Transaction, conversation: Conversation, user_id: int, *, now: datetime
) -> None:
    """Somebody has closed the page or turned to another."""
    key = Look.conversation_id == conversation.id, Look.user_id == user_id, Look.until >= now
    away = update(Look).where(*key).values(until=now - timedelta(microseconds=1))
    gone = await tx.execute(away.returning(Look.user_id), execution_options=_ROWS_ONLY)
    if gone.all():
        await _tell(tx, conversation, user_id)


_ROWS_ONLY: Final[dict[str, Any]] = {"synchronize_session": False}


async def watchers_of(tx: Transaction, conversation: Conversation, *, now: datetime) -> list[User]:
    """Who looks at a conversation, by name."""
    query = select(User).join(Look, Look.user_id == User.id)
    query = query.where(Look.conversation_id == conversation.id, Look.until >= now)
    return list(await tx.scalars(query.order_by(func.lower(User.name), User.id)))


async def who_looks(
    tx: Transaction, pairs: Collection[tuple[int, int]], *, now: datetime
) -> set[tuple[int, int]]:
    """Of these conversations (the database's ids) and people, those who look at it."""
    key = tuple_(Look.conversation_id, Look.user_id)
    query = select(Look.conversation_id, Look.user_id)
    rows = await tx.execute(query.where(key.in_(pairs), Look.until >= now))
    return {(row[0], row[1]) for row in rows}


async def prune_looks(tx: Transaction, *, now: datetime) -> int:
    """Forget who looked long ago; how many, at most a batch."""
    old = select(Look.conversation_id, Look.user_id).where(Look.at < now - RETENTION).limit(_BATCH)
    gone = delete(Look).where(tuple_(Look.conversation_id, Look.user_id).in_(old))
    return len((await tx.execute(gone.returning(Look.user_id))).all())


async def _tell(tx: Transaction, conversation: Conversation, user_id: int) -> None:
    number = conversation.display_id  # their own pages show the others alone
    await notify_pages(tx, conversation.account_id, "look", id=number, not_for=user_id)
