"""A rule or a macro that would call an address inside the network is refused when it is saved."""

from typing import Any

import pytest

from recado.automation.saving import find_rule
from recado.db.database import Database
from tests.api.calling import Program, programs
from tests.automation.rules import row
from tests.automation.stories import a_rule, does
from tests.automation.test_pages import FILLED, stored
from tests.browser import Browser
from tests.people import Cast

INSIDE, ALLOWED = "http://10.0.0.5/hook", "http://127.0.0.1:9/hook"
REASON = "Recado may not call this address: it is not on the public internet."
CALLS = {"actions-0-name": "send_webhook_event", "actions-0-was": "send_webhook_event"}


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[0]


def calling(url: str) -> dict[str, Any]:
    return FILLED | CALLS | {"actions-0-params": url}


def calls(url: str) -> list[Any]:
    return [{"action_name": "send_webhook_event", "action_params": [url]}]


async def test_the_form_of_a_rule_says_so(ana: Browser, database: Database, cast: Cast) -> None:
    for url in (INSIDE, "http://169.254.169.254/latest", "http://[fd00::1]/"):
        refused = await ana.post("/app/automation", calling(url))
        assert refused.status_code == 422
        assert REASON in refused.text
        assert 'id="error-actions-0-params"' in refused.text
    checked = calling(INSIDE) | {"checked": "true"}
    assert REASON in (await ana.post("/app/automation/draft", checked, htmx=True)).text
    assert await stored(database, cast) == []
    assert (await ana.post("/app/automation", calling(ALLOWED))).status_code == 303


async def test_the_form_of_a_macro_says_so(ana: Browser) -> None:
    form = calling(INSIDE) | {"visibility": "global"}
    refused = await ana.post("/app/macros", form)
    assert refused.status_code == 422
    assert REASON in refused.text
    assert (await ana.post("/app/macros", form | {"actions-0-params": ALLOWED})).status_code == 303


@pytest.mark.parametrize("noun", ["automation_rules", "macros"])
async def test_programs_are_refused_likewise(api: Program, noun: str) -> None:
    body = {
        "name": "Tell", "event_name": "message_created", "visibility": "global",
        "conditions": [row("content", "contains", "help")],
    }  # fmt: skip
    refused = await api.call("POST", noun, {**body, "actions": calls(INSIDE)})
    assert refused.status_code == 422
    assert refused.json()["errors"]["actions.0.action_params"].startswith(REASON)
    await api.post(noun, {**body, "actions": calls(ALLOWED)})
    again = await api.call("PATCH", f"{noun}/1", {"actions": calls(INSIDE)})
    assert again.status_code == 422


async def test_a_rule_of_before_can_be_renamed_but_not_come_back_to(
    api: Program, ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:  # from before this was asked
        rule = await a_rule(tx, cast, does("send_webhook_event", INSIDE), name="Old")
    await api.patch(f"automation_rules/{rule.id}", {"name": "New"})
    await api.patch(f"automation_rules/{rule.id}", {"actions": calls(ALLOWED)})
    here = f"/app/automation/{rule.id}/versions/1/restore"
    assert REASON in (await ana.post(here)).text
    restored = await api.call("POST", f"automation_rules/{rule.id}/versions/1/restore")
    assert restored.status_code == 422
    async with database.transaction() as tx:
        kept = await find_rule(tx, cast.account.id, rule.id)
    assert kept
    assert kept.effects[0]["action_params"] == [ALLOWED]


async def test_a_file_of_rules_is_refused_likewise(
    api: Program, database: Database, cast: Cast
) -> None:
    when = row("content", "contains", "help")
    rule = {
        "name": "Tell", "event_name": "message_created",
        "conditions": [when], "actions": calls(INSIDE),
    }  # fmt: skip
    file: dict[str, Any] = {"automation_rules": [rule]}
    refused = await api.call("POST", "automation_rules/apply", file)
    assert refused.status_code == 422
    assert REASON in refused.json()["steps"][0]["notes"][0]
    async with database.transaction() as tx:  # from before this was asked
        await a_rule(tx, cast, *calls(INSIDE), when=when, name="Tell")
    rule["description"] = "changed"
    file["custom_actions"] = [{"name": "CRM", "url": INSIDE, "body": "{}"}]  # kept, as on its form
    done = await api.post("automation_rules/apply", file)
    assert [one["verb"] for one in done["steps"]] == ["create", "change"]
    assert done["steps"][0]["notes"][0].startswith(f"url: {REASON}")
