"""Dealing conversations out: whose turn it is in an inbox that assigns by itself.

Turns go round among the inbox's agents who are online and have not as many open conversations here
as they may; whoever was dealt one longest ago comes first. The inbox is locked while a turn is
taken, so that of two that come at once the second sees the first one's. Whoever changes several
conversations first locks all of them, and then takes them in the order of `turns_order`.
"""

from datetime import datetime

from sqlalchemy import func, select

from recado.accounts.models import Availability, Membership
from recado.conversations.models import Conversation, Status
from recado.db.database import Transaction
from recado.inboxes.models import Inbox, InboxMember


def turns_order(conversation: Conversation) -> int:
    """In which order a transaction takes turns in several inboxes: else two would wait for each other."""
    return conversation.inbox_id if conversation.inbox.deals_out else 0


async def take_turn(tx: Transaction, conversation: Conversation, *, now: datetime) -> int | None:
    """Whose turn an open conversation is, which counts as taken; None leaves it as it is.

    Somebody who is assigned already and online keeps it.
    """
    inbox = conversation.inbox
    if not inbox.deals_out or conversation.status != Status.OPEN:
        return None
    # No key is changed, so those who add conversations to the inbox need not wait.
    await tx.execute(select(Inbox.id).where(Inbox.id == inbox.id).with_for_update(key_share=True))
    members = await _members(tx, conversation)
    online = [one for one, member in members if _is_online(member, now)]
    if conversation.assignee_id in {one.user_id for one in online}:
        return None
    loads = await _loads(tx, inbox.id) if inbox.most_dealt is not None else {}
    free = (one for one in online if loads.get(one.user_id, 0) < (inbox.most_dealt or 1))
    chosen = next(free, None)
    if chosen is None:
        return None
    chosen.turn = 1 + max(one.turn for one, _ in members)
    await tx.flush()
    return chosen.user_id


def may_be_dealt(conversation: Conversation) -> bool:
    """Whether it is open, nobody's, and of an inbox that deals out."""
    is_free = conversation.status == Status.OPEN and conversation.assignee_id is None
    return is_free and conversation.inbox.deals_out


async def _members(
    tx: Transaction, conversation: Conversation
) -> list[tuple[InboxMember, Membership]]:
    """The inbox's agents, longest without a turn first."""
    query = (
        select(InboxMember, Membership)
        .join(Membership, Membership.user_id == InboxMember.user_id)
        .where(
            InboxMember.inbox_id == conversation.inbox_id,
            Membership.account_id == conversation.account_id,
        )
        .order_by(InboxMember.turn, InboxMember.user_id)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in await tx.execute(query)]


def _is_online(member: Membership, now: datetime) -> bool:
    return member.availability_at(now) is Availability.ONLINE


async def _loads(tx: Transaction, inbox_id: int) -> dict[int | None, int]:
    """How many open conversations of an inbox each agent has."""
    query = (
        select(Conversation.assignee_id, func.count())
        .where(Conversation.inbox_id == inbox_id, Conversation.status == Status.OPEN)
        .group_by(Conversation.assignee_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}
