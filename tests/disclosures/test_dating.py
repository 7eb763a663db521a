"""Since when an action tells what it tells."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from recado.accounts.keeping_versions import every_version
from recado.actions.models import CustomAction
from recado.actions.saving import update_action
from recado.actions.versions import KIND, keep_action_version
from recado.db.database import Transaction
from recado.disclosures.dating import told_since
from recado.lib.facts import STANDARD_VARIABLES
from tests.automation.stories import an_action
from tests.disclosures.conftest import draft_with
from tests.people import NOW, VAULT, Cast, gather

KNOWN = [one.name for one in STANDARD_VARIABLES]
NAME, MAIL = "contact.name", "contact.email"


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


def body_of(*names: str) -> str:
    return "{" + ", ".join(f'"{one}": "{{{{ {one} }}}}"' for one in names) + "}"


async def saved(tx: Transaction, action: CustomAction, days: int, **values: Any) -> None:
    now = NOW + timedelta(days=days)
    await update_action(tx, action, draft_with(action, **values), vault=VAULT, now=now)
    await keep_action_version(tx, action, by=None, now=now)


async def since(tx: Transaction, action: CustomAction) -> dict[str, datetime]:
    versions = await every_version(tx, action.account_id, KIND)
    return told_since(action, versions.get(action.id, []), KNOWN)


async def test_each_variable_since_it_was_added(tx: Transaction, people: Cast) -> None:
    action = await an_action(tx, people, body=body_of(NAME, "conversation.id"))
    await saved(tx, action, 0)
    await saved(tx, action, 2, body=body_of(NAME, MAIL))
    await saved(tx, action, 3, description="only words")
    assert await since(tx, action) == {NAME: NOW, MAIL: NOW + timedelta(days=2)}


async def test_a_break_begins_anew(tx: Transaction, people: Cast) -> None:
    action = await an_action(tx, people, body=body_of(NAME, MAIL))
    await saved(tx, action, 0)
    await saved(tx, action, 1, body=body_of(NAME))
    await saved(tx, action, 2, body=body_of(NAME, MAIL))
    assert await since(tx, action) == {NAME: NOW, MAIL: NOW + timedelta(days=2)}


async def test_another_destination_begins_anew(tx: Transaction, people: Cast) -> None:
    action = await an_action(tx, people, body=body_of(NAME))
    await saved(tx, action, 0)
    await saved(tx, action, 1, url="https://erp.example/orders")
    await saved(tx, action, 2, url="https://erp.example/other-path")
    assert await since(tx, action) == {NAME: NOW + timedelta(days=1)}


async def test_without_versions_nothing_is_said(tx: Transaction, people: Cast) -> None:
    action = await an_action(tx, people, body=body_of(NAME))
    assert await since(tx, action) == {}
