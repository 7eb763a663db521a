"""The table of mailboxes."""

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Noted, Table

_STATE: Final = frozenset({
    "validity", "last_uid", "due_at", "claim", "failures", "trouble", "said", "read_at", "told_at",
    "imap_secret_id", "smtp_secret_id",
})  # fmt: skip


class Mailbox(Table):
    """Where the letters of an e-mail inbox are read, and where its answers are handed in.

    `last_uid` is the newest letter that was read, in the numbering of `validity`; it moves in the
    transaction that writes the letter's message. `due_at` is when to look again; whoever looks moves
    it past the lease and raises `claim`, so that what an earlier one still writes is refused.
    """

    __tablename__ = "mailboxes"
    __noted__ = Noted("mailbox", named="address", by="inbox_id", left_out=_STATE)
    __table_args__ = (Index("ix_mailboxes_due_at", "due_at", postgresql_where=text("is_active")),)

    inbox_id: Mapped[int] = mapped_column(
        ForeignKey("inboxes.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    is_active: Mapped[bool]
    address: Mapped[str]  # from which answers come; letters from it are our own
    sender_name: Mapped[str] = mapped_column(default="")
    imap_host: Mapped[str] = mapped_column(default="")
    imap_port: Mapped[int] = mapped_column(default=993)
    imap_encryption: Mapped[str] = mapped_column(default="tls")
    imap_user: Mapped[str] = mapped_column(default="")
    imap_secret_id: Mapped[int | None] = mapped_column(default=None)  # among the secrets
    folder: Mapped[str] = mapped_column(default="INBOX")
    smtp_host: Mapped[str] = mapped_column(default="")
    smtp_port: Mapped[int] = mapped_column(default=587)
    smtp_encryption: Mapped[str] = mapped_column(default="starttls")
    smtp_user: Mapped[str] = mapped_column(default="")
    smtp_secret_id: Mapped[int | None] = mapped_column(default=None)
    validity: Mapped[int | None] = mapped_column(default=None)  # UIDVALIDITY
    last_uid: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    claim: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None] = mapped_column(default=None)  # the last time all went well
    failures: Mapped[int] = mapped_column(default=0)  # since then
    trouble: Mapped[str | None] = mapped_column(default=None)  # of the last time: MailboxTrouble
    said: Mapped[str] = mapped_column(default="")  # the server's words
    told_at: Mapped[datetime | None] = mapped_column(default=None)  # administrators, of its trouble
    created_at: Mapped[datetime]
