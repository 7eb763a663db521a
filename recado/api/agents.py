"""Agents: the people of an account."""

from typing import Any

from litestar import get, post
from msgspec import Struct

from recado.accounts.joining import add_agent, agent_problems
from recado.accounts.models import Role, User
from recado.accounts.people import PersonDraft, members_of
from recado.accounts.tokens import new_token
from recado.api.door import ROOT, ApiRequest, administrators, invalid, now
from recado.api.fields import UNSET, Flag, Short, Words, text_or
from recado.api.reading import read
from recado.db.database import Database, Transaction
from recado.lib.languages import say


class Agent(Struct, kw_only=True):
    """A person of the account."""

    id: int
    account_id: int
    availability_status: str = "online"
    auto_offline: bool = True
    confirmed: bool = True
    email: str
    provider: str = "email"
    available_name: str
    custom_attributes: dict[str, Any] = {}
    name: str
    role: str
    thumbnail: str = ""
    custom_role_id: int | None = None


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


def agent_json(user: User, account_id: int, role: str) -> Agent:
    """A person as the API shows them."""
    return Agent(
        id=user.id, account_id=account_id, email=user.email,
        available_name=user.name, name=user.name, role=role,
    )  # fmt: skip


async def roles_of(tx: Transaction, account_id: int) -> dict[int, str]:
    """Everybody's role, by person."""
    return {one.user_id: one.role for one in await members_of(tx, account_id)}


async def agents_json(
    tx: Transaction, account_id: int, user_ids: set[int] | None = None
) -> list[Agent]:
    """The people of an account, or those among `user_ids`, by name."""
    return [
        agent_json(one.user, account_id, one.role)
        for one in await members_of(tx, account_id)
        if user_ids is None or one.user_id in user_ids
    ]


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
    return agent_json(person, member.account_id, member.role)


handlers: list[Any] = [list_agents, create_agent]
