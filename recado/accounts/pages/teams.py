"""Pages of teams: people who share conversations."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    form_page,
    found,
    found_for_change,
    go_to,
    page,
)
from recado.accounts.meeting import Meeting, first_meeting, meet
from recado.accounts.models import Team
from recado.accounts.pages.deleting import Deletable, deleting
from recado.accounts.people import colleagues_of
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
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say
from recado.lib.numbers import numbers_in

_LABELS: Final = {"name": say("Name"), "description": say("Description")}


@get("/app/teams", guards=[administrators_only])
async def list_teams(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        teams = await teams_of(tx, request.user.account_id)
        sizes = await team_sizes(tx, request.user.account_id)
    return page(request, "accounts/teams.html", teams=teams, sizes=sizes)


@get("/app/teams/new", guards=[administrators_only])
async def new_team(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        nothing = {"name": "", "description": "", "members": set()}
        return await _form_page(tx, request, None, nothing)


@get("/app/teams/{team_id:int}", guards=[administrators_only])
async def show_team(request: MemberRequest, database: Database, team_id: int) -> Template:
    async with database.transaction() as tx:
        team = found(await find_team(tx, request.user.account_id, team_id))
        shown = await _values(tx, team)
        return await _form_page(tx, request, team, shown, meeting=first_meeting(shown))


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
    async with database.transaction() as tx:
        team, shown = None, {}
        if team_id:
            team = await found_for_change(tx, await find_team(tx, account_id, team_id))
            shown = await _values(tx, team)
        met = meet(form, _typed(form), shown)
        name, description, chosen = (met.meant[one] for one in ("name", "description", "members"))
        problem = await team_problem(tx, account_id, name, but=team_id)
        problems = {"name": problem} if problem else {}
        if problems or met.overlapping:
            again = met.again(_LABELS, problems)
            return await _form_page(tx, request, team, met.meant, problems, again)
        if team is None:
            team = await create_team(tx, account_id, name, description)
        else:
            await update_team(tx, team, name, description)
        await set_team_members(tx, team, chosen)
    return go_to(request, "/app/teams", "saved")


async def _values(tx: Transaction, team: Team) -> dict[str, Any]:
    inside = {one.id for one in await team_members(tx, team.id)}
    return {"name": team.name, "description": team.description or "", "members": inside}


def _typed(form: FormMultiDict) -> dict[str, Any]:
    chosen = numbers_in(form.getall("members", []))
    texts = {name: str(form.get(name, "")) for name in ("name", "description")}
    return {**texts, "members": chosen}


async def _form_page(
    tx: Transaction,
    request: MemberRequest,
    team: Team | None,
    values: Mapping[str, Any],
    problems: dict[str, Sentence] | None = None,
    meeting: Meeting | None = None,
) -> Template:
    members = await colleagues_of(tx, request.user.account_id)
    return form_page(
        request, "accounts/team.html", problems, meeting, team=team, members=members, values=values
    )


_DELETABLE: Final = Deletable(
    "team", "accounts/team_delete.html", find_team, delete_team, lambda _: "/app/teams"
)

handlers: list[Any] = [
    list_teams, new_team, show_team, add_team, change_team, *deleting("/app/teams", _DELETABLE),
]  # fmt: skip
