"""What the person behind a token may see: agents only the conversations of their inboxes."""

from recado.accounts.models import Membership
from recado.api.door import absent
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.inboxes.models import Inbox
from recado.inboxes.opening import answers_in, find_inbox_for


async def visible_conversation(
    tx: Transaction, member: Membership, display_id: int, *, for_change: bool = False
) -> Conversation:
    """The conversation of this number, or 404."""
    found = await find_conversation(tx, member.account_id, display_id, for_change=for_change)
    return await visible(tx, member, found)


async def visible(tx: Transaction, member: Membership, found: Conversation | None) -> Conversation:
    """A conversation of the member's account that was found, or 404."""
    if found is None or not await answers_in(tx, member, found.inbox_id):
        raise absent()
    return found


async def visible_inbox(tx: Transaction, member: Membership, inbox_id: int) -> Inbox:
    """The inbox, or 404."""
    inbox = await find_inbox_for(tx, member, inbox_id)
    if inbox is None:
        raise absent()
    return inbox
