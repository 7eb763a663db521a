"""The reports: numbers, a chart, the same as a table, and each table as a file."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from litestar import get
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, page
from recado.db.database import Database
from recado.lib.languages import language
from recado.lib.spreadsheets import separator_for
from recado.reports.grids import csv_of, shown
from recado.reports.periods import OWN, PRESETS, period_from
from recado.reports.views import BUILDERS, Asked, View

_FIRST: Final = "conversations"


@get(
    ["/app/reports", *(f"/app/reports/{name}" for name in BUILDERS if name != _FIRST)],
    guards=[administrators_only],
)
async def show_report(request: MemberRequest, database: Database) -> Template:
    name = _name(request.url.path)
    asked = _asked(request)
    view = await _view(database, name, asked)
    return page(
        request,
        "reports/report.html",
        view=view,
        chosen=name,
        title=BUILDERS[name][0],
        tabs=[(one, label, _address(one, asked)) for one, (label, _) in BUILDERS.items()],
        files={
            grid.key: f"{_path(name)}.csv?{_query(asked, table=grid.key)}" for grid in view.grids
        },
        asked=asked,
        path=_address(name, asked).partition("?")[0],
        has_hours=name != "actions",
        presets=PRESETS,
        own=OWN,
        shown=shown,
    )


@get([f"/app/reports/{name}.csv" for name in BUILDERS], guards=[administrators_only])
async def export_report(request: MemberRequest, database: Database) -> Response[str]:
    """One table of a report as a file."""
    name = _name(request.url.path.removesuffix(".csv"))
    asked = _asked(request)
    view = await _view(database, name, asked)
    wanted = request.query_params.get("table", view.grids[0].key)
    grid = found(next((one for one in view.grids if one.key == wanted), None))
    days = f"{asked.period.first.isoformat()}-{asked.period.last.isoformat()}"
    return Response(
        "".join(csv_of(grid, separator_for(language()))),
        media_type="text/csv",  # to which the framework adds the charset
        headers={
            "Content-Disposition": f'attachment; filename="recado-{name}-{grid.key}-{days}.csv"'
        },
    )


async def _view(database: Database, name: str, asked: Asked) -> View:
    async with database.transaction() as tx:
        return await BUILDERS[name][1](tx, asked)


def _asked(request: MemberRequest) -> Asked:
    words: Mapping[str, str] = request.query_params
    account = request.user.account
    period = period_from(words, now=datetime.now(UTC), zone=account.time_zone)
    return Asked(account.id, period, business=words.get("hours") == "business")


def _name(path: str) -> str:
    last = path.rstrip("/").rpartition("/")[2]
    return last if last in BUILDERS else _FIRST


def _path(name: str) -> str:
    return f"/app/reports/{name}"


def _address(name: str, asked: Asked) -> str:
    return f"{'/app/reports' if name == _FIRST else _path(name)}?{_query(asked)}"


def _query(asked: Asked, **more: str) -> str:
    hours = {"hours": "business"} if asked.business else {}
    return urlencode({**asked.period.words, **hours, **more})


handlers: list[Any] = [show_report, export_report]
