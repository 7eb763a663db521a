"""Signing in and out, slowed down for whoever guesses."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select

from recado.accounts.models import AccessToken, Account, Membership, Session, SignInFailure, User
from recado.accounts.passwords import is_password
from recado.accounts.people import find_user_by_email, memberships_of
from recado.accounts.proving import has_second_step, prove
from recado.accounts.tokens import digest, new_token
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import Reading
from recado.lib.languages import Sentence, say
from recado.lib.secrets import Vault

SESSION_LASTS: Final = timedelta(days=14)
CODE_WITHIN: Final = timedelta(minutes=10)  # of the password
SEEN_TO: Final = timedelta(minutes=2)  # how exactly we know when a browser was last seen
WINDOW: Final = timedelta(minutes=15)
_SESSION: Final = Reading(Session)
_ACCOUNT: Final = Reading(Account)
_USER: Final = Reading(User)
_MEMBERSHIP: Final = Reading(Membership)
# Each page and each part of one that is drawn anew asks this first.
_BY_DIGEST: Final = Direct(f"""
    select {_SESSION.columns}, {_ACCOUNT.columns}, {_USER.columns}, {_MEMBERSHIP.columns}
    from sessions
    join accounts on accounts.id = sessions.account_id
    join users on users.id = sessions.user_id
    join memberships on memberships.account_id = accounts.id and memberships.user_id = users.id
    where sessions.digest = :digest and sessions.expires_at > :now and not sessions.awaits_code
""")  # noqa: S608 - columns of our own
WRONG: Final = say("E-mail or password is wrong.")
WRONG_CODE: Final = say("This code is wrong or was used already. Wait for the next one.")
MOST_BY_EMAIL: Final = 10  # wrong passwords in WINDOW; then this e-mail waits
MOST_BY_ADDRESS: Final = 30  # the same for one network address


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody typed, and from where; and the account that was last open there."""

    email: str
    password: str
    address: str
    user_agent: str = ""
    account_id: int | None = None


async def sign_in(tx: Transaction, attempt: SignIn, *, now: datetime) -> str | Sentence:
    """A session's token for the cookie, or why not; in the account last open, or the person's oldest."""
    user = await identify(tx, attempt, now=now)
    if isinstance(user, Sentence):
        return user
    memberships = await memberships_of(tx, user.id)
    if not memberships:
        return await _refuse(tx, attempt, now=now)
    left = (one for one in memberships if one.account_id == attempt.account_id)
    return await open_session(tx, next(left, memberships[0]), attempt, now=now)


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
    return user


async def code_problem(
    tx: Transaction, user: User, code: str, attempt: SignIn, *, vault: Vault, now: datetime
) -> Sentence | None:
    """Why a code does not prove that it is this person; None uses the code up.

    Wrong codes count as wrong passwords do.
    """
    if await has_guessed_too_often(tx, attempt, now=now):
        return say("Too many wrong codes. Please wait 15 minutes and try again.")
    if await prove(tx, user.id, code, vault=vault, now=now):
        return None
    await _refuse(tx, attempt, now=now)
    return WRONG_CODE


async def _refuse(tx: Transaction, attempt: SignIn, *, now: datetime) -> Sentence:
    email = attempt.email.strip().lower()[:320]
    tx.add(SignInFailure(email=email, address=attempt.address, at=now))
    await tx.flush()
    return WRONG


async def open_session(
    tx: Transaction, membership: Membership, attempt: SignIn, *, now: datetime
) -> str:
    """Sign a member in and return the token for the cookie.

    Who needs a code gets a session that opens nothing yet; see `finish_sign_in`.
    """
    awaits_code = await has_second_step(tx, membership.user_id)
    token = new_token()
    session = Session(
        digest=digest(token),
        user_id=membership.user_id,
        account_id=membership.account_id,
        address=attempt.address,
        user_agent=attempt.user_agent[:300],
        created_at=now,
        expires_at=now + (CODE_WITHIN if awaits_code else SESSION_LASTS),
        awaits_code=awaits_code,
    )
    tx.add(session)
    await tx.flush()
    if not awaits_code:
        await forget_failures(tx, attempt)
    return token


async def waiting_session(tx: Transaction, token: str, *, now: datetime) -> Session | None:
    """The session of somebody who knew the password and has to give a code."""
    query = select(Session).where(Session.digest == digest(token), Session.expires_at > now)
    return await tx.scalar(query.where(Session.awaits_code).with_for_update())


async def finish_sign_in(
    tx: Transaction, waiting: Session, code: str, attempt: SignIn, *, vault: Vault, now: datetime
) -> str | Sentence:
    """A new session in place of the one that waits, or why not."""
    user = await tx.get_one(User, waiting.user_id)
    attempt = replace(attempt, email=user.email)
    if problem := await code_problem(tx, user, code, attempt, vault=vault, now=now):
        return problem
    await forget_failures(tx, attempt)
    token = new_token()
    waiting.digest, waiting.awaits_code = digest(token), False
    waiting.created_at, waiting.expires_at = now, now + SESSION_LASTS
    await tx.flush()
    return token


async def forget_failures(tx: Transaction, attempt: SignIn) -> None:
    """Count guesses anew: this one has come in, by all that is asked for."""
    email = attempt.email.strip().lower()
    await tx.execute(delete(SignInFailure).where(SignInFailure.email == email))


async def sign_out(tx: Transaction, token: str) -> None:
    """End the session; nothing happens when there is none."""
    await tx.execute(delete(Session).where(Session.digest == digest(token)))


async def member_by_session(tx: Transaction, token: str, *, now: datetime) -> Membership | None:
    """Who is signed in with this cookie, in which account, both loaded; None when nobody is any more."""
    for row in await _BY_DIGEST.rows(tx, digest=digest(token), now=now):
        session = _SESSION.one(tx, row)
        if now - (session.last_seen_at or session.created_at) > SEEN_TO:
            session.last_seen_at = now
        account = _ACCOUNT.one(tx, row, _SESSION.width)
        user = _USER.one(tx, row, _SESSION.width + _ACCOUNT.width)
        at = _SESSION.width + _ACCOUNT.width + _USER.width
        return _MEMBERSHIP.one(tx, row, at, account=account, user=user)
    return None


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
