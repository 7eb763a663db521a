"""Programs that sign in with a person's password, such as an app: a token that ends, and signs out.

It opens what the person's other tokens open. It is in the list of access tokens, and goes when the
person changes the password or signs out everywhere else.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, select

from recado.accounts.models import AccessToken, Membership, User
from recado.accounts.people import memberships_of
from recado.accounts.proving import has_second_step
from recado.accounts.signing_in import (
    SignIn,
    code_problem,
    forget_failures,
    has_guessed_too_often,
    identify,
    open_session,
    waiting_session,
)
from recado.accounts.tokens import create_token, digest
from recado.db.database import Transaction
from recado.lib.secrets import Vault

LASTS: Final = timedelta(days=60)  # as programs expect it
_MOST: Final = 25  # sign-ins of a person; one more ends the oldest


class Refusal(Enum):
    """Why a program may not enter."""

    WRONG = "wrong"  # e-mail, password or code, or in no account any more
    WAIT = "wait"  # too many guesses


@dataclass(frozen=True, slots=True)
class AwaitsCode:
    """The password is right; with this token and a code the program enters."""

    token: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the program is told: its token, until when it is one, and where its person is."""

    token: str
    expires_at: datetime
    memberships: list[Membership]


async def sign_program_in(
    tx: Transaction, attempt: SignIn, *, now: datetime
) -> SignedIn | AwaitsCode | Refusal:
    """A token of its own for a program that knows the password, or what it still needs."""
    if await has_guessed_too_often(tx, attempt, now=now):
        return Refusal.WAIT
    user = await identify(tx, attempt, now=now)
    known = await memberships_of(tx, user.id) if isinstance(user, User) else []
    if not known:
        return Refusal.WRONG
    if await has_second_step(tx, known[0].user_id):
        return AwaitsCode(await open_session(tx, known[0], attempt, now=now))
    return await _enter(tx, known, attempt, now=now)


async def finish_program_sign_in(
    tx: Transaction, waiting: str, code: str, attempt: SignIn, *, vault: Vault, now: datetime
) -> SignedIn | Refusal:
    """A token of its own for a program that waited with the token of an AwaitsCode."""
    session = await waiting_session(tx, waiting, now=now)
    known = await memberships_of(tx, session.user_id) if session else []
    if session is None or not known:
        return Refusal.WRONG
    attempt = replace(attempt, email=known[0].user.email)
    if await has_guessed_too_often(tx, attempt, now=now):
        return Refusal.WAIT
    if await code_problem(tx, known[0].user, code, attempt, vault=vault, now=now):
        return Refusal.WRONG
    await tx.delete(session)
    return await _enter(tx, known, attempt, now=now)


async def _enter(
    tx: Transaction, known: list[Membership], attempt: SignIn, *, now: datetime
) -> SignedIn:
    await forget_failures(tx, attempt)
    user_id, ends = known[0].user_id, now + LASTS
    name = f"auth/sign_in: {attempt.user_agent[:80]}"
    token = await create_token(tx, user_id, name, now=now, expires_at=ends)
    mine = select(AccessToken).where(*_sign_ins_of(user_id)).order_by(AccessToken.id.desc())
    for old in await tx.scalars(mine.offset(_MOST)):
        await tx.delete(old)
    return SignedIn(token, ends, known)


async def sign_program_out(tx: Transaction, token: str) -> bool:
    """End a sign-in; False where there is none: a token made by hand is no sign-in."""
    query = select(AccessToken).where(
        AccessToken.digest == digest(token), AccessToken.expires_at.is_not(None)
    )
    found = await tx.scalar(query.with_for_update())
    if found is not None:
        await tx.delete(found)
    return found is not None


async def sign_in_ends_at(tx: Transaction, token: str) -> datetime | None:
    """Until when a token is one; None: until it is revoked."""
    return await tx.scalar(
        select(AccessToken.expires_at).where(AccessToken.digest == digest(token))
    )


def client_of(token: str) -> str:
    """The name of a sign-in, which programs send beside its token."""
    return urlsafe_b64encode(sha256(b"client " + token.encode()).digest()[:16]).decode().rstrip("=")


def _sign_ins_of(user_id: int) -> tuple[ColumnElement[bool], ...]:
    return AccessToken.user_id == user_id, AccessToken.expires_at.is_not(None)
