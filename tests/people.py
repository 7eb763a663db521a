"""The cast: Ana administers, Beto answers chats in the same account, Célia administers another."""

from dataclasses import dataclass
from datetime import UTC, datetime

from recado.accounts.models import Account, Membership, Role, User
from recado.accounts.passwords import hash_password
from recado.accounts.people import add_member, create_account, find_membership
from recado.accounts.tokens import create_token
from recado.contacts.models import Contact
from recado.contacts.saving import ContactDraft, create_contact
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import InboxDraft, open_inbox, set_inbox_members
from recado.lib.secrets import Vault

KEY = "a key for tests only, long enough"
PLATFORM_TOKEN = "a token of whoever runs this server"
VAULT = Vault(KEY)
PASSWORD = "correct horse battery"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_HASH = hash_password(PASSWORD)  # once: Argon2 is slow on purpose


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is there, with the tokens of their programs."""

    account: Account
    other_account: Account
    ana: Membership
    beto: Membership
    celia: Membership
    ana_token: str
    beto_token: str
    celia_token: str
    inbox: Inbox
    other_inbox: Inbox


async def gather(tx: Transaction) -> Cast:
    """Write the cast down."""
    account = await create_account(tx, "Acme", now=NOW, language="en")
    other = await create_account(tx, "Elsewhere", now=NOW, language="en")
    ana = await a_member(tx, account, "Ana Lima", "ana@acme.example", Role.ADMINISTRATOR)
    beto = await a_member(tx, account, "Beto Reis", "beto@acme.example", Role.AGENT)
    celia = await a_member(tx, other, "Célia Paz", "celia@elsewhere.example", Role.ADMINISTRATOR)
    inbox = await open_inbox(tx, account.id, InboxDraft("Site", Channel.API), vault=VAULT, now=NOW)
    await set_inbox_members(tx, inbox, {beto.user_id})
    other_inbox = await open_inbox(
        tx, other.id, InboxDraft("Loja", Channel.API), vault=VAULT, now=NOW
    )
    tokens = [await create_token(tx, one.user_id, "tests", now=NOW) for one in (ana, beto, celia)]
    return Cast(account, other, ana, beto, celia, *tokens, inbox, other_inbox)


async def a_contact(tx: Transaction, account: Account, **values: object) -> Contact:
    """A contact, Maria Souza unless told otherwise."""
    draft = ContactDraft(
        name="Maria Souza", email="maria@example.com", phone_number="+5511912345678"
    )
    for name, value in values.items():
        setattr(draft, name, value)
    return await create_contact(tx, account.id, draft, now=NOW)


async def a_conversation(tx: Transaction, inbox: Inbox, contact: Contact) -> Conversation:
    """An open conversation without messages."""
    contact_inbox = await introduce(tx, contact, inbox, source_id=None, now=NOW)
    assert contact_inbox is not None
    by = Cause(Actor.CONTACT, contact.id)
    return await start_conversation(tx, contact_inbox, ConversationDraft(), cause=by, now=NOW)


async def a_message(
    tx: Transaction,
    conversation: Conversation,
    content: str = "Hello",
    *,
    at: datetime = NOW,
    **values: object,
) -> Message:
    """A message from the conversation's contact."""
    draft = MessageDraft(content, MessageType.INCOMING, sender=conversation.contact, **values)  # type: ignore[arg-type]
    by = Cause(Actor.CONTACT, conversation.contact_id)
    return await post_message(tx, conversation, draft, cause=by, now=at)


async def a_member(
    tx: Transaction, account: Account, name: str, email: str, role: Role
) -> Membership:
    user = User(name=name, email=email, password_hash=_HASH, language="en", created_at=NOW)
    tx.add(user)
    await tx.flush()
    await add_member(tx, account.id, user.id, role)
    member = await find_membership(tx, account.id, user.id)
    assert member is not None
    return member
