"""The pages for somebody who forgot the password: one sends a link, one takes another password for it."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.background_tasks import BackgroundTask
from litestar.response import Redirect, Template

from recado.accounts.doors import AnyRequest, page, spoken
from recado.accounts.passwords import password_problem
from recado.accounts.people import memberships_of
from recado.accounts.recovering import recover, who_recovers
from recado.accounts.signing_in import forget_failures, open_session
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say
from recado.lib.mail_servers import has_mail_server, mailable
from recado.mail.recovering import mail_new_password
from recado.settings import Settings
from recado.web.entering import attempt_of, signed_in


@get("/forgotten-password", sync_to_thread=False)
def show_forgotten_password(request: AnyRequest) -> Template | Redirect:
    if not has_mail_server():
        return Redirect("/sign-in")  # where it says who helps then
    return _forgotten(request, "")


@post("/forgotten-password", status_code=200)
async def send_link(request: AnyRequest, database: Database) -> Template | Redirect:
    """Whoever asks is told the same, and as soon, whether anybody signs in with the address or not."""
    form = await request.form()
    email = str(form.get("email", "")).strip()
    if not has_mail_server():
        return Redirect("/sign-in", status_code=303)
    if mailable(email) is None:
        return _forgotten(request, email, say("This is not an e-mail address."))
    answer = _forgotten(request, email, is_asked=True)
    answer.background = BackgroundTask(_send, database, email)
    return answer


async def _send(database: Database, email: str) -> None:
    async with database.transaction() as tx:
        await mail_new_password(tx, email, now=datetime.now(UTC))


def _forgotten(
    request: AnyRequest, email: str, problem: Sentence | None = None, *, is_asked: bool = False
) -> Template:
    errors = spoken({"email": problem} if problem else {})
    return page(
        request, "accounts/forgotten_password.html", status_code=422 if problem else 200,
        email=email, errors=errors, is_asked=is_asked,
    )  # fmt: skip


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
        is_mailed = has_mail_server()
        return page(
            request, "accounts/new_password_gone.html", status_code=404, is_mailed=is_mailed
        )
    return page(
        request, "accounts/new_password.html", status_code=422 if problem else 200,
        person=user, token=token, errors=spoken({"password": problem} if problem else {}),
    )  # fmt: skip


handlers: list[Any] = [
    show_forgotten_password, send_link, show_new_password, choose_new_password,
]  # fmt: skip
