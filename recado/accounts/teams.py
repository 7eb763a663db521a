"""Teams and who is in them."""

from typing import Final

from sqlalchemy import func, select

from recado.accounts.models import Membership, Team, TeamMember, User
from recado.accounts.people import outdate_rules
from recado.db.database import Transaction
from recado.db.reading import Listing
from recado.lib.languages import Sentence, say
from recado.lib.names import name_problem


async def teams_of(tx: Transaction, account_id: int) -> list[Team]:
    """An account's teams, by name."""
    return await _TEAMS.all(tx, account_id=account_id)


_TEAMS: Final = Listing(Team, "teams where account_id = :account_id order by name")


async def find_team(tx: Transaction, account_id: int, team_id: int) -> Team | None:
    """A team of this account."""
    return await tx.scalar(select(Team).where(Team.account_id == account_id, Team.id == team_id))


async def team_problem(
    tx: Transaction, account_id: int, name: str, *, but: int | None = None
) -> Sentence | None:
    """Why a team cannot have this name; `but` is the team that may keep it."""
    if problem := name_problem(name):
        return problem
    query = select(Team.id).where(
        Team.account_id == account_id, Team.name == name.strip().lower(), Team.id != (but or 0)
    )
    return say("This name is taken.") if await tx.scalar(query) else None


async def create_team(tx: Transaction, account_id: int, name: str, description: str = "") -> Team:
    """Add a team; the name has no problem."""
    team = Team(
        account_id=account_id, name=name.strip().lower(), description=description.strip() or None
    )
    tx.add(team)
    await tx.flush()
    await outdate_rules(tx, account_id)
    return team


async def update_team(tx: Transaction, team: Team, name: str, description: str) -> None:
    """Change a team; the name has no problem."""
    team.name = name.strip().lower()
    team.description = description.strip() or None
    await tx.flush()
    await outdate_rules(tx, team.account_id)


async def team_sizes(tx: Transaction, account_id: int) -> dict[int, int]:
    """How many people each team has, by team id; empty teams are missing."""
    query = (
        select(TeamMember.team_id, func.count())
        .join(Team)
        .where(Team.account_id == account_id)
        .group_by(TeamMember.team_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def delete_team(tx: Transaction, team: Team) -> None:
    """Remove a team; its conversations stay, without a team."""
    await tx.delete(team)
    await tx.flush()
    await outdate_rules(tx, team.account_id)


async def team_members(tx: Transaction, team_id: int) -> list[User]:
    """Who is in a team, by name."""
    query = (
        select(User)
        .join(TeamMember)
        .where(TeamMember.team_id == team_id)
        .order_by(func.lower(User.name))
    )
    return list(await tx.scalars(query))


async def set_team_members(tx: Transaction, team: Team, user_ids: set[int]) -> None:
    """Let exactly these people be in the team; strangers to the account are left out."""
    query = select(Membership.user_id).where(
        Membership.account_id == team.account_id, Membership.user_id.in_(user_ids)
    )
    known = set(await tx.scalars(query))
    present = {
        one.user_id: one
        for one in await tx.scalars(select(TeamMember).where(TeamMember.team_id == team.id))
    }
    for user_id in present.keys() - known:
        await tx.delete(present[user_id])
    new = sorted(known - present.keys())
    tx.add_all(TeamMember(team_id=team.id, user_id=user_id) for user_id in new)
    await tx.flush()
