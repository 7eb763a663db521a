"""Imports of an account: opening a file as one, finding them, forgetting their rows."""

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from babel.core import get_global
from sqlalchemy import delete, select

from recado.accounts.models import Membership
from recado.contacts.attributes import attributes_of
from recado.contacts.importing import keep_rows
from recado.contacts.mapping import guessed
from recado.contacts.models import AttributeModel, ContactImport, ContactImportRow, ImportState
from recado.contacts.reading_rows import field_name
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say, speaking
from recado.lib.spreadsheets import BOM, Sheet, csv_line, read_sheet

LARGEST: Final = 40 * 1024 * 1024  # bytes of a file
MOST_COLUMNS: Final = 200
KEPT: Final = timedelta(days=7)  # rows that were refused, and drafts that nobody started
_STRETCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class File:
    """A file as somebody sent it."""

    name: str
    content: bytes


async def open_import(
    tx: Transaction, member: Membership, file: File, *, now: datetime
) -> ContactImport | Sentence:
    """Read a file into a draft whose columns are guessed, or say why it cannot be read."""
    sheet = read_sheet(file.content)
    if not sheet.is_text:
        return say(
            "This is no CSV file. In the spreadsheet program, save it as CSV and choose that."
        )
    try:
        headings = _headings(sheet)
    except csv.Error as error:
        return say("The file is no CSV that can be read: %(why)s", why=str(error))
    if isinstance(headings, Sentence):
        return headings
    attributes = await attributes_of(tx, member.account_id, AttributeModel.CONTACT)
    imported = ContactImport(
        account_id=member.account_id, who=member.user.name, who_id=member.user_id,
        file_name=file.name[:200], encoding=sheet.encoding, separator=sheet.separator,
        headings=headings, fields=guessed(headings, attributes),
        country=country_of(member.account.time_zone), created_at=now,
    )  # fmt: skip
    tx.add(imported)
    await tx.flush()
    problem = await _fill(tx, imported, sheet)
    if problem:
        await tx.delete(imported)
    return problem or imported


async def _fill(tx: Transaction, imported: ContactImport, sheet: Sheet) -> Sentence | None:
    """Write all rows down, or say why the file cannot be read to its end."""
    width, rows = len(imported.headings), sheet.rows()
    try:
        next(rows)
        await keep_rows(tx, imported, ((at, cells[:width]) for at, cells in rows))
    except csv.Error as error:
        return say("The file is no CSV that can be read: %(why)s", why=str(error))
    return None if imported.total else say("Below its headings the file has no rows.")


def country_of(time_zone: str) -> str:
    """The country of an account, by its time zone: America/Sao_Paulo -> BR."""
    return str(get_global("zone_territories").get(time_zone, ""))


async def find_import(
    tx: Transaction, account_id: int, import_id: int, *, for_change: bool = False
) -> ContactImport | None:
    """An import of this account."""
    query = select(ContactImport).where(
        ContactImport.account_id == account_id, ContactImport.id == import_id
    )
    return await tx.scalar(query.with_for_update() if for_change else query)


async def imports_of(tx: Transaction, account_id: int, *, limit: int = 20) -> list[ContactImport]:
    """The last imports, newest first."""
    query = select(ContactImport).where(ContactImport.account_id == account_id)
    return list(await tx.scalars(query.order_by(ContactImport.id.desc()).limit(limit)))


async def refused_csv(
    database: Database, imported: ContactImport, tongue: str
) -> AsyncIterator[str]:
    """The refused rows as they came, with a first column that says why: to be corrected and sent again."""
    names, after = await _attribute_names(database, imported.account_id), 0
    with speaking(tongue):
        head = [str(say("Why it was refused")), *imported.headings]
    yield BOM + csv_line(head, imported.separator)
    while True:
        async with database.transaction() as tx:
            query = select(ContactImportRow).where(
                ContactImportRow.import_id == imported.id,
                ContactImportRow.number > after,
                ContactImportRow.problem.is_not(None),
            )
            rows = list(await tx.scalars(query.order_by(ContactImportRow.number).limit(_STRETCH)))
        if not rows:
            return
        with speaking(tongue):
            lines = [[problem_text(one.problem or {}, names), *one.cells] for one in rows]
        yield "".join(csv_line(one, imported.separator) for one in lines)
        after = rows[-1].number


def problem_text(problem: dict[str, Any], attribute_names: dict[str, str]) -> str:
    """A kept problem in the reader's language, with the field it is about."""
    why = str(Sentence(problem["text"], problem["values"]))
    return f"{field_name(problem['field'], attribute_names)}: {why}" if problem["field"] else why


async def prune_imports(tx: Transaction, *, now: datetime) -> int:
    """Forget drafts of over a week ago, and what was refused then; the counts stay. How many."""
    old = ContactImport.created_at < now - KEPT
    drafts = delete(ContactImport).where(old, ContactImport.state == ImportState.DRAFT)
    gone = len((await tx.execute(drafts.returning(ContactImport.id))).all())
    ended = select(ContactImport.id).where(ContactImport.finished_at < now - KEPT)
    rows = delete(ContactImportRow).where(ContactImportRow.import_id.in_(ended))
    return gone + len((await tx.execute(rows.returning(ContactImportRow.number))).all())


async def _attribute_names(database: Database, account_id: int) -> dict[str, str]:
    async with database.transaction() as tx:
        attributes = await attributes_of(tx, account_id, AttributeModel.CONTACT)
    return {one.key: one.name for one in attributes}


def _headings(sheet: Sheet) -> list[str] | Sentence:
    first = next(sheet.rows(), None)
    if first is None:
        return say("The file is empty.")
    headings = [one[:200] for one in first[1]]
    if len(headings) > MOST_COLUMNS:
        return say("The file has more than %(number)s columns.", number=MOST_COLUMNS)
    return headings
