"""Exporting contacts: what the list shows, whole, and harmless to spreadsheets."""

import csv
import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from recado.accounts.models import Account
from recado.contacts import exporting
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.importing import advance_imports, start_import
from recado.contacts.keeping_imports import File, open_import
from recado.contacts.models import AttributeKind, AttributeModel, Contact, ContactImport
from recado.db.database import Database
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact

EXPORT = "/app/contacts/export.csv"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


async def test_what_the_list_shows_is_exported(
    ana: Browser, beto: Browser, celia: Browser, visitor: Browser, database: Database, cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(exporting, "_STRETCH", 2)
    async with database.transaction() as tx:
        draft = AttributeDraft("Plan", "plan", AttributeKind.TEXT, AttributeModel.CONTACT)
        await create_attribute(tx, cast.account.id, draft, now=NOW)
        maria = await a_contact(tx, cast.account, custom_attributes={"plan": "gold"})
        maria.labels = ["vip", "sul"]
        for number in range(4):
            await a_contact(tx, cast.account, name=f"N{number}", email=None, phone_number=None)
    every = rows_of((await ana.get(EXPORT)).text)
    assert [one["name"] for one in every] == ["Maria Souza", "N0", "N1", "N2", "N3"]
    assert (every[0]["plan"], every[0]["labels"]) == ("gold", "vip, sul")
    some = rows_of((await ana.get(f"{EXPORT}?q=maria")).text)
    assert [one["email"] for one in some] == ["maria@example.com"]
    filtered = rows_of((await ana.get(f"{EXPORT}?f-0-key=email&f-0-operator=is_not_present")).text)
    assert len(filtered) == 4
    assert rows_of((await celia.get(EXPORT)).text) == []
    assert (await beto.get(EXPORT)).status_code == 403
    assert (await visitor.get(EXPORT)).status_code == 303


@pytest.mark.parametrize(
    ("zone", "made", "active"),
    [
        ("America/Sao_Paulo", "2026-03-29 00:59:59", "2026-10-25 09:30:00"),
        ("Asia/Kolkata", "2026-03-29 09:29:59", "2026-10-25 18:00:00"),
        ("Europe/Lisbon", "2026-03-29 04:59:59", "2026-10-25 12:30:00"),  # in summer; in winter
    ],
)
async def test_times_are_the_account_s_and_times_to_a_spreadsheet(
    ana: Browser, database: Database, cast: Cast, zone: str, made: str, active: str
) -> None:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account)
        contact.created_at = datetime(2026, 3, 29, 3, 59, 59, 123_456, UTC)
        contact.last_activity_at = datetime(2026, 10, 25, 12, 30, tzinfo=UTC)
        await a_contact(tx, cast.account, name="Ana", email=None, phone_number=None)
        (await tx.get_one(Account, cast.account.id)).time_zone = zone
    maria, other = rows_of((await ana.get(EXPORT)).text)
    assert (maria[f"created_at ({zone})"], maria[f"last_activity_at ({zone})"]) == (made, active)
    assert other[f"last_activity_at ({zone})"] == ""


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1+1", "-1", "@SUM(A1)"])
async def test_no_cell_is_calculated(
    ana: Browser, database: Database, cast: Cast, name: str
) -> None:
    async with database.transaction() as tx:
        await a_contact(tx, cast.account, name=name)
    [row] = rows_of((await ana.get(EXPORT)).text)
    assert row["name"] == f"'{name}"
    assert row["phone_number"] == "'+5511912345678"


async def test_an_export_is_imported_without_a_change(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await a_contact(tx, cast.account, name="=Maria", identifier="-7", custom_attributes={})
        await a_contact(tx, cast.account, name="Ana", email=None, phone_number=None)
    content = (await ana.get(EXPORT)).content
    async with database.transaction() as tx:
        imported = await open_import(tx, cast.ana, File("c.csv", content), now=NOW)
        assert isinstance(imported, ContactImport)
        await start_import(tx, imported)
    while True:
        async with database.transaction() as tx:
            if not await advance_imports(tx, now=NOW):
                break
    async with database.transaction() as tx:
        done = (await tx.scalars(select(ContactImport))).one()
        assert (done.made, done.changed, done.same, done.refused) == (0, 0, 2, 0)
        contact, _ = await tx.scalars(select(Contact).order_by(Contact.id))
        assert (contact.name, contact.identifier) == ("=Maria", "-7")
