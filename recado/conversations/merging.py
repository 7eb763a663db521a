"""Two contacts that are one person: everything of the second becomes the first's."""

from datetime import datetime

from sqlalchemy import delete, func, literal, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from recado.contacts.models import Contact
from recado.contacts.saving import merged
from recado.conversations.models import ContactInbox, Conversation, Message
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.events.models import Event

_CONTACT_ID = literal(["contact", "id"], ARRAY(TEXT))
_OWN = ("name", "email", "phone_number", "identifier", "avatar_url")


async def merge_contacts(tx: Transaction, base: Contact, mergee: Contact, *, now: datetime) -> None:
    """Give conversations, inboxes and what `base` lacks to it; `mergee` is gone afterwards."""
    taken = {name: getattr(mergee, name) for name in _OWN if not getattr(base, name)}
    for table in (ContactInbox, Conversation):
        await tx.execute(
            update(table).where(table.contact_id == mergee.id).values(contact_id=base.id)
        )
    await tx.execute(
        update(Message)
        .where(Message.account_id == base.account_id, Message.sender_contact_id == mergee.id)
        .values(sender_contact_id=base.id)
    )
    await _rename_in_events(tx, base, mergee)
    await tx.execute(delete(Contact).where(Contact.id == mergee.id))
    tx.expunge(mergee)
    for name, value in taken.items():  # only now: each stands once in an account
        setattr(base, name, value)
    base.labels = sorted({*base.labels, *mergee.labels})
    base.custom_attributes = merged(mergee.custom_attributes, base.custom_attributes)
    base.additional_attributes = merged(mergee.additional_attributes, base.additional_attributes)
    base.updated_at = now
    await tx.flush()
    await notify_pages(tx, base.account_id, "contact", id=base.id)


async def _rename_in_events(tx: Transaction, base: Contact, mergee: Contact) -> None:
    """What happened to `mergee` alone is found as what happened to `base`: by their page, and when they
    are erased.
    """
    facts = func.jsonb_set(Event.facts, _CONTACT_ID, func.to_jsonb(base.id))
    await tx.execute(
        update(Event)
        .where(
            Event.account_id == base.account_id,
            Event.conversation_id.is_(None),
            Event.facts["contact"]["id"].as_integer() == mergee.id,
        )
        .values(facts=facts)
        .execution_options(synchronize_session=False)
    )
