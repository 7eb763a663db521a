"""Waking conversations whose snooze has come to its end."""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from recado.conversations.changing import change_conversation
from recado.conversations.dealing import turns_order
from recado.conversations.describing import facts_about
from recado.conversations.finding import find_conversations_for_change
from recado.conversations.models import Conversation, Status
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM
from recado.events.names import EventName
from recado.events.recording import record_event

_BATCH: Final = 100


async def wake_snoozed(tx: Transaction, *, now: datetime) -> int:
    """Open the conversations whose snooze ended, each once; how many, at most a batch."""
    query = (
        select(Conversation.id)
        .where(Conversation.status == Status.SNOOZED, Conversation.snoozed_until <= now)
        .order_by(Conversation.snoozed_until)
        .limit(_BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    ids = list(await tx.scalars(query))
    found = await find_conversations_for_change(tx, ids)
    for conversation in sorted(found.values(), key=turns_order):
        await change_conversation(
            tx, conversation, {"status": Status.OPEN}, cause=BY_SYSTEM, now=now
        )
        await record_event(
            tx, EventName.SNOOZE_ENDED, facts_about(conversation, now=now),
            conversation_id=conversation.id, cause=BY_SYSTEM, now=now,
        )  # fmt: skip
    return len(ids)
