"""What becomes of conversations and inboxes when somebody leaves the account, or an inbox."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select, update

from recado.accounts.joining import remove_member
from recado.accounts.models import Membership, Role
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
    """Remove a member; their conversations wait for somebody else, what they wrote stays."""
    await _unassign(
        tx,
        Conversation.account_id == member.account_id,
        Conversation.assignee_id == member.user_id,
    )
    own_inboxes = select(Inbox.id).where(Inbox.account_id == member.account_id)
    parts = select(InboxMember).where(
        InboxMember.user_id == member.user_id, InboxMember.inbox_id.in_(own_inboxes)
    )
    for part in await tx.scalars(parts):
        await tx.delete(part)
    await remove_member(tx, member)


async def leave_inbox(tx: Transaction, inbox: Inbox, user_ids: Collection[int]) -> None:
    """Whoever answers there no more does not see its conversations either: they wait for somebody else.

    Administrators see them still, and keep theirs.
    """
    if not user_ids:
        return
    agents = select(Membership.user_id).where(
        Membership.account_id == inbox.account_id,
        Membership.user_id.in_(user_ids),
        Membership.role == Role.AGENT,
    )
    await _unassign(tx, Conversation.inbox_id == inbox.id, Conversation.assignee_id.in_(agents))


async def left_by(tx: Transaction, inbox: Inbox) -> dict[int, int]:
    """How many conversations that are not resolved become unassigned, by the agent who leaves an inbox."""
    agents = select(Membership.user_id).where(
        Membership.account_id == inbox.account_id, Membership.role == Role.AGENT
    )
    query = select(Conversation.assignee_id, func.count()).where(
        Conversation.inbox_id == inbox.id, Conversation.assignee_id.in_(agents),
        Conversation.status != Status.RESOLVED,
    ).group_by(Conversation.assignee_id)  # fmt: skip
    return {int(row[0] or 0): row[1] for row in await tx.execute(query)}


async def _unassign(tx: Transaction, *which: ColumnElement[bool]) -> None:
    """Open ones of inboxes that deal out are dealt out anew."""
    dealing = select(Inbox.id).where(Inbox.deals_out)
    awaits = (Conversation.status == Status.OPEN) & Conversation.inbox_id.in_(dealing)
    await tx.execute(
        update(Conversation)
        .where(*which)
        .values(assignee_id=None, awaits_turn=or_(awaits, Conversation.awaits_turn))
    )
