"""Importing a list: what it makes, changes and refuses, in steps that may be interrupted."""

import csv
import io
from typing import Any

import pytest
from sqlalchemy import func, select

from recado.accounts.models import AuditEntry
from recado.contacts import importing
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.importing import advance_imports, cancel_import, preview, start_import
from recado.contacts.keeping_imports import KEPT, File, open_import, prune_imports
from recado.contacts.labels import labels_of
from recado.contacts.models import (
    AttributeKind,
    AttributeModel,
    Contact,
    ContactImport,
    ContactImportRow,
    ImportState,
)
from recado.db.database import Database, Transaction
from recado.events.models import Event
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact

LIST = """Nome;E-mail;Telefone;Plano;Etiquetas
João Lima;JOAO@x.example;(11) 98888-7777;ouro;vip, novo
Maria S.;maria@example.com;;;
;;;;
Sem nada;torto;;;
"Ação; Ltda";;+55 11 97777-6666;;
"""


async def opened(tx: Transaction, here: Cast, text: str = LIST, **choices: Any) -> ContactImport:
    """Ana's file, read as Excel in Brazil writes it."""
    file = File("lista.csv", text.replace("\n", "\r\n").encode("cp1252"))
    imported = await open_import(tx, here.ana, file, now=NOW)
    assert isinstance(imported, ContactImport)
    for name, value in choices.items():
        setattr(imported, name, value)
    return imported


async def run(tx: Transaction, imported: ContactImport) -> None:
    """Every step until it ends."""
    await start_import(tx, imported)
    steps = 0
    while await advance_imports(tx, now=NOW):
        steps += 1
        assert steps < 100


async def contacts(tx: Transaction, here: Cast) -> dict[str, Contact]:
    query = select(Contact).where(Contact.account_id == here.account.id).order_by(Contact.id)
    return {one.shown_name: one for one in await tx.scalars(query)}


def counts(imported: ContactImport) -> tuple[int, int, int, int]:
    return imported.made, imported.changed, imported.same, imported.refused


async def test_a_list_makes_changes_and_refuses(tx: Transaction, here: Cast) -> None:
    draft = AttributeDraft("Plano", "plano", AttributeKind.LIST, AttributeModel.CONTACT,
                           choices=["Ouro"])  # fmt: skip
    await create_attribute(tx, here.account.id, draft, now=NOW)
    await a_contact(tx, here.account)
    imported = await opened(tx, here, label="lista")
    await run(tx, imported)
    assert (imported.state, imported.total) == (ImportState.DONE, 4)
    assert counts(imported) == (2, 1, 0, 1)
    found = await contacts(tx, here)
    assert set(found) == {"João Lima", "Maria S.", "Ação; Ltda"}
    joao = found["João Lima"]
    assert (joao.email, joao.phone_number) == ("joao@x.example", "+5511988887777")
    assert joao.custom_attributes == {"plano": "Ouro"}
    assert joao.labels == ["lista", "novo", "vip"]
    assert found["Maria S."].phone_number == "+5511912345678"  # an empty cell takes nothing away
    assert {"lista", "novo", "vip"} <= {one.title for one in await labels_of(tx, here.account.id)}
    [left] = await tx.scalars(select(ContactImportRow))
    assert (left.number, left.problem and left.problem["field"]) == (5, "email")


async def test_the_same_list_again_makes_nobody_twice(tx: Transaction, here: Cast) -> None:
    first = await opened(tx, here)
    await run(tx, first)
    again = await opened(tx, here)
    await run(tx, again)
    assert counts(again) == (0, 0, 3, 1)
    assert len(await contacts(tx, here)) == 3


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ("x;crm-1;;", "changed"),
        ("x;;maria@example.com;", "changed"),
        ("x;;;+5511912345678", "changed"),
        ("x;crm-1;new@x.example;", "changed"),
        ("x;crm-1;joao@x.example;", "refused"),  # two different people
        ("x;crm-2;new@x.example;", "made"),
        ("Maria Souza;crm-1;;", "same"),
    ],
)
async def test_whom_a_row_means(tx: Transaction, here: Cast, row: str, result: str) -> None:
    await a_contact(tx, here.account, identifier="crm-1")
    await a_contact(tx, here.account, name="João", email="joao@x.example", phone_number=None)
    await a_contact(tx, here.other_account, identifier="crm-2")  # elsewhere: not meant
    imported = await opened(tx, here, f"nome;id;email;fone\n{row}\n")
    await run(tx, imported)
    assert getattr(imported, result) == 1, counts(imported)


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ("{ana};Ana;;;", "same"),
        ("{ana};Ana;ana@x.example;;", "changed"),  # an e-mail was added in the spreadsheet
        ("{ana};Bia;;;", "made"),  # somebody else has this number in another account
        ("{maria};Maria Souza;other@x.example;;", "made"),
        ("{elsewhere};Ana;;;", "made"),
        ("0x1;Ana;;;", "made"),
    ],
)
async def test_a_name_alone_is_known_by_the_number_of_an_export(
    tx: Transaction, here: Cast, row: str, result: str
) -> None:
    alone = {"name": "Ana", "email": None, "phone_number": None}
    ids = {
        "ana": (await a_contact(tx, here.account, **alone)).id,
        "maria": (await a_contact(tx, here.account)).id,
        "elsewhere": (await a_contact(tx, here.other_account, **alone)).id,
    }
    head = "id;name;email;phone_number;identifier\n"
    imported = await opened(tx, here, f"{head}{row.format(**ids)}\n")
    await run(tx, imported)
    assert getattr(imported, result) == 1, counts(imported)


