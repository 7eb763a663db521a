"""Importing contacts from a list: reading the file into rows, and the steps that the worker takes.

Every step is a transaction that does some rows and says which was the last, so a worker that dies
leaves the rest to the next one, and nothing is done twice. A preview is a step that is taken back.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from recado.accounts.auditing import write_audit_entries
from recado.accounts.models import Account
from recado.contacts.attributes import attributes_of
from recado.contacts.describing import facts_about_contact
from recado.contacts.labels import create_label, label_choices
from recado.contacts.models import (
    AttributeModel,
    Contact,
    ContactImport,
    ContactImportRow,
    CustomAttribute,
    ImportState,
    Label,
)
from recado.contacts.reading_rows import Problem, RowContact, contact_in
from recado.contacts.saving import apply_draft
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.db.noting import Acting, Note
from recado.events.causes import Actor, Cause
from recado.events.names import EventName
from recado.events.recording import Happened, record_events
from recado.lib.languages import say

STEP: Final = 250  # rows of one transaction
PREVIEWED: Final = 20
_ID: Final = re.compile(r"[1-9]\d{0,17}")
_AT_ONCE: Final = 2_000  # rows written down in one statement
_KEYS: Final = ("identifier", "email", "phone_number")
_COMPARED: Final = (
    "name", "email", "phone_number", "identifier", "labels", "custom_attributes",
    "additional_attributes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row: made, changed, same or refused; what differs, as [old, new]."""

    number: int
    result: str
    name: str = ""
    changes: dict[str, list[Any]] | None = None
    problem: Problem | None = None


async def keep_rows(
    tx: Transaction, imported: ContactImport, rows: Iterable[tuple[int, list[str]]]
) -> None:
    """Write the rows of a file down, some at a time."""
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        values = [{"import_id": imported.id, "number": at, "cells": cells} for at, cells in some]
        await tx.execute(insert(ContactImportRow), values)
        imported.total += len(some)
    await tx.flush()


async def preview(
    tx: Transaction, imported: ContactImport, *, now: datetime
) -> list[tuple[list[str], Taken]]:
    """What importing would do to the first rows, with their cells: it is done, and taken back."""
    rows = await _rows(tx, imported, PREVIEWED)
    cells = [list(one.cells) for one in rows]
    savepoint = await tx.begin_nested()
    taken = await _take(tx, imported, rows, now=now)
    await savepoint.rollback()
    return list(zip(cells, (done for done, _ in taken), strict=True))


async def first_cells(tx: Transaction, imported: ContactImport) -> list[list[str]]:
    """The cells of the first rows, as the file has them."""
    return [list(one.cells) for one in await _rows(tx, imported, PREVIEWED)]


async def start_import(tx: Transaction, imported: ContactImport) -> None:
    """Let the worker do it."""
    imported.state = ImportState.RUNNING
    await tx.flush()
    await notify_pages(tx, imported.account_id, "import", id=imported.id)


async def cancel_import(tx: Transaction, imported: ContactImport, *, now: datetime) -> None:
    """Do no more of it; who was imported stays. The rows that are left go."""
    if imported.state in {ImportState.DRAFT, ImportState.RUNNING}:
        await tx.execute(_left(imported))
        await _end(tx, imported, ImportState.CANCELLED, now=now)


async def advance_imports(tx: Transaction, *, now: datetime) -> bool:
    """Take one step of an import; whether there was one."""
    query = select(ContactImport).where(ContactImport.state == ImportState.RUNNING)
    query = query.order_by(ContactImport.id).limit(1).with_for_update(skip_locked=True)
    imported = await tx.scalar(query)
    if imported is None:
        return False
    rows = await _rows(tx, imported, STEP)
    if not rows:
        await _end(tx, imported, ImportState.DONE, now=now)
        return True
    taken = await _take(tx, imported, rows, now=now)
    if imported.tells_rules:
        await _tell(tx, imported, taken, now=now)
    await _count(tx, imported, [one for one, _ in taken])
    if len(rows) < STEP:
        await _end(tx, imported, ImportState.DONE, now=now)
    else:
        await notify_pages(tx, imported.account_id, "import", id=imported.id)
    return True


