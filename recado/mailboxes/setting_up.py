"""Setting a mailbox up: what was typed, what is wrong with it, and keeping it.

What is switched off may be half-finished; what is switched on is complete. A password stays with the
server it was entered for: with another host it must be entered again, so that nobody sends it there.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select

from recado.db.database import Transaction
from recado.events.causes import Cause
from recado.inboxes.models import Inbox
from recado.inboxes.opening import update_inbox
from recado.lib.imap import ImapServer
from recado.lib.languages import Sentence, say
from recado.lib.mail_servers import Encryption, MailServer, mailable
from recado.lib.secrets import Vault
from recado.mailboxes.models import Mailbox
from recado.mailboxes.servers import imap_lane, keep_password, password_of, smtp_lane

_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-:]{0,250}[A-Za-z0-9])?")
_LONGEST: Final = 255  # characters of a field
_READING: Final = (
    "imap_host", "imap_port", "imap_encryption", "imap_user", "folder",
)  # fmt: skip
_SENDING: Final = ("smtp_host", "smtp_port", "smtp_encryption", "smtp_user")


@dataclass(frozen=True, slots=True)
class MailboxDraft:
    """What somebody typed; an empty password means the stored one. A port of 0 is no number."""

    address: str = ""
    sender_name: str = ""
    imap_host: str = ""
    imap_port: int = 993
    imap_encryption: str = "tls"
    imap_user: str = ""
    imap_password: str = ""
    folder: str = "INBOX"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_encryption: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    is_active: bool = False

    def __repr__(self) -> str:
        return f"MailboxDraft({self.address})"


@dataclass(frozen=True, slots=True)
class Stored:
    """Which passwords are stored for the very servers that a draft names."""

    imap: bool = False
    smtp: bool = False


def draft_of(mailbox: Mailbox | None) -> MailboxDraft:
    """What the form shows; passwords never."""
    if mailbox is None:
        return MailboxDraft(is_active=True)
    names = ("address", "sender_name", "is_active", *_READING, *_SENDING)
    return MailboxDraft(**{name: getattr(mailbox, name) for name in names})


def stored_for(mailbox: Mailbox | None, draft: MailboxDraft) -> Stored:
    """Whether the stored passwords fit the servers of a draft."""
    if mailbox is None:
        return Stored()
    return Stored(
        mailbox.imap_secret_id is not None and _into(mailbox) == _into(draft),
        mailbox.smtp_secret_id is not None and _out(mailbox) == _out(draft),
    )


def draft_beside(
    typed: MailboxDraft, meant: MailboxDraft
) -> tuple[MailboxDraft, dict[str, Sentence]]:
    """What is meant once others have saved too: without a password whose server became another's."""
    moved = {}
    if typed.imap_password and (_into(typed), typed.imap_user) != (_into(meant), meant.imap_user):
        moved["imap_password"], meant = _MOVED, replace(meant, imap_password="")
    if typed.smtp_password and (_out(typed), typed.smtp_user) != (_out(meant), meant.smtp_user):
        moved["smtp_password"], meant = _MOVED, replace(meant, smtp_password="")
    return meant, moved


def mailbox_problems(draft: MailboxDraft, stored: Stored) -> dict[str, Sentence]:
    """What is wrong, by field."""
    problems = _malformed(draft)
    missing = _missing(draft, stored) if draft.is_active else {}
    return {**missing, **problems}


def _malformed(draft: MailboxDraft) -> dict[str, Sentence]:
    problems: dict[str, Sentence] = {}
    if draft.address and mailable(draft.address) is None:
        problems["address"] = say("This is not an e-mail address.")
    for name in ("imap_host", "smtp_host"):
        host = getattr(draft, name)
        if host and not _HOST.fullmatch(host):
            problems[name] = say("Enter the name of the server only, as in mail.example.com.")
    for name in ("imap_port", "smtp_port"):
        if not 1 <= getattr(draft, name) <= 65535:
            problems[name] = say("Enter a number from 1 to 65535.")
    for name in (
        "sender_name",
        "imap_user",
        "imap_password",
        "folder",
        "smtp_user",
        "smtp_password",
    ):
        value = getattr(draft, name)
        if len(value) > _LONGEST or not value.isprintable():
            problems[name] = say("Use at most %(number)s characters, on one line.", number=_LONGEST)
    return problems | _unsafe(draft)


def _unsafe(draft: MailboxDraft) -> dict[str, Sentence]:
    problems: dict[str, Sentence] = {}
    if draft.imap_encryption not in {Encryption.TLS, Encryption.STARTTLS}:
        problems["imap_encryption"] = say("Choose one of the list.")
    if draft.smtp_encryption not in set(Encryption):
        problems["smtp_encryption"] = say("Choose one of the list.")
    elif draft.smtp_encryption == Encryption.NONE and (draft.smtp_user or draft.smtp_password):
        problems["smtp_encryption"] = say(
            "A password is not sent without encryption. Choose TLS or STARTTLS, or leave the user empty."
        )
    return problems


_MOVED: Final = say(
    "Somebody else has changed this server or its user meanwhile. Enter the password that belongs to them."
)
_NEEDED: Final = {
    "address": say("Enter the address that contacts write to."),
    "imap_host": say("Enter the server that e-mails are fetched from."),
    "imap_user": say("Enter the user name; often it is the address."),
    "smtp_host": say("Enter the server that answers are sent by."),
}


