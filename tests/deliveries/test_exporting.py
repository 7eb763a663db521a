"""The log as a file: what the filter finds, harmless to spreadsheets, nothing of others."""

import csv
import io
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recado.db.database import Database
from recado.deliveries import exporting
from recado.deliveries.exporting import COLUMNS, export_csv, export_json
from recado.deliveries.filtering import LogFilter
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.lib.spreadsheets import BOM, csv_line, read_sheet, zoned
from tests.browser import Browser
from tests.deliveries.rows import a_delivery, answered, claim, tried
from tests.people import NOW, Cast

_UTC = ZoneInfo("UTC")


@pytest.fixture
async def deliveries(database: Database, cast: Cast) -> list[Delivery]:
    """One that was delivered, and two that wait; one of another account."""
    async with database.transaction() as tx:
        first = await a_delivery(tx, cast.account.id, action_name="=cmd|x", action_id=7)
        await record(tx, [tried(one, answered(201)) for one in await claim(tx)], now=NOW)
        await a_delivery(tx, cast.other_account.id, action_name="Theirs")
        return [first, *[await a_delivery(tx, cast.account.id) for _ in range(2)]]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"), ("+55 11", "'+55 11"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"), ("CRM", "CRM"), (-1, "-1"), (None, ""), ("a,b", '"a,b"'),
    ],
)  # fmt: skip
def test_a_cell_is_never_a_formula(value: object, written: str) -> None:
    assert csv_line([value]).removesuffix("\r\n") in {written, f'"{written}"'}


async def test_csv_has_what_the_filter_finds(
    ana: Browser, cast: Cast, database: Database, deliveries: list[Delivery]
) -> None:
    async with database.transaction() as tx:
        (await tx.merge(cast.account)).time_zone = "Asia/Kolkata"
    answer = await ana.get("/app/deliveries/export.csv?state=delivered")
    assert answer.headers["content-disposition"] == 'attachment; filename="recado-deliveries.csv"'
    sheet = read_sheet(answer.content)
    assert answer.text.startswith(BOM)
    [row] = csv.DictReader(io.StringIO(sheet.text), delimiter=sheet.separator)
    assert [one.removesuffix(" (Asia/Kolkata)") for one in row] == list(COLUMNS)
    there = NOW.astimezone(ZoneInfo("Asia/Kolkata")).strftime("%Y-%m-%d %H:%M:%S")
    assert row["finished_at (Asia/Kolkata)"] == there  # what spreadsheets take for a time
    assert (row["id"], row["last_status"]) == (str(deliveries[0].id), "201")
    assert row["custom_action"] == "'=cmd|x"


async def test_json_has_all_of_this_account(ana: Browser, deliveries: list[Delivery]) -> None:
    told: dict[str, Any] = (await ana.get("/app/deliveries/export.json")).json()
    assert [one["id"] for one in told["deliveries"]] == [one.id for one in reversed(deliveries)]
    assert told["is_cut"] is False
    assert [one["finished_at"] for one in told["deliveries"]] == [None, None, NOW.isoformat()]
    assert "Theirs" not in json.dumps(told)


async def test_only_administrators_export(
    beto: Browser, ana: Browser, deliveries: list[Delivery]
) -> None:
    assert (await beto.get("/app/deliveries/export.csv")).status_code == 403
    assert (await ana.get("/app/deliveries/export.xls")).status_code == 404
    assert (
        'href="/app/deliveries/export.csv?state=pending"'
        in (await ana.get("/app/deliveries?state=pending")).text
    )


@pytest.mark.parametrize(
    ("tongue", "between", "said"), [("en", ",", "There are more"), ("pt_BR", ";", "Há mais")]
)
async def test_a_file_that_stops_early_says_so(
    tongue: str,
    between: str,
    said: str,
    database: Database,
    cast: Cast,
    deliveries: list[Delivery],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 2)
    monkeypatch.setattr(exporting, "_STRETCH", 1)
    about = (database, cast.account.id, LogFilter(), tongue)
    lines = "".join([part async for part in export_csv(*about, _UTC)]).splitlines()
    assert len(lines) == 4
    assert lines[0] == BOM + between.join(
        zoned(COLUMNS, ("created_at", "finished_at"), _UTC)
    )  # as Excel of that language wants it
    assert lines[-1].strip('"').startswith(said)
    told = json.loads("".join([part async for part in export_json(*about)]))
    assert (len(told["deliveries"]), told["is_cut"]) == (2, True)
