"""Views of the delivery log: what its filter says, kept by one person under a name."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    is_fragment_wanted,
    page,
    spoken,
)
from recado.contacts.keeping_filters import (
    MOST,
    delete_filter,
    filters_of,
    find_filter,
    fresh_filter,
    has_room,
    name_problem,
    save_filter,
)
from recado.contacts.models import CustomFilter, FilterKind
from recado.db.database import Database, Transaction
from recado.deliveries.filtering import words_in
from recado.lib.languages import Sentence, say

_LOG = "/app/deliveries"
_VIEWS = f"{_LOG}/views"


@get(_VIEWS, guards=[administrators_only])
async def show_log_views(request: MemberRequest, database: Database) -> Template:
    """The log's menu of them, or the page where they are saved, renamed and deleted."""
    async with database.transaction() as tx:
        return await _views_page(tx, request, _words(request.query_params))


@post(_VIEWS, guards=[administrators_only], status_code=200)
async def add_log_view(request: MemberRequest, database: Database) -> Template | Response[Any]:
    form, now = await request.form(), datetime.now(UTC)
    words, name = _words(form), _name(form)
    async with database.transaction() as tx:
        kept = fresh_filter(request.user, FilterKind.DELIVERY, now=now)
        problem = await name_problem(tx, kept, name)
        if not await has_room(tx, request.user.account_id, request.user.user_id):
            problem = say("You have %(number)s filters: delete one first.", number=MOST)
        if problem:
            return await _views_page(tx, request, words, typed={"name": name}, wrong=problem)
        await save_filter(tx, kept, name, {"payload": words}, now=now)
    return go_to(request, _address(words))


@post(f"{_VIEWS}/{{view_id:int}}", guards=[administrators_only], status_code=200)
async def rename_log_view(
    request: MemberRequest, database: Database, view_id: int
) -> Template | Response[Any]:
    name = _name(await request.form())
    async with database.transaction() as tx:
        kept = await _find(tx, request, view_id)
        if problem := await name_problem(tx, kept, name):
            typed = {f"name-{view_id}": name}
            return await _views_page(tx, request, {}, typed=typed, wrong=problem)
        await save_filter(tx, kept, name, kept.query, now=datetime.now(UTC))
    return go_to(request, _VIEWS, "saved")


@get(f"{_VIEWS}/{{view_id:int}}/delete", guards=[administrators_only])
async def ask_to_remove_log_view(
    request: MemberRequest, database: Database, view_id: int
) -> Template:
    async with database.transaction() as tx:
        kept = await _find(tx, request, view_id)
    return page(
        request, "conversations/view_delete.html", saved=kept, here=_VIEWS,
        path=f"{_VIEWS}/{view_id}/delete", place=_LOG,
    )  # fmt: skip


@post(f"{_VIEWS}/{{view_id:int}}/delete", guards=[administrators_only])
async def remove_log_view(
    request: MemberRequest, database: Database, view_id: int
) -> Response[Any]:
    async with database.transaction() as tx:
        await delete_filter(tx, await _find(tx, request, view_id))
    return go_to(request, _VIEWS, "deleted")


async def _views_page(
    tx: Transaction,
    request: MemberRequest,
    words: dict[str, str],
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Sentence | None = None,
) -> Template:
    """All of this person; `wrong` is what is wrong with the one name that was typed."""
    member = request.user
    kept = await filters_of(tx, member.account_id, member.user_id, FilterKind.DELIVERY)
    is_menu = is_fragment_wanted(request) and not wrong
    return page(
        request, "deliveries/_views.html" if is_menu else "deliveries/views.html",
        status_code=422 if wrong else 200,
        views=[(one, _address(_kept_words(one))) for one in kept],
        words=words, here=_address(words), typed=typed or {},
        saving=f"{_VIEWS}?{urlencode(words)}" if words else _VIEWS,
        errors=spoken(dict.fromkeys(typed or {}, wrong) if wrong else {}), place=_LOG,
    )  # fmt: skip


def _words(params: Mapping[str, Any]) -> dict[str, str]:
    """What of the log's filter makes sense; ticked rows are no filter."""
    given = {name: str(value) for name, value in params.items()}
    return {name: value for name, value in words_in(given).items() if value and name != "ids"}


def _kept_words(kept: CustomFilter) -> dict[str, str]:
    """What a view says, whatever a program may have saved."""
    payload = kept.query.get("payload")
    return _words(payload) if isinstance(payload, dict) else {}


def _address(words: Mapping[str, str]) -> str:
    return f"{_LOG}?{urlencode(words)}" if words else _LOG


def _name(form: Mapping[str, Any]) -> str:
    return str(form.get("name", "")).strip()


async def _find(tx: Transaction, request: MemberRequest, view_id: int) -> CustomFilter:
    """One's own view of the log."""
    kept = found(await find_filter(tx, request.user.account_id, request.user.user_id, view_id))
    return found(kept if kept.kind == FilterKind.DELIVERY else None)


handlers: list[Any] = [
    show_log_views, add_log_view, rename_log_view, ask_to_remove_log_view, remove_log_view,
]  # fmt: skip
