"""Which fields of contacts can be filtered by, and a page of those that a filter finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import false, func, select

from recado.accounts.models import Membership
from recado.contacts.attributes import attributes_of
from recado.contacts.filter_fields import contact_fields
from recado.contacts.filter_rows import (
    Askable,
    RowDraft,
    drafts_in,
    drafts_of,
    filter_of,
    pairs_of,
    row_problem,
)
from recado.contacts.filtering import Condition, Field, FieldKind, compiled, custom_field
from recado.contacts.keeping_filters import filters_of
from recado.contacts.listing import ListChoice
from recado.contacts.models import AttributeModel, Contact, CustomFilter, FilterKind
from recado.contacts.reading import list_choice
from recado.contacts.saving import PAGE
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say

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
    tx: Transaction, member: Membership, rows: Any, *, page: int, now: datetime
) -> tuple[list[Contact], int] | str:
    """A page of the contacts that a filter finds and how many there are, or what is wrong with it."""
    condition = await contact_condition(tx, member, rows, now=now)
    if isinstance(condition, str):
        return condition
    where = [Contact.account_id == member.account_id, condition]
    total = await tx.scalar(select(func.count()).select_from(Contact).where(*where)) or 0
    query = select(Contact).where(*where).order_by(func.lower(Contact.name), Contact.id)
    found = await tx.scalars(query.limit(PAGE).offset((max(page, 1) - 1) * PAGE))
    return list(found), total


@dataclass(frozen=True, slots=True)
class Asked:
    """Which contacts an address asks for: as the form shows it, and as a condition.

    `typed` are the rows of the form, of the segment where one is opened; `trouble` is why nothing is
    found.
    """

    choice: ListChoice
    condition: Condition
    fields: Mapping[str, Askable]
    typed: list[RowDraft]
    saved: list[CustomFilter]
    trouble: Sentence | None = None

    @property
    def opened(self) -> CustomFilter | None:
        """The segment that is shown."""
        return next((one for one in self.saved if one.id == self.choice.view_id), None)

    @property
    def as_rows(self) -> str:
        """The query part of the page that saves the filter as a segment."""
        return urlencode([("kind", FilterKind.CONTACT), *pairs_of(self.choice.drafts)])


async def asked_contacts(
    tx: Transaction, member: Membership, query: Any, *, now: datetime
) -> Asked:
    """What the address of the list, or of its export, asks for."""
    account_id = member.account_id
    fields = await contact_fields(tx, account_id)
    saved = await filters_of(tx, account_id, member.user_id, FilterKind.CONTACT)
    typed = drafts_in(query, fields)
    finished = [one for one in typed if row_problem(one, fields) is None]
    choice = list_choice(query, finished)
    rows: Any = filter_of(finished, fields)
    if choice.view_id is not None:
        kept = next((one for one in saved if one.id == choice.view_id), None)
        rows = kept.query.get("payload", []) if kept else None
        typed = drafts_of(rows, fields)
    condition = await contact_condition(tx, member, rows, now=now)
    if isinstance(condition, str):
        trouble = (
            say("This segment is not there any more.")
            if rows is None
            else say(
                "This segment asks for what is not there any more, such as a deleted custom "
                "attribute. Change its conditions."
            )
        )
        return Asked(choice, false(), fields, typed, saved, trouble)
    return Asked(choice, condition, fields, typed, saved)


async def contact_condition(
    tx: Transaction, member: Membership, rows: Any, *, now: datetime
) -> Condition | str:
    """What a filter of a member's contacts stands for, or what is wrong with it; days are the account's."""
    kinds = {
        one.key: one.kind
        for one in await attributes_of(tx, member.account_id, AttributeModel.CONTACT)
    }
    return compiled(
        _without_plus(rows), lambda row: _field(row, kinds), now=member.account.there(now)
    )


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
