"""Pages of dashboard apps: the list in the settings and a form for each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page, spoken
from recado.accounts.pages.deleting import Deletable, deleting
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
from recado.db.database import Database
from recado.lib.languages import Sentence, say

_HERE: Final = "/app/dashboard-apps"


@get(_HERE, guards=[administrators_only])
async def list_apps(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        apps = await apps_of(tx, request.user.account_id)
    return page(request, "dashboards/list.html", apps=apps)


@get(f"{_HERE}/new", guards=[administrators_only], sync_to_thread=False)
def new_app(request: MemberRequest) -> Template:
    return _form(request, None, "", [])


@post(_HERE, guards=[administrators_only])
async def add_app(request: MemberRequest, database: Database) -> Template | Response[Any]:
    (name, urls), account_id = await _typed(request), request.user.account_id
    async with database.transaction() as tx:
        problems = app_problems(name, urls)
        if await is_full(tx, account_id):
            problems["name"] = say("An account has at most %(number)s of them.", number=MOST)
        if problems:
            return _form(request, None, name, urls, problems)
        await create_app(tx, account_id, name, urls, now=datetime.now(UTC))
    return go_to(request, _HERE, "saved")


@get(f"{_HERE}/{{app_id:int}}", guards=[administrators_only])
async def show_app(request: MemberRequest, database: Database, app_id: int) -> Template:
    async with database.transaction() as tx:
        app = found(await find_app(tx, request.user.account_id, app_id))
    return _form(request, app, app.name, app.urls)


@post(f"{_HERE}/{{app_id:int}}", guards=[administrators_only])
async def change_app(
    request: MemberRequest, database: Database, app_id: int
) -> Template | Response[Any]:
    name, urls = await _typed(request)
    async with database.transaction() as tx:
        app = found(await find_app(tx, request.user.account_id, app_id))
        if problems := app_problems(name, urls):
            return _form(request, app, name, urls, problems)
        await update_app(tx, app, name, urls, now=datetime.now(UTC))
    return go_to(request, _HERE, "saved")


async def _typed(request: MemberRequest) -> tuple[str, list[str]]:
    """The name, and the addresses: a line each."""
    form = await request.form()
    lines = str(form.get("urls", "")).splitlines()
    return str(form.get("name", "")), [url for one in lines if (url := one.strip())]


def _form(
    request: MemberRequest,
    app: DashboardApp | None,
    name: str,
    urls: Sequence[str],
    problems: dict[str, Sentence] | None = None,
) -> Template:
    return page(
        request, "dashboards/form.html", status_code=422 if problems else 200, app=app,
        values={"name": name, "urls": list(urls)}, errors=spoken(problems or {}),
    )  # fmt: skip


_DELETABLE: Final = Deletable(
    "app", "dashboards/delete.html", find_app, delete_app, lambda _: _HERE
)

handlers: list[Any] = [
    list_apps, new_app, add_app, show_app, change_app, *deleting(_HERE, _DELETABLE),
]  # fmt: skip
