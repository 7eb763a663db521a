"""Conversations in numbers, from what was written while they went on."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recado.conversations.changing import change_conversation
from recado.conversations.models import ReportingName
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM
from recado.reports.conversations import (
    Figures,
    figures_by,
    figures_by_day,
    figures_in_all,
)
from recado.reports.dimensions import Dimension
from recado.reports.periods import Period
from recado.reports.spreads import Spread
from tests.people import Cast, gather
from tests.reports.conftest import ZONE, a_talk

DAYS = Period(date(2026, 11, 20), date(2026, 11, 22), ZONE)


def at(day: int, clock: str) -> datetime:
    """A moment of November in São Paulo."""
    return datetime.fromisoformat(f"2026-11-{day} {clock}").replace(tzinfo=ZoneInfo(ZONE))


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    """A desk: two conversations on the 20th, one on the 22nd, and one on the days around."""
    here = await gather(tx)
    ana, beto = here.ana.user, here.beto.user
    await a_talk(tx, here, at(19, "23:59"), by=beto, answered=0)
    await a_talk(tx, here, at(20, "00:00"), by=beto, answered=2, resolved=30)
    await a_talk(tx, here, at(20, "23:58"), by=ana, answered=4, resolved=90)
    await a_talk(tx, here, at(22, "12:00"), by=beto, answered=12)
    await a_talk(tx, here, at(23, "00:00"), by=beto, answered=1, resolved=2)
    return here


def counts(figures: Figures) -> list[int]:
    """Opened, answered, resolved, opened again."""
    names = ("CREATED", "RESOLVED", "OPENED")
    found = [figures.count(ReportingName[f"CONVERSATION_{name}"]) for name in names]
    return [found[0], figures.count(ReportingName.FIRST_RESPONSE), *found[1:]]


async def test_the_whole_period(tx: Transaction, here: Cast) -> None:
    figures = await figures_in_all(tx, here.account.id, DAYS, business=False)
    assert counts(figures) == [3, 3, 2, 0]
    assert figures.spreads[ReportingName.FIRST_RESPONSE] == Spread(3, 240.0, 624.0)
    assert figures.spreads[ReportingName.CONVERSATION_RESOLVED] == Spread(2, 3600.0, 5040.0)


async def test_a_line_for_every_day_by_the_accounts_clock(tx: Transaction, here: Cast) -> None:
    days = await figures_by_day(tx, here.account.id, DAYS, business=False)
    # the answer to the second came after midnight, as its resolution did
    assert [counts(one) for one in days] == [[2, 1, 1, 0], [0, 1, 1, 0], [1, 1, 0, 0]]
    assert days[0].spreads[ReportingName.FIRST_RESPONSE].median == 120.0
    assert ReportingName.CONVERSATION_RESOLVED not in days[2].spreads


async def test_by_whose_they_are(tx: Transaction, here: Cast) -> None:
    found = await figures_by(tx, here.account.id, DAYS, Dimension.AGENT, business=False)
    assert {key: counts(one) for key, one in found.items()} == {
        here.beto.user_id: [1, 2, 1, 0],
        here.ana.user_id: [1, 1, 1, 0],
        None: [1, 0, 0, 0],  # nobody was assigned to it
    }
    found = await figures_by(tx, here.account.id, DAYS, Dimension.INBOX, business=False)
    assert {key: counts(one) for key, one in found.items()} == {here.inbox.id: [3, 3, 2, 0]}


async def test_a_conversation_counts_for_each_of_its_labels(tx: Transaction, here: Cast) -> None:
    talk = await a_talk(tx, here, at(21, "12:00"), by=here.ana.user, answered=1)
    labels = {"labels": ["vip", "billing"]}
    await change_conversation(tx, talk, labels, cause=BY_SYSTEM, now=at(21, "13:00"))  # type: ignore[arg-type]
    found = await figures_by(tx, here.account.id, DAYS, Dimension.LABEL, business=False)
    assert {key: counts(one) for key, one in found.items()} == {
        "vip": [1, 1, 0, 0],
        "billing": [1, 1, 0, 0],
    }


async def test_business_hours_only(tx: Transaction, here: Cast) -> None:
    here.inbox.has_hours, here.inbox.time_zone = True, ZONE  # Monday to Friday, 9 to 17
    friday = Period(date(2026, 11, 27), date(2026, 11, 30), ZONE)
    await a_talk(tx, here, at(27, "16:30"), by=here.ana.user, answered=3 * 24 * 60)
    figures = await figures_in_all(tx, here.account.id, friday, business=True)
    wait = timedelta(minutes=30) + timedelta(hours=7.5)  # Friday's rest, and Monday until 16:30
    assert figures.spreads[ReportingName.FIRST_RESPONSE].median == wait.total_seconds()


async def test_another_account_counts_for_itself(tx: Transaction, here: Cast) -> None:
    assert counts(
        await figures_in_all(tx, here.other_account.id, DAYS, business=False)
    ) == [0, 0, 0, 0]  # fmt: skip
