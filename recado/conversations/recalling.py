"""The last messages of conversations, as facts carry them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from recado.conversations.describing import Recent
from recado.conversations.models import Message
from recado.db.asking import Asked
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.lib.public_urls import public_url

_RECENT: Final = 5  # messages of a conversation

# Activities are Recado's own lines, and a private note is not for other systems.
_LAST: Final = Direct("""
    select last.conversation_id, last.content, last.sender_contact_id is not null as by_contact,
        users.name, files.files
    from unnest(:ids::bigint[]) as wanted(id)
    cross join lateral (
        select * from messages
        where conversation_id = wanted.id and message_type <> 'activity' and not private
        order by id desc limit :most::int
    ) as last
    left join users on users.id = last.sender_user_id
    cross join lateral (
        select coalesce(jsonb_agg(jsonb_build_array(key, name) order by id), '[]') as files
        from attachments where message_id = last.id
    ) as files
    order by last.id
""")


async def recent_messages(
    tx: Transaction, conversation_ids: Collection[int]
) -> dict[int, list[Recent]]:
    """What was said last in each conversation, oldest first."""
    return recalled(await _LAST.rows(tx, **_values(conversation_ids)))


def recalled(rows: Iterable[Sequence[Any]]) -> dict[int, list[Recent]]:
    """The same of the rows of `recent_asked`."""
    recent = defaultdict(list)
    for conversation_id, content, by_contact, name, held in rows:
        files = tuple(public_url("public", "attachments", *one) for one in held)
        recent[conversation_id].append(Recent(content, name, by_contact, files))
    return dict(recent)


def recent_asked(conversation_ids: Collection[int]) -> Asked:
    """What `recent_messages` asks, for whoever has it asked beside something else."""
    return _LAST.asked(**_values(conversation_ids))


def _values(conversation_ids: Collection[int]) -> dict[str, Any]:
    return {"ids": list(conversation_ids), "most": _RECENT}


def and_then(recent: Sequence[Recent], message: Message) -> list[Recent]:
    """What was said last once this message, which is no activity, was said as well."""
    if message.private:
        return list(recent)
    user = message.sender_user
    files = tuple(
        public_url("public", "attachments", one.key, one.name) for one in message.attachments
    )
    by_contact = message.sender_contact_id is not None
    said = Recent(message.content, user.name if user else None, by_contact, files)
    return [*recent, said][-_RECENT:]
