"""Who follows a conversation: people who want to hear of it though it is not theirs to answer."""

from collections.abc import Collection

from sqlalchemy import delete, insert, select

from recado.accounts.models import Membership, Role
from recado.conversations.models import Conversation, ConversationParticipant
from recado.db.database import Transaction
from recado.inboxes.models import InboxMember


async def participant_ids(tx: Transaction, conversation: Conversation) -> set[int]:
    """Who follows a conversation and is still in its account."""
    query = (
        select(ConversationParticipant.user_id)
        .join(Membership, Membership.user_id == ConversationParticipant.user_id)
        .where(
            ConversationParticipant.conversation_id == conversation.id,
            Membership.account_id == conversation.account_id,
        )
    )
    return set(await tx.scalars(query))


async def followers_of(tx: Transaction, conversation_ids: Collection[int]) -> dict[int, list[int]]:
    """Who follows each of these conversations, by the database's id."""
    one = ConversationParticipant
    found: dict[int, list[int]] = {}
    query = select(one.conversation_id, one.user_id).where(
        one.conversation_id.in_(conversation_ids)
    )
    for conversation_id, user_id in await tx.execute(query.order_by(one.user_id)):
        found.setdefault(conversation_id, []).append(user_id)
    return found


async def may_follow(tx: Transaction, conversation: Conversation) -> set[int]:
    """Who sees the conversation's inbox: its people, and the administrators."""
    answering = select(InboxMember.user_id).where(InboxMember.inbox_id == conversation.inbox_id)
    query = select(Membership.user_id).where(
        Membership.account_id == conversation.account_id,
        (Membership.role == Role.ADMINISTRATOR) | Membership.user_id.in_(answering),
    )
    return set(await tx.scalars(query))


async def set_participants(
    tx: Transaction, conversation: Conversation, wanted: Collection[int]
) -> None:
    """Say who follows a conversation found with `for_change`; all of them may."""
    theirs = ConversationParticipant.conversation_id == conversation.id
    await tx.execute(
        delete(ConversationParticipant).where(
            theirs, ConversationParticipant.user_id.not_in(wanted)
        )
    )
    known = await tx.scalars(select(ConversationParticipant.user_id).where(theirs))
    new = sorted(set(wanted) - set(known))
    if new:
        rows = [{"conversation_id": conversation.id, "user_id": one} for one in new]
        await tx.execute(insert(ConversationParticipant), rows)
