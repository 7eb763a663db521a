"""Dealing out what opened while nobody was online, as soon as somebody is."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select

from recado.accounts.models import PRESENT, Availability, Membership
from recado.conversations.changing import deal_out
from recado.conversations.dealing import may_be_dealt
from recado.conversations.finding import find_conversations_for_change
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.inboxes.models import Inbox, InboxMember

_BATCH: Final = 100  # of an inbox


async def deal_waiting(tx: Transaction, *, now: datetime) -> int:
    """Deal out what waits in inboxes where somebody is online, oldest first; how many were.

    Several workers may: each takes what no other one holds.
    """
    waits = exists().where(Conversation.inbox_id == Inbox.id, Conversation.awaits_turn)
    query = select(Inbox.id).where(waits, _has_somebody(now)).order_by(Inbox.id)
    return sum([await _deal(tx, inbox_id, now) for inbox_id in await tx.scalars(query)])


async def _deal(tx: Transaction, inbox_id: int, now: datetime) -> int:
    query = (
        select(Conversation.id)
        .where(Conversation.inbox_id == inbox_id, Conversation.awaits_turn)
        .order_by(Conversation.id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    found = await find_conversations_for_change(tx, list(await tx.scalars(query)))
    dealt = 0
    for _, one in sorted(found.items()):
        if not may_be_dealt(one):  # the inbox deals out no more
            one.awaits_turn = False
            continue
        await deal_out(tx, one, now=now)
        if one.assignee_id is None:  # everybody has as many as they may: so it is with the rest
            break
        dealt += 1
    await tx.flush()
    return dealt


def _has_somebody(now: datetime) -> ColumnElement[bool]:
    """Somebody answers in the inbox and is online, as `Membership.availability_at` says it."""
    is_there = or_(not_(Membership.auto_offline), Membership.seen_at >= now - PRESENT)
    return exists().where(
        and_(
            InboxMember.inbox_id == Inbox.id,
            Membership.user_id == InboxMember.user_id,
            Membership.account_id == Inbox.account_id,
            Membership.availability == Availability.ONLINE,
            is_there,
        )
    )
