"""Pages of teams, tokens and the own profile."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    members_only,
    page,
    spoken,
)
from recado.accounts.models import Membership
from recado.accounts.people import members_of, memberships_of
from recado.accounts.profiles import (
    change_password,
    end_other_sessions,
    enter_account,
    name_problem,
    new_password_problems,
    rename,
    sessions_of,
)
from recado.accounts.teams import (
    create_team,
    delete_team,
    find_team,
    set_team_members,
    team_members,
    team_problem,
    team_sizes,
    teams_of,
    update_team,
)
from recado.accounts.tokens import create_token, digest, revoke_token, tokens_of
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say

# --- teams ---


@get("/app/teams", guards=[administrators_only])
async def list_teams(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        teams = await teams_of(tx, request.user.account_id)
        sizes = await team_sizes(tx, request.user.account_id)
    return page(request, "accounts/teams.html", teams=teams, sizes=sizes)


@get("/app/teams/new", guards=[administrators_only])
async def new_team(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        members = await members_of(tx, request.user.account_id)
    return page(
        request, "accounts/team.html", team=None, members=members,
        values={"name": "", "description": "", "members": set()}, errors={},
    )  # fmt: skip


@get("/app/teams/{team_id:int}", guards=[administrators_only])
async def show_team(request: MemberRequest, database: Database, team_id: int) -> Template:
    async with database.transaction() as tx:
        team = found(await find_team(tx, request.user.account_id, team_id))
        members = await members_of(tx, request.user.account_id)
        inside = {one.id for one in await team_members(tx, team.id)}
    values = {"name": team.name, "description": team.description or "", "members": inside}
    return page(request, "accounts/team.html", team=team, members=members, values=values, errors={})


@post("/app/teams", guards=[administrators_only])
async def add_team(request: MemberRequest, database: Database) -> Template | Response[Any]:
    return await _save_team(request, database, None)


@post("/app/teams/{team_id:int}", guards=[administrators_only])
async def change_team(
    request: MemberRequest, database: Database, team_id: int
) -> Template | Response[Any]:
    return await _save_team(request, database, team_id)


async def _save_team(
    request: MemberRequest, database: Database, team_id: int | None
) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    name, description = str(form.get("name", "")), str(form.get("description", ""))
    chosen = {int(one) for one in form.getall("members", []) if str(one).isdecimal()}
    async with database.transaction() as tx:
        team = found(await find_team(tx, account_id, team_id)) if team_id else None
        if problem := await team_problem(tx, account_id, name, but=team_id):
            return page(
                request, "accounts/team.html", status_code=422, team=team,
                members=await members_of(tx, account_id), errors={"name": str(problem)},
                values={"name": name, "description": description, "members": chosen},
            )  # fmt: skip
        if team is None:
            team = await create_team(tx, account_id, name, description)
        else:
            await update_team(tx, team, name, description)
        await set_team_members(tx, team, chosen)
    return go_to(request, "/app/teams")


@get("/app/teams/{team_id:int}/delete", guards=[administrators_only])
async def ask_to_delete_team(request: MemberRequest, database: Database, team_id: int) -> Template:
    async with database.transaction() as tx:
        team = found(await find_team(tx, request.user.account_id, team_id))
    return page(request, "accounts/team_delete.html", team=team)


@post("/app/teams/{team_id:int}/delete", guards=[administrators_only])
async def remove_team(
    request: MemberRequest, database: Database, team_id: int
) -> Template | Response[Any]:
    typed = str((await request.form()).get("name", ""))
    async with database.transaction() as tx:
        team = found(await find_team(tx, request.user.account_id, team_id))
        if typed != team.name:
            return page(request, "accounts/team_delete.html", status_code=422, team=team)
        await delete_team(tx, team)
    return go_to(request, "/app/teams")


# --- access tokens ---


@get("/app/tokens", guards=[members_only])
async def list_tokens(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        return await _tokens_page(tx, request)


@post("/app/tokens", guards=[members_only], status_code=200)
async def add_token(request: MemberRequest, database: Database) -> Template:
    """Answers with the page itself: the token is shown here and never again."""
    name = str((await request.form()).get("name", "")).strip()
    async with database.transaction() as tx:
        if problem := name_problem(name):
            return await _tokens_page(tx, request, errors={"name": str(problem)})
        token = await create_token(tx, request.user.user_id, name, now=datetime.now(UTC))
        return await _tokens_page(tx, request, token=token)


@post("/app/tokens/{token_id:int}/revoke", guards=[members_only])
async def end_token(request: MemberRequest, database: Database, token_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        found(await revoke_token(tx, request.user.user_id, token_id) or None)
    return go_to(request, "/app/tokens")


async def _tokens_page(
    tx: Transaction,
    request: MemberRequest,
    *,
    token: str = "",
    errors: dict[str, str] | None = None,
) -> Template:
    tokens = await tokens_of(tx, request.user.user_id, now=datetime.now(UTC))
    return page(
        request, "accounts/tokens.html", status_code=422 if errors else 200,
        tokens=tokens, token=token, errors=errors or {},
    )  # fmt: skip


# --- the own profile ---

_SAID = {
    "name": say("Your name is saved."),
    "password": say("Your password is changed. Other browsers have to sign in again."),
    "sessions": say("You are signed out everywhere else."),
}


@get("/app/profile", guards=[members_only])
async def show_profile(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        return await _profile_page(tx, request)


@post("/app/profile", guards=[members_only])
async def save_profile(request: MemberRequest, database: Database) -> Template | Redirect:
    name = str((await request.form()).get("name", ""))
    async with database.transaction() as tx:
        if problem := name_problem(name):
            return await _profile_page(tx, request, name=name, errors={"name": problem})
        await rename(tx, request.user.user_id, name)
    return Redirect("/app/profile?saved=name", status_code=303)


@post("/app/profile/password", guards=[members_only])
async def save_password(request: MemberRequest, database: Database) -> Template | Redirect:
    form = await request.form()
    current, wanted = str(form.get("current_password", "")), str(form.get("password", ""))
    async with database.transaction() as tx:
        if problems := new_password_problems(request.user.user, current, wanted):
            return await _profile_page(tx, request, errors=problems)
        session = request.auth.session or ""
        await change_password(tx, request.user.user_id, wanted, kept_session=session)
    return Redirect("/app/profile?saved=password", status_code=303)


@post("/app/profile/sign-out-elsewhere", guards=[members_only])
async def sign_out_elsewhere(request: MemberRequest, database: Database) -> Redirect:
    async with database.transaction() as tx:
        session = request.auth.session or ""
        await end_other_sessions(tx, request.user.user_id, kept_session=session)
    return Redirect("/app/profile?saved=sessions", status_code=303)


@post("/app/profile/account", guards=[members_only])
async def change_account(request: MemberRequest, database: Database) -> Redirect:
    """Not by an id in the path: the other account is no part of the one that is open."""
    wanted = str((await request.form()).get("account_id", ""))
    async with database.transaction() as tx:
        memberships = await memberships_of(tx, request.user.user_id)
        other = found(next((one for one in memberships if str(one.account_id) == wanted), None))
        await enter_account(tx, other, request.auth.session or "")
    return Redirect("/app/conversations", status_code=303)


async def _profile_page(
    tx: Transaction,
    request: MemberRequest,
    *,
    name: str | None = None,
    errors: dict[str, Sentence] | None = None,
) -> Template:
    member: Membership = request.user
    said = None if errors else _SAID.get(request.query_params.get("saved", ""))
    return page(
        request, "accounts/profile.html", status_code=422 if errors else 200,
        name=member.user.name if name is None else name,
        errors=spoken(errors or {}),
        memberships=await memberships_of(tx, member.user_id),
        sessions=await sessions_of(tx, member.user_id, now=datetime.now(UTC)),
        own_session=digest(request.auth.session or ""),
        flash={"text": str(said), "kind": "success"} if said else None,
    )  # fmt: skip


handlers: list[Any] = [
    list_teams, new_team, show_team, add_team, change_team, ask_to_delete_team, remove_team,
    list_tokens, add_token, end_token,
    show_profile, save_profile, save_password, sign_out_elsewhere, change_account,
]  # fmt: skip
