"""The own profile: name, accounts, language, password, and where one is signed in."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.datastructures import Cookie, UploadFile
from litestar.exceptions import ClientException
from litestar.response import Redirect, Template

from recado.accounts.being_there import say_availability
from recado.accounts.doors import (
    THEME_COOKIE,
    MemberRequest,
    answer,
    cookies_on_entering,
    flash_of,
    found,
    members_only,
    page,
    spoken,
)
from recado.accounts.models import Availability, Membership, Theme
from recado.accounts.people import memberships_of
from recado.accounts.picturing import picture_problem, set_picture
from recado.accounts.profiles import (
    change_password,
    choose_theme,
    end_other_sessions,
    end_session,
    enter_account,
    new_password_problems,
    rename,
    sessions_of,
)
from recado.accounts.proving import has_second_step
from recado.accounts.tokens import digest
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say
from recado.lib.names import name_problem
from recado.lib.storing import FileStore
from recado.settings import Settings

_YEAR = 365 * 24 * 60 * 60  # seconds
_SAID = {
    "name": say("Your name is saved."),
    "picture": say("Your picture is saved."),
    "password": say("Your password is changed. Other browsers have to sign in again."),
    "session": say("That browser is signed out."),
    "sessions": say("You are signed out everywhere else."),
}


@get("/app/profile", guards=[members_only])
async def show_profile(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        return await _profile_page(tx, request)


@post("/app/profile", guards=[members_only])
async def save_profile(request: MemberRequest, database: Database) -> Template | Redirect:
    name = str((await request.form()).get("name", ""))
    async with database.transaction() as tx:
        if problem := name_problem(name):
            return await _profile_page(tx, request, name=name, errors={"name": problem})
        await rename(tx, request.user.user_id, name)
    return Redirect("/app/profile?saved=name", status_code=303)


@post("/app/profile/availability", guards=[members_only], status_code=200)
async def set_availability(request: MemberRequest, database: Database) -> Template | Redirect:
    """Online, busy or offline, for everybody in the account to see."""
    said = str((await request.form()).get("availability", ""))
    if said not in set(Availability):
        raise ClientException("There is no such thing to say.")
    async with database.transaction() as tx:
        await say_availability(tx, request.user, Availability(said))
    request.user.availability = said
    return answer(request, page(request, "_me.html"), otherwise="/app/profile")


@post("/app/profile/theme", guards=[members_only], status_code=200)
async def set_theme(request: MemberRequest, database: Database) -> Template | Redirect:
    """Light, dark or as the system is; this browser remembers it for the sign-in page."""
    said = str((await request.form()).get("theme", ""))
    if said not in set(Theme):
        raise ClientException("There is no such theme.")
    async with database.transaction() as tx:
        await choose_theme(tx, request.user.user_id, Theme(said))
    request.user.user.theme = said
    shown = answer(request, page(request, "_me.html"), otherwise="/app/profile")
    shown.set_cookie(
        Cookie(key=THEME_COOKIE, value=said, path="/", max_age=_YEAR, samesite="lax", httponly=True)
    )
    return shown


@post("/app/profile/picture", guards=[members_only])
async def save_picture(
    request: MemberRequest, database: Database, store: FileStore
) -> Template | Redirect:
    form = await request.form()
    if form.get("remove"):
        return await _show_picture(request, database, None)
    chosen = form.get("picture")
    content = await chosen.read() if isinstance(chosen, UploadFile) else b""
    if problem := picture_problem(content):
        async with database.transaction() as tx:
            return await _profile_page(tx, request, errors={"picture": problem})
    return await _show_picture(request, database, await store.keep(content))


async def _show_picture(request: MemberRequest, database: Database, key: str | None) -> Redirect:
    async with database.transaction() as tx:
        await set_picture(tx, request.user.user_id, key)
    return Redirect("/app/profile?saved=picture", status_code=303)


@post("/app/profile/password", guards=[members_only])
async def save_password(request: MemberRequest, database: Database) -> Template | Redirect:
    form = await request.form()
    current, wanted = str(form.get("current_password", "")), str(form.get("password", ""))
    async with database.transaction() as tx:
        if problems := new_password_problems(request.user.user, current, wanted):
            return await _profile_page(tx, request, errors=problems)
        session = request.auth.session or ""
        await change_password(tx, request.user.user_id, wanted, kept_session=session)
    return Redirect("/app/profile?saved=password", status_code=303)


@post("/app/profile/sign-out-elsewhere", guards=[members_only])
async def sign_out_elsewhere(request: MemberRequest, database: Database) -> Redirect:
    async with database.transaction() as tx:
        session = request.auth.session or ""
        await end_other_sessions(tx, request.user.user_id, kept_session=session)
    return Redirect("/app/profile?saved=sessions", status_code=303)


@post("/app/profile/sessions/end", guards=[members_only])
async def sign_out_one(request: MemberRequest, database: Database) -> Redirect:
    named = str((await request.form()).get("session", ""))
    async with database.transaction() as tx:
        found(await end_session(tx, request.user.user_id, named) or None)
    return Redirect("/app/profile?saved=session", status_code=303)


@post("/app/profile/account", guards=[members_only])
async def change_account(
    request: MemberRequest, database: Database, settings: Settings
) -> Redirect:
    """Not by an id in the path: the other account is no part of the one that is open."""
    wanted = str((await request.form()).get("account_id", ""))
    async with database.transaction() as tx:
        memberships = await memberships_of(tx, request.user.user_id)
        other = found(next((one for one in memberships if str(one.account_id) == wanted), None))
        await enter_account(tx, other, request.auth.session or "")
    entered = Redirect("/app/conversations", status_code=303)
    entered.cookies = cookies_on_entering(request, other, is_https=settings.is_https)
    return entered


async def _profile_page(
    tx: Transaction,
    request: MemberRequest,
    *,
    name: str | None = None,
    errors: dict[str, Sentence] | None = None,
) -> Template:
    member: Membership = request.user
    said = None if errors else _SAID.get(request.query_params.get("saved", ""))
    return page(
        request, "accounts/profile.html", status_code=422 if errors else 200,
        name=member.user.name if name is None else name,
        errors=spoken(errors or {}),
        memberships=await memberships_of(tx, member.user_id),
        sessions=await sessions_of(tx, member.user_id, now=datetime.now(UTC)),
        has_second_step=await has_second_step(tx, member.user_id),
        own_session=digest(request.auth.session or ""),
        flash=flash_of(said),
    )  # fmt: skip


handlers: list[Any] = [
    show_profile, save_profile, set_availability, set_theme, save_picture, save_password, sign_out_elsewhere, sign_out_one, change_account,
]  # fmt: skip
