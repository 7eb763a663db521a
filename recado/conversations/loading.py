"""Conversations and messages as every page of them reads them: a statement for each, past the ORM.

What they refer to and the session knows already (the contact, the people of the account) is not asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm.attributes import set_committed_value

from recado.accounts.models import Account, Team, User
from recado.contacts.models import Contact
from recado.conversations.counting_unread import SEEN_BY_ANYBODY, is_written_since
from recado.conversations.models import Attachment, ContactInbox, Conversation, Message
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import Listing, Reading, complete, known
from recado.inboxes.models import AgentBot, Inbox

_CONVERSATION: Final = Reading(Conversation)
_CONTACT: Final = Reading(Contact)
_MESSAGE: Final = Reading(Message)
_CONTACT_INBOX: Final = Reading(ContactInbox)
_ITS_INBOX: Final = Reading(Inbox, "its_inbox")
_PARTS: Final[dict[str, Reading[Any]]] = {
    "account": Reading(Account),
    "contact": _CONTACT,
    "inbox": Reading(Inbox),
    "assignee": Reading(User, "assignee"),
    "team": Reading(Team),
}
_WHOLE: Final = (_CONVERSATION, *_PARTS.values(), _CONTACT_INBOX, _ITS_INBOX)
_FROM_EARLIEST: Final = 0
TO_LATEST: Final = 2**63 - 1  # no id is greater


async def whole_conversation(
    tx: Transaction, account_id: int, display_id: int
) -> Conversation | None:
    """The account's conversation of this number, with everything loaded."""
    rows = await _FIND.rows(tx, account_id=account_id, display_id=display_id)
    return _whole(tx, rows[0]) if rows else None


async def whole_conversations(
    tx: Transaction, conversation_ids: Sequence[int]
) -> list[Conversation]:
    """These conversations in this order, with everything loaded."""
    rows = await _FIND_ALL.rows(tx, ids=list(conversation_ids)) if conversation_ids else []
    return [_whole(tx, row) for row in rows]


_COLUMNS: Final = ", ".join(one.columns for one in _WHOLE)
_JOINS: Final = """
    join accounts on accounts.id = conversations.account_id
    join contacts on contacts.id = conversations.contact_id
    join inboxes on inboxes.id = conversations.inbox_id
    left join users as assignee on assignee.id = conversations.assignee_id
    left join teams on teams.id = conversations.team_id
    left join contact_inboxes on contact_inboxes.id = conversations.contact_inbox_id
    left join inboxes as its_inbox on its_inbox.id = contact_inboxes.inbox_id
"""
_FIND: Final = Direct(f"""
    select {_COLUMNS} from conversations {_JOINS}
    where conversations.account_id = :account_id and conversations.display_id = :display_id
""")  # noqa: S608 - names of our own
_FIND_ALL: Final = Direct(f"""
    select {_COLUMNS} from unnest(:ids::bigint[]) with ordinality as wanted(id, place)
    join conversations on conversations.id = wanted.id {_JOINS}
    order by wanted.place
""")  # noqa: S608 - names of our own


def _whole(tx: Transaction, row: Sequence[Any]) -> Conversation:
    at, parts = _CONVERSATION.width, {}
    for name, reading in _PARTS.items():
        parts[name] = reading.maybe(tx, row, at)
        at += reading.width
    inbox = _ITS_INBOX.maybe(tx, row, at + _CONTACT_INBOX.width)
    contact_inbox = _CONTACT_INBOX.maybe(tx, row, at, inbox=inbox)
    return _CONVERSATION.one(tx, row, 0, **parts, contact_inbox=contact_inbox)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation in a list, with its contact; the newest message that is no activity, with its files."""

    conversation: Conversation
    last: Message | None
    is_unread: bool  # something came that this person has not seen


async def talks(tx: Transaction, conversation_ids: Sequence[int], user_id: int) -> list[Talk]:
    """These conversations in this order, as a person's list shows them."""
    rows = await _TALKS.rows(tx, ids=list(conversation_ids), user_id=user_id)
    contact, message = _CONVERSATION.width, _CONVERSATION.width + _CONTACT.width
    found = []
    for row in rows:
        last = _MESSAGE.maybe(tx, row, message)
        theirs = _CONTACT.one(tx, row, contact)
        talk = _CONVERSATION.one(tx, row, 0, contact=theirs)
        found.append(Talk(talk, last, row["is_unread"]))
    with_files = [(one.last, row["has_files"]) for one, row in zip(found, rows, strict=True)]
    await _load_files(tx, [(one, has) for one, has in with_files if one is not None])
    return found


