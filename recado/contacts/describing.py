"""What is true of a contact, as facts: its part of every event, and the whole of its own events."""

from typing import Any

from recado.accounts.models import Account
from recado.contacts.models import Contact
from recado.lib.facts import Facts


def contact_facts(contact: Contact) -> Facts:
    """The contact's part. A one-word name is a first name."""
    first, _, last = contact.name.partition(" ")
    return {
        "id": contact.id,
        "name": contact.name,
        "first_name": first,
        "last_name": last.strip(),
        "email": contact.email,
        "phone_number": contact.phone_number,
        "identifier": contact.identifier,
        "blocked": contact.blocked,
        "avatar_url": contact.avatar_url,
        "custom_attribute": contact.custom_attributes,
        "additional_attributes": contact.additional_attributes,
    }


def facts_about_contact(
    account: Account, contact: Contact, *, changes: dict[str, list[Any]] | None = None
) -> Facts:
    """What is true of a contact, where no conversation is concerned."""
    return {
        "account": account_facts(account),
        "inbox": None,
        "contact": contact_facts(contact),
        "conversation": None,
        "message": None,
        "agent": None,
        "assignee": None,
        "team": None,
        "changes": changes or {},
    }


def account_facts(account: Account) -> Facts:
    """The account's part."""
    return {"id": account.id, "name": account.name}
