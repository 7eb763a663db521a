"""Tables of replays."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Json, Table


class Mode(StrEnum):
    """What is sent again: what went out then, or a request made anew, under a new webhook-id.

    Or the contrary: what waits is called off, as many at a time and as visibly.
    """

    AS_IT_WAS = "as_it_was"
    ACTION_NOW = "action_now"  # the action of today, the data of then
    ALL_NOW = "all_now"  # the action of today, the data of today
    DATA_NOW = "data_now"  # the action of then, the data of today
    CANCEL = "cancel"  # nothing is sent: what waits is called off

    @property
    def has_action_of_now(self) -> bool:
        """Whether the action's present version makes the request."""
        return self in (Mode.ACTION_NOW, Mode.ALL_NOW)

    @property
    def has_data_of_now(self) -> bool:
        """Whether conversation and contact are asked again."""
        return self in (Mode.DATA_NOW, Mode.ALL_NOW)

    @classmethod
    def of(cls, *, action_now: bool, data_now: bool) -> "Mode":
        """The one with this action and these data."""
        if action_now:
            return cls.ALL_NOW if data_now else cls.ACTION_NOW
        return cls.DATA_NOW if data_now else cls.AS_IT_WAS


class Progress(StrEnum):
    """Where a replay stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class Replay(Table):
    """Which deliveries are sent again or called off, how, how fast, and how far it is.

    `sent_count` is how many were, of whichever it is.

    They are taken in the order in which they were made: `after_id` is the last one looked at, and
    nothing that came after the start (`until_id`) is touched. `left_out` counts by reason, whose
    words are a sentence's text.
    """

    __tablename__ = "replays"
    __table_args__ = (
        Index("ix_replays_running", "next_at", postgresql_where=text("state = 'running'")),
        Index("ix_replays_account_id_id", "account_id", text("id desc")),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    who: Mapped[str]
    wanted: Mapped[Json]  # as filtering.filter_as_json writes it
    mode: Mapped[str]
    includes_delivered: Mapped[bool]
    per_minute: Mapped[int]
    state: Mapped[str] = mapped_column(default=Progress.RUNNING)
    total: Mapped[int]  # that matched at the start; counted to searching.MOST_REPLAYED
    sent_count: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[Json] = mapped_column(default_factory=dict)
    after_id: Mapped[int] = mapped_column(default=0)
    until_id: Mapped[int]
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_running(self) -> bool:
        """Whether more is still to be sent."""
        return self.state == Progress.RUNNING

    @property
    def cancels(self) -> bool:
        """Whether it calls off instead of sending again."""
        return self.mode == Mode.CANCEL

    @property
    def looked_at(self) -> int:
        """How many were sent or left out."""
        return self.sent_count + sum(self.left_out.values())
