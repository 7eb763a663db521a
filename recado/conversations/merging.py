"""Two contacts that are one person: everything of the second becomes the first's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from recado.contacts.models import Contact
from recado.contacts.saving import merged
from recado.conversations.models import ContactInbox, Conversation, Message
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.events.models import Event
from recado.lib.languages import Sentence, say
from recado.lib.values import text_of

_CONTACT_ID = literal(["contact", "id"], ARRAY(TEXT))
_OWN = ("name", "email", "phone_number", "identifier", "avatar_url")


_NAMES: Final = {
    "name": say("Name"),
    "email": say("E-mail"),
    "phone_number": say("Phone"),
    "identifier": say("Identifier"),
    "avatar_url": say("Picture"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both, as text, and which of them there will be: "base", "mergee" or "both"."""

    label: Sentence | str
    base: str
    mergee: str
    wins: str


@dataclass(frozen=True, slots=True)
class Brings:
    """What comes over from the contact that goes."""

    conversations: int
    messages: int


def outcome(
    base: Contact, mergee: Contact, attribute_names: Mapping[str, Sentence | str]
) -> list[Line]:
    """What merging makes of each field that either has, as `merge_contacts` does it."""
    lines = [
        _line(_NAMES[name], getattr(base, name), getattr(mergee, name))
        for name in _OWN
        if getattr(base, name) or getattr(mergee, name)
    ]
    if base.labels or mergee.labels:
        labels = ", ".join(base.labels), ", ".join(mergee.labels)
        lines.append(Line(say("Labels"), *labels, "both"))
    for stored, other in (
        (base.custom_attributes, mergee.custom_attributes),
        (base.additional_attributes, mergee.additional_attributes),
    ):
        keys = dict.fromkeys([*stored, *other])
        lines += [
            _line(attribute_names.get(key, key), stored.get(key), other.get(key)) for key in keys
        ]
    return lines


async def brings(tx: Transaction, mergee: Contact) -> Brings:
    """How much of the contact that goes the other one gets."""
    talks = select(Conversation.id).where(Conversation.contact_id == mergee.id)
    own = select(func.count()).select_from(Conversation)
    said = select(func.count()).select_from(Message).where(Message.conversation_id.in_(talks))
    conversations = await tx.scalar(own.where(Conversation.contact_id == mergee.id))
    return Brings(conversations or 0, await tx.scalar(said) or 0)


def _line(label: Sentence | str, stays: object, goes: object) -> Line:
    is_there = stays is not None and stays != ""
    return Line(label, _text(stays), _text(goes), "base" if is_there else "mergee")


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else text_of(value)


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
    base.last_activity_at = max(
        filter(None, (base.last_activity_at, mergee.last_activity_at)), default=None
    )
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
