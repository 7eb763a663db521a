"""Agents: joining an account, changing roles, leaving."""

from datetime import datetime

from sqlalchemy import delete, select

from recado.accounts.models import Membership, Role, Session, Team, TeamMember
from recado.accounts.people import (
    PersonDraft,
    add_member,
    create_user,
    find_user_by_email,
    outdate_rules,
    person_problems,
)
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say


async def agent_problems(tx: Transaction, draft: PersonDraft) -> dict[str, Sentence]:
    """Why somebody new cannot join, by field."""
    problems = person_problems(draft)
    if "email" not in problems and await find_user_by_email(tx, draft.email):
        problems["email"] = say("Somebody uses this e-mail already.")
    return problems


async def add_agent(
    tx: Transaction, inviter: Membership, draft: PersonDraft, role: Role, *, now: datetime
) -> Membership:
    """Add a new person, whose draft has no problems, to the inviter's account and language."""
    user = await create_user(tx, draft, language=inviter.user.language, now=now)
    member = await add_member(tx, inviter.account_id, user.id, role)
    await outdate_rules(tx, inviter.account_id)
    return member


async def change_role(tx: Transaction, member: Membership, role: Role) -> Sentence | None:
    """Give a member another role, or say why not: somebody must be able to configure the account."""
    if role != Role.ADMINISTRATOR and await _is_last_administrator(tx, member):
        return say("The account needs at least one administrator.")
    member.role = role
    await tx.flush()
    return None


async def leaving_problem(
    tx: Transaction, member: Membership, *, asked_by: Membership
) -> Sentence | None:
    """Why a member cannot be removed."""
    if member.user_id == asked_by.user_id:
        return say("You cannot remove yourself.")
    if await _is_last_administrator(tx, member):
        return say("The account needs at least one administrator.")
    return None


async def remove_member(tx: Transaction, member: Membership) -> None:
    """Close the account to a member at once: sessions end, teams lose them. What they wrote stays."""
    own_teams = select(Team.id).where(Team.account_id == member.account_id)
    parts = select(TeamMember).where(
        TeamMember.user_id == member.user_id, TeamMember.team_id.in_(own_teams)
    )
    for part in await tx.scalars(parts):
        await tx.delete(part)
    await tx.execute(
        delete(Session).where(
            Session.user_id == member.user_id, Session.account_id == member.account_id
        )
    )
    await tx.delete(member)
    await tx.flush()
    await outdate_rules(tx, member.account_id)


async def _is_last_administrator(tx: Transaction, member: Membership) -> bool:
    """The rows are locked, so that two administrators cannot remove each other at once."""
    query = select(Membership.user_id).where(
        Membership.account_id == member.account_id, Membership.role == Role.ADMINISTRATOR
    )
    administrators = list(await tx.scalars(query.with_for_update()))
    return administrators == [member.user_id]
