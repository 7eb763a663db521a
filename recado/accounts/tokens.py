"""Random tokens that are shown once and kept only as a digest."""

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from recado.accounts.models import AccessToken, Membership, User
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
    query = (
        select(AccessToken, Membership)
        .outerjoin(
            Membership,
            (Membership.user_id == AccessToken.user_id) & (Membership.account_id == account_id),
        )
        .where(AccessToken.digest == digest(token))
        .options(joinedload(Membership.account), joinedload(Membership.user))
    )
    row = (await tx.execute(query)).first()
    if row is None:
        return None
    found, member = row
    if found.last_used_at is None or (now - found.last_used_at).total_seconds() > 60:
        await tx.execute(
            update(AccessToken).where(AccessToken.id == found.id).values(last_used_at=now)
        )
    return member


async def user_by_token(tx: Transaction, token: str) -> User | None:
    """The person whose token this is, whatever the account."""
    query = select(User).join(AccessToken).where(AccessToken.digest == digest(token))
    return await tx.scalar(query)
