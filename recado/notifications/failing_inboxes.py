"""Telling administrators that a mailbox cannot be read, in the transaction that records it: once."""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from recado.accounts.models import Membership, Role
from recado.db.database import Transaction
from recado.mailboxes.models import Mailbox
from recado.notifications.emailing import email_those_away
from recado.notifications.models import Kind
from recado.notifications.telling import ways_of
from recado.notifications.writing import Wanted, write_notifications

PATIENCE: Final = 3  # failures in a row: a server that restarts is no news


async def notify_failing_inbox(tx: Transaction, mailbox: Mailbox, *, now: datetime) -> None:
    """Tell the account's administrators when a mailbox has failed for a while; until it is read
    again, not once more.
    """
    if mailbox.failures < PATIENCE or mailbox.told_at is not None:
        return
    mailbox.told_at = now
    query = select(Membership).where(
        Membership.account_id == mailbox.account_id, Membership.role == Role.ADMINISTRATOR
    )
    wanted = [
        Wanted(
            account_id=mailbox.account_id, user_id=person.user_id, kind=Kind.FAILING_INBOX,
            ways=ways_of(person, Kind.FAILING_INBOX), at=now, inbox_id=mailbox.inbox_id,
        )
        for person in await tx.scalars(query)
    ]  # fmt: skip
    rows = await write_notifications(tx, wanted)
    await email_those_away(tx, rows, now=now)
