"""Finding the conversations that many posts at once go to, in one statement for all of them."""

from collections.abc import Sequence
from typing import Any, Final

from recado.accounts.models import Account, Team, User
from recado.contacts.models import Contact
from recado.conversations.models import ContactInbox, Conversation
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import Reading
from recado.inboxes.models import Inbox

_CONVERSATION: Final = Reading(Conversation)
_PARTS: Final[dict[str, Reading[Any]]] = {
    "account": Reading(Account),
    "contact": Reading(Contact),
    "contact_inbox": Reading(ContactInbox),
    "inbox": Reading(Inbox),
    "assignee": Reading(User, "assignee"),
    "team": Reading(Team),
}  # what facts tell of a conversation
_COLUMNS: Final = ", ".join(one.columns for one in (_CONVERSATION, *_PARTS.values()))
_FIND: Final = f"""
    select {_COLUMNS}
    from unnest(:accounts::bigint[], :numbers::bigint[]) as wanted(account_id, display_id)
    join conversations on conversations.account_id = wanted.account_id
        and conversations.display_id = wanted.display_id
    join accounts on accounts.id = conversations.account_id
    join contacts on contacts.id = conversations.contact_id
    join contact_inboxes on contact_inboxes.id = conversations.contact_inbox_id
    join inboxes on inboxes.id = conversations.inbox_id
    left join users as assignee on assignee.id = conversations.assignee_id
    left join teams on teams.id = conversations.team_id
    order by conversations.id
    for no key update of conversations
"""  # noqa: S608 - names of our own
_WAITING: Final = Direct(_FIND)
_IF_FREE: Final = Direct(f"{_FIND} skip locked")


async def find_conversations_together(
    tx: Transaction, where: Sequence[tuple[int, int]], *, wait: bool
) -> dict[tuple[int, int], Conversation]:
    """Those of these accounts and numbers, with what facts need loaded and locked in one order.

    Without `wait`, the ones that another transaction holds are missing.
    """
    accounts, numbers = ([pair[at] for pair in where] for at in (0, 1))
    statement = _WAITING if wait else _IF_FREE
    rows = await statement.rows(tx, accounts=accounts, numbers=numbers)
    found = [_conversation(tx, row) for row in rows]
    return {(one.account_id, one.display_id): one for one in found}


def _conversation(tx: Transaction, row: Sequence[Any]) -> Conversation:
    at = _CONVERSATION.width
    parts = {}
    for name, reading in _PARTS.items():
        parts[name] = reading.maybe(tx, row, at)
        at += reading.width
    return _CONVERSATION.one(tx, row, 0, **parts)
