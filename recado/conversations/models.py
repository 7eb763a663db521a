"""Tables of conversations."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import quote
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recado.accounts.models import Account, Team, User
from recado.contacts.models import Contact
from recado.db.tables import Id, Json, Noted, Table
from recado.inboxes.models import AgentBot, Inbox
from recado.lib.excerpts import SEARCH_FROM, SEARCH_TO
from recado.lib.files import FileKind, is_shown, kind_of
from recado.lib.public_urls import public_url

# Whether a note mentions anybody; as the index has it, so that PostgreSQL uses that.
MENTIONING = "position('](mention://' in content) > 0"
# Whatever the language: words without case and accents, as `lib/excerpts` folds what is searched.
SEARCHED = f"to_tsvector('simple'::regconfig, translate(content, '{SEARCH_FROM}', '{SEARCH_TO}'))"


class Status(StrEnum):
    """Where a conversation stands."""

    OPEN = "open"
    RESOLVED = "resolved"
    PENDING = "pending"
    SNOOZED = "snoozed"


def first_status(inbox: Inbox) -> Status:
    """Where a conversation of this inbox begins: a bot answers before people see it as open."""
    return Status.PENDING if inbox.agent_bot_id else Status.OPEN


class Priority(StrEnum):
    """How urgent; no priority is None."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class MessageType(StrEnum):
    """Who a message is from; the API shows the position as a number."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    ACTIVITY = "activity"
    TEMPLATE = "template"


class ContactInbox(Table):
    """A contact as one inbox knows it, by `source_id`.

    `hmac_verified`: the inbox's own program vouched for who it is. `made_contact`: there was no such
    contact before. Either lets who holds the `source_id` see and change the contact's own data.
    `is_claim`: whoever holds it made it up and proved nothing; so it may be anybody's.
    """

    __tablename__ = "contact_inboxes"
    __table_args__ = (UniqueConstraint("inbox_id", "source_id"),)

    id: Mapped[Id] = mapped_column(init=False)
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), index=True
    )
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id", ondelete="CASCADE"))
    source_id: Mapped[str]
    hmac_verified: Mapped[bool] = mapped_column(default=False, server_default=false())
    made_contact: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_claim: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    inbox: Mapped[Inbox] = relationship(lazy="raise", init=False)

    @property
    def is_trusted(self) -> bool:
        """Whether its holder is surely the contact."""
        return self.hmac_verified or self.made_contact

    @property
    def is_doubtful(self) -> bool:
        """Whether its holder only says to be the contact: `DOUBTFUL` of one that is loaded."""
        return self.is_claim and not self.made_contact


# Its holder only says to be a contact, whom others knew before or somebody has proven to be since.
DOUBTFUL: Final = ContactInbox.is_claim & ContactInbox.made_contact.is_(False)


class Conversation(Table):
    """Messages with one contact in one inbox. People know it by `display_id`, per account."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("account_id", "display_id"),
        Index(
            "ix_conversations_waiting_since",
            "account_id",
            "waiting_since",
            postgresql_where=text("waiting_since is not null"),
        ),
        Index(
            "ix_conversations_replied_at",
            "account_id",
            "replied_at",
            postgresql_where=text("replied_at is not null"),
        ),
        Index(
            "ix_conversations_snoozed_until",
            "snoozed_until",
            postgresql_where=text("snoozed_until is not null"),
        ),
        Index(
            "ix_conversations_awaiting_turn", "inbox_id", "id", postgresql_where=text("awaits_turn")
        ),
        Index("ix_conversations_list", "account_id", "status", text("last_activity_at desc")),
    )

    id: Mapped[Id] = mapped_column(init=False)
    uuid: Mapped[UUID] = mapped_column(default_factory=uuid4)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    display_id: Mapped[int]
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), index=True
    )
    contact_inbox_id: Mapped[int] = mapped_column(
        ForeignKey("contact_inboxes.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(default=Status.OPEN)
    priority: Mapped[str | None] = mapped_column(default=None)
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True, default=None
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"), index=True, default=None
    )
    labels: Mapped[list[str]] = mapped_column(ARRAY(TEXT), default_factory=list)
    custom_attributes: Mapped[Json] = mapped_column(default_factory=dict)
    additional_attributes: Mapped[Json] = mapped_column(default_factory=dict)
    is_muted: Mapped[bool] = mapped_column(default=False)
    # opened while nobody was there to be dealt it
    awaits_turn: Mapped[bool] = mapped_column(default=False, server_default=false())
    snoozed_until: Mapped[datetime | None] = mapped_column(default=None)
    waiting_since: Mapped[datetime | None] = mapped_column(default=None)
    replied_at: Mapped[datetime | None] = mapped_column(default=None)  # and no answer since
    excused_at: Mapped[datetime | None] = mapped_column(default=None)  # told that nobody is there
    first_reply_created_at: Mapped[datetime | None] = mapped_column(default=None)
    agent_last_seen_at: Mapped[datetime | None] = mapped_column(default=None)
    contact_last_seen_at: Mapped[datetime | None] = mapped_column(default=None)
    last_activity_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="raise", init=False)
    contact: Mapped[Contact] = relationship(lazy="raise", init=False)
    contact_inbox: Mapped[ContactInbox] = relationship(lazy="raise", init=False)
    inbox: Mapped[Inbox] = relationship(lazy="raise", init=False)
    assignee: Mapped[User | None] = relationship(lazy="raise", init=False)
    team: Mapped[Team | None] = relationship(lazy="raise", init=False)


