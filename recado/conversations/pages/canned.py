"""Pages of canned responses: the list in the settings, and what `/` offers in the composer."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    form_page,
    found,
    found_for_change,
    go_to,
    members_only,
    page,
)
from recado.accounts.meeting import Meeting, first_meeting, meet
from recado.conversations.canning import (
    canned_offers,
    canned_problems,
    create_canned_response,
    delete_canned_response,
    every_canned_response,
    find_canned_response,
    update_canned_response,
)
from recado.conversations.models import CannedResponse
from recado.conversations.viewing import find_visible
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say
from recado.lib.long_lists import list_page
from recado.lib.numbers import number_in
from recado.lib.templating import variables_problem

_LABELS: Final = {"short_code": say("Short code"), "content": say("Text")}


@get("/app/canned", guards=[members_only])
async def list_canned(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        every = await every_canned_response(tx, request.user.account_id)
    shown = list_page(every, request.query_params, lambda one: f"/{one.short_code} {one.content}")
    return page(request, "conversations/canned.html", canned=shown)


@get("/app/canned/offers", guards=[members_only])
async def offer_canned(request: MemberRequest, database: Database) -> Template:
    """What `/` and a few letters find, filled in for one conversation."""
    query = request.query_params
    number = number_in(query.get("conversation")) or 0
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        offers = await canned_offers(
            tx, conversation, query.get("q", "")[:200], now=datetime.now(UTC)
        )
    return page(request, "conversations/_canned_offers.html", offers=offers)


@get("/app/canned/new", guards=[members_only], sync_to_thread=False)
def new_canned(request: MemberRequest) -> Template:
    return _form_page(request, None, {"short_code": "", "content": ""})


@post("/app/canned", guards=[members_only])
async def add_canned(request: MemberRequest, database: Database) -> Template | Response[Any]:
    typed, account_id = _typed(await request.form()), request.user.account_id
    async with database.transaction() as tx:
        if problems := await _problems(tx, account_id, **typed):
            return _form_page(request, None, typed, problems)
        await create_canned_response(tx, account_id, **typed, now=datetime.now(UTC))
    return go_to(request, "/app/canned", "saved")


@get("/app/canned/{canned_id:int}", guards=[members_only])
async def show_canned(request: MemberRequest, database: Database, canned_id: int) -> Template:
    async with database.transaction() as tx:
        saved = found(await find_canned_response(tx, request.user.account_id, canned_id))
    shown = _values(saved)
    return _form_page(request, saved, shown, meeting=first_meeting(shown))


@post("/app/canned/{canned_id:int}", guards=[members_only])
async def change_canned(
    request: MemberRequest, database: Database, canned_id: int
) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    async with database.transaction() as tx:
        saved = await found_for_change(tx, await find_canned_response(tx, account_id, canned_id))
        met = meet(form, _typed(form), _values(saved))
        problems = await _problems(tx, account_id, **met.meant, but=saved.id)
        if problems or met.overlapping:
            again = met.again(_LABELS, problems, saved.updated_at)
            return _form_page(request, saved, met.meant, problems, again)
        await update_canned_response(tx, saved, **met.meant, now=datetime.now(UTC))
    return go_to(request, "/app/canned", "saved")


@post("/app/canned/{canned_id:int}/delete", guards=[administrators_only])
async def remove_canned(
    request: MemberRequest, database: Database, canned_id: int
) -> Response[Any]:
    async with database.transaction() as tx:
        saved = found(await find_canned_response(tx, request.user.account_id, canned_id))
        await delete_canned_response(tx, saved)
    return go_to(request, "/app/canned", "deleted")


def _values(saved: CannedResponse) -> dict[str, str]:
    return {"short_code": saved.short_code, "content": saved.content}


def _typed(form: Mapping[str, Any]) -> dict[str, Any]:
    code = str(form.get("short_code", "")).strip().removeprefix("/")
    return {"short_code": code, "content": str(form.get("content", "")).strip("\r\n")}


async def _problems(
    tx: Transaction, account_id: int, short_code: str, content: str, *, but: int | None = None
) -> dict[str, Sentence]:
    """Programs may keep what Chatwoot lets them; whoever types is told what would not work."""
    problems = await canned_problems(tx, account_id, short_code, content, but=but)
    if re.search(r"\s", short_code) and "short_code" not in problems:
        problems["short_code"] = say("Leave the spaces out: what is typed after / ends at a space.")
    if "content" not in problems and (problem := variables_problem(content)):
        problems["content"] = problem
    return problems


def _form_page(
    request: MemberRequest,
    saved: CannedResponse | None,
    values: Mapping[str, str],
    problems: dict[str, Sentence] | None = None,
    meeting: Meeting | None = None,
) -> Template:
    return form_page(
        request, "conversations/canned_form.html", problems, meeting, saved=saved, values=values
    )


handlers: list[Any] = [
    list_canned, offer_canned, new_canned, add_canned, show_canned, change_canned, remove_canned,
]  # fmt: skip
