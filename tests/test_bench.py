"""The benchmarks' own parts: what they count must be right, whatever the machine."""

import os

import aiohttp
import pytest
from sqlalchemy import text

from recado.bench import backlog
from recado.bench.machine import family_seconds, memory_mib
from recado.bench.printing import Report, milliseconds, percentile
from recado.bench.receiving import Hosts
from recado.db.database import Database
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


async def test_a_backlog_grows_is_claimed_and_given_back(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "_STEPS", (10, 60))
    monkeypatch.setattr(backlog, "_ROUNDS", 2)
    rows = await backlog.rows_of(database)
    assert [one["waiting"] for one in rows] == [10, 60]
    async with database.transaction() as tx:
        left = "select count(*) from deliveries where state = 'pending' and claim is null"
        assert await tx.scalar(text(left)) == 60
