"""The page that an invitation's link opens: somebody new, or who has been here before, joins."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from recado.accounts.doors import AnyRequest, cookies_on_entering, page, spoken
from recado.accounts.inviting import invitation_by_token, join_as, join_as_new
from recado.accounts.models import Invitation, Membership
from recado.accounts.people import PersonDraft, find_user_by_email, person_problems
from recado.accounts.signing_in import identify, open_session
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, language
from recado.settings import Settings
from recado.web.entering import attempt_of, signed_in


@get("/invitation")
async def show_invitation(request: AnyRequest, database: Database) -> Template:
    token = request.query_params.get("token", "")
    async with database.transaction() as tx:
        return await _shown(tx, request, token, {})


@post("/invitation")
async def accept_invitation(
    request: AnyRequest, database: Database, settings: Settings
) -> Template | Redirect:
    form = {name: str(value) for name, value in (await request.form()).items()}
    token, now = form.get("token", ""), datetime.now(UTC)
    async with database.transaction() as tx:
        invitation = await invitation_by_token(tx, token, now=now)
        if invitation is None:
            return await _shown(tx, request, token, {})
        member = await _join(tx, request, invitation, form)
        if not isinstance(member, Membership):
            return await _shown(tx, request, token, member, name=form.get("name", ""))
        visit = attempt_of(request, invitation.email)
        session = await open_session(tx, member, visit, now=now)
    entered = signed_in(session, "/app/conversations", settings)
    entered.cookies.extend(cookies_on_entering(request, member, is_https=settings.is_https))
    return entered


async def _join(
    tx: Transaction, request: AnyRequest, invitation: Invitation, form: dict[str, str]
) -> Membership | dict[str, Sentence] | None:
    """The new member, problems by field, or None when somebody was faster with the same link."""
    token, password, now = form.get("token", ""), form.get("password", ""), datetime.now(UTC)
    if await find_user_by_email(tx, invitation.email) is None:
        draft = PersonDraft(form.get("name", ""), invitation.email, password)
        if problems := person_problems(draft):
            return problems
        return await join_as_new(tx, token, draft, language=language(), now=now)
    person = await identify(tx, attempt_of(request, invitation.email, password), now=now)
    if isinstance(person, Sentence):
        return {"password": person}
    return await join_as(tx, token, person, now=now)


async def _shown(
    tx: Transaction,
    request: AnyRequest,
    token: str,
    problems: dict[str, Sentence] | None,
    *,
    name: str = "",
) -> Template:
    """The form, or that the link works no more: used, taken back, or too old."""
    invitation = await invitation_by_token(tx, token, now=datetime.now(UTC))
    if invitation is None or problems is None:
        return page(request, "accounts/invitation_gone.html", status_code=404)
    return page(
        request, "accounts/invitation.html", status_code=422 if problems else 200,
        invitation=invitation, token=token, values={"name": name}, errors=spoken(problems),
        is_known=await find_user_by_email(tx, invitation.email) is not None,
    )  # fmt: skip


handlers: list[Any] = [show_invitation, accept_invitation]
