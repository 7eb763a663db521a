"""Pages of agents: who is in the account and who is invited, with which role, and leaving."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.exceptions import ClientException
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page, spoken
from recado.accounts.inviting import (
    Invited,
    find_invitation,
    invitation_problem,
    invitations_of,
    invite,
    revoke_invitation,
)
from recado.accounts.joining import change_role, leaving_problem
from recado.accounts.models import Membership, Role
from recado.accounts.people import find_membership, members_of
from recado.accounts.recovering import link_to_new_password, recovery_problem
from recado.conversations.leaving import leave_account, open_conversations_of
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence, say
from recado.lib.long_lists import list_page, place_in_list
from recado.lib.mail_servers import has_mail_server
from recado.mail.inviting import mail_invitation


@get("/app/agents", guards=[administrators_only])
async def list_agents(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        return await _agents_page(tx, request)


# --- inviting ---


@get("/app/agents/new", guards=[administrators_only], sync_to_thread=False)
def new_agent(request: MemberRequest) -> Template:
    return _invitation_form(request, "", Role.AGENT)


@post("/app/agents", guards=[administrators_only], status_code=200)
async def invite_agent(request: MemberRequest, database: Database) -> Template:
    """Answers with the page itself: where no e-mail goes, the link is shown here and never again."""
    form = await request.form()
    email, role = str(form.get("email", "")), _role(str(form.get("role", Role.AGENT)))
    async with database.transaction() as tx:
        if problem := await invitation_problem(tx, request.user.account_id, email):
            return _invitation_form(request, email, role, {"email": problem})
        return await _invited(tx, request, email, role)


@post("/app/invitations/{invitation_id:int}/renew", guards=[administrators_only], status_code=200)
async def renew_invitation(
    request: MemberRequest, database: Database, invitation_id: int
) -> Template:
    async with database.transaction() as tx:
        old = found(await find_invitation(tx, request.user.account_id, invitation_id))
        return await _invited(tx, request, old.email, Role(old.role))


@post("/app/invitations/{invitation_id:int}/revoke", guards=[administrators_only])
async def end_invitation(
    request: MemberRequest, database: Database, invitation_id: int
) -> Response[Any]:
    async with database.transaction() as tx:
        old = found(await find_invitation(tx, request.user.account_id, invitation_id))
        await revoke_invitation(tx, old)
    return go_to(request, "/app/agents")


async def _invited(tx: Transaction, request: MemberRequest, email: str, role: Role) -> Template:
    now = datetime.now(UTC)
    invited = await invite(tx, request.user, email, role, now=now)
    await mail_invitation(tx, request.user, invited, now=now)
    return await _agents_page(tx, request, invited=invited)


def _invitation_form(
    request: MemberRequest, email: str, role: Role, problems: dict[str, Sentence] | None = None
) -> Template:
    return page(
        request, "accounts/agent_new.html", status_code=422 if problems else 200,
        values={"email": email, "role": role}, errors=spoken(problems or {}),
        is_mailed=has_mail_server(),
    )  # fmt: skip


# --- roles and leaving ---


@post("/app/agents/{user_id:int}/role", guards=[administrators_only])
async def set_agent_role(
    request: MemberRequest, database: Database, user_id: int
) -> Template | Response[Any]:
    role = str((await request.form()).get("role", ""))
    async with database.transaction() as tx:
        member = found(await find_membership(tx, request.user.account_id, user_id))
        if problem := await change_role(tx, member, _role(role)):
            return await _agents_page(tx, request, problem=problem)
    return go_to(request, f"/app/agents{place_in_list(request.query_params)}")


@post("/app/agents/{user_id:int}/password", guards=[administrators_only], status_code=200)
async def let_choose_password(request: MemberRequest, database: Database, user_id: int) -> Template:
    """Answers with the page itself: the link is shown here and never again."""
    async with database.transaction() as tx:
        member = found(await find_membership(tx, request.user.account_id, user_id))
        if problem := await recovery_problem(tx, member, asked_by=request.user):
            return await _agents_page(tx, request, problem=problem)
        link = await link_to_new_password(tx, user_id, now=datetime.now(UTC))
        return await _agents_page(tx, request, recovering=(member, link))


@get("/app/agents/{user_id:int}/remove", guards=[administrators_only])
async def ask_to_remove_agent(request: MemberRequest, database: Database, user_id: int) -> Template:
    async with database.transaction() as tx:
        return await _removal_page(tx, request, user_id)


@post("/app/agents/{user_id:int}/remove", guards=[administrators_only])
async def remove_agent(
    request: MemberRequest, database: Database, user_id: int
) -> Template | Response[Any]:
    typed = str((await request.form()).get("name", ""))
    async with database.transaction() as tx:
        member = found(await find_membership(tx, request.user.account_id, user_id))
        if typed != member.user.name or await leaving_problem(tx, member, asked_by=request.user):
            return await _removal_page(tx, request, user_id, is_refused=True)
        await leave_account(tx, member)
    return go_to(request, "/app/agents")


async def _removal_page(
    tx: Transaction, request: MemberRequest, user_id: int, *, is_refused: bool = False
) -> Template:
    member = found(await find_membership(tx, request.user.account_id, user_id))
    problem = await leaving_problem(tx, member, asked_by=request.user)
    if is_refused and problem is None:
        problem = say("The name is not the same.")
    counts = await open_conversations_of(tx, member.account_id)
    return page(
        request, "accounts/agent_remove.html", status_code=422 if is_refused else 200,
        member=member, problem=str(problem or ""), count=counts.get(member.user_id, 0),
    )  # fmt: skip


async def _agents_page(
    tx: Transaction,
    request: MemberRequest,
    *,
    problem: Sentence | None = None,
    invited: Invited | None = None,
    recovering: tuple[Membership, str] | None = None,  # who, and the link
) -> Template:
    account_id, asked = request.user.account_id, request.query_params
    listed = list_page(
        await members_of(tx, account_id), asked, lambda one: f"{one.user.name} {one.user.email}"
    )
    return page(
        request, "accounts/agents.html", status_code=422 if problem else 200,
        members=listed, counts=await open_conversations_of(tx, account_id),
        invitations=await invitations_of(tx, account_id), now=datetime.now(UTC),
        invited=invited, recovering=recovering, is_mailed=has_mail_server(), problem=str(problem or ""),
    )  # fmt: skip


def _role(text: str) -> Role:
    if text not in set(Role):
        raise ClientException("There is no such role.")
    return Role(text)


handlers: list[Any] = [
    list_agents, new_agent, invite_agent, renew_invitation, end_invitation,
    set_agent_role, let_choose_password, ask_to_remove_agent, remove_agent,
]  # fmt: skip
