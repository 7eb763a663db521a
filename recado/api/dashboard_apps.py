"""Dashboard apps: pages of other systems, beside every conversation."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import delete, get, patch, post, put
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.door import (
    ROOT,
    ApiRequest,
    administrators,
    invalid,
    iso,
    now,
    unacceptable,
)
from recado.api.fields import UNSET, UnsetType, Words, text_or
from recado.api.reading import read
from recado.dashboards.models import DashboardApp
from recado.dashboards.saving import (
    MOST,
    app_problems,
    apps_of,
    create_app,
    delete_app,
    find_app,
    is_full,
    update_app,
)
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say


class FrameJson(Struct):
    """A page to frame; `type` is always `frame`."""

    type: str
    url: str


class DashboardAppJson(Struct, kw_only=True):
    """A dashboard app: the tab's title, and a frame or several."""

    id: int
    title: str
    content: list[FrameJson]
    created_at: str | None


class DashboardAppBody(Struct):
    """A dashboard app to make or to change: 1 to 4 frames, by https (by http from localhost only)."""

    title: Words = UNSET
    content: list[FrameJson] | UnsetType | None = UNSET


_FRAME: Final = "frame"
_APP = f"{ROOT}/dashboard_apps/{{app_id:int}}"


@get(f"{ROOT}/dashboard_apps")
async def list_dashboard_apps(request: ApiRequest, database: Database) -> list[DashboardAppJson]:
    """List the dashboard apps."""
    async with database.transaction() as tx:
        return [_app_json(one) for one in await apps_of(tx, request.user.account_id)]


@get(_APP)
async def show_dashboard_app(
    request: ApiRequest, database: Database, app_id: int
) -> DashboardAppJson:
    """Show a dashboard app."""
    async with database.transaction() as tx:
        return _app_json(await _find(tx, request, app_id))


@post(
    f"{ROOT}/dashboard_apps", status_code=200, guards=[administrators],
    opt={"takes": DashboardAppBody},
)  # fmt: skip
async def add_dashboard_app(request: ApiRequest, database: Database) -> DashboardAppJson:
    """Have a page of another system beside every conversation."""
    body = await read(request, DashboardAppBody, wrapped="dashboard_app")
    name, urls = text_or(body.title), _urls(body, [])
    _check(body, name, urls)
    async with database.transaction() as tx:
        if await is_full(tx, request.user.account_id):
            raise unacceptable(f"An account has at most {MOST} dashboard apps.")
        made = await create_app(tx, request.user.account_id, name, urls, now=now())
    return _app_json(made)


@patch(_APP, guards=[administrators], opt={"takes": DashboardAppBody})
async def patch_dashboard_app(
    request: ApiRequest, database: Database, app_id: int
) -> DashboardAppJson:
    """Change a dashboard app."""
    return await _change(request, database, app_id)


@put(_APP, guards=[administrators], opt={"takes": DashboardAppBody})
async def put_dashboard_app(
    request: ApiRequest, database: Database, app_id: int
) -> DashboardAppJson:
    """Change a dashboard app; what is not sent stays."""
    return await _change(request, database, app_id)


@delete(_APP, status_code=204, guards=[administrators])
async def remove_dashboard_app(request: ApiRequest, database: Database, app_id: int) -> None:
    """Show its tab no more."""
    async with database.transaction() as tx:
        await delete_app(tx, await _find(tx, request, app_id))


async def _change(request: ApiRequest, database: Database, app_id: int) -> DashboardAppJson:
    body = await read(request, DashboardAppBody, wrapped="dashboard_app")
    async with database.transaction() as tx:
        app = await _find(tx, request, app_id)
        name, urls = text_or(body.title, app.name), _urls(body, app.urls)
        _check(body, name, urls)
        await update_app(tx, app, name, urls, now=now())
    return _app_json(app)


def _urls(body: DashboardAppBody, otherwise: list[str]) -> list[str]:
    given = body.content
    return otherwise if isinstance(given, UnsetType) else [one.url.strip() for one in given or []]


def _check(body: DashboardAppBody, name: str, urls: list[str]) -> None:
    """422 for what cannot be kept."""
    problems: Mapping[str, Sentence] = {
        {"name": "title", "urls": "content"}[field]: problem
        for field, problem in app_problems(name, urls).items()
    }
    frames = body.content if isinstance(body.content, list) else []
    if any(one.type != _FRAME for one in frames):
        problems = {**problems, "content": say("Each entry has the type “frame” and a url.")}
    if problems:
        raise invalid(problems)


async def _find(tx: Transaction, request: ApiRequest, app_id: int) -> DashboardApp:
    return found(await find_app(tx, request.user.account_id, app_id))


def _app_json(app: DashboardApp) -> DashboardAppJson:
    return DashboardAppJson(
        id=app.id, title=app.name, content=[FrameJson(_FRAME, one) for one in app.urls],
        created_at=iso(app.created_at),
    )  # fmt: skip


handlers: list[Any] = [
    list_dashboard_apps, show_dashboard_app, add_dashboard_app, patch_dashboard_app,
    put_dashboard_app, remove_dashboard_app,
]  # fmt: skip
