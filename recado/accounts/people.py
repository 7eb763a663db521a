"""Accounts and the people in them: making and finding."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from recado.accounts.models import (
    Account,
    Availability,
    Membership,
    Role,
    User,
    availability_at,
)
from recado.accounts.passwords import hash_password, password_problem
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import Reading
from recado.lib.calendars import USUAL_ZONE
from recado.lib.languages import Sentence, say
from recado.lib.names import name_problem


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """What somebody typed about a person: raw text."""

    name: str
    email: str
    password: str


def person_problems(draft: PersonDraft) -> dict[str, Sentence]:
    """What is wrong, by field; empty when nothing is."""
    problems: dict[str, Sentence] = {}
    if problem := name_problem(draft.name):
        problems["name"] = problem
    if not is_email(draft.email.strip()):
        problems["email"] = say("This is not an e-mail address.")
    if problem := password_problem(draft.password):
        problems["password"] = problem
    return problems


def is_email(text: str) -> bool:
    """Whether `text` looks like one e-mail address; only sending to it could prove it."""
    local, at, domain = text.rpartition("@")
    return bool(local and at and domain.strip(".")) and not any(
        c.isspace() or c in '<>,;"' for c in text
    )


async def create_account(
    tx: Transaction,
    name: str,
    *,
    now: datetime,
    language: str = "pt_BR",
    time_zone: str = USUAL_ZONE,
) -> Account:
    """Open an account without people."""
    account = Account(name=name, language=language, time_zone=time_zone, created_at=now)
    tx.add(account)
    await tx.flush()
    return account


async def create_user(tx: Transaction, draft: PersonDraft, *, language: str, now: datetime) -> User:
    """Add a person; the draft has no problems and the e-mail is not taken."""
    user = User(
        name=draft.name.strip(),
        email=draft.email.strip().lower(),
        password_hash=hash_password(draft.password),
        language=language,
        created_at=now,
    )
    tx.add(user)
    await tx.flush()
    return user


async def add_member(tx: Transaction, account_id: int, user_id: int, role: Role) -> Membership:
    """Let a person into an account."""
    membership = Membership(account_id=account_id, user_id=user_id, role=role)
    tx.add(membership)
    await tx.flush()
    return membership


async def find_user_by_email(tx: Transaction, email: str) -> User | None:
    """The person with this e-mail, ignoring case."""
    return await tx.scalar(select(User).where(User.email == email.strip().lower()))


async def find_membership(tx: Transaction, account_id: int, user_id: int) -> Membership | None:
    """A person as a member of an account, with both loaded; None for strangers."""
    return await tx.scalar(
        select(Membership)
        .where(Membership.account_id == account_id, Membership.user_id == user_id)
        .options(joinedload(Membership.account), joinedload(Membership.user))
    )


async def memberships_of(tx: Transaction, user_id: int) -> list[Membership]:
    """The accounts a person is in, oldest first, with both loaded."""
    query = (
        select(Membership)
        .where(Membership.user_id == user_id)
        .order_by(Membership.account_id)
        .options(joinedload(Membership.account), joinedload(Membership.user))
    )
    return list(await tx.scalars(query))


async def members_of(tx: Transaction, account_id: int) -> list[Membership]:
    """Everybody in an account, by name, with users loaded."""
    return [_member(tx, row) for row in await _MEMBERS.rows(tx, account_id=account_id)]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in an account as others choose them: a row of a list, where a membership says more than it shows."""

    user_id: int
    name: str
    email: str
    role: str
    availability: str
    auto_offline: bool
    seen_at: datetime | None

    @property
    def is_administrator(self) -> bool:
        """Whether this person may configure the account."""
        return self.role == Role.ADMINISTRATOR

    def availability_at(self, now: datetime) -> Availability:
        """See `models.availability_at`."""
        return availability_at(now, self.availability, self.seen_at, auto_offline=self.auto_offline)


async def colleagues_of(tx: Transaction, account_id: int) -> list[Colleague]:
    """Everybody in an account, by name."""
    return [Colleague(*row) for row in await _COLLEAGUES.rows(tx, account_id=account_id)]


async def members_among(
    tx: Transaction, account_id: int, user_ids: Collection[int]
) -> list[Membership]:
    """Those of these people who are in an account, the same way; for nobody nothing is asked."""
    if not user_ids:
        return []
    rows = await _AMONG.rows(tx, account_id=account_id, user_ids=sorted(user_ids))
    return [_member(tx, row) for row in rows]


def _member(tx: Transaction, row: Sequence[Any]) -> Membership:
    return _MEMBERSHIP.one(
        tx, row,
        user=_USER.one(tx, row, _MEMBERSHIP.width),
        account=_ACCOUNT.one(tx, row, _MEMBERSHIP.width + _USER.width),
    )  # fmt: skip


_MEMBERSHIP: Final = Reading(Membership)
_USER: Final = Reading(User)
_ACCOUNT: Final = Reading(Account)
_WHOLE: Final = f"""
    select {_MEMBERSHIP.columns}, {_USER.columns}, {_ACCOUNT.columns}
    from memberships join users on users.id = user_id join accounts on accounts.id = account_id
    where account_id = :account_id
"""  # noqa: S608 - names of our own
_BY_NAME: Final = "order by lower(users.name), users.id"
_MEMBERS: Final = Direct(f"{_WHOLE} {_BY_NAME}")
_COLLEAGUES: Final = Direct(f"""
    select user_id, name, email, role, availability, auto_offline, seen_at
    from memberships join users on users.id = user_id
    where account_id = :account_id {_BY_NAME}
""")  # noqa: S608 - our own
_AMONG: Final = Direct(f"{_WHOLE} and user_id = any(:user_ids::bigint[]) {_BY_NAME}")


async def is_anybody_there(tx: Transaction) -> bool:
    """Whether this server has a first person already."""
    return (await tx.scalar(select(User.id).limit(1))) is not None


async def outdate_rules(tx: Transaction, account_id: int) -> None:
    """Have every worker compile the account's rules anew: a rule, or what it names, has changed."""
    await tx.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(rules_version=Account.rules_version + 1)
    )
