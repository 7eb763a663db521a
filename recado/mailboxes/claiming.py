"""Whose turn it is: a mailbox is read by one worker at a time, and comes round again by itself.

A worker that dies, or hangs beyond its lease, loses its claim; what it still wants to write is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, text, tuple_, update

from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.lib.imap import MailboxTrouble, Trouble
from recado.lib.secrets import Vault
from recado.mailboxes.models import Mailbox
from recado.mailboxes.servers import Servers, servers_of

EVERY: Final = timedelta(seconds=60)
LEASE: Final = timedelta(minutes=5)  # more than any one step takes; each letter renews it
SPELL: Final = (
    EVERY  # in which a server is listened to before it is asked again; it may be 29 minutes
)
SHORT_SPELL: Final = timedelta(seconds=2)
STAYING: Final = timedelta(minutes=3)  # the lease of who listens: more than a spell and a step
LONGEST_WAIT: Final = timedelta(minutes=15)  # after failures
_CLAIM: Final = text("""
    with due as materialized (
        select inbox_id from mailboxes where is_active and due_at <= :now
        order by due_at limit 1 for update skip locked
    )
    update mailboxes set due_at = cast(:now as timestamptz) + :lease, claim = claim + 1
    where inbox_id in (select inbox_id from due) returning inbox_id
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mailbox that is ours until the lease ends."""

    inbox_id: int
    account_id: int
    address: str
    claim: int
    servers: Servers


class ClaimLost(Exception):
    """Somebody else has the mailbox, or it was changed or deleted meanwhile."""


async def claim_mailbox(tx: Transaction, vault: Vault, *, now: datetime) -> Claimed | None:
    """Take the mailbox that has been due for longest; None when none is."""
    inbox_id = await tx.scalar(_CLAIM, {"now": now, "lease": LEASE})
    if inbox_id is None:
        return None
    mailbox = await tx.get_one(Mailbox, inbox_id, populate_existing=True)
    return Claimed(
        mailbox.inbox_id, mailbox.account_id, mailbox.address, mailbox.claim,
        await servers_of(tx, mailbox, vault),
    )  # fmt: skip


async def held(tx: Transaction, claimed: Claimed, *, now: datetime) -> Mailbox:
    """The mailbox, locked, its lease renewed; or ClaimLost."""
    query = select(Mailbox).where(
        Mailbox.inbox_id == claimed.inbox_id, Mailbox.claim == claimed.claim, Mailbox.is_active
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    mailbox = await tx.scalar(query)
    if mailbox is None:
        raise ClaimLost
    mailbox.due_at = now + LEASE
    return mailbox


async def record_stay(tx: Transaction, claimed: Claimed, *, now: datetime) -> None:
    """Write down that all is read and somebody listens; ClaimLost where the mailbox is not ours."""
    mailbox = await record_visit(tx, claimed, None, is_more=False, now=now)
    mailbox.due_at = now + STAYING


async def let_go(tx: Transaction, claims: Collection[Claimed], *, now: datetime) -> None:
    """Whoever stops leaves the mailboxes to the next one at once."""
    ours = tuple_(Mailbox.inbox_id, Mailbox.claim).in_(
        [(one.inbox_id, one.claim) for one in claims]
    )
    await tx.execute(update(Mailbox).where(ours).values(due_at=now))


async def record_visit(
    tx: Transaction, claimed: Claimed, trouble: Trouble | None, *, is_more: bool, now: datetime
) -> Mailbox:
    """Write down how a visit ended, and when the next one is due; ClaimLost where it is not ours."""
    mailbox = await held(tx, claimed, now=now)
    if trouble is None:
        mailbox.read_at, mailbox.failures, mailbox.told_at = now, 0, None
        mailbox.trouble, mailbox.said = None, ""
        mailbox.due_at = now if is_more else now + EVERY
    else:
        mailbox.failures += 1
        mailbox.trouble, mailbox.said = trouble.trouble, trouble.said
        mailbox.due_at = now + wait_after(mailbox.failures)
    await tx.flush()
    await notify_pages(tx, mailbox.account_id, "mailbox", id=mailbox.inbox_id)
    return mailbox


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: one minute, two, four, up to a quarter of an hour."""
    return min(EVERY * (1 << min(failures - 1, 10)), LONGEST_WAIT)


NO_PASSWORD: Final = Trouble(MailboxTrouble.SECRET)
