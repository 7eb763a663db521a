"""Which fields of contacts can be filtered by, and a page of those that a filter finds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from recado.contacts.attributes import attributes_of
from recado.contacts.filtering import Field, FieldKind, compiled, custom_field
from recado.contacts.models import AttributeModel, Contact
from recado.contacts.saving import PAGE
from recado.db.database import Transaction

_FIELDS = {
    "name": Field(FieldKind.TEXT, Contact.name),
    "email": Field(FieldKind.TEXT, Contact.email),
    "identifier": Field(FieldKind.TEXT, Contact.identifier),
    "phone_number": Field(FieldKind.TEXT, func.ltrim(Contact.phone_number, "+")),
    "blocked": Field(FieldKind.FLAG, Contact.blocked),
    "labels": Field(FieldKind.WORDS, Contact.labels),
    "created_at": Field(FieldKind.MOMENT, Contact.created_at),
    "last_activity_at": Field(FieldKind.MOMENT, Contact.last_activity_at),
}
_ADDITIONAL = ("city", "country", "country_code", "company_name", "referer")


async def filtered_contacts(
    tx: Transaction, account_id: int, rows: Any, *, page: int, now: datetime
) -> tuple[list[Contact], int] | str:
    """A page of the contacts that a filter finds and how many there are, or what is wrong with it."""
    kinds = {
        one.key: one.kind for one in await attributes_of(tx, account_id, AttributeModel.CONTACT)
    }
    condition = compiled(_without_plus(rows), lambda row: _field(row, kinds), now=now)
    if isinstance(condition, str):
        return condition
    where = [Contact.account_id == account_id, condition]
    total = await tx.scalar(select(func.count()).select_from(Contact).where(*where)) or 0
    query = select(Contact).where(*where).order_by(func.lower(Contact.name), Contact.id)
    found = await tx.scalars(query.limit(PAGE).offset((max(page, 1) - 1) * PAGE))
    return list(found), total


def _without_plus(rows: Any) -> Any:
    """Phone numbers are compared without the `+`, which some clients send and others do not."""
    if not isinstance(rows, list):
        return rows
    return [
        {**one, "values": [str(each).lstrip("+") for each in one["values"]]}
        if isinstance(one, dict)
        and one.get("attribute_key") == "phone_number"
        and isinstance(one.get("values"), list)
        else one
        for one in rows
    ]


def _field(row: Mapping[str, Any], kinds: Mapping[str, str]) -> Field | None:
    """The field that a row means."""
    key = row.get("attribute_key")
    if not isinstance(key, str):
        return None
    if key in kinds:
        return custom_field(Contact.custom_attributes, key, kinds[key])
    if key in _ADDITIONAL:
        return Field(FieldKind.TEXT, Contact.additional_attributes[key].astext)
    return _FIELDS.get(key)
