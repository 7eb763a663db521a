"""Custom actions are duplicated, exported, imported, and begun from a ready one."""

import json

import pytest

from recado.actions.copying import copy_of, document_of, draft_from
from recado.actions.models import CustomAction
from recado.actions.ready import READY, ready_draft
from recado.actions.saving import (
    ActionDraft,
    HeaderDraft,
    action_problems,
    create_action,
    draft_of,
    find_action,
)
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.languages import Sentence
from tests.browser import Browser
from tests.people import NOW, Cast

SECRET = "s3cret-of-acme"
DRAFT = ActionDraft(
    name="CRM Açaí", description="Avisa", method="PUT", url="https://crm.example.com/c/{{ contact.id }}",
    headers=(HeaderDraft("X-Plan", "gold"), HeaderDraft("X-Key", SECRET, True)),
    body='{"n": {{ conversation.id }}}', policy={"schedule": "fast"},
)  # fmt: skip


@pytest.fixture
async def action(database: Database, cast: Cast, outbound: Outbound) -> CustomAction:
    async with database.transaction() as tx:
        return await create_action(tx, cast.account.id, DRAFT, vault=outbound.vault, now=NOW)


def test_a_document_comes_back_as_it_was_but_for_secrets() -> None:
    document = document_of(DRAFT).decode()
    assert SECRET not in document
    back = draft_from(document)
    assert isinstance(back, ActionDraft)
    assert back.headers == (HeaderDraft("X-Plan", "gold"), HeaderDraft("X-Key", "", True))
    assert document_of(back).decode() == document


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("", "This is no JSON: line 1, column 1."),
        ('{"name": ', "This is no JSON: line 1"),
        ("[]", "This is no custom action: Expected `object`, got `array`"),
        ('{"name": "x"}', "missing required field `url`"),
        ('{"name": 1, "url": "u"}', "Expected `str`, got `int` - at `$.name`"),
        ('{"name": "x", "url": "u", "headers": [{}]}', "at `$.headers[0]`"),
        ('"' + "x" * 1_100_000 + '"', "This is too large."),
    ],
)
def test_what_is_no_document_is_told(document: str, told: str) -> None:
    problem = draft_from(document)
    assert isinstance(problem, Sentence)
    assert told in str(problem)


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("CRM", [], "CRM"),
        ("CRM", ["crm"], "CRM (2)"),  # names differ by more than case
        ("CRM", ["CRM", "CRM (2)"], "CRM (3)"),
        ("x" * 100, ["x" * 100], "x" * 96 + " (2)"),
    ],
)
def test_a_copy_has_a_name_of_its_own(name: str, taken: list[str], free: str) -> None:
    assert copy_of(ActionDraft(name=name), taken).name == free


async def test_a_duplicate_is_a_draft_with_the_same_secret(
    ana: Browser, action: CustomAction, database: Database, cast: Cast
) -> None:
    answer = await ana.post(f"/app/actions/{action.id}/duplicate")
    assert answer.headers["location"] == f"/app/actions/{action.id + 1}/edit"
    async with database.transaction() as tx:
        copy = await find_action(tx, cast.account.id, action.id + 1)
    assert copy is not None
    assert (copy.name, copy.state) == ("CRM Açaí (2)", "draft")
    assert draft_of(copy).headers == draft_of(action).headers
    assert (copy.url, copy.body, copy.policy) == (action.url, action.body, action.policy)


async def test_an_export_is_a_file_without_secrets(ana: Browser, action: CustomAction) -> None:
    answer = await ana.get(f"/app/actions/{action.id}/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="crm-a-a.json"'
    assert json.loads(answer.text)["headers"][1] == {
        "name": "X-Key",
        "value": None,
        "secret": True,
        "enabled": True,
    }
    assert SECRET not in answer.text


async def test_an_import_fills_the_form_and_saves_nothing(
    ana: Browser, action: CustomAction
) -> None:
    document = (await ana.get(f"/app/actions/{action.id}/export")).text
    shown = (await ana.post("/app/actions/import", {"document": document})).text
    assert 'value="CRM Açaí (2)"' in shown
    assert 'value="https://crm.example.com/c/{{ contact.id }}"' in shown
    assert 'value="gold"' in shown
    assert (await ana.get(f"/app/actions/{action.id + 1}/edit")).status_code == 404


async def test_a_wrong_import_stays_typed(ana: Browser) -> None:
    answer = await ana.post("/app/actions/import", {"document": "{nonsense"})
    assert answer.status_code == 422
    assert "{nonsense" in answer.text
    assert "This is no JSON" in answer.text


@pytest.mark.parametrize("key", READY)
async def test_a_ready_action_lacks_nothing_but_its_address(
    ana: Browser, database: Database, cast: Cast, key: str
) -> None:
    empty = (await ana.get("/app/actions")).text
    assert f"/app/actions/new?ready={key}" in empty
    assert ready_draft(key).name in (await ana.get(f"/app/actions/new?ready={key}")).text
    async with database.transaction() as tx:
        problems = await action_problems(tx, cast.account.id, ready_draft(key))
    assert set(problems) == {"url"}


async def test_the_list_is_searched_by_its_address(ana: Browser, action: CustomAction) -> None:
    assert "CRM Açaí" in (await ana.get("/app/actions?q=avisa")).text
    assert "No custom action is like that" in (await ana.get("/app/actions?q=nobody")).text
