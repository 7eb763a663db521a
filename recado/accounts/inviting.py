"""Invitations: a link, for one address and once, with which somebody joins an account.

Only the token's digest is kept, so a link is seen when it is made and never again; a new one for
the same address ends the one before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import joinedload

from recado.accounts.models import Invitation, Membership, Role, User
from recado.accounts.people import (
    PersonDraft,
    add_member,
    create_user,
    find_membership,
    find_user_by_email,
    is_email,
    outdate_rules,
)
from recado.accounts.tokens import digest, new_token
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say
from recado.lib.public_urls import public_url

LASTS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was just made, and the link that accepts it: the only time it is seen."""

    invitation: Invitation
    link: str


async def invitation_problem(tx: Transaction, account_id: int, email: str) -> Sentence | None:
    """Why nobody with this address can be invited."""
    if not is_email(email.strip()) or len(email) > 320:
        return say("This is not an e-mail address.")
    user = await find_user_by_email(tx, email)
    if user and await find_membership(tx, account_id, user.id):
        return say("%(name)s is in this account already.", name=user.name)
    return None


async def invite(
    tx: Transaction, inviter: Membership, email: str, role: Role, *, now: datetime
) -> Invited:
    """Invite an address that has no problem; what it was invited to before ends."""
    token, address = new_token(), email.strip().lower()
    mine = (Invitation.account_id == inviter.account_id, Invitation.email == address)
    invitation = await tx.scalar(select(Invitation).where(*mine).with_for_update())
    if invitation is None:
        invitation = Invitation(
            account_id=inviter.account_id, email=address, role=role, digest=digest(token),
            invited_by_id=inviter.user_id, created_at=now, expires_at=now + LASTS,
        )  # fmt: skip
        tx.add(invitation)
    invitation.role, invitation.digest = role, digest(token)
    invitation.invited_by_id = inviter.user_id
    invitation.created_at, invitation.expires_at = now, now + LASTS
    await tx.flush()
    return Invited(invitation, f"{public_url('invitation')}?token={token}")


async def invitations_of(tx: Transaction, account_id: int) -> list[Invitation]:
    """Who is invited and has not come yet, newest first."""
    query = select(Invitation).where(Invitation.account_id == account_id)
    return list(await tx.scalars(query.order_by(Invitation.created_at.desc())))


async def find_invitation(
    tx: Transaction, account_id: int, invitation_id: int
) -> Invitation | None:
    """An invitation of this account."""
    mine = (Invitation.account_id == account_id, Invitation.id == invitation_id)
    return await tx.scalar(select(Invitation).where(*mine).with_for_update())


async def revoke_invitation(tx: Transaction, invitation: Invitation) -> None:
    """Take an invitation back: its link works no more."""
    await tx.delete(invitation)
    await tx.flush()


async def invitation_by_token(tx: Transaction, token: str, *, now: datetime) -> Invitation | None:
    """The invitation that this link accepts, with its account loaded; None when it does no more."""
    query = select(Invitation).where(*_open(token, now)).options(joinedload(Invitation.account))
    return await tx.scalar(query)


async def join_as_new(
    tx: Transaction, token: str, draft: PersonDraft, *, language: str, now: datetime
) -> Membership | None:
    """Use the link up for somebody new, whose draft has no problems; None when it works no more."""
    invitation = await _use(tx, token, now=now)
    if invitation is None:
        return None
    invited = PersonDraft(draft.name, invitation.email, draft.password)
    user = await create_user(tx, invited, language=language, now=now)
    return await _join(tx, invitation, user)


async def join_as(tx: Transaction, token: str, user: User, *, now: datetime) -> Membership | None:
    """Use the link up for a person with the invited address; None when it works no more."""
    invitation = await _use(tx, token, now=now)
    if invitation is None or invitation.email != user.email:
        return None
    return await find_membership(tx, invitation.account_id, user.id) or await _join(
        tx, invitation, user
    )


async def _join(tx: Transaction, invitation: Invitation, user: User) -> Membership | None:
    await add_member(tx, invitation.account_id, user.id, Role(invitation.role))
    await outdate_rules(tx, invitation.account_id)
    return await find_membership(tx, invitation.account_id, user.id)


async def _use(tx: Transaction, token: str, *, now: datetime) -> Invitation | None:
    """Of two who come at once the second finds it gone."""
    found = await tx.scalar(select(Invitation).where(*_open(token, now)).with_for_update())
    if found is not None:
        await tx.delete(found)
        await tx.flush()
    return found


def _open(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.digest == digest(token), Invitation.expires_at > now


async def prune_invitations(tx: Transaction, *, now: datetime) -> None:
    """Forget invitations that ended a month ago; until then the page offers to renew them."""
    await tx.execute(delete(Invitation).where(Invitation.expires_at < now - timedelta(days=30)))
