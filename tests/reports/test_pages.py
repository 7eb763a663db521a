"""The pages of reports: the same numbers in table, tiles and file; for administrators."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from recado.db.database import Database, Transaction
from recado.deliveries.models import Delivery
from recado.reports.views import BUILDERS
from tests.actions.test_switching import an_action
from tests.browser import Browser
from tests.people import Cast
from tests.reports.conftest import a_call, a_talk

PATHS = ["/app/reports", *(f"/app/reports/{name}" for name in BUILDERS if name != "conversations")]


@pytest.fixture
async def history(cast: Cast, database: Database) -> None:
    """Yesterday: one conversation, answered by Beto after two minutes; a call, and one that failed."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    async with database.transaction() as tx:
        await a_talk(tx, cast, yesterday, by=cast.beto.user, answered=2, resolved=90)
        await a_call(tx, cast, yesterday)
        await a_call(tx, cast, yesterday, state="failed", status=500)


async def _waits(tx: Transaction, cast: Cast, at: datetime, action: int) -> None:
    about: dict[str, Any] = {"state": "pending", "finished_at": None, "due_at": at}
    await a_call(tx, cast, at, action=action, milliseconds=None, **about)


@pytest.mark.parametrize("path", PATHS)
async def test_every_report_is_for_administrators(ana: Browser, beto: Browser, path: str) -> None:
    assert (await ana.get(path)).status_code == 200
    assert (await beto.get(path)).status_code == 403
    assert (await beto.get(f"{path}.csv")).status_code in {403, 404}


async def test_numbers_stand_in_the_tiles_and_in_the_table(ana: Browser, history: None) -> None:
    shown = (await ana.get("/app/reports?period=7")).text
    assert "2 min" in shown
    assert "1 h 30 min" in shown
    assert 'data-value="1"' in shown


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("agents.csv", "Beto Reis,1,1,0,120,120,5400,5400"),
        ("inboxes.csv", "Site,1,1,0,120,120,5400,5400"),
        ("teams.csv", "Nobody's,1,1,0,120,120,5400,5400"),
        ("actions.csv?table=hosts", "crm.example:443,1,1,0,50.0,102,102"),
        ("actions.csv?table=actions", "Deleted (1),1,1,0,50.0,102,102,"),
    ],
)
async def test_a_file_holds_the_table(ana: Browser, history: None, path: str, line: str) -> None:
    answer = await ana.get(f"/app/reports/{path}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")  # or Excel reads accents wrongly
    assert "attachment" in answer.headers["content-disposition"]
    assert line in answer.text.splitlines()


async def test_a_day_leads_to_its_calls(ana: Browser, history: None) -> None:
    shown = unescape((await ana.get("/app/reports/actions?period=7")).text)
    links = re.findall(r'href="(/app/deliveries\?period=custom[^"&]*(?:&(?!state)[^"&]+)*)"', shown)
    rows = [
        set(re.findall(r'href="/app/deliveries/(\d+)', (await ana.get(one)).text)) for one in links
    ]
    assert [len(one) for one in rows] == [0, 0, 0, 0, 0, 2, 0]  # yesterday's


async def test_what_failed_leads_to_the_calls_that_failed(ana: Browser, history: None) -> None:
    shown = unescape((await ana.get("/app/reports/actions?period=7")).text)
    links = re.findall(r'href="(/app/deliveries\?[^"]+&state=[^"]+)">1</a>', shown)
    assert ["action=" in one or "host=" in one for one in links] == [True, True, False]
    for one in links:
        log = (await ana.get(one)).text
        assert len(set(re.findall(r'href="/app/deliveries/(\d+)', log))) == 1
        assert log.count('aria-current="page"') >= 1


async def test_which_action_fails_stands_above_the_days(ana: Browser, history: None) -> None:
    """Up to a year of days would push it out of sight."""
    shown = (await ana.get("/app/reports/actions?period=90")).text
    titles = re.findall(r'h2 id="(actions|hosts|days)-title"', shown)
    assert titles == ["actions", "hosts", "days"]


async def test_an_action_says_how_long_its_oldest_call_waits(
    ana: Browser, cast: Cast, database: Database
) -> None:
    """Also of one of which no call has ended, and with the way to the very call."""
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        action = (await an_action(tx, cast)).id
        await _waits(tx, cast, now - timedelta(minutes=7), action)
        await _waits(tx, cast, now - timedelta(hours=2, minutes=5), action)
        oldest = await tx.scalar(select(func.max(Delivery.id)))
        await _waits(tx, cast, now - timedelta(minutes=1), action)
    shown = (await ana.get("/app/reports/actions?period=7")).text
    assert f'<a href="/app/deliveries/{oldest}">2 h 5 min</a>' in shown


async def test_a_file_is_as_the_readers_spreadsheet_expects_it(ana: Browser, history: None) -> None:
    await ana.post("/app/language", {"language": "pt-BR"})
    shown = (await ana.get("/app/reports/actions.csv?table=hosts")).text
    assert "crm.example:443;1;1;0;50,0;102;102" in shown.splitlines()


async def test_a_file_has_a_line_for_every_day(ana: Browser, history: None) -> None:
    lines = (await ana.get("/app/reports/conversations.csv?period=7")).text.splitlines()
    assert len(lines) == 8
    assert sum(int(line.split(",")[1]) for line in lines[1:]) == 1


async def test_a_table_that_is_not_there(ana: Browser) -> None:
    assert (await ana.get("/app/reports/agents.csv?table=days")).status_code == 404


async def test_a_stranger_counts_only_their_own(celia: Browser, history: None) -> None:
    for path in PATHS:
        shown = (await celia.get(path)).text
        assert "Beto" not in shown
        assert 'data-value="1"' not in shown


async def test_days_that_make_no_sense_are_told(ana: Browser) -> None:
    shown = (await ana.get("/app/reports?period=own&since=2026-02-01&until=2026-01-01")).text
    assert "The last day lies before the first one." in shown
