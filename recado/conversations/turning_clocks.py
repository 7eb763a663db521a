"""The clocks of conversations: what a message does to who waits for whom, and since when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm.attributes import set_committed_value

from recado.conversations.models import Conversation, Message, MessageType, Status
from recado.db.database import Transaction
from recado.db.direct import Direct

Clocks = dict[str, datetime | None]  # by column

_KEEP: Final = Direct("""
    update conversations set last_activity_at = turned.last_activity_at,
        waiting_since = turned.waiting_since, replied_at = turned.replied_at,
        first_reply_created_at = turned.first_reply_created_at
    from unnest(
        :ids::bigint[], :last_activity_at::timestamptz[], :waiting_since::timestamptz[],
        :replied_at::timestamptz[], :first_reply_created_at::timestamptz[]
    ) as turned(id, last_activity_at, waiting_since, replied_at, first_reply_created_at)
    where conversations.id = turned.id
""")


def clocks_after(conversation: Conversation, message: Message, now: datetime) -> Clocks:
    """How the conversation's clocks stand after this message in it."""
    waiting, replied = conversation.waiting_since, conversation.replied_at
    first = conversation.first_reply_created_at
    if message.message_type == MessageType.INCOMING:
        was_closed = conversation.status == Status.RESOLVED  # and waited for nobody
        waiting, replied = now if was_closed else waiting or now, None
    elif message.sender_user_id and not message.private:
        waiting, replied, first = None, now, first or now
    return {
        "last_activity_at": now,
        "waiting_since": waiting,
        "replied_at": replied,
        "first_reply_created_at": first,
    }


async def turn_clocks(
    tx: Transaction, said: Sequence[tuple[Conversation, Message]], *, now: datetime
) -> None:
    """Turn the clocks of these conversations, each with a message of its own, in one statement."""
    if not said:
        return
    turned = [clocks_after(conversation, message, now) for conversation, message in said]
    times = {name: [clocks[name] for clocks in turned] for name in turned[0]}
    await _KEEP.later(tx, ids=[conversation.id for conversation, _ in said], **times)
    for (conversation, _), clocks in zip(said, turned, strict=True):
        for name, moment in clocks.items():
            set_committed_value(conversation, name, moment)
