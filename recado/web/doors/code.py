"""The second page of signing in: a code from the app, or a recovery code."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Redirect, Template

from recado.accounts.doors import AnyRequest, page
from recado.accounts.signing_in import finish_sign_in, waiting_session
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.languages import Sentence
from recado.settings import Settings
from recado.web.entering import attempt_of, own_path, signed_in


@get("/sign-in/code")
async def show_code_form(request: AnyRequest, database: Database) -> Template | Redirect:
    wanted = request.query_params.get("next", "")
    async with database.transaction() as tx:
        waiting = await waiting_session(tx, request.auth.session or "", now=datetime.now(UTC))
    if waiting is None:
        return _again(wanted)
    return page(request, "sign_in_code.html", next=wanted, errors={})


@post("/sign-in/code")
async def give_code(
    request: AnyRequest, database: Database, outbound: Outbound, settings: Settings
) -> Template | Redirect:
    form, now = await request.form(), datetime.now(UTC)
    code, wanted = str(form.get("code", "")), str(form.get("next", ""))
    async with database.transaction() as tx:
        waiting = await waiting_session(tx, request.auth.session or "", now=now)
        if waiting is None:
            return _again(wanted)
        entered = await finish_sign_in(
            tx, waiting, code, attempt_of(request, ""), vault=outbound.vault, now=now
        )
    if isinstance(entered, Sentence):
        errors = {"code": str(entered)}
        return page(request, "sign_in_code.html", status_code=422, next=wanted, errors=errors)
    return signed_in(entered, own_path(wanted), settings)


def _again(wanted: str) -> Redirect:
    """The password was given too long ago, or never here."""
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return Redirect(f"/sign-in{query}", status_code=303)


handlers: list[Any] = [show_code_form, give_code]
