"""What nobody has looked at yet. A conversation may go on for years, so none of it is read from its beginning.

Messages are in the order in which they came: behind the newest that was seen, all are new. At most so many are
looked at (`_FAR`), of which at most all are unread.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.db.direct import Direct

_FAR: Final = 1_000  # messages from the newest back
# Up to when a conversation has been seen; before it began, so that the message that opened it is unread.
SEEN_BY_ANYBODY: Final = """coalesce(
    conversations.agent_last_seen_at, conversations.created_at - interval '1 second')"""
_LATEST: Final = f"""(
    select id, message_type, created_at from messages as said
    where said.conversation_id = conversations.id order by said.id desc limit {_FAR}
) as latest"""  # noqa: S608 - a number of our own
# When the contact wrote last; null where that is long ago.
_LAST_WRITTEN: Final = f"""(
    select created_at from {_LATEST} where message_type = 'incoming' order by id desc limit 1
)"""  # noqa: S608 - words of our own


def is_written_since(seen: str) -> str:
    """SQL: whether the contact of `conversations` has written after the moment of this expression."""
    return f"coalesce({_LAST_WRITTEN} > {seen}, false)"


async def last_written(tx: Transaction, conversation: Conversation) -> datetime | None:
    """When the contact wrote last; None where that was long ago, or never."""
    [[moment]] = await _WRITTEN.rows(tx, id=conversation.id)
    found: datetime | None = moment
    return found


async def unread_counts(tx: Transaction, conversations: Sequence[Conversation]) -> dict[int, int]:
    """How many incoming messages nobody has looked at, by id of the conversations that have any."""
    rows = await _UNREAD.rows(tx, ids=[one.id for one in conversations])
    return {id_: number for id_, number in rows if number}


async def unread_at(
    tx: Transaction, conversation_id: int, *, seen: datetime, until: datetime
) -> int:
    """How many incoming messages a conversation had then, of those that came after it was seen."""
    rows = await _UNREAD_AT.rows(tx, id=conversation_id, seen=seen, until=until)
    return int(rows[0][0]) if rows else 0  # it may have been deleted since


def _unread(seen: str, also: str = "true") -> str:
    return f"""(
        select count(*) from (
            select message_type, created_at from messages
            where conversation_id = conversations.id and id > coalesce((
                select id from {_LATEST} where created_at <= {seen} order by id desc limit 1
            ), 0)
            order by id desc limit {_FAR}
        ) as unseen where message_type = 'incoming' and {also}
    )"""  # noqa: S608 - words of our own


_WRITTEN: Final = Direct(f"select {_LAST_WRITTEN} from conversations where id = :id")  # noqa: S608
_UNREAD: Final = Direct(f"""
    select id, {_unread(SEEN_BY_ANYBODY)} from conversations where id = any(:ids::bigint[])
""")  # noqa: S608 - words of our own
_UNREAD_AT: Final = Direct(f"""
    select {_unread(":seen::timestamptz", "created_at <= :until::timestamptz")}
    from conversations where id = :id
""")  # noqa: S608 - words of our own
