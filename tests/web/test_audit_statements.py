"""Nothing changes a watched table behind the audit log's back: every statement that could is known."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from recado.accounts.auditing import AuditFilter, audit_page
from recado.accounts.models import AccessToken
from recado.accounts.teams import create_team, set_team_members
from recado.accounts.tokens import create_token
from recado.db.database import Database
from recado.db.tables import Table
from tests.browser import Browser
from tests.people import NOW, PASSWORD, Cast

# Statements on watched tables that need no note, and why.
WITHOUT = {
    ("recado/accounts/being_there.py", "update", "Membership"): "who is there is no setting",
    ("recado/accounts/inviting.py", "delete", "Invitation"): "the worker forgets what ended",
    ("recado/accounts/people.py", "update", "Account"): "a number that workers compare",
    ("recado/accounts/profiles.py", "update", "User"): "language and looks are left out",
    (
        "recado/accounts/proving.py",
        "insert",
        "Authenticator",
    ): "counts, and is noted, once a code confirms it",
    ("recado/accounts/recovering.py", "delete", "PasswordLink"): "the worker forgets what ended",
    ("recado/accounts/signing_in.py", "delete", "AccessToken"): "the worker forgets what ended",
    ("recado/accounts/tokens.py", "update", "AccessToken"): "last used is left out",
    ("recado/conversations/starting.py", "update", "Account"): "the newest number is left out",
    ("recado/deliveries/replacing_secrets.py", "delete", "Secret"): "the worker forgets what ended",
    ("recado/deliveries/replacing_secrets.py", "update", "Secret"): "of a secret just made",
    ("recado/mailboxes/claiming.py", "update", "Mailbox"): "when the worker looked is left out",
    ("recado/mailboxes/servers.py", "delete", "Secret"): "the worker forgets what no mailbox has",
    ("recado/notifications/settings.py", "update", "Membership"): "each person's own wishes",
}
WATCHED = {
    mapper.class_.__name__: mapper.class_.__tablename__
    for mapper in Table.registry.mappers
    if mapper.class_.__noted__ is not None
}


def statements(source: str) -> Iterator[tuple[str, str]]:
    """Each `update(X)`, `delete(X)` and `insert(X)` of a watched table, also as SQL in a text."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Name(id="update" | "delete" | "insert" as verb), args=[first, *_]
            ):
                name = ast.unparse(first).removesuffix(".__table__")
                if name in WATCHED:
                    yield verb, name
            case ast.Constant(value=str(text)):
                words = text.lower().replace("(", " ").split()
                for name, table in WATCHED.items():
                    for begin in (["update"], ["delete", "from"], ["insert", "into"]):
                        yield from (
                            (begin[0], name)
                            for at in range(len(words) - len(begin))
                            if words[at : at + len(begin) + 1] == [*begin, table]
                        )


def found_statements() -> set[tuple[str, str, str]]:
    """All of them in the code, without migrations, benchmarks and what only tries something out."""
    apart = ("recado/db/migrations/", "recado/bench/")
    return {
        (str(path), verb, name)
        for path in Path("recado").rglob("*.py")
        if not str(path).startswith(apart)
        for verb, name in statements(path.read_text())
    }


def test_every_statement_on_a_watched_table_is_known() -> None:
    assert found_statements() == set(WITHOUT)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("tx.execute(update(Team).values(name=''))", [("update", "Team")]),
        ("delete(TeamMember).where(x)", [("delete", "TeamMember")]),
        ("insert(Inbox.__table__)", [("insert", "Inbox")]),
        ("Direct('update  teams set name = 1')", [("update", "Team")]),
        ("text('  delete from teams where x')", [("delete", "Team")]),
        ("update(Delivery)", []),
        ("await tx.delete(team)", []),
        ("text('select update from teams')", []),
    ],
)
def test_what_counts_as_a_statement(source: str, found: list[tuple[str, str]]) -> None:
    assert list(statements(source)) == found


# --- what used to slip through ---------------------------------------------------------------------


async def noted(database: Database) -> set[tuple[str, str, str]]:
    """What the log says."""
    async with database.transaction() as tx:
        entries, _ = await audit_page(tx, 1, AuditFilter(), before=None)
    return {(one.what, one.kind, one.subject_name) for one in entries}


async def test_who_leaves_is_noted_as_leaving_teams_and_inboxes(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        team = await create_team(tx, cast.account.id, "Suporte")
        await set_team_members(tx, team, {cast.beto.user_id})
    answer = await ana.post("/app/agents/2/remove", {"name": "Beto Reis"})
    assert answer.status_code in {200, 303}
    assert await noted(database) >= {
        ("deleted", "agent", "Beto Reis"),
        ("deleted", "team_member", "Beto Reis · suporte"),
        ("deleted", "inbox_member", "Beto Reis · Site"),
    }


async def test_members_are_shown_by_name(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await create_team(tx, cast.account.id, "Suporte")
    path = "/api/v1/accounts/1/teams/1/team_members"
    assert (await ana.api("POST", path, cast.ana_token, {"user_ids": [2]})).status_code == 200
    assert ("created", "team_member", "Beto Reis · suporte") in await noted(database)
    assert "Beto Reis · suporte" in (await ana.get("/app/audit")).text


async def test_programs_that_are_signed_out_with_everybody_are_noted(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        user_id = cast.ana.user_id
        later = NOW.replace(year=NOW.year + 1)
        await create_token(tx, user_id, "auth/sign_in: Zap", now=NOW, expires_at=later)
    form = {"current_password": PASSWORD, "password": "another long one"}
    await ana.post("/app/profile/password", form)
    assert ("deleted", "token", "auth/sign_in: Zap") in await noted(database)
    async with database.transaction() as tx:
        kept = set(await tx.scalars(select(AccessToken.name).where(AccessToken.user_id == user_id)))
    assert kept == {"tests"}


async def test_a_program_that_signs_itself_out_is_gone_once(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        later = NOW.replace(year=NOW.year + 1)
        token = await create_token(tx, cast.ana.user_id, "x", now=NOW, expires_at=later)
    first: Any = await ana.api("DELETE", "/auth/sign_out", token)
    again: Any = await ana.api("DELETE", "/auth/sign_out", token)
    assert (first.status_code, again.status_code) == (200, 404)
