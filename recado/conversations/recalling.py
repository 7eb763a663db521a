"""The last messages of conversations, as facts carry them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from recado.conversations.describing import Recent
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
    recent = defaultdict(list)
    last = await _LAST.rows(tx, ids=list(conversation_ids), most=_RECENT)
    for conversation_id, content, by_contact, name, held in last:
        files = tuple(public_url("public", "attachments", *one) for one in held)
        recent[conversation_id].append(Recent(content, name, by_contact, files))
    return dict(recent)
