"""Writing notifications down: one statement for a batch, and open pages hear of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, TEXT, TIMESTAMP

from recado.db.database import Transaction
from recado.db.notifying import notify_pages


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notification to be written, about a conversation (the database's id), an action or an inbox."""

    account_id: int
    user_id: int
    kind: str
    ways: tuple[str, ...]
    at: datetime
    conversation_id: int | None = None
    message_id: int | None = None
    action_id: int | None = None
    inbox_id: int | None = None
    by_user_id: int | None = None
    times: int = 1

    @property
    def key(self) -> tuple[int, int, str, int, int]:
        """What there is one unread notification of."""
        about = self.conversation_id or 0, self.action_id or self.inbox_id or 0
        return self.account_id, self.user_id, self.kind, *about


_COLUMNS: Final[dict[str, Any]] = {
    "account_id": BIGINT, "user_id": BIGINT, "kind": TEXT, "ways": TEXT, "at": TIMESTAMP(timezone=True),
    "conversation_id": BIGINT, "message_id": BIGINT, "action_id": BIGINT, "inbox_id": BIGINT,
    "by_user_id": BIGINT, "times": BIGINT,
}  # fmt: skip
# What was deleted meanwhile is not told. Sorted by whom, so that two workers never wait for each other.
_WRITE: Final = text(f"""
    insert into notifications as n (
        account_id, user_id, kind, ways, conversation_id, message_id, action_id, inbox_id, by_user_id,
        times, created_at, last_activity_at)
    select w.account_id, w.user_id, w.kind, string_to_array(w.ways, ' '), w.conversation_id, m.id,
        w.action_id, w.inbox_id, w.by_user_id, w.times, w.at, w.at
    from unnest({", ".join(f":{name}" for name in _COLUMNS)}) as w({", ".join(_COLUMNS)})
    left join messages m on m.id = w.message_id
    left join conversations c on c.id = w.conversation_id
    where w.conversation_id is null or c.id is not null
    order by w.account_id, w.user_id, w.kind, w.conversation_id, w.action_id, w.inbox_id
    on conflict (account_id, user_id, kind, coalesce(conversation_id, 0),
            coalesce(action_id, inbox_id, 0))
        where read_at is null
    do update set message_id = excluded.message_id, by_user_id = excluded.by_user_id,
        ways = excluded.ways, times = n.times + excluded.times,
        last_activity_at = excluded.last_activity_at
    returning n.id, n.user_id, n.account_id, xmax = 0 as is_new
""").bindparams(  # noqa: S608 - our own names
    *(bindparam(name, type_=ARRAY(kind)) for name, kind in _COLUMNS.items())
)


async def write_notifications(tx: Transaction, wanted: Sequence[Wanted]) -> list[Any]:
    """Write these down, or move the unread one about the same thing to the top; the rows written.

    Whoever wants to be told in no way at all is not.
    """
    merged: dict[tuple[int, int, str, int, int], Wanted] = {}
    for one in wanted:
        if one.ways:
            before = merged.get(one.key)
            merged[one.key] = replace(one, times=before.times + one.times) if before else one
    if not merged:
        return []
    values: dict[str, list[Any]] = {
        name: [getattr(one, name) for one in merged.values()] for name in _COLUMNS
    }
    values["ways"] = [" ".join(one.ways) for one in merged.values()]
    rows = list(await tx.execute(_WRITE, values))
    for account_id, user_id in {(row.account_id, row.user_id) for row in rows}:
        await notify_pages(tx, account_id, "notification", id=user_id)
    return rows
