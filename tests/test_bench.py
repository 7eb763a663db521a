"""The benchmarks' own parts: what they count must be right, whatever the machine."""

import asyncio
import os
import socket

import aiohttp
import pytest
from sqlalchemy import text

from recado.bench import backlog, live
from recado.bench.budgets import BUDGETS, Budget
from recado.bench.desk import BenchFailed
from recado.bench.filling import fill
from recado.bench.machine import family_seconds, memory_mib
from recado.bench.pages import REFERENCE, paths
from recado.bench.printing import Report, milliseconds, percentile
from recado.bench.receiving import Hosts
from recado.bench.rules import rules
from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([float(one) for one in range(1, 101)], 0.99, 99.0),
        ([1.0], 0.99, 1.0),  # the only one is also the worst
    ],
)
def test_a_percentile_is_one_of_the_values(
    values: list[float], share: float, wanted: float
) -> None:
    assert percentile(values, share) == wanted


def test_a_report_is_a_table_for_people_and_json_for_programs() -> None:
    rows = [{"case": "one", "rate": 1_000, **milliseconds([0.001, 0.002])}]
    report = Report("pipeline", rows, ["A note."])
    assert report.table().splitlines()[0] == "# pipeline"
    assert "1,000" in report.table()
    assert report.table().endswith("A note.")
    assert report.as_json()["rows"] == rows


async def test_the_receiver_counts_each_message_even_in_pieces() -> None:
    body = b'{"sent": "0.5", "host": "a", "number": "7"}'
    async with Hosts() as hosts, aiohttp.ClientSession() as client:
        url = await hosts.healthy()
        for _ in range(2):
            async with client.post(url, data=body) as answer:
                assert answer.status == 200
        assert hosts.arrivals.times == {"7": 2}
        assert len(hosts.arrivals.latencies["a"]) == 2


async def test_a_dead_host_refuses() -> None:
    async with Hosts() as hosts, aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get(await hosts.dead())


def test_a_process_has_used_something() -> None:
    assert family_seconds(os.getpid()) > 0
    assert memory_mib(os.getpid()) > 1


async def test_a_backlog_grows_and_what_is_claimed_is_replaced(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "_ROUNDS", 2)
    queue = backlog.Queue(database, ["http://a.example:80", "http://b.example:80"])
    rows = [await backlog.claims_of(queue, waiting) for waiting in (10, 60)]
    assert [one["waiting"] for one in rows] == [10, 60]
    assert await queue.waiting() == 60
    async with database.transaction() as tx:
        ended = "select count(*), count(distinct lane) from deliveries where state = 'delivered'"
        assert tuple((await tx.execute(text(ended))).one()) == (2 * 10 + 2 * 20, 2)
        assert await tx.scalar(text("select count(*) from leases")) == 0


async def test_every_page_that_is_measured_is_there_on_a_desk_that_was_filled(
    database: Database, cast: Cast, ana: Browser
) -> None:
    await fill(database, cast.inbox.id, conversations=20)
    async with database.transaction() as tx:
        counts = "select (select count(*) from messages), (select count(*) from deliveries)"
        assert tuple((await tx.execute(text(counts))).one()) == (100, 100)
    for name, path in paths(20).items():
        answer = await ana.get(path)
        assert answer.status_code == 200, (name, answer.text)
        assert "Contact 1" in answer.text or "Action 1" in answer.text, name
    assert (await ana.get(REFERENCE)).status_code == 200


@pytest.mark.parametrize(
    ("budget", "measured", "verdict"),
    [
        (Budget("rate", "rate", 100, "/s", "≥"), "90 /s", "missed"),
        (Budget("rate", "rate", 80, "/s", "≥"), "90 /s", "met"),
        (Budget("time", "ms", 8, "ms"), "9 ms", "missed"),
        (Budget("time", "ms", 8, "ms", rows={"loop": "open"}), "7 ms", "met"),
    ],
)
def test_a_budget_stands_beside_the_worst_that_counts(
    budget: Budget, measured: str, verdict: str
) -> None:
    rows = [{"loop": "open", "rate": 90, "ms": 7}, {"loop": "closed", "rate": 95, "ms": 9}]
    row = budget.row(Report("pipeline", rows))
    assert (row["measured"], row[""]) == (measured, verdict)


def test_every_budget_reads_columns_that_its_benchmark_prints() -> None:
    told = asyncio.run(rules(0, 0))
    [budget] = BUDGETS[rules]
    assert budget.row(told)["shown by"] == "recado bench rules"
    assert {one["rules"] for one in told.rows} == {1, 10, 100, 1_000}


async def test_pages_that_hear_nothing_are_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_PATIENCE_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(BenchFailed, match="No stream for 2 more pages"):
            await live._open(url, "", live._Told(), 2)
