"""The table of e-mails."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Json, Table


class Kind(StrEnum):
    """What an e-mail is."""

    TRANSCRIPT = "transcript"
    TEAM = "team"
    TEST = "test"
    NOTIFICATION = "notification"
    INVITATION = "invitation"
    NEW_PASSWORD = "new_password"  # noqa: S105 - a kind of e-mail
    ANSWER = "answer"  # a message of an e-mail inbox, sent by the inbox's own server


class Progress(StrEnum):
    """Where an e-mail stands; all but the first are ends."""

    PENDING = "pending"
    SENT = "sent"  # taken by the server; nobody can see whether it was read
    FAILED = "failed"
    SKIPPED = "skipped"  # never tried


class Email(Table):
    """One e-mail to one address: what it says, where it stands, and why.

    `due_at` is when it may be claimed; a claim moves it past the lease, so that a dead worker's
    e-mails fall due again by themselves.
    """

    __tablename__ = "emails"
    __table_args__ = (
        Index("ix_emails_due_at", "due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_emails_log", "account_id", text("id desc")),
        Index("ix_emails_created_at", "account_id", "created_at"),
        Index(
            "ix_emails_finished_at", "finished_at", postgresql_where=text("finished_at is not null")
        ),
        Index(
            "ix_emails_message_id", "message_id", postgresql_where=text("message_id is not null")
        ),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    conversation_id: Mapped[int | None] = mapped_column(default=None)  # the number people see
    rule_id: Mapped[int | None] = mapped_column(default=None)  # no foreign key: the log outlives it
    inbox_id: Mapped[int | None] = mapped_column(
        ForeignKey("inboxes.id", ondelete="CASCADE"), index=True, default=None
    )  # by whose server it goes; None: the operator's
    message_id: Mapped[int | None] = mapped_column(default=None)  # of the conversation's messages
    heads: Mapped[Json] = mapped_column(
        default_factory=dict, server_default=text("'{}'")
    )  # of an answer: its Message-ID, what it answers, who gets a copy, whether a machine wrote it
    asked_by: Mapped[str] = mapped_column(default="")  # the name of the rule, or of the person
    state: Mapped[str] = mapped_column(default=Progress.PENDING)
    trouble: Mapped[str | None] = mapped_column(default=None)  # of the last try: MailTrouble
    said: Mapped[str] = mapped_column(default="")  # the server's words, or the system's
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_private(self) -> bool:
        """Whether it is for its recipient alone, not for the administrators of the account."""
        return self.kind == Kind.NEW_PASSWORD
