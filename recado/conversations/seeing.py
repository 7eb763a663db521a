"""Having looked at a conversation: its messages are no longer unread, or are again."""

from datetime import datetime, timedelta

from sqlalchemy import update

from recado.conversations.counting_unread import last_written, unread_counts
from recado.conversations.models import Conversation, Look
from recado.db.database import Transaction
from recado.db.notifying import notify_pages


async def mark_seen(tx: Transaction, conversation: Conversation, *, now: datetime) -> bool:
    """Remember that somebody of the account has looked; whether there was anything unread."""
    if not await unread_counts(tx, [conversation]):
        return False
    conversation.agent_last_seen_at = now
    await tx.flush()
    # Its line in lists shows it, no thread does.
    await notify_pages(tx, conversation.account_id, "conversation")
    return True


async def mark_unread(tx: Transaction, conversation: Conversation) -> None:
    """Have the contact's last message count as unread again, for everybody."""
    last = await last_written(tx, conversation)
    if last is None:
        return
    before = last - timedelta(microseconds=1)
    conversation.agent_last_seen_at = before
    await tx.flush()
    looked = update(Look).where(Look.conversation_id == conversation.id, Look.at > before)
    await tx.execute(looked.values(at=before), execution_options={"synchronize_session": False})
    await notify_pages(tx, conversation.account_id, "conversation", id=conversation.display_id)


async def mark_seen_by_contact(
    tx: Transaction, conversation: Conversation, *, now: datetime
) -> None:
    """Remember that the contact has looked."""
    conversation.contact_last_seen_at = now
    await tx.flush()
    await notify_pages(tx, conversation.account_id, "conversation", id=conversation.display_id)
