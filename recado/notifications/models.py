"""The table of notifications."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recado.accounts.models import User
from recado.actions.models import CustomAction
from recado.conversations.models import Conversation, Message
from recado.db.tables import Id, Table
from recado.inboxes.models import Inbox


class Kind(StrEnum):
    """What somebody is told of; the names are the API's."""

    ASSIGNMENT = "conversation_assignment"
    MENTION = "conversation_mention"
    NEW_MESSAGE = "assigned_conversation_new_message"
    FOLLOWED = "participating_conversation_new_message"
    FAILING_ACTION = "custom_action_failing"
    FAILING_INBOX = "inbox_failing"


class Way(StrEnum):
    """How somebody is told; `push` is a notification of the browser, as the API calls it."""

    PAGE = "page"
    PUSH = "push"
    EMAIL = "email"


class Notification(Table):
    """Something that waits for one person: about a conversation, a custom action or an inbox.

    While it is unread there is one of a kind about a thing: what comes after moves it to the top and
    counts in `times`. `ways` are those in which it is told, as the person wanted it then.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "user_id"], ["memberships.account_id", "memberships.user_id"],
            ondelete="CASCADE",
        ),
        Index(
            "uq_notifications_unread",
            "account_id", "user_id", "kind",
            text("coalesce(conversation_id, 0)"), text("coalesce(action_id, inbox_id, 0)"),
            unique=True, postgresql_where=text("read_at is null"),
        ),
        Index("ix_notifications_list", "account_id", "user_id", text("last_activity_at desc")),
        Index("ix_notifications_last_activity_at", "last_activity_at"),
        Index(
            "ix_notifications_action_id", "action_id", "last_activity_at",
            postgresql_where=text("action_id is not null"),
        ),
    )  # fmt: skip

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str]
    ways: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True, default=None
    )
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("messages.id", ondelete="SET NULL"), index=True, default=None
    )
    action_id: Mapped[int | None] = mapped_column(
        ForeignKey("custom_actions.id", ondelete="CASCADE"), default=None
    )
    inbox_id: Mapped[int | None] = mapped_column(
        ForeignKey("inboxes.id", ondelete="CASCADE"), index=True, default=None
    )
    by_user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    times: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    last_activity_at: Mapped[datetime]
    read_at: Mapped[datetime | None] = mapped_column(default=None)
    snoozed_until: Mapped[datetime | None] = mapped_column(default=None)

    conversation: Mapped[Conversation | None] = relationship(lazy="raise", init=False)
    message: Mapped[Message | None] = relationship(lazy="raise", init=False)
    action: Mapped[CustomAction | None] = relationship(lazy="raise", init=False)
    inbox: Mapped[Inbox | None] = relationship(lazy="raise", init=False)
    by_user: Mapped[User | None] = relationship(lazy="raise", init=False)