async def test_rows_about_one_person_make_one(tx: Transaction, here: Cast) -> None:
    text = "nome;email;fone\nMaria;m@x.example;\nMaria S;M@X.example;+5511912345678\nM;;+5511912345678\n"
    imported = await opened(tx, here, text)
    await run(tx, imported)
    assert counts(imported) == (1, 2, 0, 0)
    [maria] = (await contacts(tx, here)).values()
    assert (maria.name, maria.email) == ("M", "m@x.example")


async def test_who_is_there_may_be_left_alone(tx: Transaction, here: Cast) -> None:
    await a_contact(tx, here.account)
    imported = await opened(tx, here, changes_known=False)
    await run(tx, imported)
    assert counts(imported) == (2, 0, 1, 1)
    assert "Maria Souza" in await contacts(tx, here)


@pytest.mark.parametrize(
    ("tells", "names"),
    [(False, []), (True, ["contact_created", "contact_created", "contact_updated"])],
)
async def test_rules_are_told_when_asked_for(
    tx: Transaction, here: Cast, tells: bool, names: list[str]
) -> None:
    await a_contact(tx, here.account)
    before = await tx.scalar(select(func.max(Event.id))) or 0
    await run(tx, await opened(tx, here, tells_rules=tells))
    told = await tx.scalars(select(Event.name).where(Event.id > before))
    assert sorted(told) == names


async def test_a_preview_tells_what_will_be_and_does_nothing(tx: Transaction, here: Cast) -> None:
    await a_contact(tx, here.account)
    imported = await opened(tx, here)
    shown = [one.result for _, one in await preview(tx, imported, now=NOW)]
    assert shown == ["made", "changed", "refused", "made"]
    assert set(await contacts(tx, here)) == {"Maria Souza"}
    await run(tx, imported)
    assert counts(imported) == (2, 1, 0, 1)


async def test_it_goes_on_where_it_was(
    tx: Transaction, here: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STEP", 2)
    text = "nome\n" + "".join(f"Pessoa {number}\n" for number in range(7))  # nothing to match by
    imported = await opened(tx, here, text)
    await start_import(tx, imported)
    assert await advance_imports(tx, now=NOW)
    assert (imported.done, imported.after) == (2, 3)
    savepoint = await tx.begin_nested()
    await advance_imports(tx, now=NOW)
    await savepoint.rollback()  # a worker died in the middle of a step
    await tx.refresh(imported)
    while await advance_imports(tx, now=NOW):
        pass
    await tx.refresh(imported)
    assert (imported.state, imported.made) == (ImportState.DONE, 7)
    assert len(await contacts(tx, here)) == 7


async def test_stopped_it_does_no_more(
    tx: Transaction, here: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STEP", 1)
    imported = await opened(tx, here)
    await start_import(tx, imported)
    await advance_imports(tx, now=NOW)
    await cancel_import(tx, imported, now=NOW)
    assert not await advance_imports(tx, now=NOW)
    assert (imported.state, len(await contacts(tx, here))) == (ImportState.CANCELLED, 1)
    assert list(await tx.scalars(select(ContactImportRow))) == []


async def test_what_is_refused_is_kept_for_a_week(tx: Transaction, here: Cast) -> None:
    done, draft = await opened(tx, here), await opened(tx, here)
    await run(tx, done)
    assert await prune_imports(tx, now=NOW + KEPT) == 0
    await prune_imports(tx, now=NOW + 2 * KEPT)
    assert list(await tx.scalars(select(ContactImportRow))) == []
    assert list(await tx.scalars(select(ContactImport.id))) == [done.id]
    assert draft.id != done.id


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (b"nome;email\n", "Below its headings the file has no rows."),
        (b'nome\n"' + b"x" * 200_000, "The file is no CSV that can be read"),
        (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml\n\x00\n", "This is no CSV file."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x05\x00", "This is no CSV file."),
        (b";".join([b"a"] * 201) + b"\nx\n", "more than 200 columns"),
    ],
    ids=[
        "nothing",
        "blank lines",
        "headings only",
        "a quote that never ends",
        "a workbook",
        "a picture",
        "too wide",
    ],
)
async def test_a_file_that_cannot_be_read_says_why(
    ana: Browser, database: Database, content: bytes, problem: str
) -> None:
    files = [("file", ("lista.csv", content, "text/csv"))]
    answer = await ana.post("/app/contacts/import", files=files)
    assert answer.status_code == 422
    assert problem in answer.text
    async with database.transaction() as tx:
        assert list(await tx.scalars(select(ContactImport))) == []


