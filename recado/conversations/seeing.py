"""Having looked at a conversation: its messages are no longer unread."""

from datetime import datetime

from recado.conversations.finding import unread_counts
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.db.notifying import notify_pages


async def mark_seen(tx: Transaction, conversation: Conversation, *, now: datetime) -> bool:
    """Remember that somebody of the account has looked; whether there was anything unread."""
    if not await unread_counts(tx, [conversation]):
        return False
    conversation.agent_last_seen_at = now
    await tx.flush()
    await notify_pages(tx, conversation.account_id, "conversation", id=conversation.display_id)
    return True
