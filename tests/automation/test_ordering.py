"""Putting rules into another order, also where they fill more than a page."""

import re

import pytest

from recado.automation.saving import rules_of
from recado.db.database import Database
from recado.lib.long_lists import PAGE
from tests.automation.stories import a_rule
from tests.browser import Browser
from tests.people import Cast

MANY = 2 * PAGE + 5


@pytest.fixture
async def ids(database: Database, cast: Cast) -> list[int]:
    """The rules of an account that fill three pages, in their order."""
    async with database.transaction() as tx:
        return [(await a_rule(tx, cast, name=f"Rule {n:03}")).id for n in range(1, MANY + 1)]


async def order(database: Database, cast: Cast) -> list[int]:
    async with database.transaction() as tx:
        return [one.id for one in await rules_of(tx, cast.account.id)]


def sent(to: str) -> dict[str, str]:
    """What a form of the page sends: its field, and the button that was pressed, if one was."""
    return {"place": "", "to": to} if to in {"up", "down"} else {"place": to}


def shown_in(text: str) -> list[int]:
    return [int(one) for one in re.findall(r'id="rule-(\d+)"', text)]


@pytest.mark.parametrize(
    ("place", "to", "there"),
    [
        (MANY, "1", 1),  # from the last page to the top
        (1, str(MANY), MANY),
        (1, str(10 * MANY), MANY),  # beyond the end is the end
        (PAGE + 1, "up", PAGE),  # over the edge of a page
        (PAGE, "down", PAGE + 1),
        (7, str(PAGE + 7), PAGE + 7),
        (7, "0", 7),  # no place
    ],
)
async def test_a_rule_is_moved_anywhere_and_its_page_is_shown(
    ana: Browser, database: Database, cast: Cast, ids: list[int], place: int, to: str, there: int
) -> None:
    moved = ids[place - 1]
    answer = await ana.post(f"/app/automation/{moved}/move", sent(to), htmx=True)
    expected = [one for one in ids if one != moved]
    expected.insert(there - 1, moved)
    assert await order(database, cast) == expected
    number = (there - 1) // PAGE + 1
    assert shown_in(answer.text) == expected[(number - 1) * PAGE : number * PAGE]
    address = "/app/automation" + (f"?page={number}" if number > 1 else "")
    assert answer.headers["hx-replace-url"] == address
    without_scripts = await ana.post(f"/app/automation/{moved}/move", sent(str(there)))
    assert without_scripts.headers["location"] == f"{address}#rule-{moved}"


async def test_a_page_knows_the_places_of_its_rules_in_the_whole_order(
    ana: Browser, ids: list[int]
) -> None:
    second = (await ana.get("/app/automation?page=2")).text
    assert f'<drag-order class="list" first="{PAGE + 1}">' in second
    fields = re.findall(r'name="place" min="1" max="(\d+)" value="(\d+)"', second)
    assert fields == [(str(MANY), str(place)) for place in range(PAGE + 1, 2 * PAGE + 1)]
    assert f'id="rule-{ids[PAGE]}-up"' in second  # over the edge


async def test_a_rule_that_was_searched_for_is_moved_by_its_place_alone(
    ana: Browser, database: Database, cast: Cast, ids: list[int]
) -> None:
    found = (await ana.get("/app/automation?q=rule+07")).text
    assert shown_in(found) == [ids[6], *ids[69:79]]  # 007, 070 to 079
    assert "data-drag" not in found
    assert f'id="rule-{ids[69]}-up"' not in found
    [_, path, *_] = re.findall(r'hx-post="(/app/automation/\d+/move[^"]*)"', found)
    answer = await ana.post(path.replace("&amp;", "&"), sent("2"), htmx=True)
    assert await order(database, cast) == [ids[0], ids[69], *ids[1:69], *ids[70:]]
    assert shown_in(answer.text) == [ids[69], ids[6], *ids[70:79]]  # still what was searched for
    assert answer.headers["hx-replace-url"] == "/app/automation?q=rule+07"


async def test_a_rule_that_is_switched_on_a_page_keeps_its_place(
    ana: Browser, ids: list[int]
) -> None:
    path = f"/app/automation/{ids[PAGE]}/switch?to=off"
    row = (await ana.post(f"{path}&page=2", htmx=True)).text
    assert f'max="{MANY}" value="{PAGE + 1}"' in row
    assert "/switch?to=on&amp;page=2" in row
    assert "/switch?to=on&amp;undone=1&amp;page=2" in row
    answer = await ana.post(f"{path}&page=2")
    assert answer.headers["location"] == "/app/automation?page=2"
    searched = (await ana.post(f"{path}&q=rule", htmx=True)).text
    assert "data-drag" not in searched


async def test_a_few_rules_have_no_places_to_choose(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        for name in ("One", "Two"):
            await a_rule(tx, cast, name=name)
    shown = (await ana.get("/app/automation")).text
    assert 'type="number"' not in shown
    assert shown.count("data-drag ") == 2
