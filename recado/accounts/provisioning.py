"""What whoever runs the server does by program: accounts and people are made, changed and closed."""

from sqlalchemy import select

from recado.accounts.models import Account, Membership, Role, User
from recado.accounts.passwords import hash_password, password_problem
from recado.accounts.people import add_member, find_membership, is_email, outdate_rules
from recado.accounts.profiles import end_other_sessions
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say


async def find_account(tx: Transaction, account_id: int) -> Account | None:
    """Any account of this server."""
    return await tx.get(Account, account_id)


async def find_person(tx: Transaction, user_id: int) -> User | None:
    """Anybody on this server."""
    return await tx.get(User, user_id)


async def close_account(tx: Transaction, account: Account) -> None:
    """Delete an account with everything in it; its people stay, in their other accounts or none."""
    await tx.delete(account)
    await tx.flush()


async def change_person(
    tx: Transaction, person: User, *, name: str, email: str, password: str
) -> dict[str, Sentence]:
    """Give a person what is not empty here; or nothing, and what is wrong by field.

    A new password signs them out everywhere; tokens made by hand stay.
    """
    problems: dict[str, Sentence] = {}
    wanted = email.strip().lower()
    if wanted and not is_email(wanted):
        problems["email"] = say("This is not an e-mail address.")
    elif wanted and await _is_anothers(tx, person, wanted):
        problems["email"] = say("Somebody uses this e-mail already.")
    if password and (problem := password_problem(password)):
        problems["password"] = problem
    if problems:
        return problems
    person.name = name.strip() or person.name
    person.email = wanted or person.email
    if password:
        person.password_hash = hash_password(password)
        await end_other_sessions(tx, person.id, kept_session="")
    await tx.flush()
    return {}


async def admit(tx: Transaction, account_id: int, user_id: int, role: Role) -> Membership:
    """Let a person into an account, or give them another role there."""
    member = await find_membership(tx, account_id, user_id)
    if member is None:
        member = await add_member(tx, account_id, user_id, role)
        await outdate_rules(tx, account_id)
    member.role = role
    await tx.flush()
    return member


async def _is_anothers(tx: Transaction, person: User, email: str) -> bool:
    query = select(User.id).where(User.email == email, User.id != person.id)
    return await tx.scalar(query) is not None
