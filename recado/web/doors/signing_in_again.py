"""Signing in on the spot: a dialog over the page whose session has ended, which then goes on.

Nothing on that page is lost: what was refused meanwhile is asked once more. Whoever signs in as
somebody else gets a page of their own instead.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.response import Response, Template

from recado.accounts.doors import AnyRequest, page, session_cookie_settings, who_is
from recado.accounts.signing_in import (
    finish_sign_in,
    member_by_session,
    sign_in,
    waiting_session,
)
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.languages import Sentence
from recado.settings import Settings
from recado.web.entering import attempt_of

SIGNED_IN: Final = "recado:signed-in"  # what the page hears


@get("/sign-in/again")
async def show_sign_in_again(request: AnyRequest, database: Database) -> Template:
    """The form, for whom the page was drawn (`email`); the second step where the first is done."""
    email = request.query_params.get("email", "")
    async with database.transaction() as tx:
        waiting = await waiting_session(tx, request.auth.session or "", now=datetime.now(UTC))
    return _step(request, email, needs_code=waiting is not None)


@post("/sign-in/again", status_code=200)
async def do_sign_in_again(
    request: AnyRequest, database: Database, settings: Settings
) -> Template | Response[Any]:
    form, now = await request.form(), datetime.now(UTC)
    email = str(form.get("email", ""))
    attempt = attempt_of(request, email, str(form.get("password", "")))
    async with database.transaction() as tx:
        entered = await sign_in(tx, attempt, now=now)
        if isinstance(entered, Sentence):
            return _step(request, email, problem=entered)
        if await waiting_session(tx, entered, now=now) is None:
            return await _entered(tx, entered, str(form.get("as", "")), settings)
    step = _step(request, email, needs_code=True)
    step.cookies = [_cookie(entered, settings)]
    return step


@post("/sign-in/again/code", status_code=200)
async def give_code_again(
    request: AnyRequest, database: Database, outbound: Outbound, settings: Settings
) -> Template | Response[Any]:
    form, now = await request.form(), datetime.now(UTC)
    email, code = str(form.get("email", "")), str(form.get("code", ""))
    async with database.transaction() as tx:
        waiting = await waiting_session(tx, request.auth.session or "", now=now)
        if waiting is None:  # the password was given too long ago
            return _step(request, email)
        attempt = attempt_of(request, "")
        entered = await finish_sign_in(tx, waiting, code, attempt, vault=outbound.vault, now=now)
        if isinstance(entered, Sentence):
            return _step(request, email, needs_code=True, problem=entered)
        return await _entered(tx, entered, str(form.get("as", "")), settings)


def _step(
    request: AnyRequest, email: str, *, needs_code: bool = False, problem: Sentence | None = None
) -> Template:
    return page(
        request, "_sign_in_again.html", status_code=422 if problem else 200,
        email=email, needs_code=needs_code, problem=str(problem or ""),
    )  # fmt: skip


async def _entered(tx: Transaction, session: str, whose: str, settings: Settings) -> Response[Any]:
    """On with the page, or to the start where it was drawn for somebody else (`whose`: 3@1)."""
    member = await member_by_session(tx, session, now=datetime.now(UTC))
    is_same = member is not None and whose == who_is(member)
    headers = {"HX-Trigger": json.dumps({SIGNED_IN: {}})} if is_same else {"HX-Redirect": "/app"}
    return Response(
        b"", headers=headers, media_type="text/html", cookies=[_cookie(session, settings)]
    )


def _cookie(session: str, settings: Settings) -> Cookie:
    return Cookie(value=session, **session_cookie_settings(is_https=settings.is_https))


handlers: list[Any] = [show_sign_in_again, do_sign_in_again, give_code_again]
