"""Importing contacts: the file, its columns, what would become of it, the progress, what was refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.response import Redirect, Response, Stream, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.contacts.attributes import attributes_of
from recado.contacts.importing import PREVIEWED, cancel_import, first_cells, preview, start_import
from recado.contacts.keeping_imports import (
    LARGEST,
    File,
    find_import,
    imports_of,
    open_import,
    refused_csv,
)
from recado.contacts.mapping import choices, chosen, looks_like_a_contact, mapping_problem
from recado.contacts.models import AttributeModel, ContactImport, CustomAttribute, ImportState
from recado.contacts.reading_rows import field_name, labels_in
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, language, say

COUNTRIES: Final = (
    "BR", "AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "ES", "GT", "HN", "MX", "NI", "PA", "PE",
    "PT", "PY", "SV", "US", "UY", "VE",
)  # fmt: skip
_ROOM: Final = 64 * 1024  # bytes around the file in its form


@get("/app/contacts/import", guards=[administrators_only])
async def new_import(request: MemberRequest, database: Database) -> Template:
    return await _upload_page(request, database)


@post("/app/contacts/import", guards=[administrators_only], request_max_body_size=LARGEST + _ROOM)
async def add_import(request: MemberRequest, database: Database) -> Template | Response[Any]:
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _upload_page(request, database, say("Choose a file."))
    content = await file.read()
    async with database.transaction() as tx:
        named = File(file.filename, content)
        opened = await open_import(tx, request.user, named, now=datetime.now(UTC))
    if isinstance(opened, Sentence):
        return await _upload_page(request, database, opened)
    return go_to(request, f"/app/contacts/imports/{opened.id}")


@get("/app/contacts/imports/{import_id:int}", guards=[administrators_only])
async def show_import(request: MemberRequest, database: Database, import_id: int) -> Template:
    async with database.transaction() as tx:
        imported = found(await find_import(tx, request.user.account_id, import_id))
        return await _shown(tx, request, imported)


@post("/app/contacts/imports/{import_id:int}", guards=[administrators_only], status_code=200)
async def change_import(
    request: MemberRequest, database: Database, import_id: int
) -> Template | Redirect:
    """Keep what the columns are; with `do=start` begin."""
    form = await request.form()
    async with database.transaction() as tx:
        imported = found(await find_import(tx, request.user.account_id, import_id, for_change=True))
        if imported.state == ImportState.DRAFT:
            attributes = await attributes_of(tx, imported.account_id, AttributeModel.CONTACT)
            _choose(imported, form, attributes)
            problem = mapping_problem(imported.fields)
            if problem or form.get("do") != "start":
                return await _shown(tx, request, imported, problem)
            await start_import(tx, imported)
    return Redirect(f"/app/contacts/imports/{import_id}", status_code=303)


@post("/app/contacts/imports/{import_id:int}/cancel", guards=[administrators_only])
async def stop_import(request: MemberRequest, database: Database, import_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        imported = found(await find_import(tx, request.user.account_id, import_id, for_change=True))
        is_draft = imported.state == ImportState.DRAFT
        await cancel_import(tx, imported, now=datetime.now(UTC))
    target = "/app/contacts/import" if is_draft else f"/app/contacts/imports/{import_id}"
    return go_to(request, target)


@get("/app/contacts/imports/{import_id:int}/refused.csv", guards=[administrators_only])
async def show_refused(request: MemberRequest, database: Database, import_id: int) -> Stream:
    async with database.transaction() as tx:
        imported = found(await find_import(tx, request.user.account_id, import_id))
    return Stream(
        refused_csv(database, imported, language()),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="refused-{import_id}.csv"'},
    )


async def _upload_page(
    request: MemberRequest, database: Database, problem: Sentence | None = None
) -> Template:
    async with database.transaction() as tx:
        imports = await imports_of(tx, request.user.account_id)
    return page(
        request, "contacts/import.html", status_code=422 if problem else 200,
        imports=imports, errors={"file": str(problem)} if problem else {}, largest=LARGEST,
    )  # fmt: skip


async def _shown(
    tx: Transaction,
    request: MemberRequest,
    imported: ContactImport,
    problem: Sentence | None = None,
) -> Template:
    if imported.state != ImportState.DRAFT:
        name = "_imported" if is_fragment_wanted(request) else "imported"
        return page(request, f"contacts/{name}.html", imported=imported)
    attributes = await attributes_of(tx, imported.account_id, AttributeModel.CONTACT)
    names = {one.key: one.name for one in attributes}
    wrong = problem or mapping_problem(imported.fields)
    rows = [] if wrong else await preview(tx, imported, now=datetime.now(UTC))
    return page(
        request, "contacts/import_columns.html", status_code=422 if problem else 200,
        imported=imported, offered=choices(attributes), rows=rows, countries=_countries(imported),
        samples=await _samples(tx, imported), errors={"columns": str(wrong)} if wrong else {},
        field_name=lambda name: field_name(name, names), previewed=PREVIEWED,
        told=lambda cells: _told(imported, cells), is_headless=looks_like_a_contact(imported.headings),
    )  # fmt: skip


def _told(imported: ContactImport, cells: list[str]) -> list[str]:
    """What a row says in the columns that are not left out."""
    return [one for one, field in zip(cells, imported.fields, strict=False) if one and field]


async def _samples(tx: Transaction, imported: ContactImport) -> list[str]:
    """The first thing that stands in each column."""
    rows = await first_cells(tx, imported)
    return [
        next((cells[at] for cells in rows if at < len(cells) and cells[at]), "")
        for at in range(len(imported.headings))
    ]


def _choose(
    imported: ContactImport, form: Mapping[str, Any], attributes: list[CustomAttribute]
) -> None:
    country = str(form.get("country", ""))
    imported.fields = chosen(form, len(imported.headings), attributes)
    imported.country = country if country in {"", *_countries(imported)} else ""
    imported.label = next(iter(labels_in(str(form.get("label", "")))), "")
    imported.changes_known = form.get("known") != "keep"
    imported.tells_rules = "tells_rules" in form


def _countries(imported: ContactImport) -> list[str]:
    return list(dict.fromkeys(one for one in (imported.country, *COUNTRIES) if one))


handlers: list[Any] = [
    new_import, add_import, show_import, change_import, stop_import, show_refused,
]  # fmt: skip
