"""A destination put aside by hand: its calls wait, say why, cost no attempt, and go on by themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from recado.db.database import Database, Transaction
from recado.deliveries.destinations import find_destination
from recado.deliveries.explaining_lanes import outlook_of
from recado.deliveries.limiting import Limit, limit_lane
from recado.deliveries.models import LaneLimit
from recado.deliveries.policies import Per
from recado.deliveries.resting import prune_rests, rest_lane, rest_of, resting_lanes, wake_lane
from recado.deliveries.waiting import wait_of
from tests.browser import Browser
from tests.deliveries.rows import a_delivery, claim, fresh
from tests.people import NOW, Cast, gather

LANE = "https://crm.example:443"
END = NOW + timedelta(hours=1)
AFTER = END + timedelta(seconds=1)


@pytest.fixture
async def here(tx: Transaction) -> Cast:
    return await gather(tx)


async def _rest(tx: Transaction, cast: Cast) -> None:
    await rest_lane(tx, cast.account.id, LANE, "Ana Lima", until=END)


async def _claimed(tx: Transaction, cast: Cast, *, at: object) -> int:
    return len([one for one in await claim(tx, now=at) if one.account_id == cast.account.id])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "lasts"),
    [
        ("15", timedelta(minutes=15)),
        ("60", timedelta(hours=1)),
        ("1440", timedelta(days=1)),
        ("0", None),
        ("-15", None),
        ("61", None),
        ("", None),
        ("never", None),
    ],
)
def test_how_long_is_chosen_from_a_list(minutes: str, lasts: timedelta | None) -> None:
    assert rest_of(minutes) == lasts


@pytest.mark.parametrize(
    ("at", "sent"), [(NOW, 0), (END - timedelta(seconds=1), 0), (END, 1), (AFTER, 1)]
)
async def test_nothing_is_sent_until_then(
    tx: Transaction, here: Cast, at: object, sent: int
) -> None:
    made = await a_delivery(tx, here.account.id)
    await _rest(tx, here)
    assert await _claimed(tx, here, at=at) == sent
    await tx.refresh(made)
    assert made.attempts_count == 0


async def test_other_destinations_and_accounts_go_on(tx: Transaction, here: Cast) -> None:
    await _rest(tx, here)
    await a_delivery(tx, here.account.id)
    other = await a_delivery(tx, here.account.id)
    other.lane = "https://erp.example:443"
    await a_delivery(tx, here.other_account.id)
    await tx.flush()
    sent = {(one.account_id, one.lane) for one in await claim(tx)}
    assert sent == {(here.account.id, other.lane), (here.other_account.id, LANE)}


@pytest.mark.parametrize("limit", [None, Limit(2, Per.MINUTE)])
async def test_it_goes_on_at_once_when_somebody_says_so(
    tx: Transaction, here: Cast, limit: Limit | None
) -> None:
    for _ in range(5):
        await a_delivery(tx, here.account.id)
    await limit_lane(tx, here.account.id, LANE, limit)
    await _rest(tx, here)
    assert await _claimed(tx, here, at=NOW) == 0
    await wake_lane(tx, here.account.id, LANE, now=NOW)
    assert await _claimed(tx, here, at=NOW) == (5 if limit is None else 2)


@pytest.mark.parametrize("limit", [None, Limit(3, Per.MINUTE)])
async def test_another_limit_wakes_nothing_and_holds_afterwards(
    tx: Transaction, here: Cast, limit: Limit | None
) -> None:
    for _ in range(5):
        await a_delivery(tx, here.account.id)
    await limit_lane(tx, here.account.id, LANE, Limit(1, Per.MINUTE))
    await _rest(tx, here)
    await limit_lane(tx, here.account.id, LANE, limit)
    assert await _claimed(tx, here, at=NOW) == 0
    assert await _claimed(tx, here, at=AFTER) == (5 if limit is None else 3)


async def test_a_waiting_call_says_who_and_until_when(tx: Transaction, here: Cast) -> None:
    made = await a_delivery(tx, here.account.id)
    theirs = await a_delivery(tx, here.other_account.id)
    await _rest(tx, here)
    wait = await wait_of(tx, await fresh(tx, made.id), now=NOW)
    assert wait is not None
    assert str(wait.sentence) == (
        "Ana Lima put crm.example aside: its calls wait and cost no attempt."
    )
    assert wait.until == END
    assert await wait_of(tx, await fresh(tx, theirs.id), now=NOW) is None
    assert await wait_of(tx, await fresh(tx, made.id), now=AFTER) is None


async def test_the_destination_shows_it_and_no_limit(tx: Transaction, here: Cast) -> None:
    await a_delivery(tx, here.account.id)
    await _rest(tx, here)
    one = await find_destination(tx, here.account.id, LANE, now=NOW)
    assert one is not None
    assert (one.limit, one.rests_by) == (None, "Ana Lima")
    outlook = outlook_of(one, now=NOW)
    assert (outlook.code, outlook.until) == ("resting", END)
    later = await find_destination(tx, here.account.id, LANE, now=AFTER)
    assert later is not None
    assert outlook_of(later, now=AFTER).code == "free"


@pytest.mark.parametrize(("at", "kept"), [(NOW, 1), (AFTER, 0)])
async def test_a_rest_that_is_over_is_forgotten(
    tx: Transaction, here: Cast, at: object, kept: int
) -> None:
    await _rest(tx, here)
    assert await prune_rests(tx, now=at) == 1 - kept  # type: ignore[arg-type]
    assert await tx.scalar(select(func.count()).select_from(LaneLimit)) == kept


# --- the pages ---


@pytest.fixture
async def waiting(database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await a_delivery(tx, cast.account.id)


async def test_an_administrator_puts_it_aside_and_takes_it_back(
    ana: Browser, database: Database, cast: Cast, waiting: None
) -> None:
    form = (await ana.get(f"/app/destinations/rest?lane={LANE}")).text
    assert "Put crm.example aside" in form
    answer = await ana.post("/app/destinations/rest", {"lane": LANE, "minutes": "60"})
    assert answer.headers["location"] == "/app/destinations"
    for path in ("/app/destinations", "/app/deliveries", "/app/deliveries/1"):
        assert "Ana Lima put crm.example aside" in (await ana.get(path)).text
    await ana.post("/app/destinations/wake", {"lane": LANE})
    assert "aside:" not in (await ana.get("/app/destinations")).text
    async with database.transaction() as tx:
        assert await resting_lanes(tx, cast.account.id, now=NOW) == {}


@pytest.mark.parametrize("path", ["/app/destinations/rest", "/app/destinations/wake"])
async def test_strangers_and_agents_cannot(
    beto: Browser, celia: Browser, waiting: None, path: str
) -> None:
    form = {"lane": LANE, "minutes": "60"}
    assert (await beto.post(path, form)).status_code == 403
    assert (await celia.post(path, form)).status_code == 404


@pytest.mark.parametrize("minutes", ["", "0", "99999", "x"])
async def test_a_strange_choice_is_refused(ana: Browser, waiting: None, minutes: str) -> None:
    form = {"lane": LANE, "minutes": minutes}
    assert (await ana.post("/app/destinations/rest", form)).status_code == 400
    assert "aside:" not in (await ana.get("/app/destinations")).text
