"""The contacts that a list shows as a CSV file, written while it is read, some at a time."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from recado.accounts.models import Account
from recado.contacts.attributes import attributes_of
from recado.contacts.listing import wanted
from recado.contacts.models import AttributeModel, Contact, CustomAttribute
from recado.db.database import Database
from recado.lib.spreadsheets import BOM, csv_line, moment_cell, zoned
from recado.lib.values import text_of

_STRETCH: Final = 1_000
_ADDITIONAL: Final = ("company_name", "city", "country")
# The headings are the API's names, which an import recognises in every language.
COLUMNS: Final = (
    "id", "name", "email", "phone_number", "identifier", "labels", "blocked", "company_name",
    "city", "country", "created_at", "last_activity_at",
)  # fmt: skip
_MOMENTS: Final = ("created_at", "last_activity_at")


async def export_contacts(
    database: Database, account: Account, q: str, condition: ColumnElement[bool], separator: str
) -> AsyncIterator[str]:
    """The parts of the file, in the order of ids; each stretch is a transaction of its own.

    Times are in the account's time zone, which their headings name.
    """
    zone = ZoneInfo(account.time_zone)
    async with database.transaction() as tx:
        attributes = await attributes_of(tx, account.id, AttributeModel.CONTACT)
    headings = [*zoned(COLUMNS, _MOMENTS, zone), *(one.key for one in attributes)]
    yield BOM + csv_line(headings, separator)
    after = 0
    while True:
        where = [*wanted(account.id, q, condition), Contact.id > after]
        query = select(Contact).where(*where).order_by(Contact.id).limit(_STRETCH)
        async with database.transaction() as tx:
            found = list(await tx.scalars(query))
        if not found:
            return
        yield "".join(csv_line(row_of(one, attributes, zone), separator) for one in found)
        after = found[-1].id


def row_of(contact: Contact, attributes: Sequence[CustomAttribute], zone: ZoneInfo) -> list[Any]:
    """A contact in the order of COLUMNS, then its custom attributes."""
    return [
        contact.id, contact.name, contact.email, contact.phone_number, contact.identifier,
        ", ".join(contact.labels), text_of(contact.blocked),
        *(text_of(contact.additional_attributes.get(one)) for one in _ADDITIONAL),
        *(moment_cell(getattr(contact, one), zone) for one in _MOMENTS),
        *(text_of(contact.custom_attributes.get(one.key)) for one in attributes),
    ]  # fmt: skip