class ConversationParticipant(Table):
    """A person who follows a conversation besides whoever it is assigned to."""

    __tablename__ = "conversation_participants"

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Message(Table):
    """Something said, noted or done in a conversation. Activities are lines such as "resolved"."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_conversation_id_id", "conversation_id", "id"),
        Index(
            "uq_messages_conversation_id_echo_id", "conversation_id", "echo_id",
            unique=True, postgresql_where=text("echo_id is not null"),
        ),
        Index("ix_messages_created_at", "created_at", postgresql_using="brin"),
        Index("ix_messages_searched", text(SEARCHED), postgresql_using="gin"),
        Index(
            "ix_messages_mentioning", "account_id", "conversation_id",
            postgresql_where=text(f"private and {MENTIONING}"),
        ),
    )  # fmt: skip

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id", ondelete="CASCADE"))
    message_type: Mapped[str]
    content: Mapped[str]
    content_type: Mapped[str] = mapped_column(default="text")
    content_attributes: Mapped[Json] = mapped_column(default_factory=dict)
    private: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(default="sent")
    source_id: Mapped[str | None] = mapped_column(default=None)
    echo_id: Mapped[str | None] = mapped_column(default=None)  # the sender's: a repeat finds it
    sender_user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    sender_contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), default=None
    )
    sender_bot_id: Mapped[int | None] = mapped_column(
        ForeignKey("agent_bots.id", ondelete="SET NULL"), default=None
    )
    created_at: Mapped[datetime]

    conversation: Mapped[Conversation] = relationship(lazy="raise", init=False)
    sender_user: Mapped[User | None] = relationship(lazy="raise", init=False)
    sender_contact: Mapped[Contact | None] = relationship(lazy="raise", init=False)
    sender_bot: Mapped[AgentBot | None] = relationship(lazy="raise", init=False)
    attachments: Mapped[list["Attachment"]] = relationship(
        lazy="raise", init=False, order_by="Attachment.id", cascade="all, delete-orphan",
        passive_deletes=True,
    )  # fmt: skip

    @property
    def sender_type(self) -> str | None:
        """`user`, `contact`, `agent_bot`, or None for what Recado itself wrote."""
        if self.sender_user_id is not None:
            return "user"
        if self.sender_bot_id is not None:
            return "agent_bot"
        return "contact" if self.sender_contact_id is not None else None


class Attachment(Table):
    """A file of a message; its bytes lie in the store under `key`, which nobody can guess."""

    __tablename__ = "attachments"

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    key: Mapped[str] = mapped_column(index=True)  # several messages of rules may show one file
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]  # bytes
    created_at: Mapped[datetime]

    @property
    def kind(self) -> FileKind:
        """How it is drawn."""
        return kind_of(self.content_type)

    @property
    def is_shown(self) -> bool:
        """Whether a page may show it in place."""
        return is_shown(self.content_type)

    @property
    def path(self) -> str:
        """Its address on this server; it ends in the file's name."""
        return f"/public/attachments/{self.key}/{quote(self.name, safe='')}"

    @property
    def url(self) -> str:
        """The same as the outside world knows it; whoever has it may read the file."""
        return public_url("public", "attachments", self.key, self.name)


