"""What becomes of conversations and inboxes when somebody leaves the account."""

from sqlalchemy import delete, select, update

from recado.accounts.joining import remove_member
from recado.accounts.models import Membership
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.inboxes.models import Inbox, InboxMember


async def leave_account(tx: Transaction, member: Membership) -> None:
    """Remove a member; their conversations wait for somebody else, what they wrote stays."""
    await tx.execute(
        update(Conversation)
        .where(
            Conversation.account_id == member.account_id,
            Conversation.assignee_id == member.user_id,
        )
        .values(assignee_id=None)
    )
    own_inboxes = select(Inbox.id).where(Inbox.account_id == member.account_id)
    await tx.execute(
        delete(InboxMember).where(
            InboxMember.user_id == member.user_id, InboxMember.inbox_id.in_(own_inboxes)
        )
    )
    await remove_member(tx, member)
