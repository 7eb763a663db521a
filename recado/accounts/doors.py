"""Who may enter, and how a page answers: what every door shares."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any, Final, TypeVar
from urllib.parse import quote

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.response import Redirect, Response, Template
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState
from sqlalchemy import select

from recado import __version__
from recado.accounts.meeting import Meeting
from recado.accounts.models import Membership, Theme
from recado.accounts.signing_in import SESSION_LASTS, member_by_session
from recado.db.database import Database, Transaction
from recado.db.noting import Acting, act_for
from recado.lib.languages import LANGUAGES, Sentence, known_language, language, say, set_language
from recado.lib.moments import kept_for_a_moment

_T = TypeVar("_T")

SESSION_COOKIE: Final = "recado_session"
LANGUAGE_COOKIE: Final = "recado_language"
THEME_COOKIE: Final = "recado_theme"
ACCOUNT_COOKIE: Final = "recado_account"  # which was last entered here
TOLD_COOKIE: Final = "recado_told"
_TOLD_SECONDS: Final = 10  # until the page that says it must have opened
_TOLD: Final = {"saved": say("Saved."), "deleted": say("Deleted.")}
CSRF_COOKIE: Final = "recado_csrf"
DRAWN_FOR: Final = "recado-drawn-for"  # the header with which a page says whose it is
LARGEST_ID: Final = 2**63 - 1
_YEAR_SECONDS: Final = 365 * 24 * 60 * 60
_STATIC = Path(__file__).parent.parent / "web" / "static"


@dataclass(frozen=True, slots=True)
class Gate:
    """What `request.auth` holds: how the visitor came in, and this answer's nonce."""

    nonce: str
    session: str | None = None  # the session cookie's token
    came_at: float = field(default_factory=time)  # seconds since 1970; nothing on the page is older


MemberRequest = Request[Membership, Gate, Any]  # behind `members_only`
AnyRequest = Request[Any, Gate, Any]  # the user is a Membership or None


class NotSignedIn(Exception):
    """A page was asked for by nobody we know; answered with the sign-in page."""


class DrawnForAnother(Exception):
    """A part of a page asks in another account than it was drawn in, or for somebody else."""


class PageDoor(ASGIMiddleware):
    """Finds out who asks and in which language, and closes every answer against strange scripts."""

    def __init__(self, database: Database, *, is_https: bool) -> None:
        self.should_bypass_for_scope = _is_no_page
        self._database = database
        self._is_https = is_https

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Set `user` and `auth`, then pass on."""
        request: Request[Any, Any, Any] = Request(scope)
        token = request.cookies.get(SESSION_COOKIE)
        member = None
        if token:
            async with self._database.transaction() as tx:
                member = await member_by_session(tx, token, now=datetime.now(UTC))
        gate = Gate(nonce=secrets.token_urlsafe(16), session=token)
        scope["user"], scope["auth"] = member, gate
        act_for(acting_by(member, client_address(request), "page") if member else None)
        set_language(_wanted_language(request, member))
        if member and request.headers.get(DRAWN_FOR, who_is(member)) != who_is(member):
            raise DrawnForAnother
        if any(
            isinstance(value, int) and value > LARGEST_ID for value in scope["path_params"].values()
        ):
            raise NotFoundException  # no row has such an id

        closing = _closing_headers(gate.nonce, is_https=self._is_https)

        async def send_closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in closing.items():
                    headers.setdefault(name, value)
            await send(message)

        await next_app(scope, receive, send_closed)


def _is_no_page(scope: Scope) -> bool:
    path = scope["path"]
    is_for_websites = path == "/widget" or path.startswith("/packs/")
    is_for_programs = path in {"/api", "/cable"} or path.startswith(
        ("/api/", "/public/", "/auth/", "/platform/")
    )
    return is_for_websites or is_for_programs or path.startswith("/static/")


def closing_headers(request: AnyRequest) -> dict[str, str]:
    """For the page of an error: the door itself may have refused, or never have seen who asks, where an
    address leads nowhere.
    """
    if request.scope.get("auth") is None:
        request.scope["user"], request.scope["auth"] = None, Gate(nonce=secrets.token_urlsafe(16))
        set_language(_wanted_language(request, None))
    return _closing_headers(request.auth.nonce, is_https=False)


def members_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: only people who are signed in."""
    if connection.scope.get("user") is None:
        raise NotSignedIn


