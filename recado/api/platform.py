"""The platform API: whoever runs the server makes accounts and people by program.

Opened by the token of RECADO_PLATFORM_TOKEN, which is no person's; without that setting it is closed.
"""

from typing import Any, Final

from litestar import Request, delete, get, patch, post
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.accounts.models import Account, Role, User
from recado.accounts.people import (
    PersonDraft,
    create_account,
    create_user,
    find_membership,
    find_user_by_email,
    members_of,
    memberships_of,
    outdate_rules,
    person_problems,
)
from recado.accounts.provisioning import (
    admit,
    change_person,
    close_account,
    find_account,
    find_person,
)
from recado.accounts.tokens import create_token, new_token
from recado.api.door import invalid, nothing, now
from recado.api.fields import UNSET, Json, MaybeId, Short, Words, id_or_none, text_or
from recado.api.profile import Profile, profile_json
from recado.api.reading import read
from recado.conversations.leaving import leave_account
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.calendars import USUAL_ZONE, known_zone
from recado.lib.languages import known_language, say

PlatformRequest = Request[None, str, Any]
_ROOT: Final = "/platform/api/v1"
_ACCOUNT: Final = f"{_ROOT}/accounts/{{account_id:int}}"
_PEOPLE: Final = f"{_ACCOUNT}/account_users"
_USER: Final = f"{_ROOT}/users/{{user_id:int}}"


class PlatformAccount(Struct):
    """An account of this server."""

    id: int
    name: str
    locale: str
    timezone: str
    status: str = "active"
    domain: str | None = None
    support_email: str | None = None
    features: Json = {}
    limits: Json = {}
    custom_attributes: Json = {}


class PlatformAccountBody(Struct):
    """A name, the language of its activity lines (pt_BR, en or es), and its time zone, such as
    Europe/Lisbon.
    """

    name: Short = UNSET
    locale: Short = UNSET
    timezone: Short = UNSET


class PlatformUserBody(Struct):
    """A person. Without a `password` nobody can sign in as them, but their token works."""

    name: Short = UNSET
    email: Short = UNSET
    password: Short = UNSET


class AccountUserBody(Struct):
    """Who is meant, and as what: administrator or agent."""

    user_id: MaybeId = UNSET
    role: Words = UNSET


class AccountUser(Struct):
    """A person in an account."""

    account_id: int
    user_id: int
    role: str


@post(f"{_ROOT}/accounts", status_code=200, opt={"takes": PlatformAccountBody})
async def make_account(request: PlatformRequest, database: Database) -> PlatformAccount:
    """Make an account without people."""
    body = await read(request, PlatformAccountBody, wrapped="account")
    name = text_or(body.name).strip()
    if not name:
        raise invalid({"name": "Please enter a name."})
    async with database.transaction() as tx:
        language, zone = known_language(text_or(body.locale)), _zone(body, USUAL_ZONE)
        return _account(
            await create_account(tx, name, now=now(), language=language, time_zone=zone)
        )


@get(_ACCOUNT)
async def show_account(
    request: PlatformRequest, database: Database, account_id: int
) -> PlatformAccount:
    """Show an account."""
    async with database.transaction() as tx:
        return _account(await _found_account(tx, account_id))


@patch(_ACCOUNT, opt={"takes": PlatformAccountBody})
async def change_account(
    request: PlatformRequest, database: Database, account_id: int
) -> PlatformAccount:
    """Change an account; what is not sent stays."""
    body = await read(request, PlatformAccountBody, wrapped="account")
    async with database.transaction() as tx:
        account = await _found_account(tx, account_id)
        account.name = text_or(body.name).strip() or account.name
        if text_or(body.locale):
            account.language = known_language(text_or(body.locale))
        account.time_zone = _zone(body, account.time_zone)
        await tx.flush()
        await outdate_rules(tx, account.id)
        return _account(account)


@delete(_ACCOUNT, status_code=200)
async def remove_account(
    request: PlatformRequest, database: Database, account_id: int
) -> Response[bytes]:
    """Delete an account with everything in it. Its people stay."""
    async with database.transaction() as tx:
        await close_account(tx, await _found_account(tx, account_id))
    return nothing()


