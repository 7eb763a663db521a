"""Who follows a conversation: people who want to hear of it though it is not theirs to answer."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import delete, insert, select

from recado.accounts.models import Membership, Role, User
from recado.conversations.models import Conversation, ConversationParticipant
from recado.db.asking import Asked
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.notifying import notify_pages
from recado.db.reading import Listing
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


async def people_following(tx: Transaction, conversation: Conversation) -> list[User]:
    """Who follows a conversation, by name."""
    return await _FOLLOWING.all(
        tx, conversation_id=conversation.id, account_id=conversation.account_id
    )


_FOLLOWING: Final = Listing(
    User,
    """users where id in (select user_id from conversation_participants
        join memberships using (user_id)
        where conversation_id = :conversation_id and memberships.account_id = :account_id)
        order by name, id""",
)


async def followers_of(tx: Transaction, conversation_ids: Collection[int]) -> dict[int, list[int]]:
    """Who follows each of these conversations, by the database's id."""
    found: dict[int, list[int]] = {}
    for conversation_id, user_id in await _FOLLOWERS.rows(tx, ids=list(conversation_ids)):
        found.setdefault(conversation_id, []).append(user_id)
    return found


def followers_asked(conversation_ids: Collection[int]) -> Asked:
    """What `followers_of` asks, for whoever has it asked beside something else."""
    return _FOLLOWERS.asked(ids=list(conversation_ids))


_FOLLOWERS: Final = Direct("""
    select conversation_id, user_id from conversation_participants
    where conversation_id = any(:ids::bigint[]) order by user_id
""")  # asked for every batch of messages


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
    """Say who follows a conversation found with `for_change`; all of them may. Its open pages hear of it."""
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
    await notify_pages(tx, conversation.account_id, "conversation", id=conversation.display_id)
