"""A contact who speaks for themselves, through the client API: who they are, what is theirs.

The `source_id` is their secret. Whoever proves an identifier with the inbox's HMAC token also sees
what the same contact said in this inbox under other source ids, but for those that somebody merely
claimed: two who share a conversation read each other.
"""

import hmac
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import joinedload

from recado.contacts.models import Contact
from recado.contacts.saving import ContactDraft, create_contact
from recado.conversations.finding import PAGE, WITH_PARTS, find_conversation_by_id
from recado.conversations.loading import whole_conversations
from recado.conversations.models import (
    DOUBTFUL,
    ContactInbox,
    Conversation,
    Message,
    MessageType,
)
from recado.db.database import Transaction
from recado.inboxes.keeping_tokens import hmac_of
from recado.inboxes.models import Channel, Inbox
from recado.lib.secrets import Vault

_THREAD = 100  # messages shown at once


async def find_open_inbox(tx: Transaction, identifier: str) -> Inbox | None:
    """The API inbox of this identifier, or the website's of this token."""
    channels = (Channel.API, Channel.WEB_WIDGET)
    return await tx.scalar(
        select(Inbox).where(Inbox.identifier == identifier, Inbox.channel.in_(channels))
    )


def is_proven(inbox: Inbox, identifier: str, identifier_hash: str, vault: Vault) -> bool:
    """Whether the hash is the inbox's HMAC-SHA256 of the identifier, in hexadecimal."""
    token = hmac_of(inbox, vault)
    expected = hmac.digest(token.encode(), identifier.encode(), "sha256").hex()
    return bool(identifier and token) and hmac.compare_digest(
        expected.encode(), identifier_hash.lower().encode()
    )


async def contact_inbox_by_id(tx: Transaction, number: int) -> ContactInbox | None:
    """Whom an inbox knows, the inbox loaded."""
    query = select(ContactInbox).where(ContactInbox.id == number)
    return await tx.scalar(query.options(joinedload(ContactInbox.inbox)))


async def matching_contact(tx: Transaction, account_id: int, draft: ContactDraft) -> Contact | None:
    """The contact who has this identifier already, else this e-mail or phone number."""
    same: list[ColumnElement[bool]] = []
    if draft.identifier:
        same.append(Contact.identifier == draft.identifier)
    if draft.email:
        same.append(Contact.email == draft.email)
    if draft.phone_number:
        same.append(Contact.phone_number == draft.phone_number)
    if not same:
        return None
    query = select(Contact).where(Contact.account_id == account_id, or_(*same))
    is_other = Contact.identifier.is_distinct_from(draft.identifier or None)
    return await tx.scalar(query.order_by(is_other, Contact.id).limit(1))


async def drop_claims(tx: Transaction, account_id: int, draft: ContactDraft) -> None:
    """Take out of a draft what leads to a contact who is known already."""
    claims = {name: value for name in _CLAIMED if (value := getattr(draft, name))}
    if not claims:
        return
    same = [getattr(Contact, name) == value for name, value in claims.items()]
    query = select(Contact.email, Contact.phone_number)
    for row in await tx.execute(query.where(Contact.account_id == account_id, or_(*same))):
        for name, value in claims.items():
            if getattr(row, name) == value:
                setattr(draft, name, None)


_CLAIMED: Final = ("email", "phone_number")


async def believe(tx: Transaction, known: ContactInbox) -> None:
    """Note that somebody has proven to be the contact; those who only said so are believed no more."""
    known.hmac_verified, known.is_claim = True, False
    await tx.execute(
        update(ContactInbox)
        .where(
            ContactInbox.contact_id == known.contact_id,
            ContactInbox.inbox_id == known.inbox_id,
            ContactInbox.id != known.id,
            ContactInbox.hmac_verified.is_(False),
            ContactInbox.made_contact.is_(True),
        )
        .values(made_contact=False)
    )


async def own_contact(
    tx: Transaction, inbox: Inbox, draft: ContactDraft, *, now: datetime
) -> Contact:
    """The contact that a stranger says to be, made when there is none.

    Nothing of one that exists is changed: so far it is only their word.
    """
    found = await matching_contact(tx, inbox.account_id, draft)
    return found or await create_contact(tx, inbox.account_id, draft, now=now)


async def own_conversations(tx: Transaction, known: ContactInbox) -> list[Conversation]:
    """What is theirs to see, latest activity first."""
    query = (
        select(Conversation.id)
        .where(*_own(known))
        .order_by(Conversation.last_activity_at.desc(), Conversation.id.desc())
        .limit(PAGE)
    )
    return await whole_conversations(tx, list(await tx.scalars(query)))


async def newest_own_conversation(
    tx: Transaction, known: ContactInbox, account_id: int
) -> Conversation | None:
    """The one of theirs with the latest activity, locked until the transaction ends."""
    newest = (Conversation.last_activity_at.desc(), Conversation.id.desc())
    query = select(Conversation.id).where(*_own(known)).order_by(*newest).limit(1)
    return await _locked(tx, account_id, query)


async def find_own_conversation(
    tx: Transaction, known: ContactInbox, account_id: int, display_id: int
) -> Conversation | None:
    """One that is theirs, locked until the transaction ends."""
    query = select(Conversation.id).where(*_own(known), Conversation.display_id == display_id)
    return await _locked(tx, account_id, query)


async def _locked(tx: Transaction, account_id: int, query: Select[int]) -> Conversation | None:
    found = await tx.scalar(query)
    if found is None:
        return None
    return await find_conversation_by_id(tx, account_id, found, for_change=True)


async def is_own_conversation(
    tx: Transaction, known: ContactInbox, account_id: int, display_id: int
) -> bool:
    """Whether the account's conversation of this number is theirs."""
    query = select(Conversation.id).where(
        *_own(known), Conversation.account_id == account_id, Conversation.display_id == display_id
    )
    return await tx.scalar(query) is not None


async def own_messages(
    tx: Transaction, conversation: Conversation, *, before: int | None = None
) -> list[Message]:
    """What was said, oldest first: never a private note, never a line such as "resolved"."""
    query = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.private.is_(False),
        Message.message_type != MessageType.ACTIVITY,
    )
    if before:
        query = query.where(Message.id < before)
    query = query.order_by(Message.id.desc()).limit(_THREAD).options(*WITH_PARTS)
    return list(await tx.scalars(query))[::-1]


async def contact_of(tx: Transaction, known: ContactInbox) -> Contact:
    """The contact behind a secret."""
    return await tx.get_one(Contact, known.contact_id)


def _own(known: ContactInbox) -> list[ColumnElement[bool]]:
    if not known.hmac_verified:
        return [Conversation.contact_inbox_id == known.id]
    claims = select(ContactInbox.id).where(ContactInbox.contact_id == known.contact_id, DOUBTFUL)
    return [
        Conversation.contact_id == known.contact_id,
        Conversation.inbox_id == known.inbox_id,
        Conversation.contact_inbox_id.not_in(claims),  # or what is said there, an impostor reads
    ]
