"""The profile: whose token this is, and where it may act."""

from collections.abc import Sequence
from typing import Any

from litestar import get, post
from msgspec import Struct

from recado.accounts.being_there import say_availability
from recado.accounts.doors import found
from recado.accounts.models import Availability, Membership, User
from recado.accounts.people import find_membership, memberships_of
from recado.api.door import PersonRequest, invalid, now
from recado.api.fields import UNSET, Flag, MaybeId, Words, id_or_none, text_or
from recado.api.reading import read
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.pubsub import Ear, pubsub_token
from recado.lib.secrets import Vault


class ProfileAccount(Struct, kw_only=True):
    """An account of this person."""

    id: int
    name: str
    role: str
    status: str = "active"
    availability: str
    availability_status: str
    auto_offline: bool
    permissions: list[str] = []


class Profile(Struct, kw_only=True):
    """The person whose token this is; `account_id` is their first account."""

    id: int
    uid: str
    name: str
    available_name: str
    display_name: str | None = None
    email: str
    provider: str = "email"
    confirmed: bool = True
    avatar_url: str = ""
    account_id: int | None
    role: str | None
    accounts: list[ProfileAccount]
    access_token: str  # the one that came with the request
    pubsub_token: str  # opens `/cable`
    message_signature: str | None = None
    custom_attributes: dict[str, Any] = {}
    ui_settings: dict[str, Any] = {}
    type: str | None = None


class AvailabilityBody(Struct):
    """`online`, `busy` or `offline`, in one of one's accounts."""

    availability: Words = UNSET
    account_id: MaybeId = UNSET


class AutoOfflineBody(Struct):
    """Whether one counts as offline without an open page, in one of one's accounts."""

    auto_offline: Flag = UNSET
    account_id: MaybeId = UNSET


@get("/api/v1/profile")
async def show_profile(request: PersonRequest, database: Database, outbound: Outbound) -> Profile:
    """Show whose token this is."""
    async with database.transaction() as tx:
        memberships = await memberships_of(tx, request.user.id)
    return profile_json(request.user, memberships, request.auth, outbound.vault)


@post("/api/v1/profile/availability", status_code=200, opt={"takes": AvailabilityBody})
async def set_availability(
    request: PersonRequest, database: Database, outbound: Outbound
) -> Profile:
    """Say whether one is there, in an account of one's own."""
    body = await read(request, AvailabilityBody, wrapped="profile")
    if text_or(body.availability) not in set(Availability):
        raise invalid({"availability": f"Choose one of: {', '.join(Availability)}."})
    async with database.transaction() as tx:
        member = await _own_membership(tx, request, body.account_id)
        await say_availability(tx, member, Availability(text_or(body.availability)))
        memberships = await memberships_of(tx, request.user.id)
    return profile_json(request.user, memberships, request.auth, outbound.vault)


@post("/api/v1/profile/auto_offline", status_code=200, opt={"takes": AutoOfflineBody})
async def set_auto_offline(
    request: PersonRequest, database: Database, outbound: Outbound
) -> Profile:
    """Say whether one counts as offline while no page of one's own is open."""
    body = await read(request, AutoOfflineBody, wrapped="profile")
    if not isinstance(body.auto_offline, bool):
        raise invalid({"auto_offline": "Send true or false."})
    async with database.transaction() as tx:
        member = await _own_membership(tx, request, body.account_id)
        await say_availability(tx, member, auto_offline=body.auto_offline)
        memberships = await memberships_of(tx, request.user.id)
    return profile_json(request.user, memberships, request.auth, outbound.vault)


async def _own_membership(
    tx: Transaction, request: PersonRequest, account_id: MaybeId
) -> Membership:
    return found(await find_membership(tx, id_or_none(account_id) or 0, request.user.id))


def profile_json(
    person: User, memberships: Sequence[Membership], token: str, vault: Vault
) -> Profile:
    """A person as their program sees them."""
    first = memberships[0] if memberships else None
    return Profile(
        id=person.id, uid=person.email, name=person.name, available_name=person.name,
        email=person.email, access_token=token,
        pubsub_token=pubsub_token(vault, Ear.USER, person.id),
        account_id=first.account_id if first else None, role=first.role if first else None,
        accounts=[_account(one) for one in memberships],
    )  # fmt: skip


def _account(member: Membership) -> ProfileAccount:
    return ProfileAccount(
        id=member.account_id,
        name=member.account.name,
        role=member.role,
        permissions=[member.role],
        availability=member.availability,
        availability_status=member.availability_at(now()),
        auto_offline=member.auto_offline,
    )


handlers: list[Any] = [show_profile, set_availability, set_auto_offline]
