"""The lists of the settings where there are many: a search, pages, and as many statements as for few."""

import re

import pytest

from recado.accounts.models import Role, User
from recado.accounts.people import add_member
from recado.automation.macros import MacroDraft, Visibility, save_macro
from recado.contacts.labels import create_label
from recado.conversations.canning import create_canned_response
from recado.db.database import Database, Transaction
from recado.lib.long_lists import PAGE
from tests.automation.stories import a_rule, an_action
from tests.browser import Browser
from tests.counting import counted
from tests.people import NOW, Cast

MANY = PAGE + 5


async def _an_action(tx: Transaction, cast: Cast, name: str) -> None:
    await an_action(tx, cast, name)


async def _a_rule(tx: Transaction, cast: Cast, name: str) -> None:
    await a_rule(tx, cast, name=name)


async def _a_label(tx: Transaction, cast: Cast, name: str) -> None:
    await create_label(tx, cast.account.id, name)


async def _a_text(tx: Transaction, cast: Cast, name: str) -> None:
    await create_canned_response(tx, cast.account.id, name, "Hi", now=NOW)


async def _a_macro(tx: Transaction, cast: Cast, name: str) -> None:
    await save_macro(tx, None, MacroDraft(name, Visibility.GLOBAL), cast.ana, now=NOW)


async def _an_agent(tx: Transaction, cast: Cast, name: str) -> None:
    email = f"{name}@many.example"
    user = User(name=name, email=email, password_hash="", language="en", created_at=NOW)
    tx.add(user)
    await tx.flush()
    await add_member(tx, cast.account.id, user.id, Role.AGENT)


FILLED = {
    "/app/actions": _an_action,
    "/app/automation": _a_rule,
    "/app/labels": _a_label,
    "/app/canned": _a_text,
    "/app/macros": _a_macro,
    "/app/agents": _an_agent,
}
LISTS = pytest.mark.parametrize("path", FILLED)


async def fill(database: Database, cast: Cast, path: str, first: int, last: int) -> str:
    """Rows with these numbers in the list of a page; what all of their names begin with."""
    name = path.rpartition("/")[2]
    async with database.transaction() as tx:
        for number in range(first, last + 1):
            await FILLED[path](tx, cast, f"{name}-{number:03}")
    return name


def rows_in(shown: str, name: str) -> list[str]:
    """The numbers of the rows that stand in a page's list, in their order."""
    titles = re.findall(r'<h2 class="row-title">.*?</h2>', shown, re.DOTALL)
    return [one[1] for title in titles if (one := re.search(rf"{name}-(\d+)", title))]


@LISTS
async def test_a_long_list_has_pages_and_a_search(
    ana: Browser, database: Database, cast: Cast, path: str
) -> None:
    name = await fill(database, cast, path, 1, MANY)
    first, second = (await ana.get(path)).text, (await ana.get(f"{path}?page=2")).text
    numbers = rows_in(first, name) + rows_in(second, name)
    assert numbers == [f"{number:03}" for number in range(1, MANY + 1)]
    assert first.count('<article class="row') == PAGE
    assert f'href="{path}?page=2" rel="next"' in first
    assert f'href="{path}?" rel="prev"' in second
    found = (await ana.get(f"{path}?q={name.upper()}-007")).text
    assert rows_in(found, name) == ["007"]
    assert 'rel="next"' not in found
    none = (await ana.get(f"{path}?q=nobody")).text
    assert rows_in(none, name) == []
    assert "Nothing here has “nobody”." in none or "No custom action is like that" in none
    assert f'action="{path}"' in none  # to search again


@LISTS
async def test_a_short_list_has_no_pages(
    ana: Browser, database: Database, cast: Cast, path: str
) -> None:
    name = await fill(database, cast, path, 1, 3)
    shown = (await ana.get(path)).text
    assert rows_in(shown, name) == ["001", "002", "003"]
    assert 'class="pager"' not in shown
    assert 'role="search"' not in shown.partition("<h1>")[2]


@LISTS
async def test_a_long_list_asks_the_database_as_often_as_a_short_one(
    ana: Browser, database: Database, cast: Cast, path: str
) -> None:
    asked = []
    for first, last in ((1, 2), (3, MANY)):
        await fill(database, cast, path, first, last)
        with counted(database) as statements:
            assert (await ana.get(path)).status_code == 200
        asked.append(statements)
    assert len(asked[0]) == len(asked[1]), "\n".join(asked[1])


@LISTS
async def test_a_strangers_search_finds_nothing_of_it(
    celia: Browser, database: Database, cast: Cast, path: str
) -> None:
    name = await fill(database, cast, path, 1, MANY)
    for query in ("", "?page=2", f"?q={name}"):
        assert rows_in((await celia.get(path + query)).text, name) == []


async def test_a_role_that_is_changed_leads_back_to_the_page(
    ana: Browser, database: Database, cast: Cast
) -> None:
    await fill(database, cast, "/app/agents", 1, MANY)
    shown = (await ana.get("/app/agents?q=agents&page=2")).text
    [*_, form] = re.findall(r'action="(/app/agents/\d+/role[^"]*)"', shown)
    answer = await ana.post(form.replace("&amp;", "&"), {"role": "administrator"})
    assert answer.headers["location"] == "/app/agents?q=agents&page=2"


async def test_the_results_of_a_page_are_those_of_its_actions(
    ana: Browser, database: Database, cast: Cast
) -> None:
    await fill(database, cast, "/app/actions", 1, MANY)
    shown = (await ana.get("/app/actions?page=2")).text
    assert 'hx-get="/app/actions/results?page=2"' in shown
    results = (await ana.get("/app/actions/results?page=2")).text
    ids = re.findall(r'id="results-(\d+)"', results)
    assert len(ids) == MANY - PAGE
    assert ids == re.findall(r'id="results-(\d+)"', shown)
