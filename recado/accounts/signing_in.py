"""Signing in and out, slowed down for whoever guesses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select

from recado.accounts.models import AccessToken, Membership, Session, SignInFailure, User
from recado.accounts.passwords import is_password
from recado.accounts.people import find_membership, find_user_by_email, memberships_of
from recado.accounts.tokens import digest, new_token
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say

SESSION_LASTS: Final = timedelta(days=14)
WINDOW: Final = timedelta(minutes=15)
MOST_BY_EMAIL: Final = 10  # wrong passwords in WINDOW; then this e-mail waits
MOST_BY_ADDRESS: Final = 30  # the same for one network address


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody typed, and from where."""

    email: str
    password: str
    address: str
    user_agent: str = ""


async def sign_in(tx: Transaction, attempt: SignIn, *, now: datetime) -> str | Sentence:
    """A session's token for the cookie, or why not."""
    user = await identify(tx, attempt, now=now)
    if isinstance(user, Sentence):
        return user
    memberships = await memberships_of(tx, user.id)
    if not memberships:
        return await _refuse(tx, attempt, now=now)
    return await open_session(tx, memberships[0], attempt, now=now)


async def identify(tx: Transaction, attempt: SignIn, *, now: datetime) -> User | Sentence:
    """The person who knows this password, or why not.

    The sentence is the same for a wrong password and an unknown e-mail, and takes as long.
    """
    if await has_guessed_too_often(tx, attempt, now=now):
        return say("Too many wrong passwords. Please wait 15 minutes and try again.")
    user = await find_user_by_email(tx, attempt.email)
    is_right = is_password(attempt.password, user.password_hash if user else None)
    if user is None or not is_right:
        return await _refuse(tx, attempt, now=now)
    await tx.execute(delete(SignInFailure).where(SignInFailure.email == user.email))
    return user


async def _refuse(tx: Transaction, attempt: SignIn, *, now: datetime) -> Sentence:
    email = attempt.email.strip().lower()[:320]
    tx.add(SignInFailure(email=email, address=attempt.address, at=now))
    await tx.flush()
    return say("E-mail or password is wrong.")


async def open_session(
    tx: Transaction, membership: Membership, attempt: SignIn, *, now: datetime
) -> str:
    """Sign a member in and return the token for the cookie."""
    token = new_token()
    tx.add(
        Session(
            digest=digest(token),
            user_id=membership.user_id,
            account_id=membership.account_id,
            address=attempt.address,
            user_agent=attempt.user_agent[:300],
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
    )
    await tx.flush()
    return token


async def sign_out(tx: Transaction, token: str) -> None:
    """End the session; nothing happens when there is none."""
    await tx.execute(delete(Session).where(Session.digest == digest(token)))


async def member_by_session(tx: Transaction, token: str, *, now: datetime) -> Membership | None:
    """Who is signed in with this cookie, in which account; None when nobody is any more."""
    query = select(Session).where(Session.digest == digest(token), Session.expires_at > now)
    session = await tx.scalar(query)
    if session is None:
        return None
    return await find_membership(tx, session.account_id, session.user_id)


async def prune_sessions(tx: Transaction, *, now: datetime) -> None:
    """Forget sessions and sign-ins that have ended and guesses nobody counts any more."""
    await tx.execute(delete(Session).where(Session.expires_at <= now))
    await tx.execute(delete(AccessToken).where(AccessToken.expires_at <= now))
    await tx.execute(delete(SignInFailure).where(SignInFailure.at <= now - WINDOW))


async def has_guessed_too_often(tx: Transaction, attempt: SignIn, *, now: datetime) -> bool:
    """Whether this e-mail or address has to wait, whatever the password."""
    recent = select(func.count()).select_from(SignInFailure).where(SignInFailure.at > now - WINDOW)
    email = attempt.email.strip().lower()[:320]
    by_email = await tx.scalar(recent.where(SignInFailure.email == email)) or 0
    by_address = await tx.scalar(recent.where(SignInFailure.address == attempt.address)) or 0
    return by_email >= MOST_BY_EMAIL or by_address >= MOST_BY_ADDRESS
