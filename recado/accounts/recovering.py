"""A way back in for whoever forgot the password: a link, for one person and once.

Only the token's digest is kept, so a link is seen when it is made and never again; a new one for
the same person ends the one before.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, select

from recado.accounts.models import Membership, PasswordLink, User
from recado.accounts.people import memberships_of
from recado.accounts.profiles import change_password
from recado.accounts.tokens import digest, new_token
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say
from recado.lib.public_urls import public_url

LASTS: Final = timedelta(hours=24)
_FRESH: Final = timedelta(minutes=5)


async def recovery_problem(
    tx: Transaction, member: Membership, *, asked_by: Membership
) -> Sentence | None:
    """Why this administrator may not let a member choose another password.

    One password opens all accounts of a person, and this one answers for one of them.
    """
    if member.user_id == asked_by.user_id:
        return say("Change your own password in your profile.")
    if len(await memberships_of(tx, member.user_id)) > 1:
        return say(
            "%(name)s is in other accounts too: whoever runs Recado makes the link, with "
            "“recado new-password”.",
            name=member.user.name,
        )
    return None


async def link_to_new_password(tx: Transaction, user_id: int, *, now: datetime) -> str:
    """The link with which a person chooses another password; the one before ends."""
    token = new_token()
    link = await tx.scalar(
        select(PasswordLink).where(PasswordLink.user_id == user_id).with_for_update()
    )
    if link is None:
        tx.add(PasswordLink(user_id=user_id, digest=digest(token), expires_at=now + LASTS))
    else:
        link.digest, link.expires_at = digest(token), now + LASTS
    await tx.flush()
    return f"{public_url('new-password')}?token={token}"


async def has_fresh_link(tx: Transaction, user_id: int, *, now: datetime) -> bool:
    """Whether a link was made for this person so lately that another is not needed."""
    made_lately = PasswordLink.expires_at > now + LASTS - _FRESH
    query = select(PasswordLink.user_id).where(PasswordLink.user_id == user_id, made_lately)
    return await tx.scalar(query) is not None


async def who_recovers(tx: Transaction, token: str, *, now: datetime) -> User | None:
    """Whose link this is; None when it works no more."""
    link = await tx.scalar(_open(token, now))
    return await tx.get_one(User, link.user_id) if link else None


async def recover(tx: Transaction, token: str, wanted: str, *, now: datetime) -> User | None:
    """Use the link up for a password that has no problem, and sign its person out everywhere.

    None when it works no more: of two who come at once the second finds it gone.
    """
    link = await tx.scalar(_open(token, now).with_for_update())
    if link is None:
        return None
    await tx.delete(link)
    await change_password(tx, link.user_id, wanted, kept_session="")
    return await tx.get_one(User, link.user_id)


def _open(token: str, now: datetime) -> Select[PasswordLink]:
    mine = PasswordLink.digest == digest(token), PasswordLink.expires_at > now
    return select(PasswordLink).where(*mine)


async def prune_password_links(tx: Transaction, *, now: datetime) -> None:
    """Forget links that have ended."""
    await tx.execute(delete(PasswordLink).where(PasswordLink.expires_at <= now))
