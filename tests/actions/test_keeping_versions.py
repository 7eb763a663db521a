"""Whoever saves an action keeps that version, so that a call can be made again as it was then."""

from dataclasses import replace
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, select, text

from recado.accounts.models import Version
from recado.actions.authorizing import AuthDraft
from recado.actions.models import CustomAction
from recado.actions.saving import (
    ActionDraft,
    HeaderDraft,
    actions_of,
    create_action,
    draft_of,
    update_action,
)
from recado.actions.signing import SigningDraft
from recado.actions.versions import keep_action_version, template_of_version
from recado.db.database import Database, Transaction
from recado.db.upgrading import migration_config
from recado.lib.secrets import Vault
from recado.lib.signing import new_signing_secret
from tests.browser import Browser
from tests.conftest import KEY
from tests.people import NOW, Cast, gather

URL = "https://crm.example/"
API = "/api/v1/accounts/{account}/custom_actions"
SIGNED = {"name": "Signed", "url": URL, "body": "{}", "sign": True}
FORM = {"name": "Form", "method": "POST", "url": URL, "body_kind": "json", "body": "{}"}


async def by_form(ana: Browser, cast: Cast) -> Any:
    return await ana.post("/app/actions", FORM)


async def saved_by_form(ana: Browser, cast: Cast) -> Any:
    await ana.post("/app/actions", FORM)
    return await ana.post("/app/actions/1", {**FORM, "body": "[]"})


async def by_a_copy(ana: Browser, cast: Cast) -> Any:
    await ana.post("/app/actions", FORM)
    return await ana.post("/app/actions/1/duplicate")


async def by_the_first_steps(ana: Browser, cast: Cast) -> Any:
    return await ana.post("/app/start/action", {"name": "First", "url": URL})


async def by_a_program(ana: Browser, cast: Cast) -> Any:
    return await ana.api("POST", API.format(account=cast.account.id), cast.ana_token, SIGNED)


async def saved_by_a_program(ana: Browser, cast: Cast) -> Any:
    await by_a_program(ana, cast)
    path = f"{API.format(account=cast.account.id)}/1"
    return await ana.api("PATCH", path, cast.ana_token, {"body": "[]"})


async def with_a_new_secret(ana: Browser, cast: Cast) -> Any:
    await by_a_program(ana, cast)
    path = f"{API.format(account=cast.account.id)}/1/rotate_signing_secret"
    return await ana.api("POST", path, cast.ana_token)


@pytest.mark.parametrize(
    "save",
    [
        by_form,
        saved_by_form,
        by_a_copy,
        by_the_first_steps,
        by_a_program,
        saved_by_a_program,
        with_a_new_secret,
    ],
)
async def test_every_door_keeps_what_it_saved(
    ana: Browser, database: Database, cast: Cast, save: Any
) -> None:
    assert (await save(ana, cast)).status_code in {200, 303}
    async with database.transaction() as tx:
        actions = await actions_of(tx, cast.account.id)
        kept = {
            (one.subject_id, one.number): one.author_id
            for one in await tx.scalars(select(Version).where(Version.kind == "action"))
        }
    assert actions
    assert {kept.get((one.id, one.version)) for one in actions} == {cast.ana.user_id}


@pytest.fixture
async def action(tx: Transaction) -> CustomAction:
    """One with each kind of secret."""
    cast = await gather(tx)
    draft = ActionDraft(
        "CRM", url=URL, body='{"n": 1}',
        headers=(HeaderDraft("X-Plain", "1"), HeaderDraft("X-Key", "k", is_secret=True)),
        signing=SigningDraft(is_on=True, secret=new_signing_secret()),
        auth=AuthDraft("basic", {"user": "ana"}, {"password": "p"}),
    )  # fmt: skip
    made = await create_action(tx, cast.account.id, draft, vault=Vault(KEY), now=NOW)
    await keep_action_version(tx, made, by=None, now=NOW)
    return made


async def changed(tx: Transaction, action: CustomAction) -> None:
    draft = replace(draft_of(action), url="https://other.example/", headers=(), auth=AuthDraft())
    off = replace(draft, signing=SigningDraft())
    await update_action(tx, action, off, vault=Vault(KEY), now=NOW)
    await keep_action_version(tx, action, by=None, now=NOW)


async def test_a_version_makes_the_request_that_it_made(
    tx: Transaction, action: CustomAction
) -> None:
    then = action.template
    await changed(tx, action)
    assert await template_of_version(tx, action, 1) == then
    assert await template_of_version(tx, action, 2) == action.template
    assert action.template != then
    assert await template_of_version(tx, action, 3) is None


async def test_the_migration_keeps_what_nobody_kept(tx: Transaction, action: CustomAction) -> None:
    then = action.template
    await tx.execute(delete(Version))
    await run_migration(tx)
    await changed(tx, action)
    assert await template_of_version(tx, action, 1) == then


async def test_the_migration_adds_what_older_versions_lack(
    tx: Transaction, action: CustomAction
) -> None:
    then = action.template
    await tx.execute(text("update versions set snapshot = snapshot - 'signing' - 'auth'"))
    await run_migration(tx)
    await changed(tx, action)
    assert await template_of_version(tx, action, 1) == then


async def run_migration(tx: Transaction) -> None:
    await (await tx.connection()).run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    scripts = ScriptDirectory.from_config(migration_config(connection)).walk_revisions()
    [script] = [one for one in scripts if one.path.endswith("_keep_first_versions.py")]
    with Operations.context(MigrationContext.configure(connection)):
        script.module.upgrade()
