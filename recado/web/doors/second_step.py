"""The page of the second step of signing in: switched on, and what has to be proven to switch it off."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, go_to, members_only, page, spoken
from recado.accounts.profiles import end_other_sessions
from recado.accounts.proving import (
    begin_authenticator,
    confirm_authenticator,
    find_authenticator,
    has_second_step,
    recovery_codes_left,
    remove_authenticator,
    renew_recovery_codes,
    secret_of,
)
from recado.accounts.signing_in import WRONG, WRONG_CODE, code_problem, identify
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.languages import Sentence, say
from recado.lib.one_time_codes import app_address, picture_of
from recado.lib.secrets import Vault
from recado.web.entering import attempt_of

_HERE = "/app/profile/second-step"


@get(_HERE, guards=[members_only])
async def show_second_step(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template:
    async with database.transaction() as tx:
        return await _shown(tx, request, outbound.vault)


@post(_HERE, guards=[members_only])
async def begin_second_step(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Response[Any]:
    async with database.transaction() as tx:
        await begin_authenticator(tx, request.user.user_id, vault=outbound.vault)
    return go_to(request, _HERE)


@post(f"{_HERE}/confirm", guards=[members_only], status_code=200)
async def confirm_second_step(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    """Answers with the recovery codes: they are shown here and never again."""
    me, now = request.user.user_id, datetime.now(UTC)
    password, code = await _typed(request)
    async with database.transaction() as tx:
        if await has_second_step(tx, me):  # in another window, meanwhile
            return go_to(request, _HERE)
        if problem := await _password_problem(tx, request, password, now=now):
            return await _shown(tx, request, outbound.vault, {"password": problem})
        codes = await confirm_authenticator(tx, me, code, vault=outbound.vault, now=now)
        if codes is None:
            return await _shown(tx, request, outbound.vault, {"code": WRONG_CODE})
        await end_other_sessions(tx, me, kept_session=request.auth.session or "")
        return await _shown(tx, request, outbound.vault, codes=codes)


@post(f"{_HERE}/codes", guards=[members_only], status_code=200)
async def make_recovery_codes(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template:
    async with database.transaction() as tx:
        if problems := await _problems(tx, request, outbound.vault):
            return await _shown(tx, request, outbound.vault, problems)
        codes = await renew_recovery_codes(tx, request.user.user_id)
        return await _shown(tx, request, outbound.vault, codes=codes)


@post(f"{_HERE}/off", guards=[members_only])
async def end_second_step(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    async with database.transaction() as tx:
        if problems := await _problems(tx, request, outbound.vault):
            return await _shown(tx, request, outbound.vault, problems)
        await remove_authenticator(tx, request.user.user_id)
    return go_to(request, _HERE)


async def _typed(request: MemberRequest) -> tuple[str, str]:
    form = await request.form()
    return str(form.get("password", "")), str(form.get("code", ""))


async def _problems(tx: Transaction, request: MemberRequest, vault: Vault) -> dict[str, Sentence]:
    """Why somebody at this browser may not change how the person signs in."""
    now, user = datetime.now(UTC), request.user.user
    password, code = await _typed(request)
    if problem := await _password_problem(tx, request, password, now=now):
        return {"password": problem}
    attempt = attempt_of(request, user.email)
    problem = await code_problem(tx, user, code, attempt, vault=vault, now=now)
    return {"code": problem} if problem else {}


async def _password_problem(
    tx: Transaction, request: MemberRequest, password: str, *, now: datetime
) -> Sentence | None:
    attempt = attempt_of(request, request.user.user.email, password)
    known = await identify(tx, attempt, now=now)
    if not isinstance(known, Sentence):
        return None
    return say("This is not your password.") if known == WRONG else known


async def _shown(
    tx: Transaction,
    request: MemberRequest,
    vault: Vault,
    problems: dict[str, Sentence] | None = None,
    *,
    codes: list[str] | None = None,
) -> Template:
    me = request.user
    authenticator = await find_authenticator(tx, me.user_id)
    is_on = authenticator is not None and authenticator.confirmed_at is not None
    secret = secret_of(authenticator, vault) if authenticator and not is_on else None
    return page(
        request, "accounts/second_step.html", status_code=422 if problems else 200,
        authenticator=authenticator, is_on=is_on, secret=secret,
        picture=picture_of(app_address(secret, me.user.email)) if secret else "",
        codes=codes, left=await recovery_codes_left(tx, me.user_id), errors=spoken(problems or {}),
    )  # fmt: skip


handlers: list[Any] = [
    show_second_step, begin_second_step, confirm_second_step, make_recovery_codes, end_second_step,
]  # fmt: skip