@post(f"{_ROOT}/users", status_code=200, opt={"takes": PlatformUserBody})
async def make_user(request: PlatformRequest, database: Database, outbound: Outbound) -> Profile:
    """Make a person, or find the one of this e-mail; the answer alone shows a new `access_token`."""
    body = await read(request, PlatformUserBody, wrapped="user")
    async with database.transaction() as tx:
        person = await find_user_by_email(tx, text_or(body.email)) or await _new_user(tx, body)
        token = await create_token(tx, person.id, "platform", now=now())
        return profile_json(person, await memberships_of(tx, person.id), token, outbound.vault)


@get(_USER)
async def show_user(
    request: PlatformRequest, database: Database, outbound: Outbound, user_id: int
) -> Profile:
    """Show a person; their tokens are kept as digests, so none is shown."""
    async with database.transaction() as tx:
        person = await _found_person(tx, user_id)
        return profile_json(person, await memberships_of(tx, person.id), "", outbound.vault)


@patch(_USER, opt={"takes": PlatformUserBody})
async def change_user(
    request: PlatformRequest, database: Database, outbound: Outbound, user_id: int
) -> Profile:
    """Change a person; what is not sent stays."""
    body = await read(request, PlatformUserBody, wrapped="user")
    async with database.transaction() as tx:
        person = await _found_person(tx, user_id)
        told = {"name": text_or(body.name), "email": text_or(body.email)}
        if wrong := await change_person(tx, person, **told, password=text_or(body.password)):
            raise invalid(wrong)
        return profile_json(person, await memberships_of(tx, person.id), "", outbound.vault)


@get(_PEOPLE)
async def list_account_users(
    request: PlatformRequest, database: Database, account_id: int
) -> list[AccountUser]:
    """List who is in an account."""
    async with database.transaction() as tx:
        account = await _found_account(tx, account_id)
        found = await members_of(tx, account.id)
    return [AccountUser(one.account_id, one.user_id, one.role) for one in found]


@post(_PEOPLE, status_code=200, opt={"takes": AccountUserBody})
async def admit_user(request: PlatformRequest, database: Database, account_id: int) -> AccountUser:
    """Let a person into an account, or give them another role there."""
    body = await read(request, AccountUserBody)
    role = text_or(body.role) or Role.AGENT
    if role not in set(Role):
        raise invalid({"role": f"Choose one of: {', '.join(Role)}."})
    async with database.transaction() as tx:
        account = await _found_account(tx, account_id)
        person = await _found_person(tx, id_or_none(body.user_id) or 0)
        member = await admit(tx, account.id, person.id, Role(role))
    return AccountUser(member.account_id, member.user_id, member.role)


@delete(_PEOPLE, status_code=200, opt={"takes": AccountUserBody})
async def remove_user(
    request: PlatformRequest, database: Database, account_id: int
) -> Response[bytes]:
    """Close an account to a person; their conversations wait for somebody else."""
    body = await read(request, AccountUserBody)
    async with database.transaction() as tx:
        member = found(await find_membership(tx, account_id, id_or_none(body.user_id) or 0))
        await leave_account(tx, member)
    return nothing()


async def _new_user(tx: Transaction, body: PlatformUserBody) -> User:
    email, password = text_or(body.email), text_or(body.password) or new_token()
    draft = PersonDraft(text_or(body.name) or email.partition("@")[0], email, password)
    if wrong := person_problems(draft):
        raise invalid(wrong)
    return await create_user(tx, draft, language=known_language("en"), now=now())


async def _found_account(tx: Transaction, account_id: int) -> Account:
    return found(await find_account(tx, account_id))


async def _found_person(tx: Transaction, user_id: int) -> User:
    return found(await find_person(tx, user_id))


def _zone(body: PlatformAccountBody, before: str) -> str:
    zone = known_zone(text_or(body.timezone) or before)
    if zone is None:
        raise invalid({"timezone": say("There is no such time zone.")})
    return zone


def _account(account: Account) -> PlatformAccount:
    return PlatformAccount(account.id, account.name, account.language, account.time_zone)


handlers: list[Any] = [
    make_account, show_account, change_account, remove_account, make_user, show_user, change_user,
    list_account_users, admit_user, remove_user,
]  # fmt: skip