_TALKS: Final = Direct(f"""
    select {_CONVERSATION.columns}, {_CONTACT.columns}, {_MESSAGE.columns},
        exists (select from attachments where message_id = messages.id) as has_files,
        {is_written_since(f"coalesce(looks.at, {SEEN_BY_ANYBODY})")} as is_unread
    from unnest(:ids::bigint[]) with ordinality as wanted(id, place)
    join conversations on conversations.id = wanted.id
    join contacts on contacts.id = conversations.contact_id
    left join lateral (
        select * from messages as said
        where said.conversation_id = conversations.id and said.message_type <> 'activity'
        order by said.id desc limit 1
    ) as messages on true
    left join looks on looks.conversation_id = conversations.id and looks.user_id = :user_id::bigint
    order by wanted.place
""")  # noqa: S608 - names of our own


async def whole_messages(
    tx: Transaction,
    conversation_id: int,
    size: int,
    *,
    first: int | None = None,
    last: int | None = None,
    is_from_start: bool = False,
) -> list[Message]:
    """The first or the last `size` messages from one id to another, oldest first, with senders and files."""
    statement = _FIRST if is_from_start else _LAST
    rows = await statement.rows(
        tx, conversation_id=conversation_id, size=size,
        first=_FROM_EARLIEST if first is None else first, last=TO_LATEST if last is None else last,
    )  # fmt: skip
    messages = [_MESSAGE.one(tx, row) for row in rows]
    for name, (table, listing) in _SENDERS.items():
        await _load_senders(tx, messages, name, table, listing)
    has_files = (row["has_files"] for row in rows)
    await _load_files(tx, list(zip(messages, has_files, strict=True)))
    return messages if is_from_start else messages[::-1]


_SOME: Final = f"""
    select {_MESSAGE.columns},
        exists (select from attachments where message_id = messages.id) as has_files
    from messages where conversation_id = :conversation_id
        and id >= :first::bigint and id <= :last::bigint
    order by id
"""  # noqa: S608 - names of our own
_FIRST: Final = Direct(f"{_SOME} limit :size")
_LAST: Final = Direct(f"{_SOME} desc limit :size")

_SENDERS: Final[dict[str, tuple[Any, Listing[Any]]]] = {
    "sender_user": (User, Listing(User, "users where id = any(:ids::bigint[])")),
    "sender_contact": (Contact, Listing(Contact, "contacts where id = any(:ids::bigint[])")),
    "sender_bot": (AgentBot, Listing(AgentBot, "agent_bots where id = any(:ids::bigint[])")),
}


async def _load_senders(
    tx: Transaction, messages: Iterable[Message], name: str, table: Any, listing: Listing[Any]
) -> None:
    by = [(one, getattr(one, f"{name}_id")) for one in messages]
    found = {key: known(tx, table, key) for _, key in by if key is not None}
    if missing := [key for key, one in found.items() if one is None]:
        found |= {one.id: one for one in await listing.all(tx, ids=missing)}
    for message, key in by:
        complete(message, **{name: found.get(key)})


async def _load_files(tx: Transaction, messages: Sequence[tuple[Message, bool]]) -> None:
    """Give each message its files; those are asked for that have any."""
    files: dict[int, list[Attachment]] = {}
    if ids := [one.id for one, has_files in messages if has_files]:
        for file in await _FILES.all(tx, ids=ids):
            files.setdefault(file.message_id, []).append(file)
    for message, _ in messages:
        if "attachments" not in message.__dict__:
            set_committed_value(message, "attachments", files.get(message.id, []))


_FILES: Final = Listing(
    Attachment, "attachments where message_id = any(:ids::bigint[]) order by id"
)
