"""Tables of webhooks."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Noted, Table


class Webhook(Table):
    """An account's subscription: these events are told to this address, each once in the account."""

    __tablename__ = "webhooks"
    __noted__ = Noted("webhook")
    __table_args__ = (UniqueConstraint("account_id", "url"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    url: Mapped[str]
    subscriptions: Mapped[list[str]] = mapped_column(ARRAY(TEXT), default_factory=list)
    signing_ring: Mapped[int | None] = mapped_column(default=None)  # the secrets that sign it
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
