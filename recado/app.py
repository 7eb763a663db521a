"""The web application: the one place that knows every slice."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

from litestar import Litestar, MediaType, Request
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Response
from litestar.template.config import TemplateConfig
from sqlalchemy.exc import DBAPIError, IntegrityError

from recado.accounts import pages as accounts
from recado.accounts.auditing import write_audit_entries
from recado.accounts.doors import (
    CSRF_COOKIE,
    DrawnForAnother,
    NotSignedIn,
    PageDoor,
    closing_headers,
    page,
)
from recado.actions import doors as actions_doors
from recado.actions import pages as actions
from recado.api import routes as api
from recado.api.cable import Cable
from recado.api.door import ApiDoor, refused
from recado.automation import doors as automation_doors
from recado.automation import pages as automation
from recado.chatwoot import api as chatwoot_api
from recado.chatwoot import pages as chatwoot
from recado.contacts import pages as contacts
from recado.conversations import pages as conversations
from recado.conversations.leaving import leave_inbox, left_by
from recado.conversations.posting_together import Poster
from recado.dashboards import pages as dashboards
from recado.db.database import DATABASE_ERRORS, Database, is_passing
from recado.db.notifying import LIVE_CHANNEL
from recado.deliveries import pages as deliveries
from recado.deliveries.delivering import Outbound
from recado.disclosures import pages as disclosures
from recado.erasing import pages as erasing
from recado.events.recording import EVENTS_CHANNEL
from recado.inboxes import doors as inboxes_doors
from recado.inboxes import pages as inboxes
from recado.inboxes.pages.inboxes import Leaving
from recado.lib.languages import say
from recado.lib.public_urls import set_public_url
from recado.lib.storing import FileStore, StorageAway
from recado.mail import pages as mail
from recado.mailboxes import pages as mailboxes
from recado.notifications import pages as notifications
from recado.replays import pages as replays
from recado.reports import pages as reports
from recado.settings import Settings
from recado.web import assets, files, metrics, scripts, search, start
from recado.web import doors as web_doors
from recado.web import pages as web
from recado.web.entering import own_path
from recado.web.live import Live
from recado.web.presence import Presence
from recado.web.routing import Application
from recado.web.templating import templates
from recado.webhooks import pages as webhooks
from recado.widget import pages as widget
from recado.worker.listening import listen
from recado.worker.looping import loop

_LOG = logging.getLogger("recado.web")
_HERE = Path(__file__).parent
_UNSTORABLE = {"22021", "22P05"}  # PostgreSQL keeps no U+0000, and no person types one
_DOORS = (
    assets, scripts, web, web_doors, files, search, start, accounts, actions, actions_doors, api, automation, automation_doors, contacts, conversations, dashboards,
    deliveries, inboxes, inboxes_doors, webhooks, mail, mailboxes, notifications,
    replays, reports, metrics, chatwoot, chatwoot_api, widget, erasing, disclosures,
)  # fmt: skip
_SLICES = (
    "web",
    "conversations",
    "dashboards",
    "contacts",
    "erasing",
    "disclosures",
    "inboxes",
    "actions",
    "automation",
    "deliveries",
    "webhooks",
    "chatwoot",
    "replays",
    "reports",
    "mail",
    "mailboxes",
    "notifications",
    "accounts",
    "api",
    "widget",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made with, open and ready."""

    settings: Settings
    database: Database
    outbound: Outbound
    store: FileStore


def create_app(parts: Parts) -> Litestar:
    """The application for uvicorn, or for a test that calls it directly."""
    live = Live()
    room = Cable(parts.database)
    poster = Poster(parts.database)
    set_public_url(parts.settings.public_url)
    parts.database.write_notes_with(write_audit_entries)
    return Application(
        route_handlers=[*(one for door in _DOORS for one in door.handlers)],
        lifespan=[lambda _: _listening(parts.database, live, room)],
        dependencies={
            "database": Provide(lambda: parts.database, sync_to_thread=False),
            "outbound": Provide(lambda: parts.outbound, sync_to_thread=False),
            "settings": Provide(lambda: parts.settings, sync_to_thread=False),
            "poster": Provide(lambda: poster, sync_to_thread=False),
            "room": Provide(lambda: room, sync_to_thread=False),
            "store": Provide(lambda: parts.store, sync_to_thread=False),
            "live": Provide(lambda: live, sync_to_thread=False),
            "leaving": Provide(lambda: Leaving(left_by, leave_inbox), sync_to_thread=False),
        },
        middleware=[
            PageDoor(parts.database, is_https=parts.settings.is_https),
            ApiDoor(
                parts.database,
                requests_per_minute=parts.settings.api_requests_per_minute,
                platform_token=parts.settings.platform_token,
            ),
        ],
        csrf_config=_csrf(parts),
        template_config=TemplateConfig(
            instance=JinjaTemplateEngine.from_environment(
                templates(_HERE / name / "templates" for name in _SLICES)
            )
        ),
        exception_handlers={
            NotSignedIn: _to_sign_in,
            DrawnForAnother: _elsewhere,
            HTTPException: _refused,
            IntegrityError: _collided,
            Exception: _failed,
        },
        openapi_config=None,
        logging_config=None,
        state=State({"live": live, "store": parts.store}),
        request_max_body_size=10 * 1024 * 1024,
    )


