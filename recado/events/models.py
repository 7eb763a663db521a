"""The outbox: one row per thing that happened, with the facts as they were."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Json, Table

LANES = 16  # events of one lane are taken in order by one worker at a time


class Event(Table):
    """Something that happened. `processed_at` is set when every rule has been tested.

    `lane` is derived from the conversation, so the events of one conversation stay in order.
    `cause` says who or what did it and through which rules: see `events/causes.py`.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_waiting", "lane", "id", postgresql_where=text("processed_at is null")),
        Index(
            "ix_events_processed_at",
            "processed_at",
            postgresql_where=text("processed_at is not null"),
        ),
        Index("ix_events_account_id_conversation_id", "account_id", "conversation_id"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    conversation_id: Mapped[int | None]
    lane: Mapped[int] = mapped_column(SmallInteger)
    facts: Mapped[Json]
    cause: Mapped[Json]
    created_at: Mapped[datetime]
    processed_at: Mapped[datetime | None] = mapped_column(default=None)
    trouble: Mapped[str | None] = mapped_column(default=None)  # our own mistake while testing rules
