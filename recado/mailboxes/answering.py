"""Sending what is said in an e-mail inbox by the inbox's own server; the message says how far it has come."""

import asyncio
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from html import escape
from typing import Final

from sqlalchemy import select

from recado.conversations.correcting import Arrival, MessageStatus, change_status, find_message
from recado.conversations.finding import find_conversations_for_change
from recado.conversations.models import Attachment, Conversation, Message
from recado.db.database import Database, Transaction, database_now
from recado.db.notifying import notify_pages
from recado.events.causes import BY_SYSTEM
from recado.lib.dialing import Dialer, on_line
from recado.lib.languages import speaking
from recado.lib.mail_servers import MailServer
from recado.lib.mailing import (
    BATCH_SECONDS,
    Answer,
    Enclosure,
    Heads,
    Letter,
    MailTrouble,
    hand_in,
)
from recado.lib.secrets import Vault
from recado.lib.storing import FileStore
from recado.mail.explaining import why_not
from recado.mail.models import Email, Progress
from recado.mail.sending import Claimed, claim_answers, record_emails
from recado.mailboxes.models import Mailbox
from recado.mailboxes.servers import servers_of

_MOST_BYTES: Final = 30 * 1024 * 1024  # of the files in a batch
HAND_IN_SECONDS: Final = 4 * BATCH_SECONDS  # less than the lease
_NOT_SET_UP: Final = Answer(MailTrouble.NO_MAILBOX)


@dataclass(frozen=True, slots=True)
class Batch:
    """E-mails of one inbox that are ours to send, and where they go; None where nothing is set up."""

    inbox_id: int
    server: MailServer | None
    claimed: list[Claimed]
    files: dict[int, list[Attachment]]  # by the e-mail's id

    @property
    def email_ids(self) -> list[int]:
        """Which e-mails these are."""
        return [one.email_id for one in self.claimed]


async def claim_batch(
    tx: Transaction, vault: Vault, *, busy: Collection[int], now: datetime
) -> Batch | None:
    """Take what is due of one inbox, none of the `busy` ones; None when nothing is."""
    emails = await claim_answers(tx, busy=busy, now=now)
    if not emails or emails[0].inbox_id is None:
        return None
    mailbox = await tx.get(Mailbox, emails[0].inbox_id)
    server = (await servers_of(tx, mailbox, vault)).smtp if mailbox else None
    name = mailbox.sender_name if mailbox else ""
    claimed = [Claimed(_letter(one, name), one.id, one.account_id, one.tries) for one in emails]
    return Batch(emails[0].inbox_id, server, claimed, await _files(tx, emails))


async def send_batch(
    batch: Batch, store: FileStore, dialer: Dialer, threads: Executor
) -> list[Answer | None]:
    """Hand a batch in over one connection: an answer for each, None for those not begun."""
    if batch.server is None:
        return [_NOT_SET_UP] * len(batch.claimed)
    letters = await _with_files(batch, store)
    line = dialer.line()
    work = partial(hand_in, batch.server, letters, line.tls, line)
    answers: list[Answer | None]
    try:
        answers = await on_line(line, threads, work, seconds=HAND_IN_SECONDS)
    except TimeoutError:
        answers = [Answer(MailTrouble.UNREACHABLE, "the server took too long")]
    finally:
        await asyncio.to_thread(line.close)
    return [*answers, *[None] * (len(batch.claimed) - len(answers))]


async def record_batch(database: Database, batch: Batch, answers: Sequence[Answer | None]) -> None:
    """Write down what came of each, on the e-mail and on its message."""
    async with database.transaction() as tx:
        now = await database_now(tx)
        query = select(Email.message_id).where(Email.id.in_(batch.email_ids))
        messages = select(Message.conversation_id).where(Message.id.in_(query))
        talks = await find_conversations_for_change(tx, set(await tx.scalars(messages)))
        await record_emails(tx, list(zip(batch.claimed, answers, strict=True)), now=now)
        emails = await tx.scalars(
            select(Email)
            .where(Email.id.in_(batch.email_ids))
            .execution_options(populate_existing=True)
        )
        for email in list(emails):
            for talk in talks.values():
                await _tell(tx, talk, email, now=now)


async def _tell(tx: Transaction, talk: Conversation, email: Email, *, now: datetime) -> None:
    """A message says how its e-mail ended; open pages hear of every step."""
    message = await find_message(tx, talk, email.message_id or 0)
    if message is None:
        return
    if email.state != Progress.PENDING:
        with speaking(talk.account.language):
            arrival = arrival_of(email)
        await change_status(tx, talk, message, arrival, cause=BY_SYSTEM, now=now)
    await notify_pages(tx, talk.account_id, "conversation", id=talk.display_id)


def arrival_of(email: Email) -> Arrival:
    """How far the message of an e-mail that ended has come."""
    if email.state == Progress.SENT:
        return Arrival(MessageStatus.SENT)
    why = str(why_not(MailTrouble(email.trouble))) if email.trouble else ""
    return Arrival(MessageStatus.FAILED, f"{why} ({email.said})" if email.said else why)


def html_of(text: str) -> str:
    """A text as the simplest HTML that keeps its lines."""
    lines = escape(text).replace("\n", "<br>\n")
    return f'<!doctype html><html><body><div dir="auto">{lines}</div></body></html>\n'


def _letter(email: Email, sender_name: str) -> Letter:
    heads = email.heads
    return Letter(
        str(email.id), email.recipient, sender_name, email.subject, email.body, email.created_at,
        Heads(
            str(heads["message_id"]), heads.get("in_reply_to"),
            tuple(heads.get("references") or ()), bool(heads.get("is_automatic")),
        ),
        html_of(email.body) if email.body.strip() else "",
        cc=tuple(heads.get("cc") or ()), bcc=tuple(heads.get("bcc") or ()),
    )  # fmt: skip


async def _files(tx: Transaction, emails: Sequence[Email]) -> dict[int, list[Attachment]]:
    by_message = {one.message_id: one.id for one in emails}
    query = select(Attachment).where(Attachment.message_id.in_(by_message)).order_by(Attachment.id)
    found: dict[int, list[Attachment]] = {}
    for file in await tx.scalars(query):
        found.setdefault(by_message[file.message_id], []).append(file)
    return found


async def _with_files(batch: Batch, store: FileStore) -> list[Letter]:
    """The letters with their files, as many as fit into memory; the others are for the next batch."""
    letters: list[Letter] = []
    left = _MOST_BYTES
    for one in batch.claimed:
        files = batch.files.get(one.email_id, [])
        left -= sum(file.size for file in files)
        if letters and left < 0:
            break
        enclosures = [await _enclosure(store, file) for file in files]
        letters.append(replace(one.letter, enclosures=tuple(enclosures)))
    return letters


async def _enclosure(store: FileStore, file: Attachment) -> Enclosure:
    parts = await store.open(file.key, start=0, stop=file.size)
    content = b"".join([part async for part in parts]) if parts is not None else b""
    return Enclosure(file.name, file.content_type, content)
