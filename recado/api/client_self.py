"""Whom a contact's own program speaks for, and what it learns about them."""

from typing import Any, Final

from litestar import Request
from msgspec import Struct

from recado.accounts.doors import found
from recado.contacts.models import Contact
from recado.conversations.identifying import find_open_inbox
from recado.conversations.models import ContactInbox
from recado.conversations.starting import find_contact_inbox
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Inbox

INBOX: Final = "/public/api/v1/inboxes/{identifier:str}"
SELF: Final = f"{INBOX}/contacts/{{source_id:str}}"
AnyRequest = Request[Any, Any, Any]


class OwnContact(Struct):
    """The contact of a conversation."""

    id: int
    name: str
    email: str | None
    phone_number: str | None


async def inbox_of(tx: Transaction, identifier: str) -> Inbox:
    """The inbox of this identifier, or 404."""
    return found(await find_open_inbox(tx, identifier))


async def known_self(
    tx: Transaction, identifier: str, source_id: str
) -> tuple[Inbox, ContactInbox]:
    """Whom a source_id speaks for, or 404."""
    inbox = await inbox_of(tx, identifier)
    known = found(await find_contact_inbox(tx, inbox.id, source_id))
    return inbox, known


def caused_by(known: ContactInbox) -> Cause:
    """The contact did it."""
    return Cause(Actor.CONTACT, known.contact_id)


def own_contact_json(known: ContactInbox, contact: Contact) -> OwnContact:
    """Nothing of somebody who was known before, until it is proven."""
    if not known.is_trusted:
        return OwnContact(contact.id, "", None, None)
    return OwnContact(contact.id, contact.name, contact.email, contact.phone_number)
