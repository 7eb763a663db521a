"""The two servers of a mailbox, with their passwords, which are secrets bound to the server's address."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from recado.db.database import Transaction
from recado.deliveries.keeping_secrets import keep_secret, opened, sealed_secrets
from recado.deliveries.models import Secret
from recado.lib.imap import ImapServer
from recado.lib.mail_servers import Encryption, MailServer
from recado.lib.secrets import Vault
from recado.mailboxes.models import Mailbox


@dataclass(frozen=True, slots=True)
class Servers:
    """Where a mailbox is read and where its answers go; None where a password cannot be read."""

    imap: ImapServer | None
    smtp: MailServer | None


def imap_lane(host: str, port: int) -> str:
    """What a password for IMAP is bound to: on another server it does not open."""
    return f"imap://{host.lower()}:{port}"


def smtp_lane(host: str, port: int) -> str:
    """The same for SMTP."""
    return f"smtp://{host.lower()}:{port}"


async def servers_of(tx: Transaction, mailbox: Mailbox, vault: Vault) -> Servers:
    """What it takes to read a mailbox and to send from it."""
    into = imap_lane(mailbox.imap_host, mailbox.imap_port)
    out = smtp_lane(mailbox.smtp_host, mailbox.smtp_port)
    imap = await password_of(tx, mailbox.account_id, mailbox.imap_secret_id, into, vault)
    smtp = await password_of(tx, mailbox.account_id, mailbox.smtp_secret_id, out, vault)
    return Servers(
        None if imap is None or not mailbox.imap_host else imap_server(mailbox, imap),
        None if smtp is None or not mailbox.smtp_host else smtp_server(mailbox, smtp),
    )


def imap_server(mailbox: Mailbox, password: str) -> ImapServer:
    """Where a mailbox is read."""
    return ImapServer(
        mailbox.imap_host, mailbox.imap_port, Encryption(mailbox.imap_encryption),
        mailbox.imap_user, password, mailbox.folder,
    )  # fmt: skip


def smtp_server(mailbox: Mailbox, password: str) -> MailServer:
    """Where its answers are handed in."""
    return MailServer(
        mailbox.smtp_host, mailbox.smtp_port, Encryption(mailbox.smtp_encryption),
        mailbox.smtp_user, password, mailbox.address,
    )  # fmt: skip


async def password_of(
    tx: Transaction, account_id: int, secret_id: int | None, lane: str, vault: Vault
) -> str | None:
    """A stored password; empty where none was given, None where it cannot be read or is another's."""
    if secret_id is None:
        return ""
    sealed = await sealed_secrets(tx, [secret_id])
    found = opened(sealed, [secret_id], account_id=account_id, lane=lane, vault=vault)
    return found[secret_id] if found else None


async def keep_password(
    tx: Transaction, account_id: int, password: str, lane: str, *, vault: Vault, now: datetime
) -> int:
    """Store a password for one server and return its id."""
    return await keep_secret(tx, account_id, password, vault=vault, lane=lane, now=now)


async def prune_passwords(tx: Transaction, *, now: datetime) -> int:
    """Delete passwords that no mailbox has any more, as when its inbox was deleted; how many."""
    used = select(Mailbox.imap_secret_id).where(Mailbox.imap_secret_id.is_not(None))
    used_too = select(Mailbox.smtp_secret_id).where(Mailbox.smtp_secret_id.is_not(None))
    unused = delete(Secret).where(
        Secret.lane.startswith("imap://") | Secret.lane.startswith("smtp://"),
        Secret.id.not_in(used),
        Secret.id.not_in(used_too),
        Secret.created_at < now,
    )
    return len((await tx.execute(unused.returning(Secret.id))).all())