def administrators_only(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A guard: only those who may configure the account."""
    members_only(connection, handler)
    if not connection.user.is_administrator:
        raise PermissionDeniedException("Only administrators can do this.")


def flash_of(told: Sentence | None, kind: str = "success", **more: Any) -> dict[str, Any] | None:
    """What a page says at its top that the last step has done, or a "warning", as its `flash`;
    nothing where there is nothing to say.
    """
    return {"text": str(told), "kind": kind, **more} if told else None


def page(request: AnyRequest, template: str, *, status_code: int = 200, **context: Any) -> Template:
    """A page or a fragment, with what every template may use.

    422 for a form with errors: the browser shows it, htmx swaps it in.
    """
    shared = {
        "me": request.user,
        "drawn_for": who_is(request.user) if request.user else "",
        "language": language(),
        "languages": LANGUAGES,
        "theme": _theme(request),
        "csp_nonce": request.auth.nonce,
        "came_at": round(request.auth.came_at, 1),
        "csrf_token": csrf_token(request),
        "current_path": request.url.path,
        "version": __version__,
        "made_macros": {},  # see `web/templating.py`
    }
    shown = Template(template, context={**shared, **context}, status_code=status_code)
    if TOLD_COOKIE in request.cookies and not is_fragment_wanted(request):
        shown.context.setdefault("flash", flash_of(_TOLD.get(request.cookies[TOLD_COOKIE])))
        shown.cookies = [_told_cookie("", 0)]
    return shown


def form_page(
    request: AnyRequest,
    template: str,
    problems: Mapping[str, Sentence] | None = None,
    meeting: Meeting | None = None,
    **context: Any,
) -> Template:
    """A form as it is opened; or, as a 422, with what is wrong, or what others have saved meanwhile."""
    is_refused = problems or (meeting and meeting.collision)
    return page(
        request, template, status_code=422 if is_refused else 200,
        errors=spoken(problems or {}), meeting=meeting, **context,
    )  # fmt: skip


def framing(request: AnyRequest, shown: Template, origins: Iterable[str]) -> Template:
    """A page that may hold frames of these origins; every other page may hold none at all."""
    if frames := sorted(set(origins)):
        shown.headers["content-security-policy"] = _content_policy(request.auth.nonce, frames)
    return shown


def answer(request: AnyRequest, fragment: Template, *, otherwise: str) -> Template | Redirect:
    """After a change: the fragment for htmx, a redirect for a browser without scripts."""
    if is_fragment_wanted(request):
        return fragment
    return Redirect(otherwise, status_code=303)


def go_to(request: AnyRequest, path: str, told: str = "") -> Response[Any]:
    """Send the browser on: by redirect, or the way htmx follows. What is `told` ("saved", "deleted") is said
    once, by the page that opens next.
    """
    answer: Response[Any] = Redirect(path, status_code=303)
    if is_fragment_wanted(request):
        headers = {"HX-Redirect": path}
        answer = Response(b"", status_code=200, headers=headers, media_type="text/html")
    if told:
        answer.set_cookie(_told_cookie(told, _TOLD_SECONDS))
    return answer


def is_fragment_wanted(request: AnyRequest) -> bool:
    """Whether htmx asks, and not for a whole page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") is None


async def has_left(request: AnyRequest) -> None:
    """Returns once the browser has given this request up; its form must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def found(thing: _T | None) -> _T:
    """The thing, or 404: a stranger's is as absent as one that never was."""
    if thing is None:
        raise NotFoundException
    return thing


async def found_for_change(tx: Transaction, thing: _T | None) -> _T:
    """The thing as it is saved now, or 404; nobody else changes it before `tx` ends."""
    row: Any = found(thing)
    query = select(type(row)).where(type(row).id == row.id).with_for_update(key_share=True)
    now: _T | None = await tx.scalar(query.execution_options(populate_existing=True))
    return found(now)


def gone(request: AnyRequest, path: str) -> Response[Any]:
    """404; and an open page, which asks for a part of itself anew, is led to where it is said."""
    if not is_fragment_wanted(request):
        raise NotFoundException
    return Response(b"", status_code=404, headers={"HX-Redirect": path}, media_type="text/html")


def csrf_token(request: AnyRequest) -> str:
    """The token that every form and htmx request of this page sends back."""
    token = ScopeState.from_scope(request.scope).csrf_token
    return token if isinstance(token, str) else ""


@kept_for_a_moment
def static(path: str) -> str:
    """The address of a static file; it changes with the file, so browsers may keep it for ever."""
    changed = (_STATIC / path).stat().st_mtime
    return f"/static/{quote(path)}?v={_fingerprint(path, changed)}"


def client_address(request: AnyRequest) -> str:
    """The network address of whoever asks, as uvicorn saw it (behind a proxy: its forwarded one)."""
    return request.client.host if request.client else ""


def acting_by(member: Membership, address: str, way: str) -> Acting:
    """A member, as the audit log names who changes something."""
    return Acting(member.account_id, member.user_id, member.user.name, address, way)


def who_is(member: Membership) -> str:
    """A person in an account, as a page says for whom it was drawn."""
    return f"{member.user_id}@{member.account_id}"


def session_cookie_settings(*, is_https: bool) -> dict[str, Any]:
    """How the session cookie is set."""
    return {
        "key": SESSION_COOKIE,
        "httponly": True,
        "samesite": "lax",
        "secure": is_https,
        "max_age": int(SESSION_LASTS.total_seconds()),
        "path": "/",
    }


def cookies_on_entering(request: AnyRequest, member: Membership, *, is_https: bool) -> list[Cookie]:
    """For a browser that goes on in another account: forms that it has open in the one before are refused
    (they would be saved in the other) until it comes back; and signing in leads here.
    """
    settings: dict[str, Any] = {
        "httponly": True,
        "samesite": "lax",
        "secure": is_https,
        "path": "/",
    }
    lasting = settings | {"max_age": _YEAR_SECONDS}
    cookies = [Cookie(key=ACCOUNT_COOKIE, value=str(member.account_id), **lasting)]
    if request.user is None or request.user.account_id == member.account_id:
        return cookies
    before, after = (f"{CSRF_COOKIE}_{one.account_id}" for one in (request.user, member))
    kept = request.cookies.get(after)
    again = {"value": kept} if kept else {"value": "", "expires": 0, "max_age": 0}  # or a new one
    return [
        *cookies,
        Cookie(key=before, value=request.cookies.get(CSRF_COOKIE, ""), **settings),
        Cookie(key=CSRF_COOKIE, **settings | again),
    ]


def _told_cookie(value: str, seconds: int) -> Cookie:
    return Cookie(
        key=TOLD_COOKIE, value=value, max_age=seconds, httponly=True, samesite="lax", path="/"
    )


def spoken(problems: Mapping[str, Sentence]) -> dict[str, str]:
    """Problems in the reader's language."""
    return {name: str(sentence) for name, sentence in problems.items()}


def _wanted_language(request: Request[Any, Any, Any], member: Membership | None) -> str:
    if member is not None:
        return member.user.language
    chosen = request.query_params.get("language") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen:
        return known_language(chosen)
    accepted = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
    return known_language(accepted or "pt-BR")


def _theme(request: AnyRequest) -> str:
    """What the person chose; for nobody we know, what was last chosen in this browser."""
    chosen = request.user.user.theme if request.user else request.cookies.get(THEME_COOKIE)
    return chosen if chosen in set(Theme) else Theme.SYSTEM


def _closing_headers(nonce: str, *, is_https: bool) -> dict[str, str]:
    headers = {
        "content-security-policy": _content_policy(nonce),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store",
    }
    return headers | ({"strict-transport-security": "max-age=31536000"} if is_https else {})


def _content_policy(nonce: str, frames: Iterable[str] = ()) -> str:
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; "
        f"style-src 'self' 'nonce-{nonce}'; connect-src 'self'; img-src 'self' data:; "
        "media-src 'self'; "
        "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    return "; ".join([policy, *([f"frame-src {' '.join(frames)}"] if frames else [])])


@lru_cache(maxsize=1_000)
def _fingerprint(path: str, _changed: float) -> str:
    return sha256((_STATIC / path).read_bytes()).hexdigest()[:12]
