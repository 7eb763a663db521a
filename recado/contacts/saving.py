"""Contacts: checking, creating, changing, finding."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import phonenumbers
from sqlalchemy import ColumnElement, func, select, text

from recado.accounts.models import Account
from recado.accounts.people import is_email
from recado.contacts.attributes import account_values, attributes_named
from recado.contacts.describing import facts_about_contact
from recado.contacts.models import AttributeModel, Contact
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.events.causes import BY_SYSTEM, Cause
from recado.events.names import EventName
from recado.events.recording import record_event
from recado.lib.excerpts import unaccented
from recado.lib.languages import Sentence, say

PAGE: Final = 15  # contacts on a page, as the API has it


@dataclass(slots=True)
class ContactDraft:
    """What is known or typed about a contact. None means "not given", "" means "none"."""

    name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    identifier: str | None = None
    avatar_url: str | None = None
    blocked: bool | None = None
    custom_attributes: dict[str, Any] = field(default_factory=dict)
    additional_attributes: dict[str, Any] = field(default_factory=dict)


async def contact_problems(
    tx: Transaction, account_id: int, draft: ContactDraft, *, but: int | None = None
) -> dict[str, Sentence]:
    """What is wrong, by field; custom attributes as `custom_attributes.KEY`. Tidies the draft."""
    problems = tidy(draft)
    given = draft.custom_attributes
    definitions = await attributes_named(tx, account_id, AttributeModel.CONTACT, given)
    draft.custom_attributes, wrong = await account_values(tx, account_id, definitions, given)
    problems |= {f"custom_attributes.{key}": sentence for key, sentence in wrong.items()}
    for name in ("email", "phone_number", "identifier"):
        value = getattr(draft, name)
        if value and name not in problems and await _is_taken(tx, account_id, name, value, but):
            problems[name] = say("Another contact has this already.")
    return problems


async def create_contact(
    tx: Transaction,
    account_id: int,
    draft: ContactDraft,
    *,
    now: datetime,
    cause: Cause = BY_SYSTEM,
) -> Contact:
    """Add a contact, with its event; the draft has no problems."""
    contact = await add_contact(tx, account_id, draft, now=now)
    account = await tx.get_one(Account, account_id)
    await record_event(
        tx, EventName.CONTACT_CREATED, facts_about_contact(account, contact),
        conversation_id=None, cause=cause, now=now,
    )  # fmt: skip
    return contact


async def add_contact(
    tx: Transaction, account_id: int, draft: ContactDraft, *, now: datetime
) -> Contact:
    """Add a contact who was there before, elsewhere: nothing happens now, so there is no event."""
    contact = Contact(account_id=account_id, created_at=now, updated_at=now)
    apply_draft(contact, draft)
    tx.add(contact)
    await tx.flush()
    return contact


async def update_contact(
    tx: Transaction,
    contact: Contact,
    draft: ContactDraft,
    *,
    now: datetime,
    cause: Cause = BY_SYSTEM,
) -> dict[str, list[Any]]:
    """Change what the draft gives; attributes are merged, and None removes one.

    Answers what differs, as [old, new]; a change that changes nothing records no event.
    """
    before = _told(contact)
    apply_draft(contact, draft)
    return await _changed(tx, contact, before, now=now, cause=cause)


async def remove_attributes(
    tx: Transaction,
    contact: Contact,
    keys: list[str],
    *,
    now: datetime,
    cause: Cause = BY_SYSTEM,
) -> None:
    """Take custom attributes away from a contact."""
    before = _told(contact)
    contact.custom_attributes = {
        k: v for k, v in contact.custom_attributes.items() if k not in keys
    }
    await _changed(tx, contact, before, now=now, cause=cause)


_TOLD: Final = (
    "name", "email", "phone_number", "identifier", "avatar_url", "blocked", "custom_attributes",
    "additional_attributes",
)  # fmt: skip


def _told(contact: Contact) -> dict[str, Any]:
    """What an event of the contact can say has changed."""
    return {name: getattr(contact, name) for name in _TOLD}


async def _changed(
    tx: Transaction, contact: Contact, before: dict[str, Any], *, now: datetime, cause: Cause
) -> dict[str, list[Any]]:
    changes = {
        name: [old, getattr(contact, name)]
        for name, old in before.items()
        if old != getattr(contact, name)
    }
    contact.updated_at = now
    await tx.flush()
    if changes:
        account = await tx.get_one(Account, contact.account_id)
        facts = facts_about_contact(account, contact, changes=changes)
        await record_event(
            tx, EventName.CONTACT_UPDATED, facts, conversation_id=None, cause=cause, now=now
        )
    await notify_pages(tx, contact.account_id, "contact", id=contact.id)
    return changes


async def label_contact(
    tx: Transaction, contact: Contact, titles: list[str], *, now: datetime
) -> None:
    """Give a contact exactly these labels, in lower case."""
    contact.labels = sorted({one.strip().lower() for one in titles if one.strip()})
    contact.updated_at = now
    await tx.flush()
    await notify_pages(tx, contact.account_id, "contact", id=contact.id)


async def delete_contact(tx: Transaction, contact: Contact) -> None:
    """Remove a contact with their conversations."""
    await tx.delete(contact)
    await tx.flush()


async def find_contact(
    tx: Transaction, account_id: int, contact_id: int, *, for_change: bool = False
) -> Contact | None:
    """A contact of this account; `for_change` locks its row until the transaction ends."""
    query = select(Contact).where(Contact.account_id == account_id, Contact.id == contact_id)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return await tx.scalar(query)


async def contacts_page(
    tx: Transaction,
    account_id: int,
    *,
    q: str = "",
    labels: Sequence[str] = (),
    page: int = 1,
    sort: str = "name",
) -> tuple[list[Contact], int]:
    """A page of contacts whose name, e-mail, phone or identifier contains `q` and who carry one of
    the labels, if any are given; and how many there are.

    `sort` is one of _SORTS, with a `-` before it for the other way round.
    """
    await plan_anew(tx)
    where = [Contact.account_id == account_id, *containing(q)]
    if labels:
        where.append(Contact.labels.overlap(list(labels)))
    total = await tx.scalar(select(func.count()).select_from(Contact).where(*where)) or 0
    query = select(Contact).where(*where).order_by(*_order(sort), Contact.id)
    query = query.limit(PAGE).offset((max(page, 1) - 1) * PAGE)
    return list(await tx.scalars(query)), total


def _order(sort: str) -> list[ColumnElement[Any]]:
    """An order, with those last of whom it knows nothing."""
    column = _SORTS.get(sort.lstrip("-"), func.lower(Contact.name))
    if not sort.startswith("-"):
        return [column.asc().nulls_last()]
    days = [Contact.active_on.desc()] if column is Contact.last_activity_at else []
    return [*days, column.desc().nulls_last()]  # the index of last activity knows the day


async def plan_anew(tx: Transaction) -> None:
    """Have each search planned for the words it looks for, until the transaction ends.

    One plan for all would read the whole index for two letters, and sort an eighth of all contacts.
    """
    await tx.execute(_PLAN_ANEW)


_PLAN_ANEW: Final = text("set local plan_cache_mode = force_custom_plan")


def containing(q: str) -> list[ColumnElement[bool]]:
    """That name, e-mail, phone or identifier contains `q`, whatever its case and accents; nothing when
    there is nothing to look for.
    """
    if not q.strip():
        return []
    line = q.strip().replace("\n", " ")  # a line of what is searched is one field
    like = f"%{_escaped(unaccented(line))}%"
    return [Contact.searched.like(func.lower(like))]


_SORTS: Final[dict[str, Any]] = {
    "name": func.lower(Contact.name),
    "email": Contact.email,
    "phone_number": Contact.phone_number,
    "last_activity_at": Contact.last_activity_at,
    "created_at": Contact.created_at,
    "city": func.nullif(Contact.additional_attributes["city"].astext, ""),
    "country": func.nullif(Contact.additional_attributes["country"].astext, ""),
    "company": func.nullif(Contact.additional_attributes["company_name"].astext, ""),
}


def phone_in_e164(text: str, country: str = "") -> str | None:
    """+55 11 91234-5678 -> +5511912345678; None when it is no number with a country, or of `country`."""
    try:
        parsed = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def tidy(draft: ContactDraft, country: str = "") -> dict[str, Sentence]:
    """Write a draft's e-mail and phone as they are kept; what is wrong with it alone, by field.

    `country`, such as BR, is that of a phone number which names none.
    """
    problems: dict[str, Sentence] = {}
    if draft.email:
        draft.email = draft.email.strip().lower()
        if not is_email(draft.email):
            problems["email"] = say("This is not an e-mail address.")
    if draft.phone_number and draft.phone_number.strip():
        number = phone_in_e164(draft.phone_number.strip(), country)
        if number is None:
            problems["phone_number"] = say(
                "Enter the number with its country, as in +5511912345678."
            )
        draft.phone_number = number or draft.phone_number
    if draft.name and len(draft.name) > 255:
        problems["name"] = say("Use at most %(number)s characters.", number=255)
    return problems


async def _is_taken(
    tx: Transaction, account_id: int, name: str, value: str, but: int | None
) -> bool:
    column = getattr(Contact, name)
    query = select(Contact.id).where(
        Contact.account_id == account_id, column == value, Contact.id != (but or 0)
    )
    return (await tx.scalar(query)) is not None


def apply_draft(contact: Contact, draft: ContactDraft) -> None:
    """Write onto a contact what a draft without problems gives; no event, nothing flushed."""
    if draft.name is not None:
        contact.name = draft.name.strip()
    for name in ("email", "phone_number", "identifier"):
        if (value := getattr(draft, name)) is not None:
            setattr(contact, name, value.strip() or None)
    if draft.avatar_url is not None:
        contact.avatar_url = draft.avatar_url
    if draft.blocked is not None:
        contact.blocked = draft.blocked
    contact.custom_attributes = merged(contact.custom_attributes, draft.custom_attributes)
    contact.additional_attributes = merged(
        contact.additional_attributes, draft.additional_attributes
    )


def merged(stored: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """`stored` with `given` over it; a None removes its key."""
    return {key: value for key, value in {**stored, **given}.items() if value is not None}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
