"""What becomes of conversations and inboxes when somebody leaves the account."""

from sqlalchemy import func, select, update

from recado.accounts.joining import remove_member
from recado.accounts.models import Membership
from recado.conversations.models import Conversation, Status
from recado.db.database import Transaction
from recado.inboxes.models import Inbox, InboxMember


async def open_conversations_of(tx: Transaction, account_id: int) -> dict[int, int]:
    """How many conversations that are not resolved each person has; nobody with none is named."""
    query = (
        select(Conversation.assignee_id, func.count())
        .where(
            Conversation.account_id == account_id,
            Conversation.assignee_id.is_not(None),
            Conversation.status != Status.RESOLVED,
        )
        .group_by(Conversation.assignee_id)
    )
    return {int(row[0] or 0): row[1] for row in await tx.execute(query)}


async def leave_account(tx: Transaction, member: Membership) -> None:
    """Remove a member; their conversations wait for somebody else, what they wrote stays.

    Open ones of inboxes that deal out are dealt out anew.
    """
    dealing = select(Inbox.id).where(Inbox.account_id == member.account_id, Inbox.deals_out)
    await tx.execute(
        update(Conversation)
        .where(
            Conversation.account_id == member.account_id,
            Conversation.assignee_id == member.user_id,
            Conversation.status == Status.OPEN,
            Conversation.inbox_id.in_(dealing),
        )
        .values(awaits_turn=True)
    )
    await tx.execute(
        update(Conversation)
        .where(
            Conversation.account_id == member.account_id,
            Conversation.assignee_id == member.user_id,
        )
        .values(assignee_id=None)
    )
    own_inboxes = select(Inbox.id).where(Inbox.account_id == member.account_id)
    parts = select(InboxMember).where(
        InboxMember.user_id == member.user_id, InboxMember.inbox_id.in_(own_inboxes)
    )
    for part in await tx.scalars(parts):
        await tx.delete(part)
    await remove_member(tx, member)
