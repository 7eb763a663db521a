"""Calling off many at once: ticked rows or all that match, with the number first, and a stop."""

from datetime import timedelta

import pytest

from recado.db.database import Database, Transaction
from recado.deliveries.filtering import LogFilter
from recado.deliveries.models import Delivery
from recado.deliveries.settling import called_off
from recado.deliveries.showing import attempts_text
from recado.deliveries.states import State, Why
from recado.replays.models import Mode
from recado.replays.repeating import How
from recado.replays.running import advance_replays, cancel_replay, start_replay
from tests.browser import Browser
from tests.deliveries.rows import a_delivery, claim
from tests.people import NOW, Cast, gather

CANCEL = How(Mode.CANCEL, includes_delivered=False, who="Ana")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


@pytest.mark.parametrize(
    ("state", "becomes"),
    [
        (State.PENDING, State.CANCELLED),
        (State.HELD, State.CANCELLED),
        (State.DELIVERED, State.DELIVERED),
        (State.FAILED, State.FAILED),
        (State.EXPIRED, State.EXPIRED),
        (State.SKIPPED, State.SKIPPED),
    ],
)
async def test_only_what_waits_is_called_off(
    tx: Transaction, people: Cast, state: State, becomes: State
) -> None:
    made = await a_delivery(tx, people.account.id)
    theirs = await a_delivery(tx, people.other_account.id)
    made.state = state
    await tx.flush()
    running = await start_replay(tx, people.account.id, LogFilter(), CANCEL, now=LATER)
    await advance_replays(tx, now=LATER)
    assert made.state == becomes
    assert theirs.state == State.PENDING
    counted = (running.sent_count, sum(running.left_out.values()))
    assert counted == ((1, 0) if becomes == State.CANCELLED else (0, 1))
    assert running.cancels


async def test_the_row_says_who_called_it_off(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    await start_replay(tx, people.account.id, LogFilter(), CANCEL, now=LATER)
    await advance_replays(tx, now=LATER)
    assert made.reason == {"why": Why.BY_PERSON, "who": "Ana"}
    assert (made.due_at, made.finished_at) == (None, LATER)


async def test_what_is_being_sent_is_not_tried_again(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id)
    await claim(tx)
    await tx.refresh(made)  # a worker's transaction is another one
    await start_replay(tx, people.account.id, LogFilter(), CANCEL, now=LATER)
    await advance_replays(tx, now=LATER)
    await tx.refresh(made)
    assert made.state == State.PENDING
    assert called_off(made.reason["why"])


async def test_stopped_it_calls_no_more_off(tx: Transaction, people: Cast) -> None:
    made = [await a_delivery(tx, people.account.id) for _ in range(3)]
    running = await start_replay(
        tx, people.account.id, LogFilter(), CANCEL, per_minute=1, now=LATER
    )
    await advance_replays(tx, now=LATER)  # one at a time, at this pace
    await cancel_replay(tx, running, now=LATER)
    await advance_replays(tx, now=LATER + timedelta(days=1))
    states = [one.state for one in made]
    assert states == [State.CANCELLED, State.PENDING, State.PENDING]


# --- the pages ---


@pytest.fixture
async def waiting(database: Database, cast: Cast) -> list[Delivery]:
    """Two that wait, one held, one delivered."""
    async with database.transaction() as tx:
        made = [await a_delivery(tx, cast.account.id) for _ in range(4)]
        made[2].state, made[3].state = State.HELD, State.DELIVERED
    return made


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "3 deliveries wait."),
        ("state=pending", "2 deliveries wait."),
        ("state=held", "1 delivery waits."),
        ("state=delivered", "Nothing waits here"),
        ("status=418", "Nothing waits here"),
        ("ids=1&ids=4", "1 delivery waits."),
        ("ids=1&ids=2&ids=3", "3 deliveries wait."),
        ("ids=1,2", "2 deliveries wait."),
        ("ids=4", "Nothing waits here"),
        ("ids=odd", "3 deliveries wait."),
    ],
)
async def test_the_number_is_said_first(
    ana: Browser, waiting: list[Delivery], query: str, said: str
) -> None:
    assert said in (await ana.get(f"/app/replays/cancel?{query}")).text


async def test_ticked_rows_go_again_or_are_called_off(
    ana: Browser, database: Database, waiting: list[Delivery]
) -> None:
    again = (await ana.get("/app/replays/new?ids=1&ids=3&state=")).text
    assert "2 deliveries match." in again
    assert 'name="ids" value="1,3"' in again
    form = {"cancel": "true", "ids": "1,3", "per_minute": "6000"}
    path = (await ana.post("/app/replays", form)).headers["location"]
    async with database.transaction() as tx:
        await advance_replays(tx, now=NOW.replace(year=2100))
        states = [(await tx.get_one(Delivery, one.id)).state for one in waiting]
    assert states == [State.CANCELLED, State.PENDING, State.CANCELLED, State.DELIVERED]
    for page in (path, "/app/replays"):
        assert "2 cancelled" in (await ana.get(page)).text


async def test_only_administrators_and_only_ones_own(
    beto: Browser, celia: Browser, waiting: list[Delivery]
) -> None:
    assert (await beto.get("/app/replays/cancel")).status_code == 403
    assert "Nothing waits here" in (await celia.get("/app/replays/cancel?ids=1")).text


async def test_the_log_offers_it_where_something_waits(
    ana: Browser, celia: Browser, waiting: list[Delivery]
) -> None:
    log = (await ana.get("/app/deliveries?q=&tests=without")).text
    assert 'href="/app/replays/cancel?tests=without"' in log
    assert log.count('name="ids"') == len(waiting)
    assert 'id="cancel-many"' not in (await celia.get("/app/deliveries")).text


async def test_the_api_calls_off_too(ana: Browser, cast: Cast, waiting: list[Delivery]) -> None:
    path = f"/api/v1/accounts/{cast.account.id}/replays"
    answer = await ana.api("POST", path, cast.ana_token, {"mode": "cancel", "state": "pending"})
    assert (answer.json()["mode"], answer.json()["total"]) == ("cancel", 2)


# --- attempts of how many ---


@pytest.mark.parametrize(
    ("state", "attempts", "tries", "said"),
    [
        (State.PENDING, 0, 0, "0 of 9"),
        (State.PENDING, 2, 2, "2 of 9"),
        (State.HELD, 2, 2, "2 of 9"),
        (State.PENDING, 9, 0, "9 of 18"),  # somebody sent it again
        (State.DELIVERED, 2, 2, "2"),
        (State.FAILED, 9, 9, "9"),
    ],
)
async def test_a_row_says_how_many_attempts_of_how_many(
    tx: Transaction, people: Cast, state: State, attempts: int, tries: int, said: str
) -> None:
    made = await a_delivery(tx, people.account.id)
    made.state, made.attempts_count, made.tries_count = state, attempts, tries
    assert attempts_text(made) == said


async def test_a_test_is_tried_once(tx: Transaction, people: Cast) -> None:
    made = await a_delivery(tx, people.account.id, is_test=True)
    assert attempts_text(made) == "0"