def _missing(draft: MailboxDraft, stored: Stored) -> dict[str, Sentence]:
    problems = {name: why for name, why in _NEEDED.items() if not getattr(draft, name)}
    enter = say("Enter the password. A stored one belongs to the server it was entered for.")
    if not draft.imap_password and not stored.imap:
        problems["imap_password"] = enter
    if draft.smtp_user and not draft.smtp_password and not stored.smtp:
        problems["smtp_password"] = enter
    return problems


async def taken_problem(tx: Transaction, inbox: Inbox, draft: MailboxDraft) -> Sentence | None:
    """Why this address cannot be another inbox's: two would read and answer the same letters."""
    query = select(Mailbox.inbox_id).where(
        Mailbox.account_id == inbox.account_id, Mailbox.inbox_id != inbox.id,
        Mailbox.address == draft.address.lower(),
    )  # fmt: skip
    is_taken = draft.address and await tx.scalar(query.limit(1)) is not None
    return say("Another inbox has this address already.") if is_taken else None


async def find_mailbox(tx: Transaction, inbox: Inbox) -> Mailbox | None:
    """The mailbox of an inbox; None while nothing is set up."""
    return await tx.get(Mailbox, inbox.id, populate_existing=True)


async def mailboxes_of(tx: Transaction, account_id: int) -> dict[int, Mailbox]:
    """An account's mailboxes, by their inboxes."""
    found = await tx.scalars(select(Mailbox).where(Mailbox.account_id == account_id))
    return {one.inbox_id: one for one in found}


async def keep_mailbox(
    tx: Transaction, inbox: Inbox, draft: MailboxDraft, *, vault: Vault, cause: Cause, now: datetime
) -> Mailbox:
    """Keep a draft that has no problems. Whoever reads the mailbox just now is stopped; another
    folder is read from now on, as a new mailbox is.
    """
    mailbox = await tx.get(Mailbox, inbox.id, with_for_update=True, populate_existing=True)
    if mailbox is None:
        mailbox = Mailbox(
            inbox_id=inbox.id, account_id=inbox.account_id, is_active=False, address="",
            due_at=now, created_at=now,
        )  # fmt: skip
        tx.add(mailbox)
    stored = stored_for(mailbox, draft)
    if (_folder(mailbox)) != _folder(draft):
        mailbox.validity, mailbox.last_uid = None, 0
    for name in ("sender_name", "is_active", *_READING, *_SENDING):
        setattr(mailbox, name, getattr(draft, name))
    mailbox.address = draft.address.lower()
    await _keep_passwords(tx, mailbox, draft, stored, vault=vault, now=now)
    mailbox.claim, mailbox.due_at = mailbox.claim + 1, now
    mailbox.trouble, mailbox.said, mailbox.failures, mailbox.told_at = None, "", 0, None
    await tx.flush()
    settings = {**inbox.settings, "email": mailbox.address}
    await update_inbox(tx, inbox, inbox.name, settings, now=now, cause=cause)
    return mailbox


async def _keep_passwords(
    tx: Transaction, mailbox: Mailbox, draft: MailboxDraft, stored: Stored, *, vault: Vault,
    now: datetime,
) -> None:  # fmt: skip
    """New ones take the old ones' place; those of other servers are let go."""
    account_id = mailbox.account_id
    if draft.imap_password:
        lane = _into(draft)
        mailbox.imap_secret_id = await keep_password(
            tx, account_id, draft.imap_password, lane, vault=vault, now=now
        )
    elif not stored.imap:
        mailbox.imap_secret_id = None
    if draft.smtp_password and draft.smtp_user:
        lane = _out(draft)
        mailbox.smtp_secret_id = await keep_password(
            tx, account_id, draft.smtp_password, lane, vault=vault, now=now
        )
    elif not stored.smtp or not draft.smtp_user:
        mailbox.smtp_secret_id = None


async def fetch_now(tx: Transaction, mailbox: Mailbox, *, now: datetime) -> None:
    """Let the worker look at once, unless somebody is looking."""
    mailbox.due_at = min(mailbox.due_at, now) if mailbox.trouble is None else now
    await tx.flush()


async def servers_of_draft(
    tx: Transaction, inbox: Inbox, draft: MailboxDraft, vault: Vault
) -> tuple[ImapServer | None, MailServer | None]:
    """The servers that a draft names, to be tried; None where none is named."""
    mailbox = await find_mailbox(tx, inbox)
    stored = stored_for(mailbox, draft)
    into, out = draft.imap_password, draft.smtp_password
    if mailbox is not None and stored.imap and not into:
        found = mailbox.imap_secret_id
        into = await password_of(tx, inbox.account_id, found, _into(draft), vault) or ""
    if mailbox is not None and stored.smtp and not out:
        found = mailbox.smtp_secret_id
        out = await password_of(tx, inbox.account_id, found, _out(draft), vault) or ""
    imap = ImapServer(
        draft.imap_host, draft.imap_port, Encryption(draft.imap_encryption), draft.imap_user, into,
        draft.folder,
    )  # fmt: skip
    smtp = MailServer(
        draft.smtp_host, draft.smtp_port, Encryption(draft.smtp_encryption), draft.smtp_user,
        out if draft.smtp_user else "", draft.address or "nobody@localhost",
    )  # fmt: skip
    return imap if draft.imap_host else None, smtp if draft.smtp_host else None


def _folder(of: Mailbox | MailboxDraft) -> tuple[str, str, str]:
    return of.imap_host.lower(), of.imap_user, of.folder


def _into(of: Mailbox | MailboxDraft) -> str:
    return imap_lane(of.imap_host, of.imap_port)


def _out(of: Mailbox | MailboxDraft) -> str:
    return smtp_lane(of.smtp_host, of.smtp_port)
