"""Choosing, starting, watching and stopping a replay."""

from html import unescape

import pytest

from recado.db.database import Database
from recado.deliveries.models import Delivery
from recado.replays.comparing import Line, difference
from recado.replays.models import Mode
from recado.replays.running import advance_replays, find_replay, replays_of
from tests.browser import Browser
from tests.deliveries.rows import a_delivery, answered
from tests.deliveries.test_pages import ended
from tests.people import NOW, Cast
from tests.replays.stories import failed_story


@pytest.fixture
async def failed(database: Database, cast: Cast) -> Delivery:
    async with database.transaction() as tx:
        await ended(tx, cast, answered(200))
        made = await ended(tx, cast, answered(404))
        await a_delivery(tx, cast.account.id, is_test=True)
        return made


async def test_everything_is_said_before_anything_is_sent(ana: Browser, failed: Delivery) -> None:
    text = (await ana.get("/app/replays/new?status=4xx")).text
    assert "1 delivery matches." in text
    assert 'name="status" value="4xx"' in text
    assert 'href="/app/deliveries?status=4xx"' in text  # back
    assert "2 deliveries match." in (await ana.get("/app/replays/new")).text  # no tests
    assert "Nothing matches" in (await ana.get("/app/replays/new?status=418")).text


async def test_it_starts_shows_how_far_it_is_and_stops(
    ana: Browser, database: Database, cast: Cast, failed: Delivery
) -> None:
    started = await ana.post(
        "/app/replays", {"state": "failed", "with_data": "then", "per_minute": "60"}
    )
    path = started.headers["location"]
    assert "0 of 1 looked at" in (await ana.get(path)).text
    async with database.transaction() as tx:
        await advance_replays(tx, now=NOW.replace(year=2100))
    text = (await ana.get(path)).text
    assert "1 sent again" in text
    assert "Done" in text
    assert "1 sent again" in (await ana.get("/app/replays")).text
    await ana.post(f"{path}/cancel")  # ended: it stays so
    async with database.transaction() as tx:
        replayed = await find_replay(tx, cast.account.id, int(path.rpartition("/")[2]))
    assert replayed is not None
    assert (replayed.state, replayed.mode, replayed.per_minute) == ("done", Mode.AS_IT_WAS, 60)


@pytest.fixture
async def story(database: Database, cast: Cast) -> Delivery:
    """A call of Maria's name that failed; since then she and the action have changed."""
    async with database.transaction() as tx:
        return (await failed_story(tx, cast))[1]


async def test_each_choice_shows_what_changes_first(ana: Browser, story: Delivery) -> None:
    text = unescape((await ana.get(f"/app/replays/new?ids={story.id}")).text)
    shown = {
        mode: text.partition(f'<div class="{mode}">')[2].partition("</pre>")[0]
        for mode in ("action_now", "data_now", "all_now")
    }
    assert '+   "name": "Maria"\n' in shown["action_now"]
    assert '+   "n": "Maria Souza"\n' in shown["data_now"]
    assert '+   "name": "Maria Souza"\n' in shown["all_now"]
    assert all('-   "n": "Maria"\n' in one for one in shown.values())


@pytest.mark.parametrize(
    ("data", "action", "mode"),
    [
        ("then", "then", "as_it_was"),
        ("then", "now", "action_now"),
        ("now", "then", "data_now"),
        ("now", "now", "all_now"),
        ("", "odd", "as_it_was"),
    ],
)
async def test_data_and_action_are_chosen_apart(
    ana: Browser, database: Database, story: Delivery, data: str, action: str, mode: str
) -> None:
    await ana.post("/app/replays", {"with_data": data, "with_action": action})
    async with database.transaction() as tx:
        [replayed] = await replays_of(tx, story.account_id)
    assert replayed.mode == mode


async def test_the_log_offers_what_it_shows(ana: Browser, failed: Delivery) -> None:
    text = (await ana.get("/app/deliveries?state=failed")).text
    assert 'href="/app/replays/new?state=failed"' in text


async def test_only_administrators_come_in(beto: Browser, failed: Delivery) -> None:
    for path in ("/app/replays", "/app/replays/new"):
        assert (await beto.get(path)).status_code == 403
    assert (await beto.post("/app/replays")).status_code == 403


async def test_a_stranger_replays_only_their_own(
    celia: Browser, database: Database, failed: Delivery
) -> None:
    await celia.post("/app/replays", {"ids": str(failed.id)})
    async with database.transaction() as tx:
        await advance_replays(tx, now=NOW.replace(year=2100))
        row = await tx.get_one(Delivery, failed.id)
    assert row.state == "failed"


def test_a_difference_is_told_line_by_line() -> None:
    old = {"method": "POST", "url": "https://a/", "headers": [["X", "", 7]], "body": '{"n": 1}'}
    new = {**old, "url": "https://b/", "body": '{"n": 1, "m": 2}'}
    told = difference(old, new)
    assert Line("-", "POST https://a/") in told
    assert Line("+", "POST https://b/") in told
    assert Line(" ", "X: ••••••") in told
    assert all(one.mark == " " for one in difference(old, old))
