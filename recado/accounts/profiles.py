"""What people choose for themselves: name, language, password, and where they are signed in."""

from datetime import datetime

from sqlalchemy import delete, select, update

from recado.accounts.models import AccessToken, Membership, Session, Theme, User
from recado.accounts.passwords import hash_password, is_password, password_problem
from recado.accounts.tokens import digest
from recado.db.database import Transaction
from recado.lib.languages import Sentence, known_language, say


async def choose_language(tx: Transaction, user_id: int, wanted: str) -> str:
    """Speak to this person in the language nearest to `wanted`, which is returned."""
    chosen = known_language(wanted)
    await tx.execute(update(User).where(User.id == user_id).values(language=chosen))
    return chosen


async def choose_theme(tx: Transaction, user_id: int, theme: Theme) -> None:
    """Show this person light or dark pages, in every browser."""
    await tx.execute(update(User).where(User.id == user_id).values(theme=theme))


async def rename(tx: Transaction, user_id: int, name: str) -> None:
    """Call a person by another name, which has no problem."""
    (await tx.get_one(User, user_id)).name = name.strip()
    await tx.flush()


def new_password_problems(user: User, current: str, wanted: str) -> dict[str, Sentence]:
    """Why the password cannot be changed, by field."""
    problems: dict[str, Sentence] = {}
    if not is_password(current, user.password_hash):
        problems["current_password"] = say("This is not your current password.")
    if problem := password_problem(wanted):
        problems["password"] = problem
    return problems


async def change_password(tx: Transaction, user_id: int, wanted: str, *, kept_session: str) -> None:
    """Set a password that has no problem; every other browser has to sign in again."""
    (await tx.get_one(User, user_id)).password_hash = hash_password(wanted)
    await tx.flush()
    await end_other_sessions(tx, user_id, kept_session=kept_session)


async def sessions_of(tx: Transaction, user_id: int, *, now: datetime) -> list[Session]:
    """The browsers in which a person is signed in, latest first."""
    query = select(Session).where(Session.user_id == user_id, Session.expires_at > now)
    query = query.where(~Session.awaits_code)
    return list(await tx.scalars(query.order_by(Session.created_at.desc())))


async def end_session(tx: Transaction, user_id: int, session: str) -> bool:
    """Sign a person out in one browser, named by its digest in hexadecimal; False when not theirs."""
    try:
        named = bytes.fromhex(session)
    except ValueError:
        return False
    query = delete(Session).where(Session.user_id == user_id, Session.digest == named)
    return (await tx.execute(query.returning(Session.user_id))).first() is not None


async def end_other_sessions(tx: Transaction, user_id: int, *, kept_session: str) -> None:
    """Sign a person out everywhere but in the browser that holds this token.

    Programs that signed in with the password, too; tokens that were made by hand stay.
    """
    programs = select(AccessToken).where(
        AccessToken.user_id == user_id, AccessToken.expires_at.is_not(None)
    )
    for token in await tx.scalars(programs):
        await tx.delete(token)
    await tx.execute(
        delete(Session).where(Session.user_id == user_id, Session.digest != digest(kept_session))
    )


async def enter_account(tx: Transaction, member: Membership, session: str) -> None:
    """Go on in another account, which the person is a member of, with the browser that asks."""
    mine = (Session.user_id == member.user_id, Session.digest == digest(session))
    await tx.execute(update(Session).where(*mine).values(account_id=member.account_id))
