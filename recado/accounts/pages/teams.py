"""Pages of teams: people who share conversations."""

from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    page,
)
from recado.accounts.pages.deleting import Deletable, deleting
from recado.accounts.people import members_of
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
from recado.db.database import Database


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


_DELETABLE: Final = Deletable(
    "team", "accounts/team_delete.html", find_team, delete_team, lambda _: "/app/teams"
)

handlers: list[Any] = [
    list_teams, new_team, show_team, add_team, change_team, *deleting("/app/teams", _DELETABLE),
]  # fmt: skip
