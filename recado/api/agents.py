"""Agents: the people of an account."""

from collections.abc import Iterable
from typing import Any, Final

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.being_there import say_availability
from recado.accounts.doors import found
from recado.accounts.joining import add_agent, agent_problems, change_role, leaving_problem
from recado.accounts.models import Availability, Membership, Role, User
from recado.accounts.people import (
    PersonDraft,
    find_membership,
    members_among,
    members_of,
    memberships_of,
)
from recado.accounts.tokens import new_token
from recado.api.door import ROOT, ApiRequest, administrators, invalid, nothing, now
from recado.api.fields import UNSET, Flag, Short, Words, text_or
from recado.api.reading import read
from recado.conversations.leaving import leave_account
from recado.db.database import Database, Transaction
from recado.lib.languages import say


class Agent(Struct, kw_only=True):
    """A person of the account."""

    id: int
    account_id: int
    availability_status: str
    auto_offline: bool
    confirmed: bool = True
    email: str
    provider: str = "email"
    available_name: str
    custom_attributes: dict[str, Any] = {}
    name: str
    role: str
    thumbnail: str = ""
    custom_role_id: int | None = None


class AgentBody(Struct):
    """What is to be different: the name; the role, `agent` or `administrator`; `availability`, `online`,
    `busy` or `offline`; with `auto_offline` a person counts as offline while no page of theirs is open.
    """

    name: Short = UNSET
    role: Words = UNSET
    availability: Words = UNSET
    auto_offline: Flag = UNSET


class NewAgent(Struct):
    """Somebody new; `role` is `agent` or `administrator`.

    Without a `password`, which Chatwoot does not have here, nobody can sign in as them: they can be
    assigned conversations, no more.
    """

    name: Short = UNSET
    email: Short = UNSET
    role: Words = UNSET
    password: Short = UNSET
    availability: Words = UNSET
    auto_offline: Flag = UNSET


_AGENT: Final = f"{ROOT}/agents/{{agent_id:int}}"


def agent_json(user: User, account_id: int, member: Membership | None) -> Agent:
    """A person as the API shows them; without a membership, as one who has left."""
    return Agent(
        id=user.id, account_id=account_id, email=user.email,
        available_name=user.name, name=user.name, role=member.role if member else Role.AGENT,
        availability_status=member.availability_at(now()) if member else Availability.OFFLINE,
        auto_offline=member.auto_offline if member else True, thumbnail=user.picture_url,
    )  # fmt: skip


async def memberships_by_person(
    tx: Transaction, account_id: int, user_ids: Iterable[int | None]
) -> dict[int, Membership]:
    """Those of these people who are in an account; None is nobody."""
    among = {one for one in user_ids if one is not None}
    return {one.user_id: one for one in await members_among(tx, account_id, among)}


async def agents_json(
    tx: Transaction, account_id: int, user_ids: set[int] | None = None
) -> list[Agent]:
    """The people of an account, or those among `user_ids`, by name."""
    shown = (
        await members_of(tx, account_id)
        if user_ids is None
        else await members_among(tx, account_id, user_ids)
    )
    return [agent_json(one.user, account_id, one) for one in shown]


@get(f"{ROOT}/agents")
async def list_agents(request: ApiRequest, database: Database) -> list[Agent]:
    """List the agents."""
    async with database.transaction() as tx:
        return await agents_json(tx, request.user.account_id)


@post(f"{ROOT}/agents", status_code=200, guards=[administrators], opt={"takes": NewAgent})
async def create_agent(request: ApiRequest, database: Database) -> Agent:
    """Add an agent; with a `password`, they can sign in."""
    body = await read(request, NewAgent, wrapped="agent")
    email = text_or(body.email)
    password = text_or(body.password) or new_token()  # which nobody knows
    draft = PersonDraft(text_or(body.name) or email.partition("@")[0], email, password)
    role = text_or(body.role) or Role.AGENT
    async with database.transaction() as tx:
        problems = await agent_problems(tx, draft)
        if role not in set(Role):
            problems["role"] = say("Choose one of: %(choices)s.", choices=", ".join(Role))
        if problems:
            raise invalid(problems)
        member = await add_agent(tx, request.user, draft, Role(role), now=now())
        person = await tx.get_one(User, member.user_id)
    return agent_json(person, member.account_id, member)


@get(_AGENT)
async def show_agent(request: ApiRequest, database: Database, agent_id: int) -> Agent:
    """Show an agent."""
    async with database.transaction() as tx:
        return _member_json(await _find(tx, request, agent_id))


@patch(_AGENT, guards=[administrators], opt={"takes": AgentBody})
async def patch_agent(request: ApiRequest, database: Database, agent_id: int) -> Agent:
    """Change an agent's name or role."""
    return await _change(request, database, agent_id)


@put(_AGENT, guards=[administrators], opt={"takes": AgentBody})
async def put_agent(request: ApiRequest, database: Database, agent_id: int) -> Agent:
    """Change an agent; what is not sent stays."""
    return await _change(request, database, agent_id)


@delete(_AGENT, status_code=200, guards=[administrators])
async def remove_agent(request: ApiRequest, database: Database, agent_id: int) -> Response[bytes]:
    """Close the account to an agent; their conversations wait for somebody else."""
    async with database.transaction() as tx:
        member = await _find(tx, request, agent_id)
        if problem := await leaving_problem(tx, member, asked_by=request.user):
            raise invalid({"agent": problem})
        await leave_account(tx, member)
    return nothing()


async def _change(request: ApiRequest, database: Database, agent_id: int) -> Agent:
    body = await read(request, AgentBody, wrapped="agent")
    async with database.transaction() as tx:
        member = await _find(tx, request, agent_id)
        role = text_or(body.role) or member.role
        if role not in set(Role):
            raise invalid({"role": say("Choose one of: %(choices)s.", choices=", ".join(Role))})
        if problem := await change_role(tx, member, Role(role)):
            raise invalid({"role": problem})
        await _rename(tx, member, text_or(body.name))
        await _say(tx, member, body)
        return _member_json(member)


async def _say(tx: Transaction, member: Membership, body: AgentBody) -> None:
    said = text_or(body.availability) or None
    if said is not None and said not in set(Availability):
        choices = ", ".join(Availability)
        raise invalid({"availability": say("Choose one of: %(choices)s.", choices=choices)})
    auto = body.auto_offline if isinstance(body.auto_offline, bool) else None
    availability = Availability(said) if said else None
    await say_availability(tx, member, availability, auto_offline=auto)
    await tx.refresh(member, ["availability", "auto_offline"])


async def _rename(tx: Transaction, member: Membership, name: str) -> None:
    """A name belongs to the person, so only somebody of no other account is renamed from here."""
    if name.strip() and len(await memberships_of(tx, member.user_id)) == 1:
        member.user.name = name.strip()
        await tx.flush()


async def _find(tx: Transaction, request: ApiRequest, agent_id: int) -> Membership:
    return found(await find_membership(tx, request.user.account_id, agent_id))


def _member_json(member: Membership) -> Agent:
    return agent_json(member.user, member.account_id, member)


handlers: list[Any] = [
    list_agents, create_agent, show_agent, patch_agent, put_agent, remove_agent,
]  # fmt: skip
