"""Calls in numbers: counted once, whether the worker has counted them already or not."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select

from recado.db.database import Transaction
from recado.deliveries.models import Delivery
from recado.deliveries.states import State
from recado.reports.calls import CallReport, call_report
from recado.reports.counting import count_calls, counted_until
from recado.reports.models import CallTotal
from recado.reports.periods import Period
from tests.people import Cast, gather
from tests.reports.conftest import ZONE, a_call

DAYS = Period(date(2026, 11, 20), date(2026, 11, 22), ZONE)
NOON = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo(ZONE))


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    """Calls of two actions on three days."""
    here = await gather(tx)
    for minutes in (0, 1, 30):
        await a_call(tx, here, NOON - timedelta(days=2, minutes=minutes))
    await a_call(tx, here, NOON - timedelta(days=1), state=State.FAILED, status=500)
    await a_call(tx, here, NOON - timedelta(days=1), state=State.UNKNOWN, milliseconds=None)
    await a_call(tx, here, NOON, action=2, lane="http://erp.example:80", milliseconds=2_000.0)
    await a_call(tx, here, NOON, action=2, state=State.SKIPPED, milliseconds=None)
    await a_call(tx, here, NOON, is_test=True)
    await a_call(tx, here, NOON - timedelta(days=3))  # before the period
    return here


def told(report: CallReport) -> dict[int, tuple[int, int, int]]:
    """Delivered, failed and unsent calls by action."""
    actions = report.actions.items()
    return {one: (calls.delivered, calls.failed, calls.unsent) for one, calls in actions}


EVERYTHING = {1: (3, 2, 0), 2: (1, 0, 1)}


async def _count_all(tx: Transaction, now: datetime) -> int:
    turns = 1
    while await count_calls(tx, now=now):
        turns += 1
    return turns


@pytest.mark.parametrize(
    "counted_at",
    [
        None,  # nothing is counted: all from the log
        NOON - timedelta(days=1, hours=-1),  # the first two days
        NOON + timedelta(minutes=30),  # all but the hour that runs
        NOON + timedelta(hours=2),  # everything
    ],
    ids=["nothing", "some", "all but the last hour", "everything"],
)
async def test_each_call_counts_once(
    tx: Transaction, here: Cast, counted_at: datetime | None
) -> None:
    if counted_at:
        await _count_all(tx, counted_at)
    report = await call_report(tx, here.account.id, DAYS)
    assert told(report) == EVERYTHING
    assert [(one.delivered, one.failed) for one in report.days] == [(3, 0), (0, 2), (1, 0)]
    assert {host: calls.delivered for host, calls in report.hosts.items()} == {
        "crm.example:443": 3, "erp.example:80": 1,
    }  # fmt: skip
    assert (report.total.delivered, report.total.success) == (4, 4 / 6)


async def test_counting_again_adds_nothing(tx: Transaction, here: Cast) -> None:
    await _count_all(tx, NOON + timedelta(hours=2))
    until = await counted_until(tx)
    assert await _count_all(tx, NOON + timedelta(hours=2)) == 1
    assert await counted_until(tx) == until
    assert await tx.scalar(select(func.sum(CallTotal.count))) == 8


async def test_an_hour_adds_to_its_day(tx: Transaction, here: Cast) -> None:
    await _count_all(tx, NOON + timedelta(hours=2))
    await a_call(tx, here, NOON + timedelta(hours=2, minutes=5))
    await _count_all(tx, NOON + timedelta(hours=4))
    assert told(await call_report(tx, here.account.id, DAYS)) == {**EVERYTHING, 1: (4, 2, 0)}


async def test_what_the_log_forgets_stays_counted(tx: Transaction, here: Cast) -> None:
    await _count_all(tx, NOON + timedelta(hours=2))
    await tx.execute(delete(Delivery))
    assert told(await call_report(tx, here.account.id, DAYS)) == EVERYTHING


async def test_latencies_are_right_to_five_percent(tx: Transaction, here: Cast) -> None:
    calls = (await call_report(tx, here.account.id, DAYS)).actions
    assert calls[1].latency(0.5) == pytest.approx(100, rel=0.05)
    assert calls[2].latency(0.95) == pytest.approx(2_000, rel=0.05)


async def test_another_account_sees_none_of_them(tx: Transaction, here: Cast) -> None:
    assert told(await call_report(tx, here.other_account.id, DAYS)) == {}
