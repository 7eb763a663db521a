"""Random tokens that are shown once and kept only as a digest."""

import secrets
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import joinedload

from recado.accounts.models import AccessToken, Membership, User
from recado.db.database import Transaction


def new_token() -> str:
    """A fresh secret of 256 bits, safe in URLs and headers."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a token. It is random and long, so a plain SHA-256 cannot be guessed back."""
    return sha256(token.encode()).digest()


async def create_token(
    tx: Transaction, user_id: int, name: str, *, now: datetime, expires_at: datetime | None = None
) -> str:
    """Make an access token for a person and return it: the only time it can be read."""
    token = new_token()
    tx.add(
        AccessToken(
            user_id=user_id, name=name, digest=digest(token), ending=token[-4:], created_at=now,
            expires_at=expires_at,
        )
    )  # fmt: skip
    await tx.flush()
    return token


async def tokens_of(tx: Transaction, user_id: int, *, now: datetime) -> list[AccessToken]:
    """A person's access tokens that open something, newest first."""
    query = select(AccessToken).where(AccessToken.user_id == user_id, _is_live(now))
    return list(await tx.scalars(query.order_by(AccessToken.id.desc())))


async def revoke_token(tx: Transaction, user_id: int, token_id: int) -> bool:
    """Make a token useless at once; False when the person has no such token."""
    query = select(AccessToken).where(AccessToken.id == token_id, AccessToken.user_id == user_id)
    token = await tx.scalar(query.with_for_update())
    if token is None:
        return False
    await tx.delete(token)
    await tx.flush()
    return True


async def members_by_tokens(
    tx: Transaction, wanted: Collection[tuple[str, int]], *, now: datetime
) -> dict[tuple[str, int], Membership]:
    """Whose tokens these are, as members of the accounts beside them, with account and user loaded."""
    tokens = {digest(token): token for token, _ in wanted}
    query = (
        select(AccessToken, Membership)
        .join(Membership, Membership.user_id == AccessToken.user_id)
        .where(
            AccessToken.digest == func.any(bindparam("digests", list(tokens), ARRAY(LargeBinary))),
            _is_live(now),
            Membership.account_id
            == func.any(bindparam("accounts", [one for _, one in wanted], ARRAY(BigInteger))),
        )
        .options(joinedload(Membership.account), joinedload(Membership.user))
    )
    rows = (await tx.execute(query)).all()
    await _note_use(tx, {token.id for token, _ in rows if _is_to_note(token, now)}, now=now)
    found = {(tokens[token.digest], member.account_id): member for token, member in rows}
    return {one: found[one] for one in wanted if one in found}


def _is_live(now: datetime) -> ColumnElement[bool]:
    return or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > now)


def _is_to_note(token: AccessToken, now: datetime) -> bool:
    """To the minute is enough, and a write less for every other request."""
    return token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60


async def _note_use(tx: Transaction, token_ids: set[int], *, now: datetime) -> None:
    if token_ids:
        query = update(AccessToken).where(AccessToken.id.in_(token_ids))
        await tx.execute(query.values(last_used_at=now))


async def user_by_token(tx: Transaction, token: str, *, now: datetime) -> User | None:
    """The person whose token this is, whatever the account."""
    query = select(User).join(AccessToken).where(AccessToken.digest == digest(token))
    return await tx.scalar(query.where(_is_live(now)))
