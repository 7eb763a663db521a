"""The page on which somebody who forgot the password chooses another, by a link they were given."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from recado.accounts.doors import AnyRequest, page, spoken
from recado.accounts.passwords import password_problem
from recado.accounts.people import memberships_of
from recado.accounts.recovering import recover, who_recovers
from recado.accounts.signing_in import forget_failures, open_session
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence
from recado.settings import Settings
from recado.web.entering import attempt_of, signed_in


@get("/new-password")
async def show_new_password(request: AnyRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        return await _shown(tx, request, request.query_params.get("token", ""))


@post("/new-password")
async def choose_new_password(
    request: AnyRequest, database: Database, settings: Settings
) -> Template | Redirect:
    """Whoever has set up the second step is asked for it next."""
    form, now = await request.form(), datetime.now(UTC)
    token, wanted = str(form.get("token", "")), str(form.get("password", ""))
    async with database.transaction() as tx:
        if problem := password_problem(wanted):
            return await _shown(tx, request, token, problem)
        user = await recover(tx, token, wanted, now=now)
        if user is None:
            return await _shown(tx, request, token)
        visit = attempt_of(request, user.email)
        await forget_failures(tx, visit)
        memberships = await memberships_of(tx, user.id)
        if not memberships:  # removed from the last account meanwhile
            return Redirect("/sign-in", status_code=303)
        session = await open_session(tx, memberships[0], visit, now=now)
    return signed_in(session, "/app/conversations", settings)


async def _shown(
    tx: Transaction, request: AnyRequest, token: str, problem: Sentence | None = None
) -> Template:
    """The form, or that the link works no more: used, replaced, or too old."""
    user = await who_recovers(tx, token, now=datetime.now(UTC))
    if user is None:
        return page(request, "accounts/new_password_gone.html", status_code=404)
    return page(
        request, "accounts/new_password.html", status_code=422 if problem else 200,
        person=user, token=token, errors=spoken({"password": problem} if problem else {}),
    )  # fmt: skip


handlers: list[Any] = [show_new_password, choose_new_password]
