"""Pages of canned responses: the list in the settings, and what `/` offers in the composer."""

import re
from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    members_only,
    page,
    spoken,
)
from recado.conversations.canning import (
    canned_offers,
    canned_problems,
    canned_responses,
    create_canned_response,
    delete_canned_response,
    find_canned_response,
    update_canned_response,
)
from recado.conversations.models import CannedResponse
from recado.conversations.reading import number_from
from recado.conversations.viewing import find_visible
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say
from recado.lib.templating import variables_problem


@get("/app/canned", guards=[members_only])
async def list_canned(request: MemberRequest, database: Database) -> Template:
    q = request.query_params.get("q", "")[:200]
    async with database.transaction() as tx:
        shown = await canned_responses(tx, request.user.account_id, search=q)
    return page(request, "conversations/canned.html", canned=shown, q=q)


@get("/app/canned/offers", guards=[members_only])
async def offer_canned(request: MemberRequest, database: Database) -> Template:
    """What `/` and a few letters find, filled in for one conversation."""
    query = request.query_params
    number = number_from(query.get("conversation", "")) or 0
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        offers = await canned_offers(
            tx, conversation, query.get("q", "")[:200], now=datetime.now(UTC)
        )
    return page(request, "conversations/_canned_offers.html", offers=offers)


@get("/app/canned/new", guards=[members_only], sync_to_thread=False)
def new_canned(request: MemberRequest) -> Template:
    return _form_page(request, None, ("", ""))


@post("/app/canned", guards=[members_only])
async def add_canned(request: MemberRequest, database: Database) -> Template | Response[Any]:
    (code, content), account_id = await _typed(request), request.user.account_id
    async with database.transaction() as tx:
        if problems := await _problems(tx, account_id, code, content):
            return _form_page(request, None, (code, content), problems)
        await create_canned_response(tx, account_id, code, content, now=datetime.now(UTC))
    return go_to(request, "/app/canned")


@get("/app/canned/{canned_id:int}", guards=[members_only])
async def show_canned(request: MemberRequest, database: Database, canned_id: int) -> Template:
    async with database.transaction() as tx:
        saved = found(await find_canned_response(tx, request.user.account_id, canned_id))
    return _form_page(request, saved, (saved.short_code, saved.content))


@post("/app/canned/{canned_id:int}", guards=[members_only])
async def change_canned(
    request: MemberRequest, database: Database, canned_id: int
) -> Template | Response[Any]:
    (code, content), account_id = await _typed(request), request.user.account_id
    async with database.transaction() as tx:
        saved = found(await find_canned_response(tx, account_id, canned_id))
        if problems := await _problems(tx, account_id, code, content, but=saved.id):
            return _form_page(request, saved, (code, content), problems)
        await update_canned_response(tx, saved, code, content, now=datetime.now(UTC))
    return go_to(request, "/app/canned")


@post("/app/canned/{canned_id:int}/delete", guards=[administrators_only])
async def remove_canned(
    request: MemberRequest, database: Database, canned_id: int
) -> Response[Any]:
    async with database.transaction() as tx:
        saved = found(await find_canned_response(tx, request.user.account_id, canned_id))
        await delete_canned_response(tx, saved)
    return go_to(request, "/app/canned")


async def _typed(request: MemberRequest) -> tuple[str, str]:
    form = await request.form()
    code = str(form.get("short_code", "")).strip().removeprefix("/")
    return code, str(form.get("content", "")).strip("\r\n")


async def _problems(
    tx: Transaction, account_id: int, code: str, content: str, *, but: int | None = None
) -> dict[str, Sentence]:
    """Programs may keep what Chatwoot lets them; whoever types is told what would not work."""
    problems = await canned_problems(tx, account_id, code, content, but=but)
    if re.search(r"\s", code) and "short_code" not in problems:
        problems["short_code"] = say("Leave the spaces out: what is typed after / ends at a space.")
    if "content" not in problems and (problem := variables_problem(content)):
        problems["content"] = problem
    return problems


def _form_page(
    request: MemberRequest,
    saved: CannedResponse | None,
    typed: tuple[str, str],
    problems: dict[str, Sentence] | None = None,
) -> Template:
    return page(
        request, "conversations/canned_form.html", status_code=422 if problems else 200,
        saved=saved, values=dict(zip(("short_code", "content"), typed, strict=True)),
        errors=spoken(problems or {}),
    )  # fmt: skip


handlers: list[Any] = [
    list_canned, offer_canned, new_canned, add_canned, show_canned, change_canned, remove_canned,
]  # fmt: skip