async def _count(tx: Transaction, imported: ContactImport, taken: Sequence[Taken]) -> None:
    for one in taken:
        setattr(imported, one.result, getattr(imported, one.result) + 1)
    imported.after = taken[-1].number
    refused = {one.number: one.problem for one in taken if one.problem}
    numbers = [one.number for one in taken if one.number not in refused]
    mine = ContactImportRow.import_id == imported.id
    await tx.execute(delete(ContactImportRow).where(mine, ContactImportRow.number.in_(numbers)))
    for number, problem in refused.items():
        why = {"field": problem.field, **problem.why.as_json()}
        row = update(ContactImportRow).where(mine, ContactImportRow.number == number)
        await tx.execute(row.values(problem=why))
    await tx.flush()


async def _take(
    tx: Transaction, imported: ContactImport, rows: Sequence[ContactImportRow], *, now: datetime
) -> list[tuple[Taken, Contact | None]]:
    """Make and change the contacts of these rows; of two rows about one, the later has the last word."""
    attributes = await attributes_of(tx, imported.account_id, AttributeModel.CONTACT)
    zone = (await tx.get_one(Account, imported.account_id)).time_zone
    read = [_contact_in(imported, row, attributes, zone) for row in rows]
    known = await _known(tx, imported.account_id, read)
    await _know_labels(tx, imported, read)
    taken = [
        _one(imported, row.number, one, known, now) for row, one in zip(rows, read, strict=True)
    ]
    tx.add_all({id(one): one for _, one in taken if one is not None}.values())
    await tx.flush()
    return taken


def _contact_in(
    imported: ContactImport,
    row: ContactImportRow,
    attributes: Sequence[CustomAttribute],
    zone: str,
) -> RowContact:
    one = contact_in(
        row.cells, imported.fields, attributes, time_zone=zone, country=imported.country
    )
    if imported.label:
        one.labels.append(imported.label)
    return one


_Known = dict[tuple[str, str], Contact]


async def _known(tx: Transaction, account_id: int, read: Sequence[RowContact]) -> _Known:
    """The contacts that these rows are about, by each key and its value; locked."""
    known: _Known = {}
    for key in _KEYS:
        values = {value for one in read if (value := getattr(one.draft, key))}
        column = getattr(Contact, key)
        query = select(Contact).where(Contact.account_id == account_id, column.in_(values))
        for contact in await tx.scalars(query.order_by(Contact.id).with_for_update()):
            _remember(known, contact)
    await _know_by_id(tx, account_id, read, known)
    return known


async def _know_by_id(
    tx: Transaction, account_id: int, read: Sequence[RowContact], known: _Known
) -> None:
    """Whoever has a name alone is known again by the number in an export of ours.

    Whom another key tells apart is left out: the list may come from another account, where the
    same numbers are other people.
    """
    ids = {int(one.id) for one in read if _ID.fullmatch(one.id)}
    if not ids:
        return
    keyless = [getattr(Contact, key).is_(None) for key in _KEYS]
    query = select(Contact).where(Contact.account_id == account_id, Contact.id.in_(ids), *keyless)
    for contact in await tx.scalars(query.order_by(Contact.id).with_for_update()):
        known["id", str(contact.id)] = contact


def _remember(known: _Known, contact: Contact) -> None:
    known.update({(key, value): contact for key in _KEYS if (value := getattr(contact, key))})


