"""Who answers in an inbox, besides the administrators."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.response import Response
from msgspec import Struct

from recado.accounts.models import Role
from recado.api.agents import Agent, agents_json
from recado.api.door import ROOT, ApiRequest, administrators, invalid, nothing
from recado.api.fields import UNSET, Id, MaybeId, UnsetType, id_or_none
from recado.api.reading import asked, read
from recado.api.seeing import visible_inbox
from recado.conversations.leaving import leave_inbox
from recado.db.database import Database, Transaction
from recado.inboxes.models import Inbox
from recado.inboxes.opening import inbox_member_ids, set_inbox_members


class InboxPeople(Struct):
    """Which agents of which inbox are meant."""

    inbox_id: MaybeId = UNSET
    user_ids: list[Id] | UnsetType = UNSET


class AssignableQuery(Struct):
    """In which inboxes."""

    inbox_ids: list[Id] | UnsetType = UNSET


class InboxMembers(Struct):
    """The agents of an inbox."""

    payload: list[Agent]


@get(f"{ROOT}/inbox_members/{{inbox_id:int}}")
async def list_members(request: ApiRequest, database: Database, inbox_id: int) -> InboxMembers:
    """List who answers in an inbox."""
    async with database.transaction() as tx:
        inbox = await visible_inbox(tx, request.user, inbox_id)
        return await _members(tx, inbox)


@get(f"{ROOT}/assignable_agents", opt={"asks": AssignableQuery})
async def list_assignable_agents(request: ApiRequest, database: Database) -> InboxMembers:
    """List who can be assigned in all of these inboxes: who answers there, and administrators."""
    query = await asked(request, AssignableQuery)
    wanted = query.inbox_ids if isinstance(query.inbox_ids, list) else []
    if not wanted:
        raise invalid({"inbox_ids": "Name at least one inbox."})
    async with database.transaction() as tx:
        inboxes = [await visible_inbox(tx, request.user, one) for one in wanted]
        answering = [await inbox_member_ids(tx, one.id) for one in inboxes]
        everybody = await agents_json(tx, request.user.account_id)
    able = set.intersection(*answering)
    return InboxMembers([one for one in everybody if one.id in able or one.role != Role.AGENT])


@post(f"{ROOT}/inbox_members", status_code=200, guards=[administrators], opt={"takes": InboxPeople})
async def add_members(request: ApiRequest, database: Database) -> InboxMembers:
    """Let agents into an inbox."""
    body, wanted = await _wanted(request)
    async with database.transaction() as tx:
        inbox = await visible_inbox(tx, request.user, id_or_none(body.inbox_id) or 0)
        await set_inbox_members(tx, inbox, await inbox_member_ids(tx, inbox.id) | wanted)
        return await _members(tx, inbox)


@patch(f"{ROOT}/inbox_members", guards=[administrators], opt={"takes": InboxPeople})
async def replace_members(request: ApiRequest, database: Database) -> InboxMembers:
    """Say who answers in an inbox, all at once."""
    body, wanted = await _wanted(request)
    async with database.transaction() as tx:
        inbox = await visible_inbox(tx, request.user, id_or_none(body.inbox_id) or 0)
        await leave_inbox(tx, inbox, await set_inbox_members(tx, inbox, wanted))
        return await _members(tx, inbox)


@delete(
    f"{ROOT}/inbox_members", status_code=200, guards=[administrators], opt={"takes": InboxPeople}
)
async def remove_members(request: ApiRequest, database: Database) -> Response[bytes]:
    """Take agents out of an inbox."""
    body, wanted = await _wanted(request)
    async with database.transaction() as tx:
        inbox = await visible_inbox(tx, request.user, id_or_none(body.inbox_id) or 0)
        kept = await inbox_member_ids(tx, inbox.id) - wanted
        await leave_inbox(tx, inbox, await set_inbox_members(tx, inbox, kept))
    return nothing()


async def _wanted(request: ApiRequest) -> tuple[InboxPeople, set[int]]:
    body = await read(request, InboxPeople)
    if not isinstance(body.user_ids, list):
        raise invalid({"user_ids": "Name at least one agent."})
    return body, set(body.user_ids)


async def _members(tx: Transaction, inbox: Inbox) -> InboxMembers:
    ids = await inbox_member_ids(tx, inbox.id)
    return InboxMembers(await agents_json(tx, inbox.account_id, ids))


handlers: list[Any] = [
    list_assignable_agents,
    list_members,
    add_members,
    replace_members,
    remove_members,
]
