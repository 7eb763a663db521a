"""Writing e-mails down: from then on they are sent, or say why they were not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update

from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.lib.mail_servers import has_mail_server
from recado.lib.mailing import MailTrouble
from recado.mail.models import Email, Kind, Progress

MOST_A_DAY: Final = 1_000  # of an account: what a mad rule may cost the good name of a mail server
LONGEST_SUBJECT: Final = 200  # characters
LONGEST_BODY: Final = 500_000  # characters


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an e-mail says, to whomever."""

    kind: Kind
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants an e-mail, and about which conversation (the number people see)."""

    account_id: int
    by: str = ""
    rule_id: int | None = None
    conversation_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """An e-mail that carries a message of an inbox; `conversation_id` is the number people see."""

    inbox_id: int
    conversation_id: int
    message_id: int
    recipient: str  # as `mailable` has it
    subject: str
    body: str
    heads: dict[str, Any]
    by: str = ""
    obstacle: MailTrouble | None = None  # why it is not even tried


async def write_emails(
    tx: Transaction, sheet: Sheet, recipients: Sequence[str], asked: Asked, *, now: datetime
) -> list[Email]:
    """One e-mail for each address, which `mailable` made; the worker sends them.

    Without a mail server, or beyond what an account may send in a day, they are kept as skipped.
    """
    left = MOST_A_DAY - await _written_since(tx, asked.account_id, now - timedelta(days=1))
    emails = [
        _email(sheet, one, asked, _obstacle(number, left), now=now)
        for number, one in enumerate(dict.fromkeys(recipients))
    ]
    tx.add_all(emails)
    await tx.flush()
    await notify_pages(tx, asked.account_id, "email")
    return emails


def _obstacle(number: int, left: int) -> MailTrouble | None:
    if not has_mail_server():
        return MailTrouble.NO_SERVER
    return MailTrouble.TOO_MANY if number >= left else None


def _email(
    sheet: Sheet, recipient: str, asked: Asked, obstacle: MailTrouble | None, *, now: datetime
) -> Email:
    return Email(
        account_id=asked.account_id, kind=sheet.kind, recipient=recipient,
        subject=_stored(sheet.subject)[:LONGEST_SUBJECT], body=_stored(sheet.body)[:LONGEST_BODY],
        conversation_id=asked.conversation_id, rule_id=asked.rule_id, asked_by=asked.by,
        state=Progress.SKIPPED if obstacle else Progress.PENDING, trouble=obstacle,
        due_at=None if obstacle else now, created_at=now, finished_at=now if obstacle else None,
    )  # fmt: skip


def _stored(text: str) -> str:
    return text.replace("\0", "\ufffd")  # PostgreSQL keeps no U+0000 in text


async def _written_since(tx: Transaction, account_id: int, since: datetime) -> int:
    query = select(func.count()).where(
        Email.account_id == account_id,
        Email.created_at > since,
        Email.state != Progress.SKIPPED,
        Email.inbox_id.is_(None),  # what an inbox's own server sends is its own affair
    )
    return await tx.scalar(query) or 0


async def write_answer(
    tx: Transaction, account_id: int, answer: AnswerSheet, *, now: datetime
) -> Email:
    """A message as an e-mail, which the inbox's own server sends; the worker hands it in."""
    email = Email(
        account_id=account_id, kind=Kind.ANSWER, recipient=answer.recipient,
        subject=_stored(answer.subject)[:LONGEST_SUBJECT], body=_stored(answer.body)[:LONGEST_BODY],
        conversation_id=answer.conversation_id, inbox_id=answer.inbox_id,
        message_id=answer.message_id, heads=answer.heads, asked_by=answer.by,
        state=Progress.SKIPPED if answer.obstacle else Progress.PENDING, trouble=answer.obstacle,
        due_at=None if answer.obstacle else now, created_at=now,
        finished_at=now if answer.obstacle else None,
    )  # fmt: skip
    tx.add(email)
    await tx.flush()
    await notify_pages(tx, account_id, "email")
    return email


async def withdraw_answer(tx: Transaction, message_id: int, *, now: datetime) -> None:
    """Do not send a message's e-mail any more, if it still waits; what it said is not kept."""
    ours = update(Email).where(Email.message_id == message_id)
    await tx.execute(
        ours.where(Email.state == Progress.PENDING).values(
            state=Progress.SKIPPED, trouble=MailTrouble.WITHDRAWN, due_at=None, finished_at=now
        )
    )
    await tx.execute(ours.values(body="", recipient="", heads={}))


async def write_again(tx: Transaction, email: Email, *, now: datetime) -> None:
    """Let an e-mail that has failed or was skipped be sent after all."""
    if email.state not in {Progress.FAILED, Progress.SKIPPED}:
        return
    email.state, email.due_at, email.finished_at = Progress.PENDING, now, None
    email.tries = 0
    await tx.flush()
    await notify_pages(tx, email.account_id, "email")