@asynccontextmanager
async def _listening(database: Database, live: Live, room: Cable) -> AsyncIterator[None]:
    stop = asyncio.Event()
    live.open()

    def hear_live(payload: str) -> None:
        live.hear(payload)
        room.hear_of_people(payload)

    hearers = {LIVE_CHANNEL: hear_live, EVENTS_CHANNEL: room.hear}
    tasks = [
        asyncio.create_task(listen(database, hearers, stop)),
        asyncio.create_task(loop("cable", room.turn, room.wake, stop)),
        asyncio.create_task(loop("live", live.turn, asyncio.Event(), stop)),
        asyncio.create_task(loop("presence", Presence(database, live).turn, live.come, stop)),
    ]
    yield
    stop.set()
    live.close()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)


def _csrf(parts: Parts) -> CSRFConfig:
    return CSRFConfig(
        secret=parts.outbound.vault.derived("csrf").hex(),
        cookie_name=CSRF_COOKIE,
        cookie_secure=parts.settings.is_https,
        cookie_httponly=True,
        exclude=[
            "^/api",
            "^/public/",
            "^/auth/",
            "^/platform/",
            "^/widget",
            "^/packs/",
        ],  # these are opened by tokens, which no browser sends by itself; websites get no cookie
    )


def _to_sign_in(request: Request[Any, Any, Any], _: NotSignedIn) -> Response[Any]:
    """The page asks on the spot where it has scripts; else the sign-in page leads back to it."""
    if request.headers.get("hx-request") == "true":
        headers = {"HX-Reswap": "none", "Recado-Signed-Out": "1"}
        return Response(b"", status_code=401, headers=headers, media_type=MediaType.HTML)
    if request.url.path == "/app/live":
        return Response(b"", status_code=401, media_type=MediaType.TEXT)
    wanted = _address_of(request) if request.method == "GET" else _page_of(request)
    return Redirect(f"/sign-in?next={quote(wanted)}" if wanted else "/sign-in", status_code=303)


def _elsewhere(request: Request[Any, Any, Any], _: DrawnForAnother) -> Response[Any]:
    """Nothing is done and no part is drawn: the page opens the dialog that says where one is now."""
    shown = page(request, "_elsewhere.html", status_code=409)
    shown.media_type = MediaType.HTML
    shown.headers.update(closing_headers(request) | {"HX-Reswap": "none", "Recado-Elsewhere": "1"})
    return shown


def _address_of(request: Request[Any, Any, Any]) -> str:
    """With what it asks for: an e-mail leads to one message, or to the calls of one action."""
    url = request.url
    return f"{url.path}?{url.query}" if url.query else url.path


def _page_of(request: Request[Any, Any, Any]) -> str:
    """The page whose form was sent: there its draft is offered again."""
    path = urlsplit(request.headers.get("referer", "")).path
    return path if own_path(path) == path else ""


def _refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if error.detail == _LEFT:
        return _abandoned(request)
    if error.detail == _OLD:
        return _error_page(request, 403, reason="old")
    if error.status_code == 500:  # the framework's own, such as a handler that cannot be called
        return _accident(request, error)
    if _is_for_programs(request):
        return refused(request, error)
    return _error_page(request, error.status_code)


def _abandoned(request: Request[Any, Any, Any]) -> Response[Any]:
    """Whoever asked has left in the middle of what they sent: nobody's mistake, and nobody hears."""
    _LOG.info("%s %s: the client left before its body was whole", request.method, request.url.path)
    return Response(b"", status_code=400, media_type=MediaType.TEXT)