def _one(
    imported: ContactImport, number: int, read: RowContact, known: _Known, now: datetime
) -> tuple[Taken, Contact | None]:
    """Do one row, in memory."""
    if read.problem:
        return Taken(number, "refused", read.draft.name or "", problem=read.problem), None
    keys = [(key, value) for key in _KEYS if (value := getattr(read.draft, key))]
    meant = {id(known[key]): known[key] for key in keys if key in known}
    if len(meant) > 1:
        why = say("Its identifier, e-mail and phone belong to different contacts.")
        return Taken(number, "refused", read.draft.name or "", problem=Problem("", why)), None
    contact = next(iter(meant.values()), None) or _by_id(read, known)
    if contact is not None and not imported.changes_known:
        return Taken(number, "same", contact.shown_name), contact
    result = "changed" if contact else "made"
    contact = contact or Contact(account_id=imported.account_id, created_at=now, updated_at=now)
    changes = _written(contact, read)
    _remember(known, contact)
    if changes:
        contact.updated_at = now
    result = "same" if result == "changed" and not changes else result
    return Taken(number, result, contact.shown_name, changes), contact


def _by_id(read: RowContact, known: _Known) -> Contact | None:
    contact = known.get(("id", read.id))
    return contact if contact is not None and contact.name == read.draft.name else None


def _written(contact: Contact, read: RowContact) -> dict[str, list[Any]]:
    """Write a row onto its contact; what differs."""
    before = {name: getattr(contact, name) for name in _COMPARED}
    apply_draft(contact, read.draft)
    contact.labels = sorted({*contact.labels, *read.labels})
    return {
        name: [old, new] for name, old in before.items() if old != (new := getattr(contact, name))
    }


async def _know_labels(
    tx: Transaction, imported: ContactImport, read: Sequence[RowContact]
) -> None:
    """Labels that a list brings stand in the account's list, so that they can be chosen."""
    wanted = {title for one in read if not one.problem for title in one.labels}
    if wanted:
        there = {one.title for one in await label_choices(tx, imported.account_id)}
        new = sorted(wanted - there)
        made = [await create_label(tx, imported.account_id, title) for title in new]
        if made:
            await write_audit_entries(tx, [_note(imported, one) for one in made])


def _note(imported: ContactImport, label: Label) -> Note:
    """For the audit log: the worker makes the label, on the request of whoever imports."""
    by = Acting(imported.account_id, imported.who_id, imported.who, "", "import")
    return Note(
        "label", "created", by, label.account_id, label.id, label.title,
        after={"title": label.title, "color": label.color, "show_on_sidebar": True},
    )  # fmt: skip


async def _tell(
    tx: Transaction,
    imported: ContactImport,
    taken: Sequence[tuple[Taken, Contact | None]],
    *,
    now: datetime,
) -> None:
    """Record the events that rules and webhooks hear; only where the list asked for it."""
    account = await tx.get_one(Account, imported.account_id)
    cause = Cause(Actor.PERSON, imported.who_id)
    names = {"made": EventName.CONTACT_CREATED, "changed": EventName.CONTACT_UPDATED}
    happened = []
    for one, contact in taken:
        if contact is not None and one.result in names:
            changes = one.changes if one.result == "changed" else None
            facts = facts_about_contact(account, contact, changes=changes)
            happened.append(Happened(names[one.result], facts, None, cause))
    await record_events(tx, happened, now=now)


async def _rows(tx: Transaction, imported: ContactImport, limit: int) -> list[ContactImportRow]:
    query = select(ContactImportRow).where(
        ContactImportRow.import_id == imported.id, ContactImportRow.number > imported.after
    )
    return list(await tx.scalars(query.order_by(ContactImportRow.number).limit(limit)))


def _left(imported: ContactImport) -> Any:
    return delete(ContactImportRow).where(
        ContactImportRow.import_id == imported.id, ContactImportRow.problem.is_(None)
    )


async def _end(
    tx: Transaction, imported: ContactImport, state: ImportState, *, now: datetime
) -> None:
    imported.state, imported.finished_at = state, now
    await tx.flush()
    await notify_pages(tx, imported.account_id, "import", id=imported.id)
