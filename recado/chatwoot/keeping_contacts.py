"""A contact of another desk becomes one of ours: the same person once, and nothing of ours overwritten."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from recado.chatwoot.models import ChatwootServer, Kind
from recado.chatwoot.reading import Json, contact_draft, number_of, source_ids
from recado.chatwoot.remembering import Carried, Theirs, local_ids, remember
from recado.contacts.models import Contact
from recado.contacts.saving import (
    ContactDraft,
    add_contact,
    contact_problems,
    create_contact,
    find_contact,
    merged,
)
from recado.conversations.identifying import matching_contact
from recado.conversations.starting import introduce
from recado.db.database import Transaction
from recado.events.causes import Cause
from recado.inboxes.opening import find_inbox
from recado.lib.languages import Sentence, say

_LONGEST_NAME: Final = 255
_OWN: Final = ("name", "email", "phone_number", "identifier", "avatar_url")


async def carry_contact(
    tx: Transaction,
    server: ChatwootServer,
    item: Json,
    *,
    now: datetime,
    cause: Cause | None = None,
) -> Contact:
    """The contact of ours that is this one of theirs, made when there is none; remembered.

    Whoever has the same identifier, e-mail or phone number already is the same person, and gets only
    what was missing. Happens silently, since they were there before, elsewhere; with a `cause` a new
    one is an event.
    """
    contact, notes = await _kept(tx, server.account_id, contact_draft(item), cause, now=now)
    notes += await _introduce(tx, server, contact, item, now=now)
    theirs = Theirs(Kind.CONTACT, number_of(item), contact.told_name)
    await remember(tx, server.id, theirs, Carried(contact.id, notes))
    return contact


async def fitting(
    tx: Transaction, account_id: int, draft: ContactDraft, *, but: int | None = None
) -> tuple[ContactDraft, list[Sentence]]:
    """The draft without what cannot be kept, and a sentence for each of that."""
    problems = await contact_problems(tx, account_id, draft, but=but)
    notes = []
    for place, why in problems.items():
        field, _, key = place.partition(".")
        value = draft.custom_attributes.pop(key, None) if key else getattr(draft, field)
        notes.append(
            say("%(field)s “%(value)s” was left out: %(why)s", field=key or field,
                value=str(value)[:100], why=why)
        )  # fmt: skip
        if not key:
            draft = replace(draft, **{field: _shortened(field, value)})
    return draft, notes


async def _kept(
    tx: Transaction, account_id: int, draft: ContactDraft, cause: Cause | None, *, now: datetime
) -> tuple[Contact, list[Sentence]]:
    given = replace(draft)
    await contact_problems(tx, account_id, given)  # tidies what is looked for
    found = await matching_contact(tx, account_id, given)
    draft, notes = await fitting(tx, account_id, draft, but=found.id if found else None)
    if found is None and cause is not None:
        return await create_contact(tx, account_id, draft, now=now, cause=cause), notes
    if found is None:
        return await add_contact(tx, account_id, draft, now=now), notes
    locked = await find_contact(tx, account_id, found.id, for_change=True)
    _fill(locked or found, draft)
    await tx.flush()
    return locked or found, notes


def _fill(contact: Contact, draft: ContactDraft) -> None:
    for name in _OWN:
        if not getattr(contact, name) and (value := getattr(draft, name)):
            setattr(contact, name, value)
    for name in ("custom_attributes", "additional_attributes"):
        setattr(contact, name, merged(getattr(draft, name), getattr(contact, name)))


async def _introduce(
    tx: Transaction, server: ChatwootServer, contact: Contact, item: Json, *, now: datetime
) -> list[Sentence]:
    """Let our inboxes know the contact by the ids that theirs used."""
    notes = []
    pairs = source_ids(item)
    ours = await local_ids(tx, server.id, Kind.INBOX, [inbox for inbox, _ in pairs])
    for remote_inbox, source_id in pairs:
        inbox = await find_inbox(tx, server.account_id, ours.get(remote_inbox, 0))
        if inbox is None:
            continue
        if await introduce(tx, contact, inbox, source_id=source_id, now=now) is None:
            notes.append(
                say("The inbox %(inbox)s knows somebody else as %(id)s.", inbox=inbox.name,
                    id=source_id)
            )  # fmt: skip
    return notes


def _shortened(field: str, value: Any) -> Any:
    return str(value)[:_LONGEST_NAME] if field == "name" else None
