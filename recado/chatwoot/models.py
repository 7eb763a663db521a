"""Tables of other desks: which ones, what of theirs is what of ours, and what they have just told."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Json, Table


class ChatwootServer(Table):
    """An account of a Chatwoot from which things were carried over, or that we are connected to.

    `imported` says how far each part of the import has come. A connected one has a `key`, with which
    the address of its webhook here ends.
    """

    __tablename__ = "chatwoot_servers"
    __table_args__ = (UniqueConstraint("account_id", "url", "remote_account_id"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    url: Mapped[str]  # without a slash at the end
    remote_account_id: Mapped[int]
    name: Mapped[str]  # of the account there
    imported: Mapped[Json] = mapped_column(default_factory=dict)
    remote_user_id: Mapped[int | None] = mapped_column(default=None)  # whose token it is
    secret_id: Mapped[int | None] = mapped_column(default=None)  # the token, among the secrets
    key: Mapped[str | None] = mapped_column(unique=True, default=None)
    webhook_id: Mapped[int | None] = mapped_column(default=None)  # of our webhook there
    signing_id: Mapped[int | None] = mapped_column(default=None)  # what it signs with, likewise
    connected_at: Mapped[datetime | None] = mapped_column(default=None)  # by its own clock
    seen_at: Mapped[datetime | None] = mapped_column(default=None)  # it told or answered something
    caught_up_to: Mapped[datetime | None] = mapped_column(default=None)  # by its own clock
    due_at: Mapped[datetime | None] = mapped_column(
        default=None, index=True
    )  # to look by ourselves
    trouble: Mapped[Json] = mapped_column(default_factory=dict)  # why the last look failed
    created_at: Mapped[datetime]

    @property
    def is_connected(self) -> bool:
        """Whether we listen to it, and write back."""
        return self.key is not None


class Kind(StrEnum):
    """What is carried over or mirrored."""

    INBOX = "inbox"
    CONTACT = "contact"
    CUSTOM_ATTRIBUTE = "custom_attribute"
    LABEL = "label"
    TEAM = "team"
    AGENT = "agent"
    CANNED_RESPONSE = "canned_response"
    DASHBOARD_APP = "dashboard_app"
    AUTOMATION_RULE = "automation_rule"
    CONVERSATION = "conversation"
    MESSAGE = "message"


class ChatwootLink(Table):
    """Which thing of theirs is which of ours; `local_id` is None where it could not be carried.

    `notes` say what could not, each a sentence as the database keeps it. `told_at` is how new what we
    know of it is, by its clock; at `check_at` we had better ask.
    """

    __tablename__ = "chatwoot_links"
    __table_args__ = (
        Index("ix_chatwoot_links_local", "server_id", "kind", "local_id"),
        Index(
            "ix_chatwoot_links_check_at", "check_at", postgresql_where=text("check_at is not null")
        ),
    )

    server_id: Mapped[int] = mapped_column(
        ForeignKey("chatwoot_servers.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    remote_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    local_id: Mapped[int | None] = mapped_column(default=None)
    name: Mapped[str] = mapped_column(default="")  # as it is called there, for the report
    notes: Mapped[list[Any]] = mapped_column(default_factory=list)
    told_at: Mapped[float | None] = mapped_column(default=None)
    check_at: Mapped[datetime | None] = mapped_column(default=None)


class ChatwootArrival(Table):
    """A webhook that came in, kept until what it tells is mirrored; with `trouble` it stays."""

    __tablename__ = "chatwoot_arrivals"
    __table_args__ = (
        UniqueConstraint("server_id", "unique_id"),
        Index(
            "ix_chatwoot_arrivals_waiting", "server_id", "id", postgresql_where=text("trouble = ''")
        ),
    )

    id: Mapped[Id] = mapped_column(init=False)
    server_id: Mapped[int] = mapped_column(ForeignKey("chatwoot_servers.id", ondelete="CASCADE"))
    unique_id: Mapped[str | None]
    body: Mapped[Json]
    trouble: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime]
