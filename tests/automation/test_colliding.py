"""Two people in one form of an action, a rule or a macro: each sees what the other has changed."""

import re
from typing import Any

import pytest

from recado.automation.macros import MacroDraft, save_macro
from recado.db.database import Database
from tests.automation.stories import does
from tests.automation.test_pages import FILLED
from tests.browser import Browser
from tests.people import NOW, Cast

ACTION = {
    "name": "CRM", "method": "POST", "url": "https://crm.example/v1", "body_kind": "json",
    "body": '{"id": 1}', "policy-schedule": "standard", "policy-keep_days": "30",
}  # fmt: skip


def opened(page: str) -> str:
    """The mark that a form carries."""
    found = re.search(r'name="opened" value="([^"]+)"', page)
    assert found
    return found[1]


async def _saved_by_both(ana: Browser, here: str, theirs: Any, mine: Any) -> tuple[Any, str]:
    """What the later one is told, having opened the form before the other saved; and the mark."""
    mark = opened((await ana.get(f"{here}/edit")).text)
    assert (await ana.post(here, theirs | {"opened": mark})).status_code == 303
    return await ana.post(here, mine | {"opened": mark}), mark


@pytest.fixture
async def action_path(ana: Browser) -> str:
    made = await ana.post("/app/actions", ACTION)
    return str(made.headers["location"]).removesuffix("/test")


@pytest.mark.parametrize(
    ("theirs", "mine", "told"),
    [
        (
            {"url": "https://crm.example/v2"}, {"name": "Customers"},
            ["URL: https://crm.example/v1 → https://crm.example/v2", "Name: “CRM” → “Customers”"],
        ),
        (
            {"body": '{"id": 2}'}, {"body": '{"id": 3}'},
            ["{&#34;id&#34;: 1}", "{&#34;id&#34;: 2}", "{&#34;id&#34;: 3}"],
        ),
        (
            {"policy-careful": "true"}, {"description": "For the shop"},
            ["How it is sent or kept changed.", "Description: “” → “For the shop”"],
        ),
        (
            {"headers-0-name": "X-Api-Key", "headers-0-value": "s3cr3t", "headers-0-secret": "true"},
            {"method": "PUT"},
            ["Header added: X-Api-Key", "Method: POST → PUT"],
        ),
    ],
)  # fmt: skip
async def test_of_an_action(
    ana: Browser, action_path: str, theirs: Any, mine: Any, told: list[str]
) -> None:
    answer, mark = await _saved_by_both(ana, action_path, ACTION | theirs, ACTION | mine)
    assert answer.status_code == 422
    assert "Ana Lima saved this while you were editing." in answer.text
    assert [one for one in told if one not in answer.text.replace("&#39;", "'")] == []
    assert "s3cr3t" not in answer.text
    assert opened(answer.text) != mark  # sent once more, it is saved
    again = await ana.post(action_path, ACTION | mine | {"opened": opened(answer.text)})
    assert again.status_code == 303


async def test_a_secret_that_was_typed_is_asked_for_again_and_never_shown(
    ana: Browser, action_path: str
) -> None:
    header = {"headers-0-name": "X-Api-Key", "headers-0-secret": "true"}
    mine = ACTION | header | {"headers-0-value": "s3cr3t"}
    answer, _ = await _saved_by_both(ana, action_path, ACTION | {"name": "Other"}, mine)
    assert "Enter the secret again" in answer.text
    assert "s3cr3t" not in answer.text


async def test_who_saves_twice_in_a_row_meets_nobody(ana: Browser, action_path: str) -> None:
    for name in ("One", "Two"):
        mark = opened((await ana.get(f"{action_path}/edit")).text)
        saved = await ana.post(action_path, ACTION | {"name": name, "opened": mark})
        assert saved.status_code == 303


async def test_mistakes_come_first_and_the_mark_stays(ana: Browser, action_path: str) -> None:
    answer, mark = await _saved_by_both(
        ana, action_path, ACTION | {"name": "Other"}, ACTION | {"url": "nonsense"}
    )
    assert "needs your attention" in answer.text
    assert "while you were editing" not in answer.text
    assert opened(answer.text) == mark
    later = await ana.post(action_path, ACTION | {"opened": mark})
    assert "while you were editing" in later.text


async def test_a_draft_kept_in_a_browser_keeps_its_mark(ana: Browser, action_path: str) -> None:
    kept = ACTION | {"opened": "1", "action_id": action_path.rpartition("/")[2], "name": "Kept"}
    await ana.post(action_path, ACTION | {"name": "Other"})
    drawn = await ana.post("/app/actions/draft", kept, htmx=True)
    assert opened(drawn.text) == "1"
    assert 'value="Kept"' in drawn.text
    assert f'action="{action_path}"' in drawn.text


async def test_a_draft_of_a_strangers_action_is_not_found(celia: Browser, action_path: str) -> None:
    kept = ACTION | {"action_id": action_path.rpartition("/")[2]}
    assert (await celia.post("/app/actions/draft", kept)).status_code == 404


async def test_of_a_rule(ana: Browser, database: Database, cast: Cast) -> None:
    assert (await ana.post("/app/automation", FILLED)).status_code == 303
    here = "/app/automation/" + re.findall(
        r"/app/automation/(\d+)/edit", (await ana.get("/app/automation")).text
    )[0]  # fmt: skip
    answer, mark = await _saved_by_both(
        ana, here, FILLED | {"name": "Theirs"}, FILLED | {"description": "Mine"}
    )
    assert answer.status_code == 422
    assert "saved this while you were editing." in answer.text
    assert f"Name: “{FILLED['name']}” → “Theirs”" in answer.text
    assert "Description: “” → “Mine”" in answer.text
    assert opened(answer.text) != mark
    redrawn = await ana.post(
        "/app/automation/draft", FILLED | {"rule_id": here[16:], "opened": mark}
    )
    assert opened(redrawn.text) == mark  # adding a row is no look at what is saved now


async def test_of_a_macro(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        draft = MacroDraft("Close", "global", [does("add_label", "vip")])
        macro = await save_macro(tx, None, draft, cast.ana, now=NOW)
    form = {"visibility": "global", "actions-0-name": "resolve_conversation"}
    answer, _ = await _saved_by_both(
        ana, f"/app/macros/{macro.id}", form | {"name": "Theirs"}, form | {"name": "Mine"}
    )
    assert answer.status_code == 422
    assert "Ana Lima saved this while you were editing." in answer.text
    assert "“Theirs”: resolve the conversation" in answer.text
    assert "“Mine”: resolve the conversation" in answer.text
    again = await ana.post(
        f"/app/macros/{macro.id}", form | {"name": "Mine", "opened": opened(answer.text)}
    )
    assert again.status_code == 303
