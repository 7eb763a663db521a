"""Tables of inboxes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Json, Table


class Channel(StrEnum):
    """How messages come in."""

    API = "api"
    WEB_WIDGET = "web_widget"


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
    hmac_token: Mapped[str]
    settings: Mapped[Json] = mapped_column(default_factory=dict)
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
