"""Where something is kept of a contact: in which rows, by whom they were told, and by what they are found."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import ColumnElement, Text, cast, false, func, or_, select

from recado.contacts.models import Contact
from recado.conversations.models import Attachment, Conversation, Message
from recado.db.database import Transaction
from recado.deliveries.filtering import host_of
from recado.deliveries.models import Delivery
from recado.events.models import Event
from recado.mail.models import Email

_SHORTEST: Final = 5  # characters of what is looked for in texts: shorter is in every second one


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is kept of a contact; `hosts` are the other systems that were told, with how often."""

    conversations: int
    messages: int
    files: int
    file_bytes: int
    deliveries: int
    emails: int
    events: int
    hosts: dict[str, int]


async def holdings_of(tx: Transaction, contact: Contact) -> Holdings:
    """What erasing this contact would erase, in numbers."""
    talks = select(Conversation.id).where(Conversation.contact_id == contact.id)
    messages = select(Message.id).where(Message.conversation_id.in_(talks))
    sizes = select(func.count(), func.coalesce(func.sum(Attachment.size), 0))
    files = (await tx.execute(sizes.where(Attachment.message_id.in_(messages)))).one()
    return Holdings(
        conversations=await _count(tx, Conversation.contact_id == contact.id, Conversation),
        messages=await _count(tx, Message.conversation_id.in_(talks), Message),
        files=files[0],
        file_bytes=int(files[1]),
        deliveries=await _count(tx, is_told_in(contact), Delivery),
        emails=await _count(tx, is_written_in(contact), Email),
        events=await _count(tx, happened_to(contact), Event),
        hosts=await _hosts(tx, contact),
    )


def happened_to(contact: Contact) -> ColumnElement[bool]:
    """Events of the contact and of their conversations."""
    talks = select(Conversation.id).where(Conversation.contact_id == contact.id)
    return Event.id.in_(
        select(Event.id)
        .where(Event.account_id == contact.account_id, Event.conversation_id.in_(talks))
        .union_all(_own_events(contact))
    )


def is_told_in(contact: Contact) -> ColumnElement[bool]:
    """Deliveries about the contact's conversations, about their events, and those of no conversation
    that say who they are.
    """
    mine = select(Delivery.id).where(Delivery.account_id == contact.account_id)
    alone = mine.where(Delivery.conversation_id.is_(None))
    return Delivery.id.in_(
        mine.where(Delivery.conversation_id.in_(numbers_of(contact))).union_all(
            alone.where(Delivery.event_id.in_(_own_events(contact))),
            alone.where(names(contact, Delivery.request)),
        )
    )


def is_written_in(contact: Contact) -> ColumnElement[bool]:
    """E-mails about the contact's conversations, to the contact, or that say who they are."""
    return (Email.account_id == contact.account_id) & or_(
        Email.conversation_id.in_(numbers_of(contact)),
        Email.recipient == (contact.email or ""),
        names(contact, Email.body),
        names(contact, Email.heads),
    )


def numbers_of(contact: Contact) -> Any:
    """The numbers of the contact's conversations, as a query."""
    return select(Conversation.display_id).where(
        Conversation.account_id == contact.account_id, Conversation.contact_id == contact.id
    )


def names(contact: Contact, column: Any) -> ColumnElement[bool]:
    """That a column, text or JSON, holds what the contact is known by."""
    text = cast(column, Text)
    marks = marks_of(contact)
    return or_(false(), *(text.icontains(one, autoescape=True) for one in marks))


def marks_of(contact: Contact) -> list[str]:
    """What a text about the contact would hold: e-mail, phone, identifier, and a full name; also as they
    stand in addresses.
    """
    phone = (contact.phone_number or "").removeprefix("+")
    whole = contact.name if " " in contact.name.strip() else ""
    known = [contact.email, phone, contact.identifier, whole]
    plain = [one for one in known if one and len(one) >= _SHORTEST]
    return list(dict.fromkeys([*plain, *(quote(one, safe="") for one in plain)]))


def _own_events(contact: Contact) -> Any:
    """Ids of what happened to the contact outside of conversations, as a query."""
    return select(Event.id).where(
        Event.account_id == contact.account_id,
        Event.conversation_id.is_(None),
        Event.facts["contact"]["id"].as_integer() == contact.id,
    )


async def _hosts(tx: Transaction, contact: Contact) -> dict[str, int]:
    query = (
        select(Delivery.lane, func.count())
        .where(is_told_in(contact), Delivery.attempts_count > 0)
        .group_by(Delivery.lane)
        .order_by(Delivery.lane)
    )
    return {host_of(row[0]): row[1] for row in await tx.execute(query)}


async def _count(tx: Transaction, which: ColumnElement[bool], table: Any) -> int:
    return await tx.scalar(select(func.count()).select_from(table).where(which)) or 0
