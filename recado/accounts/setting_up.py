"""The first account and its first administrator."""

from datetime import datetime

from sqlalchemy import delete, select, update

from recado.accounts.models import Membership, Role, SetupLink
from recado.accounts.people import (
    PersonDraft,
    add_member,
    create_account,
    create_user,
    find_membership,
    is_anybody_there,
)
from recado.accounts.tokens import digest, new_token
from recado.db.database import Transaction
from recado.lib.calendars import USUAL_ZONE


async def new_setup_link(tx: Transaction, *, now: datetime) -> str | None:
    """A token that lets one person set the server up; None once somebody has.

    Each start makes a new one and forgets those before.
    """
    if await is_anybody_there(tx):
        return None
    token = new_token()
    await tx.execute(delete(SetupLink))
    tx.add(SetupLink(digest=digest(token), created_at=now))
    await tx.flush()
    return token


async def is_setup_link(tx: Transaction, token: str) -> bool:
    """Whether this token still sets up."""
    query = select(SetupLink.digest).where(
        SetupLink.digest == digest(token), SetupLink.used_at.is_(None)
    )
    return (await tx.scalar(query)) is not None


async def use_setup_link(tx: Transaction, token: str, *, now: datetime) -> bool:
    """Use the token up; False when somebody was faster."""
    query = (
        update(SetupLink)
        .where(SetupLink.digest == digest(token), SetupLink.used_at.is_(None))
        .values(used_at=now)
        .returning(SetupLink.digest)
    )
    return (await tx.execute(query)).first() is not None


async def set_up(
    tx: Transaction,
    account_name: str,
    person: PersonDraft,
    *,
    language: str,
    now: datetime,
    time_zone: str = USUAL_ZONE,
) -> Membership:
    """Open an account with its first administrator, who is returned with both loaded."""
    account = await create_account(
        tx, account_name.strip(), language=language, time_zone=time_zone, now=now
    )
    user = await create_user(tx, person, language=language, now=now)
    await add_member(tx, account.id, user.id, Role.ADMINISTRATOR)
    membership = await find_membership(tx, account.id, user.id)
    if membership is None:
        raise RuntimeError("The membership just written is not there.")
    return membership