_LEFT = (
    "client disconnected prematurely"  # the framework's words; it has no class of its own for it
)
_OLD = "CSRF token verification failed"  # the same


def _is_for_programs(request: Request[Any, Any, Any]) -> bool:
    path = f"{request.url.path}/"
    return "/api/" in path or path.startswith("/auth/")


def _collided(request: Request[Any, Any, Any], error: IntegrityError) -> Response[Any]:
    """Two people gave the same name at the same moment, or took away what the other one used."""
    _LOG.warning("%s %s collided: %s", request.method, request.url.path, error.orig)
    if _is_for_programs(request):
        message = "Somebody else was faster: this is taken or gone. Read it again and retry."
        return Response({"message": message, "attributes": []}, status_code=422)
    return _error_page(request, 409)


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") in _UNSTORABLE:
        return _refused(request, HTTPException(status_code=400))
    if isinstance(error, DATABASE_ERRORS) and is_passing(error):
        return _not_now(request, error)
    if isinstance(error, StorageAway):
        return _without_files(request)
    return _accident(request, error)


def _accident(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Our mistake: the log has all of it, and whoever asked a number to find it there."""
    request_id = uuid4().hex[:12]
    _LOG.error(
        "Request %s: %s %s failed", request_id, request.method, request.url.path, exc_info=error
    )
    if _is_for_programs(request):
        return Response(
            {"error": f"Something went wrong inside Recado ({request_id})."}, status_code=500
        )
    return _error_page(request, 500, request_id)


def _not_now(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The database is away, full or has no connection free: the same may work in a moment."""
    said = str(getattr(error, "orig", None) or error).partition("\n")[0]
    _LOG.warning("%s %s: the database: %s", request.method, request.url.path, said)
    answer = _refused(request, HTTPException(_NOT_NOW, status_code=503))
    answer.headers["Retry-After"] = "5"
    return answer


def _without_files(request: Request[Any, Any, Any]) -> Response[Any]:
    """The storage of files is away; nothing of the request was done."""
    answer = _refused(request, HTTPException(_NO_FILES, status_code=502))
    answer.headers["Retry-After"] = "5"
    return answer


_NO_FILES = "The storage of files does not answer just now. Try again in some seconds."
_NOT_NOW = "The database does not answer just now. Try again in some seconds."


def _error_page(
    request: Request[Any, Any, Any], status_code: int, request_id: str = "", reason: str = ""
) -> Response[Any]:
    title, text = _ERRORS.get(reason or status_code, _ERRORS[400])
    closing = closing_headers(request)
    if request.headers.get("hx-request") == "true":
        return _toast(f"{title}. {text}", status_code)
    shown = page(
        request, "error.html", status_code=status_code,
        title=str(title), text=str(text), request_id=request_id,
    )  # fmt: skip
    shown.media_type = MediaType.HTML
    shown.headers.update(closing)
    return shown


def _toast(text: str, status_code: int) -> Response[Any]:
    """A refusal beside the page, which stays as it is: nothing that was typed is lost."""
    trigger = json.dumps({"toast": {"text": text, "kind": "danger"}})  # ASCII, as headers must be
    headers = {"HX-Reswap": "none", "HX-Trigger": trigger}
    return Response(b"", status_code=status_code, headers=headers, media_type=MediaType.HTML)


_ERRORS = {
    400: (say("This did not work"), say("The request made no sense to the server.")),
    "old": (
        say("This page is no longer valid"),
        say(
            "Nothing was saved. Perhaps you switched accounts in another tab since it was opened. Go back to copy "
            "what you typed, then reload the page."
        ),
    ),
    403: (say("You may not do this"), say("Ask an administrator of your account.")),
    404: (say("There is nothing here"), say("It may have been deleted, or the address is wrong.")),
    405: (say("This did not work"), say("The request made no sense to the server.")),
    502: (
        say("The files cannot be reached"),
        say("Their storage does not answer just now. Try again in some seconds."),
    ),
    503: (
        say("The database does not answer"),
        say("Try again in some seconds. Everything that was stored is safe."),
    ),
    409: (
        say("Somebody else was faster"),
        say("What you entered was taken or changed meanwhile. Go back and try again."),
    ),
    413: (say("This is too large"), say("Send less at once.")),
    429: (say("Too many requests"), say("Please wait a moment and try again.")),
    500: (
        say("Something went wrong"),
        say("The error has been written down. Nothing that was saved is lost."),
    ),
}
