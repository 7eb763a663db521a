"""Teams and who is in them."""

from typing import Any

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.accounts.models import Team
from recado.accounts.teams import (
    create_team,
    delete_team,
    find_team,
    set_team_members,
    team_members,
    team_problem,
    teams_of,
    update_team,
)
from recado.api.agents import Agent, agents_json
from recado.api.door import ROOT, ApiRequest, administrators, invalid, nothing
from recado.api.fields import UNSET, Flag, Id, Short, UnsetType, Words, text_or
from recado.api.reading import read
from recado.db.database import Database, Transaction


class TeamJson(Struct, kw_only=True):
    """A team; names are kept in lower case."""

    id: int
    name: str
    description: str | None
    allow_auto_assign: bool
    account_id: int
    is_member: bool


class TeamBody(Struct):
    """A team to make or to change."""

    name: Short = UNSET
    description: Words = UNSET
    allow_auto_assign: Flag = UNSET


class TeamPeople(Struct):
    """Who is meant: ids of agents of the account."""

    user_ids: list[Id] | UnsetType = UNSET


_TEAM = f"{ROOT}/teams/{{team_id:int}}"


@get(f"{ROOT}/teams")
async def list_teams(request: ApiRequest, database: Database) -> list[TeamJson]:
    """List the teams."""
    async with database.transaction() as tx:
        return [
            await _team_json(tx, one, request)
            for one in await teams_of(tx, request.user.account_id)
        ]


@get(_TEAM)
async def show_team(request: ApiRequest, database: Database, team_id: int) -> TeamJson:
    """Show a team."""
    async with database.transaction() as tx:
        return await _team_json(tx, await _find(tx, request, team_id), request)


@post(f"{ROOT}/teams", status_code=200, guards=[administrators], opt={"takes": TeamBody})
async def add_team(request: ApiRequest, database: Database) -> TeamJson:
    """Create a team."""
    body = await read(request, TeamBody, wrapped="team")
    name = text_or(body.name)
    async with database.transaction() as tx:
        if problem := await team_problem(tx, request.user.account_id, name):
            raise invalid({"name": problem})
        team = await create_team(tx, request.user.account_id, name, text_or(body.description))
        if isinstance(body.allow_auto_assign, bool):
            team.allow_auto_assign = body.allow_auto_assign
        return await _team_json(tx, team, request)


@patch(_TEAM, guards=[administrators], opt={"takes": TeamBody})
async def patch_team(request: ApiRequest, database: Database, team_id: int) -> TeamJson:
    """Change a team."""
    return await _change(request, database, team_id)


@put(_TEAM, guards=[administrators], opt={"takes": TeamBody})
async def put_team(request: ApiRequest, database: Database, team_id: int) -> TeamJson:
    """Change a team; what is not sent stays."""
    return await _change(request, database, team_id)


@delete(_TEAM, status_code=200, guards=[administrators])
async def remove_team(request: ApiRequest, database: Database, team_id: int) -> Response[bytes]:
    """Delete a team; its conversations stay."""
    async with database.transaction() as tx:
        await delete_team(tx, await _find(tx, request, team_id))
    return nothing()


@get(f"{_TEAM}/team_members")
async def list_members(request: ApiRequest, database: Database, team_id: int) -> list[Agent]:
    """List who is in a team."""
    async with database.transaction() as tx:
        team = await _find(tx, request, team_id)
        return await agents_json(tx, team.account_id, await _ids(tx, team))


@post(f"{_TEAM}/team_members", status_code=200, guards=[administrators], opt={"takes": TeamPeople})
async def add_members(request: ApiRequest, database: Database, team_id: int) -> list[Agent]:
    """Let agents into a team; the answer is who came in."""
    wanted = await _wanted(request)
    async with database.transaction() as tx:
        team = await _find(tx, request, team_id)
        await set_team_members(tx, team, await _ids(tx, team) | wanted)
        return await agents_json(tx, team.account_id, wanted)


@patch(f"{_TEAM}/team_members", guards=[administrators], opt={"takes": TeamPeople})
async def replace_members(request: ApiRequest, database: Database, team_id: int) -> list[Agent]:
    """Say who is in a team, all at once."""
    wanted = await _wanted(request)
    async with database.transaction() as tx:
        team = await _find(tx, request, team_id)
        await set_team_members(tx, team, wanted)
        return await agents_json(tx, team.account_id, wanted)


@delete(
    f"{_TEAM}/team_members", status_code=200, guards=[administrators], opt={"takes": TeamPeople}
)
async def remove_members(request: ApiRequest, database: Database, team_id: int) -> Response[bytes]:
    """Take agents out of a team."""
    wanted = await _wanted(request)
    async with database.transaction() as tx:
        team = await _find(tx, request, team_id)
        await set_team_members(tx, team, await _ids(tx, team) - wanted)
    return nothing()


async def _change(request: ApiRequest, database: Database, team_id: int) -> TeamJson:
    body = await read(request, TeamBody, wrapped="team")
    async with database.transaction() as tx:
        team = await _find(tx, request, team_id)
        name = text_or(body.name, team.name)
        if problem := await team_problem(tx, team.account_id, name, but=team.id):
            raise invalid({"name": problem})
        await update_team(tx, team, name, text_or(body.description, team.description or ""))
        if isinstance(body.allow_auto_assign, bool):
            team.allow_auto_assign = body.allow_auto_assign
        return await _team_json(tx, team, request)


async def _find(tx: Transaction, request: ApiRequest, team_id: int) -> Team:
    return found(await find_team(tx, request.user.account_id, team_id))


async def _ids(tx: Transaction, team: Team) -> set[int]:
    return {one.id for one in await team_members(tx, team.id)}


async def _wanted(request: ApiRequest) -> set[int]:
    body = await read(request, TeamPeople)
    if not isinstance(body.user_ids, list):
        raise invalid({"user_ids": "Name at least one agent."})
    return set(body.user_ids)


async def _team_json(tx: Transaction, team: Team, request: ApiRequest) -> TeamJson:
    return TeamJson(
        id=team.id, name=team.name, description=team.description, account_id=team.account_id,
        allow_auto_assign=team.allow_auto_assign,
        is_member=request.user.user_id in await _ids(tx, team),
    )  # fmt: skip


handlers: list[Any] = [
    list_teams, show_team, add_team, patch_team, put_team, remove_team,
    list_members, add_members, replace_members, remove_members,
]  # fmt: skip
