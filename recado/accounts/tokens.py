"""Random tokens that are shown once and kept only as a digest."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select

from recado.accounts.models import AccessToken, Account, Membership, User
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import Reading


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


_MEMBER: Final = Reading(Membership)
_USER: Final = Reading(User)
_ACCOUNT: Final = Reading(Account)
# To the minute is enough to know when a token was used, and a write less for every other request.
_MEMBERS: Final = Direct(f"""
    with token as materialized (
        select id, user_id, digest, last_used_at from access_tokens
        where digest = any(:digests::bytea[])
            and (expires_at is null or expires_at > :now::timestamptz)
    ), used as (
        update access_tokens set last_used_at = :now from token
        where access_tokens.id = token.id and (
            token.last_used_at is null or token.last_used_at < :now - interval '60 seconds'
        )
    )
    select token.digest, {_MEMBER.columns}, {_USER.columns}, {_ACCOUNT.columns}
    from token
    join memberships on memberships.user_id = token.user_id
    join users on users.id = token.user_id
    join accounts on accounts.id = memberships.account_id
    where memberships.account_id = any(:accounts::bigint[])
""")  # noqa: S608 - names of our own


async def members_by_tokens(
    tx: Transaction, wanted: Collection[tuple[str, int]], *, now: datetime
) -> dict[tuple[str, int], Membership]:
    """Whose tokens these are, as members of the accounts beside them, with account and user loaded.

    One statement, which also notes that the tokens were used.
    """
    tokens = {digest(token): token for token, _ in wanted}
    accounts = [account_id for _, account_id in wanted]
    rows = await _MEMBERS.rows(tx, digests=list(tokens), accounts=accounts, now=now)
    members = [(tokens[kept], _member(tx, member)) for kept, *member in rows]
    found = {(token, member.account_id): member for token, member in members}
    return {one: found[one] for one in wanted if one in found}


def _member(tx: Transaction, row: Sequence[Any]) -> Membership:
    user = _USER.one(tx, row, _MEMBER.width)
    account = _ACCOUNT.one(tx, row, _MEMBER.width + _USER.width)
    return _MEMBER.one(tx, row, user=user, account=account)


def _is_live(now: datetime) -> ColumnElement[bool]:
    return or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > now)


async def user_by_token(tx: Transaction, token: str, *, now: datetime) -> User | None:
    """The person whose token this is, whatever the account."""
    query = select(User).join(AccessToken).where(AccessToken.digest == digest(token))
    return await tx.scalar(query.where(_is_live(now)))
