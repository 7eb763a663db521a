"""The audit log: every change of a setting, whichever door it came through, with what was before."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from recado.accounts.auditing import (
    AuditFilter,
    audit_page,
    prune_audit_entries,
    write_audit_entries,
)
from recado.accounts.models import Account, AuditEntry
from recado.accounts.tokens import tokens_of
from recado.contacts.labels import create_label
from recado.contacts.models import Label
from recado.db.database import Database
from recado.db.noting import Acting, Note, act_for
from recado.db.tables import Noted
from recado.lib.spreadsheets import BOM
from recado.tables import metadata
from tests.browser import Browser
from tests.people import NOW, PASSWORD, Cast

LABEL = {"title": "vip", "description": "", "color": "#ff0000"}
API = "/api/v1/accounts/1"


async def entries_of(database: Database, account_id: int = 1) -> Sequence[AuditEntry]:
    async with database.transaction() as tx:
        found, _ = await audit_page(tx, account_id, AuditFilter(), before=None)
    return found


async def an_entry(database: Database, **values: Any) -> None:
    row = {
        "account_id": 1, "user_id": 1, "user_name": "Ana Lima", "address": "192.0.2.1",
        "way": "page", "kind": "label", "what": "changed", "subject_id": 7, "subject_name": "vip",
        "changes": {"color": ["#000000", "#ffffff"]}, "at": NOW,
    } | values  # fmt: skip
    async with database.transaction() as tx:
        await tx.execute(insert(AuditEntry).values(**row))


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("/app/labels", LABEL, ("created", "label", "vip")),
        ("/app/teams", {"name": "Vendas"}, ("created", "team", "vendas")),
        ("/app/tokens", {"name": "Zap"}, ("created", "token", "Zap")),
        ("/app/agents/2/role", {"role": "administrator"}, ("changed", "agent", "Beto Reis")),
        ("/app/agents/2/remove", {"name": "Beto Reis"}, ("deleted", "agent", "Beto Reis")),
        ("/app/agents", {"email": "eva@acme.example"}, ("created", "invitation", "eva@acme.example")),
        ("/app/profile", {"name": "Ana L."}, ("changed", "person", "Ana L.")),
        ("/app/canned", {"short_code": "oi", "content": "Olá!"}, ("created", "canned_response", "oi")),
        ("/app/dashboard-apps", {"name": "CRM", "urls": "https://crm.example"}, ("created", "dashboard_app", "CRM")),
        ("/app/inboxes", {"name": "Zap", "channel": "api"}, ("created", "inbox", "Zap")),
        ("/app/profile/second-step", {}, ("nothing",)),  # not before a code confirms it
    ],
)  # fmt: skip
async def test_what_a_page_changes_stands_in_the_log(
    ana: Browser, database: Database, path: str, form: dict[str, str], expected: tuple[str, ...]
) -> None:
    answer = await ana.post(path, form)
    assert answer.status_code in {200, 303}, answer.text
    found = [
        (one.what, one.kind, one.subject_name, one.user_name, one.way)
        for one in await entries_of(database)
    ]
    if expected == ("nothing",):
        assert found == []
    else:
        assert (*expected, "Ana Lima", "page") in found


async def test_a_changed_field_stands_with_what_it_was(
    ana: Browser, database: Database, cast: Cast
) -> None:
    await ana.post(f"/app/agents/{cast.beto.user_id}/role", {"role": "administrator"})
    [entry] = await entries_of(database)
    assert entry.changes == {"role": ["agent", "administrator"]}
    assert (entry.subject_id, entry.user_id) == (cast.beto.user_id, cast.ana.user_id)
    page = (await ana.get("/app/audit")).text
    for text in ("Ana Lima", "Beto Reis", "administrator", "changed"):
        assert text in page


async def test_what_a_program_changes_says_so(ana: Browser, database: Database, cast: Cast) -> None:
    made = await ana.api("POST", f"{API}/labels", cast.ana_token, {"title": "vip"})
    assert made.status_code == 200
    await ana.api("DELETE", f"{API}/labels/{made.json()['id']}", cast.ana_token)
    newest, first = await entries_of(database)
    assert (first.what, newest.what, newest.way) == ("created", "deleted", "api")
    assert newest.changes["title"] == ["vip", None]
    page = (await ana.get("/app/audit")).text
    assert "by API" in page
    assert "Time zone of the account: America/Sao_Paulo" in page


async def test_a_refused_change_leaves_no_trace(ana: Browser, database: Database) -> None:
    assert (await ana.post("/app/labels", {**LABEL, "title": ""})).status_code == 422
    assert (await ana.post("/app/agents/1/role", {"role": "agent"})).status_code == 422
    assert await entries_of(database) == []


async def test_a_save_that_changes_nothing_leaves_no_trace(
    ana: Browser, database: Database
) -> None:
    await ana.post("/app/profile", {"name": "Ana Lima"})
    assert await entries_of(database) == []


async def test_entry_and_change_are_written_together_or_not_at_all(
    app: Any, database: Database, cast: Cast
) -> None:
    act_for(Acting(cast.account.id, cast.ana.user_id, "Ana Lima", "192.0.2.1", "page"))
    try:
        with suppress(ZeroDivisionError):
            async with database.transaction() as tx:
                await create_label(tx, cast.account.id, "vip")
                raise ZeroDivisionError
        assert await entries_of(database) == []
        async with database.transaction() as tx:
            label = await create_label(tx, cast.account.id, "vip")
            label.color = "#ff0000"  # in another flush: still one thing that was created
            await tx.flush()
    finally:
        act_for(None)
    [entry] = await entries_of(database)
    assert (entry.what, entry.changes["color"]) == ("created", [None, "#ff0000"])


async def test_what_a_savepoint_takes_back_leaves_no_trace(
    app: Any, database: Database, cast: Cast
) -> None:
    act_for(Acting(cast.account.id, cast.ana.user_id, "Ana Lima", "192.0.2.1", "page"))
    try:
        async with database.transaction() as tx:
            label = await create_label(tx, cast.account.id, "vip")
            tried = await tx.begin_nested()
            label.color = "#ff0000"
            await create_label(tx, cast.account.id, "tried")
            await tried.rollback()
            async with tx.begin_nested():
                await create_label(tx, cast.account.id, "kept")
    finally:
        act_for(None)
    assert sorted(one.subject_name for one in await entries_of(database)) == ["kept", "vip"]
    assert "#ff0000" not in str([one.changes for one in await entries_of(database)])


async def test_a_preview_of_contacts_leaves_no_trace(ana: Browser, database: Database) -> None:
    files = [("file", ("c.csv", b"name,labels\nJo,new\n", "text/csv"))]
    path = (await ana.post("/app/contacts/import", files=files)).headers["location"]
    assert "new" in (await ana.get(path)).text
    assert await entries_of(database) == []


async def test_what_comes_and_goes_in_one_transaction_leaves_no_trace(
    app: Any, database: Database, cast: Cast
) -> None:
    another = Database(database.url)  # in the same process: each change is still seen once
    another.write_notes_with(write_audit_entries)
    act_for(Acting(cast.account.id, cast.ana.user_id, "Ana Lima", "192.0.2.1", "page"))
    try:
        async with database.transaction() as tx:
            await tx.delete(await create_label(tx, cast.account.id, "vip"))
    finally:
        act_for(None)
    assert await entries_of(database) == []


async def test_what_no_person_asked_for_is_not_noted(
    app: Any, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await create_label(tx, cast.account.id, "vip")
    assert await entries_of(database) == []


async def test_secrets_are_masked(ana: Browser, database: Database, cast: Cast) -> None:
    new = "another long one"
    await ana.post("/app/profile/password", {"current_password": PASSWORD, "password": new})
    made = await ana.post("/app/tokens", {"name": "Zap"})
    await ana.post("/app/bots", {"name": "Robô"})
    found = await entries_of(database)
    assert {one.kind for one in found} >= {"person", "token", "bot"}
    async with database.transaction() as tx:
        kept = [one.digest.hex() for one in await tokens_of(tx, cast.ana.user_id, now=NOW)]
    written = str([one.changes for one in found])
    assert "argon2" not in written
    assert new not in written
    assert not any(one in written for one in kept)
    password = next(one for one in found if one.kind == "person")
    assert password.changes == {"password_hash": ["•••", "•••"]}
    token = next(one for one in found if one.kind == "token")
    assert token.changes["digest"] == [None, "•••"]
    assert made.status_code == 200


def test_every_table_of_settings_is_watched() -> None:
    watched = {
        mapper.class_.__tablename__
        for mapper in Label.registry.mappers
        if isinstance(mapper.class_.__noted__, Noted)
    }
    assert watched == {
        "accounts", "users", "memberships", "teams", "team_members", "access_tokens",
        "authenticators", "invitations", "password_links", "custom_actions", "automation_rules", "macros",
        "webhooks", "agent_bots", "inboxes", "inbox_members", "custom_attributes", "labels",
        "canned_responses", "dashboard_apps", "secrets", "mailboxes",
    }  # fmt: skip
    assert watched <= set(metadata.tables)


async def test_only_administrators_read_it_and_only_their_own(
    ana: Browser, beto: Browser, celia: Browser, database: Database
) -> None:
    await an_entry(database, subject_name="Ana's very own")
    for path in ("/app/audit", "/app/audit.csv"):
        assert "very own" in (await ana.get(path)).text
        assert (await beto.get(path)).status_code == 403
        assert "very own" not in (await celia.get(path)).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"one", "two", "three"}),
        ("person=1", {"one", "two"}),
        ("kind=rule", {"two"}),
        ("since=2026-11-24", {"two", "three"}),
        ("until=2026-11-23", {"one"}),
        ("since=2026-11-24&until=2026-11-24", {"two"}),
        ("person=2&kind=rule", set()),
        ("person=x&kind=nonsense&since=never&before=-1", {"one", "two", "three"}),
    ],
)
async def test_it_is_filtered_by_person_kind_and_day(
    ana: Browser, database: Database, query: str, found: set[str]
) -> None:
    day = timedelta(days=1)
    await an_entry(database, subject_name="=one", at=NOW)
    await an_entry(database, subject_name="=two", kind="rule", at=NOW + day)
    await an_entry(database, subject_name="=three", user_id=2, at=NOW + 2 * day)
    for path in ("/app/audit", "/app/audit.csv"):
        shown = (await ana.get(f"{path}?{query}")).text
        assert {one for one in ("one", "two", "three") if f"={one}" in shown} == found


async def test_pages_follow_one_another_without_gap_or_double(
    ana: Browser, database: Database
) -> None:
    for number in range(120):
        await an_entry(database, subject_name=f"label-{number:03}")
    seen: list[str] = []
    async with database.transaction() as tx:
        before: int | None = None
        while True:
            found, before = await audit_page(tx, 1, AuditFilter(), before=before)
            seen += [one.subject_name for one in found]
            if before is None:
                break
    assert seen == [f"label-{number:03}" for number in reversed(range(120))]
    page = (await ana.get("/app/audit?kind=label")).text
    assert "label-119" in page
    assert "label-069" not in page
    assert "before=71" in page


async def test_a_file_for_spreadsheets_holds_no_formulas(ana: Browser, database: Database) -> None:
    moment = datetime(2026, 11, 23, 20, 30, 1, 123, UTC)
    await an_entry(database, subject_name="=HYPERLINK(1)", at=moment)
    async with database.transaction() as tx:
        await tx.execute(update(Account).values(time_zone="Asia/Kolkata"))
    answer = await ana.get("/app/audit.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    head, row = answer.text.splitlines()
    assert head == BOM + "at (Asia/Kolkata),person,address,way,what,kind,id,name,changes"
    assert row.startswith("2026-11-24 02:00:01,")
    assert ",'=HYPERLINK(1)," in row


async def test_entries_are_forgotten_after_the_accounts_days(
    database: Database, cast: Cast
) -> None:
    now = datetime.now(UTC)
    for days in (1, 9, 11):
        await an_entry(database, at=now - timedelta(days=days))
    await an_entry(database, account_id=cast.other_account.id, at=now - timedelta(days=11))
    async with database.transaction() as tx:
        await tx.execute(update(Account).where(Account.id == cast.account.id).values(audit_days=10))
        assert await prune_audit_entries(tx, now=now) == 1
        assert await prune_audit_entries(tx, now=now) == 0
        assert await tx.scalar(select(func.count()).select_from(AuditEntry)) == 3


async def test_nothing_is_written_for_an_account_that_is_gone(
    database: Database, cast: Cast
) -> None:
    acting = Acting(999, cast.ana.user_id, "Ana Lima", "192.0.2.1", "page")
    note = Note("account", "deleted", acting, 999, 999, "Gone", {"name": "Gone"}, {})
    async with database.transaction() as tx:
        await write_audit_entries(tx, [note])
        assert await tx.scalar(select(func.count()).select_from(AuditEntry)) == 0