async def test_no_file_is_no_import(ana: Browser) -> None:
    answer = await ana.post("/app/contacts/import")
    assert answer.status_code == 422
    assert "Choose a file." in answer.text


async def test_a_file_without_headings_says_what_would_be_lost(ana: Browser) -> None:
    content = b"Maria Silva,maria@x.example\nJo,jo@x.example\n"
    files = [("file", ("lista.csv", content, "text/csv"))]
    path = (await ana.post("/app/contacts/import", files=files)).headers["location"]
    assert "The first row looks like a contact" in (await ana.get(path)).text


async def test_what_is_left_out_is_not_shown_as_new(ana: Browser) -> None:
    files = [("file", ("lista.csv", b"nome;email;obs\nJo;jo@x.example;segredo\n", "text/csv"))]
    path = (await ana.post("/app/contacts/import", files=files)).headers["location"]
    assert "Jo · jo@x.example</span>" in (await ana.get(path)).text


async def test_from_the_file_to_the_refused_rows(
    ana: Browser, beto: Browser, celia: Browser, database: Database, cast: Cast
) -> None:
    files = [("file", ("lista.csv", LIST.encode("cp1252"), "text/csv"))]
    sent = await ana.post("/app/contacts/import", files=files)
    path = sent.headers["location"]
    page = (await ana.get(path)).text
    for said in ("WINDOWS-1252", "João Lima", "This is not an e-mail address.", "4 rows"):
        assert said in page
    for other, status in ((beto, 403), (celia, 404)):
        assert (await other.get(path)).status_code == status
        assert (await other.post(path, {"do": "start"})).status_code == status
        assert (await other.get(f"{path}/refused.csv")).status_code == status
    twice = {"column-0": "name", "column-1": "email", "column-2": "email", "do": "start"}
    refused = await ana.post(path, twice)
    assert refused.status_code == 422
    assert "Two columns are" in refused.text
    form = {"column-0": "name", "column-1": "email", "country": "BR", "known": "change"}
    assert "Import contacts" in (await ana.post(path, {**form, "do": "preview"})).text
    assert (await ana.post(path, {**form, "do": "start"})).status_code == 303
    while True:
        async with database.transaction() as tx:
            if not await advance_imports(tx, now=NOW):
                break
    done = (await ana.get(path)).text
    assert "3 contacts are new" in done
    assert "1 row was refused" in done
    answer = await ana.get(f"{path}/refused.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0][:3] == ["Why it was refused", "Nome", "E-mail"]
    assert rows[1][:3] == ["E-mail: This is not an e-mail address.", "Sem nada", "torto"]


async def test_a_draft_is_discarded(ana: Browser, database: Database) -> None:
    files = [("file", ("lista.csv", LIST.encode(), "text/csv"))]
    path = (await ana.post("/app/contacts/import", files=files)).headers["location"]
    assert (await ana.post(f"{path}/cancel")).headers["location"] == "/app/contacts/import"
    async with database.transaction() as tx:
        assert list(await tx.scalars(select(ContactImportRow))) == []
    assert (await ana.post(path, {"column-0": "name", "do": "start"})).status_code == 303
    async with database.transaction() as tx:
        assert not await advance_imports(tx, now=NOW)


async def test_labels_that_a_list_brings_are_noted_for_who_imports(
    tx: Transaction, here: Cast
) -> None:
    imported = await opened(tx, here, label="lista")
    await preview(tx, imported, now=NOW)
    assert list(await tx.scalars(select(AuditEntry))) == []  # it was taken back
    await run(tx, imported)
    entries = list(await tx.scalars(select(AuditEntry).order_by(AuditEntry.subject_name)))
    assert [one.subject_name for one in entries] == ["lista", "novo", "vip"]
    assert {(one.user_id, one.user_name) for one in entries} == {(here.ana.user_id, imported.who)}
    assert {(one.kind, one.what, one.way) for one in entries} == {("label", "created", "import")}
    assert entries[0].changes["title"] == [None, "lista"]