class MailId(Table):
    """Which e-mail, by its Message-ID, belongs to which conversation; once in an inbox.

    Ours and theirs: by it a letter finds what it answers, and the same one is never read twice.
    """

    __tablename__ = "mail_ids"

    inbox_id: Mapped[int] = mapped_column(
        ForeignKey("inboxes.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    mail_id: Mapped[str] = mapped_column(primary_key=True)  # without its brackets
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )


class Upload(Table):
    """A file that rules and macros send; in each message that they send it is an Attachment.

    Its bytes lie in the store under `key`, by which programs name it until a rule has its id.
    """

    __tablename__ = "uploads"

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]  # bytes
    created_at: Mapped[datetime]

    @property
    def kind(self) -> FileKind:
        """How it is drawn."""
        return kind_of(self.content_type)

    @property
    def url(self) -> str:
        """Its address as the outside world knows it; whoever has it may read the file."""
        return public_url("public", "attachments", self.key, self.name)


class Look(Table):
    """When somebody looked at a conversation last, and until when that counts as looking at it."""

    __tablename__ = "looks"

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    until: Mapped[datetime]


class CannedResponse(Table):
    """A text that an account's people use again; found by its short code."""

    __tablename__ = "canned_responses"
    __noted__ = Noted("canned_response", named="short_code")
    __table_args__ = (UniqueConstraint("account_id", "short_code"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    short_code: Mapped[str]
    content: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ReportingName(StrEnum):
    """What reports count; the API shows these names."""

    CONVERSATION_CREATED = "conversation_created"
    CONVERSATION_OPENED = "conversation_opened"  # again, after it was resolved
    CONVERSATION_RESOLVED = "conversation_resolved"
    FIRST_RESPONSE = "first_response"
    REPLY_TIME = "reply_time"  # of every later answer


class ReportingEvent(Table):
    """Something that reports count, with how long it took, written with what it tells of.

    `value` is seconds since `started_at`: of an answer since the contact waits, of a resolution since
    the conversation was opened; `value_in_business_hours` counts those in which its inbox was open.
    Has no foreign keys but the account: the numbers outlive what they tell of. See `clocking.py`.
    """

    __tablename__ = "reporting_events"
    __table_args__ = (
        Index(
            "ix_reporting_events_report",
            "account_id",
            "name",
            "created_at",
            postgresql_include=[
                "value", "value_in_business_hours", "user_id", "team_id", "inbox_id", "labels",
            ],
        ),  # reports read nothing but it
        Index("ix_reporting_events_conversation_id", "conversation_id"),
    )  # fmt: skip

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    value: Mapped[float] = mapped_column(default=0.0)
    value_in_business_hours: Mapped[float] = mapped_column(default=0.0)
    conversation_id: Mapped[int]
    inbox_id: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(default=None)
    team_id: Mapped[int | None] = mapped_column(default=None)
    labels: Mapped[list[str]] = mapped_column(ARRAY(TEXT), default_factory=list)
    started_at: Mapped[datetime]
    created_at: Mapped[datetime]


class ReportingChange(Table):
    """That ReportingEvents of this quarter of an hour have changed since they were written.

    Written in the transaction that changes them; whoever has counted that time counts it again.
    """

    __tablename__ = "reporting_changes"
    __table_args__ = (Index("ix_reporting_changes_account_id_at", "account_id", "at"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    at: Mapped[datetime]
