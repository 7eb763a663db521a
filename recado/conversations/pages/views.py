"""Pages of saved filters: views of the conversations, segments of the contacts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.exceptions import ClientException
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, found, go_to, members_only, page, spoken
from recado.contacts.filter_fields import contact_fields
from recado.contacts.filter_rows import (
    Askable,
    RowDraft,
    drafts_in,
    drafts_of,
    filter_of,
    redrawn,
    row_problem,
    shown_rows,
)
from recado.contacts.keeping_filters import (
    MOST,
    delete_filter,
    find_filter,
    fresh_filter,
    has_room,
    name_problem,
    save_filter,
)
from recado.contacts.models import CustomFilter, FilterKind
from recado.conversations.filter_fields import conversation_fields
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say

_LISTS = {
    FilterKind.CONVERSATION: "/app/conversations",
    FilterKind.CONTACT: "/app/contacts",
}


@dataclass(frozen=True, slots=True)
class _Typed:
    """What stands in the form."""

    name: str
    drafts: list[RowDraft]


@get("/app/views/new", guards=[members_only])
async def new_view(request: MemberRequest, database: Database) -> Template:
    kind = _kind(request.query_params.get("kind", FilterKind.CONVERSATION))
    async with database.transaction() as tx:
        fields = await _fields(tx, request, kind)
    drafts = drafts_in(request.query_params, fields) or [RowDraft()]
    return _view_page(request, kind, fields, _Typed("", drafts))


@post("/app/views", guards=[members_only], status_code=200)
async def add_view(request: MemberRequest, database: Database) -> Template | Response[Any]:
    form = await request.form()
    kind, member, moment = _kind(str(form.get("kind", ""))), request.user, datetime.now(UTC)
    async with database.transaction() as tx:
        fields = await _fields(tx, request, kind)
        typed = _Typed(str(form.get("name", "")).strip(), drafts_in(form, fields))
        if command := str(form.get("redraw", "")):
            return _redrawn(request, kind, fields, typed, command)
        kept = fresh_filter(member, kind, now=moment)
        problems = await _problems(tx, kept, typed, fields)
        if not await has_room(tx, member.account_id, member.user_id):
            problems["name"] = say("You have %(number)s filters: delete one first.", number=MOST)
        if problems:
            return _view_page(request, kind, fields, typed, problems=problems)
        await save_filter(tx, kept, typed.name, _query(typed, fields), now=moment)
    return go_to(request, f"{_LISTS[kind]}?view={kept.id}")


@get("/app/views/{view_id:int}", guards=[members_only])
async def show_view(request: MemberRequest, database: Database, view_id: int) -> Template:
    async with database.transaction() as tx:
        kept = await _find(tx, request, view_id)
        fields = await _fields(tx, request, FilterKind(kept.kind))
    typed = _Typed(kept.name, drafts_of(kept.query.get("payload"), fields))
    return _view_page(request, FilterKind(kept.kind), fields, typed, kept)


@post("/app/views/{view_id:int}", guards=[members_only], status_code=200)
async def change_view(
    request: MemberRequest, database: Database, view_id: int
) -> Template | Response[Any]:
    form = await request.form()
    async with database.transaction() as tx:
        kept = await _find(tx, request, view_id)
        kind = FilterKind(kept.kind)
        fields = await _fields(tx, request, kind)
        typed = _Typed(str(form.get("name", "")).strip(), drafts_in(form, fields))
        if command := str(form.get("redraw", "")):
            return _redrawn(request, kind, fields, typed, command, kept)
        if problems := await _problems(tx, kept, typed, fields):
            return _view_page(request, kind, fields, typed, kept, problems)
        query = {**kept.query, **_query(typed, fields)}
        await save_filter(tx, kept, typed.name, query, now=datetime.now(UTC))
    return go_to(request, f"{_LISTS[kind]}?view={view_id}")


@get("/app/views/{view_id:int}/delete", guards=[members_only])
async def ask_to_remove_view(request: MemberRequest, database: Database, view_id: int) -> Template:
    async with database.transaction() as tx:
        kept = await _find(tx, request, view_id)
    return page(
        request, "conversations/view_delete.html", saved=kept, here=f"/app/views/{view_id}",
        path=f"/app/views/{view_id}/delete", place=_LISTS[FilterKind(kept.kind)],
    )  # fmt: skip


@post("/app/views/{view_id:int}/delete", guards=[members_only])
async def remove_view(request: MemberRequest, database: Database, view_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        kept = await _find(tx, request, view_id)
        await delete_filter(tx, kept)
    return go_to(request, _LISTS[FilterKind(kept.kind)])


def _redrawn(
    request: MemberRequest,
    kind: FilterKind,
    fields: Mapping[str, Askable],
    typed: _Typed,
    command: str,
    kept: CustomFilter | None = None,
) -> Template:
    """The form with a row more or less; nothing is saved."""
    return _view_page(
        request, kind, fields, _Typed(typed.name, redrawn(typed.drafts, command)), kept
    )


def _view_page(
    request: MemberRequest,
    kind: FilterKind,
    fields: Mapping[str, Askable],
    typed: _Typed,
    kept: CustomFilter | None = None,
    problems: dict[str, Sentence] | None = None,
) -> Template:
    return page(
        request, "conversations/view.html", status_code=422 if problems else 200,
        kind=kind, saved=kept, name=typed.name, fields=list(fields.values()),
        rows=shown_rows(typed.drafts, fields, is_checked=bool(problems)),
        errors=spoken(problems or {}), back=_LISTS[kind], place=_LISTS[kind],
    )  # fmt: skip


async def _problems(
    tx: Transaction, kept: CustomFilter, typed: _Typed, fields: Mapping[str, Askable]
) -> dict[str, Sentence]:
    problems: dict[str, Sentence] = {}
    if problem := await name_problem(tx, kept, typed.name):
        problems["name"] = problem
    for place, draft in enumerate(typed.drafts):
        if problem := row_problem(draft, fields):
            problems[f"f-{place}-key"] = problem
    return problems


def _query(typed: _Typed, fields: Mapping[str, Askable]) -> dict[str, Any]:
    return {"payload": filter_of(typed.drafts, fields)}


async def _fields(tx: Transaction, request: MemberRequest, kind: FilterKind) -> dict[str, Askable]:
    if kind == FilterKind.CONTACT:
        return await contact_fields(tx, request.user.account_id)
    return await conversation_fields(tx, request.user)


async def _find(tx: Transaction, request: MemberRequest, view_id: int) -> CustomFilter:
    """One's own view; filters of reports are for programs only."""
    kept = found(await find_filter(tx, request.user.account_id, request.user.user_id, view_id))
    return found(kept if FilterKind(kept.kind) in _LISTS else None)


def _kind(text: str) -> FilterKind:
    if text not in _LISTS:
        raise ClientException("There is no such kind.")
    return FilterKind(text)


handlers: list[Any] = [new_view, add_view, show_view, change_view, ask_to_remove_view, remove_view]
