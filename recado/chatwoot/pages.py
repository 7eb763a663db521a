"""Pages of the desks that an account is connected to."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page
from recado.chatwoot.calling import NotAnswered
from recado.chatwoot.connecting import Standing, connect, connections_of, disconnect
from recado.chatwoot.entering import enter
from recado.chatwoot.models import ChatwootServer
from recado.chatwoot.remembering import find_server
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.numbers import number_in
from recado.settings import Settings

_LATE_SECONDS: Final = 300  # what waits longer is worth a colour


@get("/app/connections", guards=[administrators_only])
async def list_connections(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        standings = await connections_of(tx, request.user.account_id)
    return page(
        request, "chatwoot/list.html", standings=standings, is_late=_is_late, host_of=_host_of
    )


@get("/app/connections/new", guards=[administrators_only], sync_to_thread=False)
def new_connection(request: MemberRequest, settings: Settings) -> Template:
    return _form(request, settings, {"url": "", "token": "", "account": ""})


@post("/app/connections", guards=[administrators_only])
async def add_connection(
    request: MemberRequest, database: Database, outbound: Outbound, settings: Settings
) -> Template | Response[Any]:
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in ("url", "token", "account")}
    account = number_in(typed["account"])
    try:
        entered = await enter(outbound.sender, typed["url"], typed["token"], account)
        await connect(
            database, outbound, request.user.account_id, entered, public_url=settings.public_url
        )
    except NotAnswered as error:
        return _form(request, settings, typed, {error.place: str(error.sentence)})
    return go_to(request, "/app/connections")


@get("/app/connections/{connection_id:int}/remove", guards=[administrators_only])
async def ask_to_remove_connection(
    request: MemberRequest, database: Database, connection_id: int
) -> Template:
    return page(
        request, "chatwoot/remove.html",
        server=await _connected(request, database, connection_id), kept=None,
    )  # fmt: skip


@post("/app/connections/{connection_id:int}/remove", guards=[administrators_only])
async def remove_connection(
    request: MemberRequest, database: Database, outbound: Outbound, connection_id: int
) -> Template | Response[Any]:
    server = await _connected(request, database, connection_id)
    if str((await request.form()).get("name", "")) != server.name:
        return page(request, "chatwoot/remove.html", status_code=422, server=server, kept=None)
    kept = await disconnect(database, outbound, request.user.account_id, connection_id)
    if kept is not None:
        return page(request, "chatwoot/remove.html", server=server, kept=kept.sentence)
    return go_to(request, "/app/connections")


async def _connected(
    request: MemberRequest, database: Database, connection_id: int
) -> ChatwootServer:
    async with database.transaction() as tx:
        server = found(await find_server(tx, request.user.account_id, connection_id))
    return found(server if server.is_connected else None)


def _form(
    request: MemberRequest,
    settings: Settings,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
) -> Template:
    return page(
        request, "chatwoot/form.html", status_code=422 if errors else 200, values=values,
        errors=errors or {}, public_url=settings.public_url,
    )  # fmt: skip


def _is_late(standing: Standing) -> bool:
    """Whether what it told waits for so long that something is wrong."""
    oldest = standing.oldest
    return oldest is not None and (datetime.now(UTC) - oldest).total_seconds() > _LATE_SECONDS


def _host_of(standing: Standing) -> str:
    return urlsplit(standing.server.url).netloc


handlers: list[Any] = [
    list_connections, new_connection, add_connection, ask_to_remove_connection, remove_connection,
]  # fmt: skip
