"""The pages around everything else: signing in, setting up, the profile, the live stream."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.response import Redirect, Stream, Template

from recado.accounts.doors import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    AnyRequest,
    MemberRequest,
    administrators_only,
    members_only,
    page,
    spoken,
)
from recado.accounts.people import PersonDraft, is_anybody_there, person_problems
from recado.accounts.profiles import choose_language
from recado.accounts.setting_up import is_setup_link, set_up, use_setup_link
from recado.accounts.signing_in import open_session, sign_in, sign_out, waiting_session
from recado.db.database import Database
from recado.lib.calendars import USUAL_ZONE, every_time_zone, known_zone
from recado.lib.languages import Sentence, language
from recado.lib.mail_servers import has_mail_server
from recado.lib.names import name_problem
from recado.settings import Settings
from recado.web.entering import attempt_of, own_path, signed_in
from recado.web.live import Live
from recado.web.wires import transport_of


@get("/", sync_to_thread=False)
def home() -> Redirect:
    return Redirect("/app/conversations")


@get("/app", guards=[members_only], sync_to_thread=False)
def app_home() -> Redirect:
    return Redirect("/app/conversations")


@get("/sign-in")
async def show_sign_in(request: AnyRequest, database: Database) -> Template | Redirect:
    """With `again`, also for somebody who gave a password and has not given the code."""
    if request.user is not None:
        return Redirect("/app/conversations")
    wanted = request.query_params.get("next", "")
    session = "" if "again" in request.query_params else request.auth.session
    async with database.transaction() as tx:
        if not await is_anybody_there(tx):
            return page(request, "not_set_up.html")
        if session and await waiting_session(tx, session, now=datetime.now(UTC)):
            return Redirect(f"/sign-in/code?{urlencode({'next': wanted})}")
    return page(
        request, "sign_in.html",
        values={"email": ""}, errors={}, next=wanted, is_mailed=has_mail_server(),
    )  # fmt: skip


@post("/sign-in")
async def do_sign_in(
    request: AnyRequest, database: Database, settings: Settings
) -> Template | Redirect:
    form = await request.form()
    attempt = attempt_of(request, str(form.get("email", "")), str(form.get("password", "")))
    async with database.transaction() as tx:
        entered = await sign_in(tx, attempt, now=datetime.now(UTC))
    wanted = str(form.get("next", ""))
    if isinstance(entered, Sentence):
        return page(
            request, "sign_in.html", status_code=422,
            problem=str(entered), values={"email": attempt.email}, errors={}, next=wanted,
            is_mailed=has_mail_server(),
        )  # fmt: skip
    return signed_in(entered, own_path(wanted), settings)


@post("/app/sign-out", guards=[members_only])
async def do_sign_out(request: MemberRequest, database: Database) -> Redirect:
    async with database.transaction() as tx:
        await sign_out(tx, request.auth.session or "")
    answer = Redirect("/sign-in", status_code=303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@get("/setup")
async def show_setup(request: AnyRequest, database: Database) -> Template:
    """For a link of an earlier start, the page that says where the present one stands."""
    token = request.query_params.get("token", "")
    async with database.transaction() as tx:
        if not await is_setup_link(tx, token):
            if await is_anybody_there(tx):
                raise NotFoundException
            return page(request, "not_set_up.html", status_code=404)
    return page(request, "setup.html", **_setup_form(token, {}))


@post("/setup")
async def do_setup(
    request: AnyRequest, database: Database, settings: Settings
) -> Template | Redirect:
    form = await request.form()
    token, account_name = str(form.get("token", "")), str(form.get("account_name", ""))
    draft = PersonDraft(*(str(form.get(name, "")) for name in ("name", "email", "password")))
    problems = person_problems(draft)
    if problem := name_problem(account_name):
        problems["account_name"] = problem
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        if not await is_setup_link(tx, token):
            raise NotFoundException
        if problems:
            shown = _setup_form(token, form) | {"errors": spoken(problems)}
            return page(request, "setup.html", status_code=422, **shown)
        await use_setup_link(tx, token, now=now)
        member = await set_up(
            tx, account_name, draft, language=language(), time_zone=_zone_of(form), now=now
        )
        session = await open_session(tx, member, attempt_of(request, draft.email), now=now)
    return signed_in(session, "/app/start", settings)


def _setup_form(token: str, form: Mapping[str, Any]) -> dict[str, Any]:
    typed = {name: str(form.get(name, "")) for name in ("account_name", "name", "email")}
    zone = _zone_of(form)
    return {
        "token": token, "values": {**typed, "time_zone": zone}, "zones": every_time_zone(zone),
        "is_zone_chosen": "time_zone" in form, "errors": {},
    }  # fmt: skip


def _zone_of(form: Mapping[str, Any]) -> str:
    """What was chosen; the usual one where a browser knows a zone that this server does not."""
    return known_zone(str(form.get("time_zone", ""))) or USUAL_ZONE


@post("/app/language", guards=[members_only])
async def set_own_language(request: MemberRequest, database: Database) -> Redirect:
    form = await request.form()
    async with database.transaction() as tx:
        chosen = await choose_language(tx, request.user.user_id, str(form.get("language", "")))
    answer = Redirect(own_path(str(form.get("next", ""))), status_code=303)
    answer.set_cookie(
        Cookie(key=LANGUAGE_COOKIE, value=chosen, path="/", samesite="lax", httponly=True)
    )
    return answer


@get("/app/live", guards=[members_only], sync_to_thread=False)
def live_stream(request: MemberRequest, live: Live) -> Stream:
    """What changes in the account, for as long as the page stays open."""
    member, transport = request.user, transport_of(request.scope)
    return Stream(
        live.stream(member.account_id, member.user_id, transport, drawn_at=_drawn_at(request)),
        media_type="text/event-stream",
        headers={
            "X-Accel-Buffering": "no",
            "Cache-Control": "no-store",
            "Transfer-Encoding": "chunked",  # as the rest is framed
        },
    )


def _drawn_at(request: MemberRequest) -> float:
    """When the page that listens was drawn, as it was told then; 0 where it does not say."""
    with suppress(ValueError):
        return float(request.query_params.get("drawn", ""))
    return 0.0


@get("/app/gallery", guards=[administrators_only], sync_to_thread=False)
def show_gallery(request: MemberRequest) -> Template:
    return page(request, "gallery.html")


handlers: list[Any] = [
    home, app_home, show_sign_in, do_sign_in, do_sign_out, show_setup, do_setup,
    set_own_language, live_stream, show_gallery,
]  # fmt: skip
