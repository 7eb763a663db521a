"""Somebody who forgot the password comes in again: by a link of an administrator, or of the operator."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from recado.accounts.models import AuditEntry, Authenticator, PasswordLink, Role, Session
from recado.accounts.people import add_member
from recado.accounts.proving import begin_authenticator
from recado.accounts.recovering import link_to_new_password, prune_password_links
from recado.db.database import Database
from tests.browser import Browser
from tests.people import NOW, PASSWORD, VAULT, Cast

WANTED = "a battery that one remembers"
SIGN_IN = {"email": "beto@acme.example", "password": WANTED}


async def _token(ana: Browser, cast: Cast) -> str:
    """Of the link that Ana is shown for Beto."""
    made = await ana.post(f"/app/agents/{cast.beto.user_id}/password")
    assert made.status_code == 200, made.text
    found = re.search(r'id="password-link">[^<]+/new-password\?token=([^<]+)<', made.text)
    assert found, made.text
    return found[1]


async def _choose(visitor: Browser, token: str, wanted: str = WANTED) -> Any:
    """Open the link, and send the form."""
    await visitor.get(f"/new-password?token={token}")
    return await visitor.post("/new-password", {"token": token, "password": wanted})


async def test_a_link_of_an_administrator_lets_choose_another_password(
    ana: Browser, beto: Browser, visitor: Browser, cast: Cast
) -> None:
    token = await _token(ana, cast)
    assert token not in (await ana.get("/app/agents")).text
    shown = await visitor.get(f"/new-password?token={token}")
    assert shown.status_code == 200
    assert "beto@acme.example" in shown.text
    assert (await beto.get("/app/conversations")).status_code == 200  # nothing has changed yet
    refused = await _choose(visitor, token, "short")
    assert refused.status_code == 422
    entered = await _choose(visitor, token)
    assert entered.headers["location"] == "/app/conversations"
    assert (await visitor.get("/app/conversations")).status_code == 200
    assert (await beto.get("/app/conversations")).status_code == 303  # signed out elsewhere


async def test_the_old_password_opens_nothing_any_more_and_the_new_one_does(
    ana: Browser, visitor: Browser, cast: Cast
) -> None:
    token = await _token(ana, cast)
    await _choose(visitor, token)
    await visitor.post("/sign-out")
    old = await visitor.post("/sign-in", {**SIGN_IN, "password": PASSWORD})
    assert old.status_code == 422
    assert (await visitor.post("/sign-in", SIGN_IN)).status_code == 303


async def test_a_link_works_once(ana: Browser, visitor: Browser, cast: Cast) -> None:
    token = await _token(ana, cast)
    await _choose(visitor, token)
    again = await _choose(visitor, token, WANTED + "!")
    assert again.status_code == 404
    assert "This link works no more" in again.text


async def test_a_newer_link_ends_the_one_before(ana: Browser, visitor: Browser, cast: Cast) -> None:
    old, new = await _token(ana, cast), await _token(ana, cast)
    assert (await visitor.get(f"/new-password?token={old}")).status_code == 404
    assert (await visitor.get(f"/new-password?token={new}")).status_code == 200


async def test_a_link_ends_after_a_day(
    ana: Browser, visitor: Browser, cast: Cast, database: Database
) -> None:
    token = await _token(ana, cast)
    async with database.transaction() as tx:
        over = datetime.now(UTC) - timedelta(seconds=1)
        await tx.execute(update(PasswordLink).values(expires_at=over))
    late = await _choose(visitor, token)
    assert late.status_code == 404
    async with database.transaction() as tx:
        await prune_password_links(tx, now=datetime.now(UTC))
        assert await tx.scalar(select(PasswordLink)) is None


@pytest.mark.parametrize("token", ["", "nobody's"])
async def test_nobodys_link_opens_nothing(visitor: Browser, token: str) -> None:
    assert (await visitor.get(f"/new-password?token={token}")).status_code == 404
    tried = await _choose(visitor, token)
    assert tried.status_code == 404


async def test_who_set_up_the_second_step_is_asked_for_it(
    ana: Browser, visitor: Browser, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        await begin_authenticator(tx, cast.beto.user_id, vault=VAULT)
        authenticator = await tx.get_one(Authenticator, cast.beto.user_id)
        authenticator.confirmed_at = NOW
    token = await _token(ana, cast)
    await _choose(visitor, token)
    async with database.transaction() as tx:
        [session] = await tx.scalars(select(Session).where(Session.user_id == cast.beto.user_id))
        assert session.awaits_code
    assert (await visitor.get("/app/conversations")).status_code == 303


async def test_only_administrators_make_a_link_and_none_for_themselves(
    ana: Browser, beto: Browser, celia: Browser, cast: Cast
) -> None:
    assert (await beto.post(f"/app/agents/{cast.ana.user_id}/password")).status_code == 403
    assert (await celia.post(f"/app/agents/{cast.beto.user_id}/password")).status_code == 404
    own = await ana.post(f"/app/agents/{cast.ana.user_id}/password")
    assert own.status_code == 422
    assert "Change your own password in your profile." in own.text


async def test_an_administrator_of_one_account_opens_no_other_by_it(
    ana: Browser, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        await add_member(tx, cast.account.id, cast.celia.user_id, Role.AGENT)
    refused = await ana.post(f"/app/agents/{cast.celia.user_id}/password")
    assert refused.status_code == 422
    assert "recado new-password" in refused.text


async def test_the_audit_log_tells_for_whom_a_link_was_made(
    ana: Browser, cast: Cast, database: Database
) -> None:
    token = await _token(ana, cast)
    async with database.transaction() as tx:
        [entry] = await tx.scalars(select(AuditEntry).where(AuditEntry.kind == "password_link"))
    assert (entry.user_name, entry.what, entry.subject_name) == ("Ana Lima", "created", "Beto Reis")
    log = (await ana.get("/app/audit")).text
    assert "Link for a new password" in log
    assert token not in log


async def test_the_sign_in_says_what_to_do(visitor: Browser, cast: Cast) -> None:
    assert "Forgot your password?" in (await visitor.get("/sign-in")).text


async def test_the_operators_link_is_for_whoever_is_in_many_accounts_too(
    visitor: Browser, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        await add_member(tx, cast.other_account.id, cast.beto.user_id, Role.AGENT)
        link = await link_to_new_password(tx, cast.beto.user_id, now=datetime.now(UTC))
    token = link.partition("token=")[2]
    entered = await _choose(visitor, token)
    assert entered.status_code == 303
