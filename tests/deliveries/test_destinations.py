"""Destinations: what is going on with each, how it answered lately, and its rate limit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recado.db.database import Database, Transaction
from recado.deliveries.destinations import Destination, destinations_of, find_destination
from recado.deliveries.explaining_lanes import outlook_of
from recado.deliveries.limiting import Limit, limit_lane
from recado.deliveries.models import Attempt, Lane
from recado.deliveries.policies import Per
from tests.browser import Browser
from tests.deliveries.rows import a_delivery, claim
from tests.people import NOW, Cast, gather

LANE = "https://crm.example:443"
ONE = Destination(lane=LANE)
SOON = NOW + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("one", "code", "words"),
    [
        (ONE, "free", "up to 10 at once"),
        (replace(ONE, concurrency=10.4), "free", "up to 10 at once"),
        (replace(ONE, concurrency=2.5), "slowed", "at most 2 at once"),
        (replace(ONE, limited_until=SOON), "limited", "as many calls as your rate limit allows"),
        (replace(ONE, open_until=SOON), "paused", "nothing is sent there for a while"),
        (replace(ONE, open_until=NOW), "probing", "The next call goes out to see"),
        (replace(ONE, open_until=SOON, is_probing=True), "probing", "One call is out to see"),
        (replace(ONE, open_until=SOON, limited_until=SOON, concurrency=1.0), "paused", "nothing"),
    ],
)
def test_a_destination_says_what_is_going_on(one: Destination, code: str, words: str) -> None:
    outlook = outlook_of(one, now=NOW)
    assert outlook.code == code
    assert words in str(outlook.happens)
    assert outlook.until == (SOON if code in {"limited", "paused"} else None)


async def test_what_waits_and_how_it_answered_is_of_the_account_alone(tx: Transaction) -> None:
    cast = await gather(tx)
    tx.add(Lane(lane=LANE, concurrency=4.0))
    for _ in range(3):
        await a_delivery(tx, cast.account.id, due_at=NOW + timedelta(hours=1))
    sent = await a_delivery(tx, cast.account.id)
    theirs = await a_delivery(tx, cast.other_account.id, due_at=NOW + timedelta(hours=1))
    assert len(await claim(tx)) == 1
    for number in range(1, 101):
        tx.add(Attempt(delivery_id=sent.id, number=number, started_at=NOW, milliseconds=number,
                       trouble="timeout" if number > 90 else None))  # fmt: skip
    tx.add(Attempt(delivery_id=theirs.id, number=1, started_at=NOW, milliseconds=9_000))
    await tx.flush()
    [one] = await destinations_of(tx, cast.account.id, now=NOW)
    assert (one.lane, one.host, one.concurrency) == (LANE, "crm.example", 4.0)
    assert (one.waiting, one.in_flight) == (4, 1)
    assert (one.calls, one.failures) == (100, 10)
    assert one.p50 == pytest.approx(50.5)
    assert one.p99 == pytest.approx(99.01)


async def test_a_limit_shows_with_until_when_it_is_used_up(tx: Transaction) -> None:
    cast = await gather(tx)
    for _ in range(2):
        await a_delivery(tx, cast.account.id)
    await limit_lane(tx, cast.account.id, LANE, Limit(1, Per.MINUTE))
    one = await find_destination(tx, cast.account.id, LANE, now=NOW)
    assert one is not None
    assert (one.limit, one.limited_until) == (Limit(1, Per.MINUTE), None)
    assert len(await claim(tx)) == 1
    one = await find_destination(tx, cast.account.id, LANE, now=NOW)
    assert one is not None
    assert one.limited_until == NOW + timedelta(minutes=1)
    assert await find_destination(tx, cast.other_account.id, LANE, now=NOW) is None


@pytest.fixture
async def sent(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await a_delivery(tx, cast.account.id)


async def test_an_administrator_limits_a_destination(ana: Browser, sent: None) -> None:
    text = (await ana.get("/app/destinations")).text
    assert "crm.example" in text
    assert "No rate limit" in text
    form = {"lane": LANE, "most_calls": "5", "most_calls_per": "second"}
    assert (await ana.post("/app/destinations/limit", form)).status_code == 303
    assert "At most 5 calls in each second" in (await ana.get("/app/destinations")).text
    shown = (await ana.get("/app/destinations/limit", params={"lane": LANE})).text
    assert 'value="5"' in shown
    await ana.post("/app/destinations/limit", {**form, "most_calls": ""})
    assert "No rate limit" in (await ana.get("/app/destinations")).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"most_calls": "many"}, "Enter a number from 1 to 1,000,000."),
        ({"most_calls": "0"}, "Enter a number from 1 to 1,000,000."),
        ({"most_calls": "5", "most_calls_per": "week"}, "Choose one of"),
    ],
)
async def test_a_limit_that_makes_no_sense_is_refused(
    ana: Browser, sent: None, typed: dict[str, str], sentence: str
) -> None:
    answer = await ana.post("/app/destinations/limit", {"lane": LANE, **typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{typed["most_calls"]}"' in answer.text


async def test_a_stranger_s_destination_is_as_absent_as_one_that_never_was(
    celia: Browser, sent: None
) -> None:
    assert "crm.example" not in (await celia.get("/app/destinations")).text
    for lane in (LANE, "https://never.example:443", ""):
        path = "/app/destinations/limit"
        assert (await celia.get(path, params={"lane": lane})).status_code == 404
        assert (await celia.post(path, {"lane": lane, "most_calls": "1"})).status_code == 404


async def test_only_administrators_come_in(beto: Browser, sent: None) -> None:
    assert (await beto.get("/app/destinations")).status_code == 403
    assert (await beto.post("/app/destinations/limit", {"lane": LANE})).status_code == 403
