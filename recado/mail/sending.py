"""Sending e-mails: claim what is due, hand it in, record what the server said.

As with deliveries nobody holds a state while sending: whoever dies, its e-mails fall due again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT

from recado.accounts.models import Account
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.lib.mailing import Answer, Letter, MailTrouble
from recado.lib.public_urls import public_url
from recado.mail.models import Email, Kind, Progress

BATCH: Final = 20  # e-mails over one connection
LEASE: Final = timedelta(minutes=5)  # more than a batch takes whose last answer comes late
WAITS: Final = tuple(
    timedelta(minutes=one) for one in (1, 5, 15, 60, 180, 480, 960)
)  # between the tries: over a day in all
RETENTION: Final = timedelta(days=30)  # after the end
_KEPT_BODY: Final = case((Email.kind == Kind.NEW_PASSWORD, ""), else_=Email.body)  # after the end
_FINAL: Final = frozenset({MailTrouble.RECIPIENT, MailTrouble.CONTENT})
# Materialized: within `in (…)` a plan may ask again for each row, and find the next one each time.
_CLAIM: Final = text("""
    with due as materialized (
        select id from emails
        where state = 'pending' and due_at <= :now and inbox_id is null
        order by due_at limit :limit for update skip locked
    )
    update emails set due_at = cast(:now as timestamptz) + :lease, tries = tries + 1
    where id in (select id from due) returning id
""")

_CLAIM_ANSWERS: Final = text("""
    with due as materialized (
        select id from emails where state = 'pending' and due_at <= :now and inbox_id = (
            select inbox_id from emails
            where state = 'pending' and due_at <= :now and inbox_id <> all(:busy)
            order by due_at limit 1
        ) order by due_at, id limit :limit for update skip locked
    )
    update emails set due_at = cast(:now as timestamptz) + :lease, tries = tries + 1
    where id in (select id from due) returning id
""").bindparams(bindparam("busy", type_=ARRAY(BIGINT)))


@dataclass(frozen=True, slots=True)
class Claimed:
    """An e-mail that is ours until the lease ends, and which try this is."""

    letter: Letter
    email_id: int
    account_id: int
    tries: int


@dataclass(frozen=True, slots=True)
class Settled:
    """Where an e-mail stands after a try."""

    state: Progress
    due_at: datetime | None = None


async def claim_emails(tx: Transaction, *, now: datetime) -> list[Claimed]:
    """Take what is due, oldest first, at most a batch."""
    ids = list(await tx.scalars(_CLAIM, {"now": now, "lease": LEASE, "limit": BATCH}))
    query = select(Email, Account.name).join(Account, Account.id == Email.account_id)
    query = query.where(Email.id.in_(ids)).order_by(Email.id)
    found = await tx.execute(query.execution_options(populate_existing=True))
    return [Claimed(_letter(one, name), one.id, one.account_id, one.tries) for one, name in found]


async def claim_answers(tx: Transaction, *, busy: Collection[int], now: datetime) -> list[Email]:
    """Take what is due of one inbox that is not among the `busy` ones, oldest first."""
    values = {"now": now, "lease": LEASE, "limit": BATCH, "busy": list(busy)}
    ids = list(await tx.scalars(_CLAIM_ANSWERS, values))
    query = select(Email).where(Email.id.in_(ids)).order_by(Email.id)
    return list(await tx.scalars(query.execution_options(populate_existing=True)))


def _letter(email: Email, account_name: str) -> Letter:
    is_chosen = email.kind == Kind.NOTIFICATION
    return Letter(
        f"recado.{email.account_id}.{email.id}.{int(email.created_at.timestamp())}",
        email.recipient, account_name, email.subject, email.body, email.created_at,
        choices=public_url("app", "profile", "notifications") if is_chosen else "",
    )  # fmt: skip


async def record_emails(
    tx: Transaction, tried: Sequence[tuple[Claimed, Answer | None]], *, now: datetime
) -> None:
    """Write down what came of each; one that was not begun is due again and has cost no try."""
    for claimed, answer in tried:
        await _record(tx, claimed, answer, now=now)
    for account_id in {claimed.account_id for claimed, _ in tried}:
        await notify_pages(tx, account_id, "email")


async def _record(
    tx: Transaction, claimed: Claimed, answer: Answer | None, *, now: datetime
) -> None:
    ours = update(Email).where(
        Email.id == claimed.email_id, Email.tries == claimed.tries, Email.state == Progress.PENDING
    )
    if answer is None:
        await tx.execute(ours.values(due_at=now, tries=claimed.tries - 1))
        return
    settled = settle(answer, tries=claimed.tries, now=now)
    await tx.execute(
        ours.values(
            state=settled.state,
            due_at=settled.due_at,
            trouble=answer.trouble,
            said=answer.said,
            finished_at=None if settled.due_at else now,
            body=Email.body if settled.due_at else _KEPT_BODY,
        )
    )


def settle(answer: Answer, *, tries: int, now: datetime) -> Settled:
    """Sent, due again, or failed: for good where the server says so, or when the tries are used up.

    A refused password or sender is the operator's to mend, so it is tried again like a broken line.
    """
    if answer.trouble is None:
        return Settled(Progress.SENT)
    if answer.trouble in _FINAL or tries > len(WAITS):
        return Settled(Progress.FAILED)
    return Settled(Progress.PENDING, now + WAITS[tries - 1])


async def prune_emails(tx: Transaction, *, now: datetime) -> int:
    """Forget e-mails that ended long ago; how many, at most a batch."""
    gone = await tx.execute(
        text("""
            with old as materialized (
                select id from emails where finished_at < :before
                order by finished_at limit 500 for update skip locked
            )
            delete from emails where id in (select id from old) returning id
        """),
        {"before": now - RETENTION},
    )
    return len(gone.all())
