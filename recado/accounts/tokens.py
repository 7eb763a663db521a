"""Random tokens that are shown once and kept only as a digest."""

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, select, update

from recado.accounts.models import AccessToken, Membership, User
from recado.accounts.people import find_membership
from recado.db.database import Transaction


def new_token() -> str:
    """A fresh secret of 256 bits, safe in URLs and headers."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a token. It is random and long, so a plain SHA-256 cannot be guessed back."""
    return sha256(token.encode()).digest()


async def create_token(tx: Transaction, user_id: int, name: str, *, now: datetime) -> str:
    """Make an access token for a person and return it: the only time it can be read."""
    token = new_token()
    tx.add(
        AccessToken(
            user_id=user_id, name=name, digest=digest(token), ending=token[-4:], created_at=now
        )
    )
    await tx.flush()
    return token


async def tokens_of(tx: Transaction, user_id: int) -> list[AccessToken]:
    """A person's access tokens, newest first."""
    query = (
        select(AccessToken).where(AccessToken.user_id == user_id).order_by(AccessToken.id.desc())
    )
    return list(await tx.scalars(query))


async def revoke_token(tx: Transaction, user_id: int, token_id: int) -> bool:
    """Make a token useless at once; False when the person has no such token."""
    query = delete(AccessToken).where(AccessToken.id == token_id, AccessToken.user_id == user_id)
    return bool((await tx.execute(query.returning(AccessToken.id))).first())


async def member_by_token(
    tx: Transaction, token: str, account_id: int, *, now: datetime
) -> Membership | None:
    """The person whose token this is, as a member of the account, with account and user loaded."""
    found = await tx.scalar(select(AccessToken).where(AccessToken.digest == digest(token)))
    if found is None:
        return None
    if found.last_used_at is None or (now - found.last_used_at).total_seconds() > 60:
        await tx.execute(
            update(AccessToken).where(AccessToken.id == found.id).values(last_used_at=now)
        )
    return await find_membership(tx, account_id, found.user_id)


async def user_by_token(tx: Transaction, token: str) -> User | None:
    """The person whose token this is, whatever the account."""
    query = select(User).join(AccessToken).where(AccessToken.digest == digest(token))
    return await tx.scalar(query)
