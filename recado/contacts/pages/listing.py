"""The list of contacts."""

from datetime import UTC, datetime
from typing import Any

from litestar import get
from litestar.response import Stream, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    flash_of,
    members_only,
    page,
    spoken,
)
from recado.contacts.exporting import export_contacts
from recado.contacts.filter_rows import RowDraft, redrawn, row_problem, shown_rows
from recado.contacts.listing import SORT_NAMES, list_contacts
from recado.contacts.searching import Asked, asked_contacts
from recado.db.database import Database
from recado.lib.languages import Sentence, language, say
from recado.lib.spreadsheets import separator_for


@get("/app/contacts", guards=[members_only])
async def show_contacts(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        asked = await asked_contacts(tx, request.user, request.query_params, now=datetime.now(UTC))
        listed = await list_contacts(tx, request.user.account_id, asked.choice, asked.condition)
    command = request.query_params.get("redraw", "")
    drafts = redrawn(asked.typed, command) if command else asked.typed
    problems = {} if command or asked.opened else _problems(asked)
    return page(
        request, "contacts/list.html", asked=asked, choice=asked.choice, listed=listed,
        rows=shown_rows(drafts or [RowDraft()], asked.fields), fields=list(asked.fields.values()),
        sorts=list(SORT_NAMES.items()), is_open=bool(command or problems), errors=spoken(problems),
        flash=_flash(request),
    )  # fmt: skip


def _problems(asked: Asked) -> dict[str, Sentence]:
    """Why conditions that somebody began are not asked, by field."""
    return {
        f"f-{place}-key": problem
        for place, one in enumerate(asked.typed)
        if one.key and (problem := row_problem(one, asked.fields))
    }


@get("/app/contacts/export.csv", guards=[administrators_only])
async def export(request: MemberRequest, database: Database) -> Stream:
    """Everything that the list's filter or segment finds."""
    async with database.transaction() as tx:
        asked = await asked_contacts(tx, request.user, request.query_params, now=datetime.now(UTC))
    parts = export_contacts(
        database, request.user.account, asked.choice.q, asked.condition,
        separator_for(language()),
    )  # fmt: skip
    return Stream(
        parts,
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="contacts.csv"'},
    )


def _flash(request: MemberRequest) -> dict[str, Any] | None:
    done = request.query_params.get("done", "")
    if done == "gone":
        told = say(
            "The contact that was open is gone: somebody erased it, or merged it into another."
        )
        return flash_of(told, "warning")
    return flash_of(say("The contact is erased.") if done == "erased" else None)


handlers: list[Any] = [show_contacts, export]
