"""Tables of inboxes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Json, Table


class Channel(StrEnum):
    """How messages come in."""

    API = "api"
    WEB_WIDGET = "web_widget"


class AgentBot(Table):
    """A program that answers in inboxes: told what happens at `outgoing_url`, acts with its token."""

    __tablename__ = "agent_bots"

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    outgoing_url: Mapped[str] = mapped_column(default="")
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    token_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Inbox(Table):
    """A place where messages come in. `settings` holds what only its channel has."""

    __tablename__ = "inboxes"

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    channel: Mapped[str]
    identifier: Mapped[str] = mapped_column(unique=True)  # inbox_identifier or website_token
    hmac_token: Mapped[str | None] = mapped_column(
        init=False, default=None
    )  # of before it was encrypted
    hmac_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    settings: Mapped[Json] = mapped_column(default_factory=dict)
    agent_bot_id: Mapped[int | None] = mapped_column(
        ForeignKey("agent_bots.id", ondelete="SET NULL"), index=True, default=None
    )
    created_at: Mapped[datetime]


class InboxMember(Table):
    """A person who answers in an inbox; administrators see all of them anyway."""

    __tablename__ = "inbox_members"

    inbox_id: Mapped[int] = mapped_column(
        ForeignKey("inboxes.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
