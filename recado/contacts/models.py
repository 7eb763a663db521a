"""Tables of contacts, and what an account may say about them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Json, Noted, Table


class Contact(Table):
    """Somebody outside who writes. `email` is in lower case, `phone_number` in E.164."""

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("account_id", "email"),
        UniqueConstraint("account_id", "phone_number"),
        UniqueConstraint("account_id", "identifier"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        Index("ix_contacts_account_id_name", "account_id", func.lower(text("name"))),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None] = mapped_column(default=None)
    phone_number: Mapped[str | None] = mapped_column(default=None)
    identifier: Mapped[str | None] = mapped_column(default=None)
    avatar_url: Mapped[str] = mapped_column(default="")
    blocked: Mapped[bool] = mapped_column(default=False)
    labels: Mapped[list[str]] = mapped_column(
        ARRAY(TEXT), default_factory=list, server_default=text("'{}'")
    )
    custom_attributes: Mapped[Json] = mapped_column(default_factory=dict)
    additional_attributes: Mapped[Json] = mapped_column(default_factory=dict)
    last_activity_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def shown_name(self) -> str:
        """The name, or the best there is when nobody gave one."""
        return self.name or self.email or self.phone_number or self.identifier or f"#{self.id}"


class AttributeKind(StrEnum):
    """What a custom attribute holds. The API also takes the position in this list as a number."""

    TEXT = "text"
    NUMBER = "number"
    CURRENCY = "currency"
    PERCENT = "percent"
    LINK = "link"
    DATE = "date"
    LIST = "list"
    CHECKBOX = "checkbox"


class AttributeModel(StrEnum):
    """What a custom attribute belongs to; the API also takes the position as a number."""

    CONVERSATION = "conversation_attribute"
    CONTACT = "contact_attribute"


class CustomAttribute(Table):
    """A definition: the account keeps this about each contact or conversation."""

    __tablename__ = "custom_attributes"
    __noted__ = Noted("attribute")
    __table_args__ = (UniqueConstraint("account_id", "model", "key"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    model: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    regex_pattern: Mapped[str | None] = mapped_column(default=None)
    regex_cue: Mapped[str | None] = mapped_column(default=None)
    choices: Mapped[list[Any]] = mapped_column(default_factory=list)  # of a list: texts
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Label(Table):
    """A word that conversations carry; `title` in lower case, letters, digits, `_` and `-`."""

    __tablename__ = "labels"
    __noted__ = Noted("label", named="title")
    __table_args__ = (UniqueConstraint("account_id", "title"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    title: Mapped[str]
    description: Mapped[str | None] = mapped_column(default=None)
    color: Mapped[str] = mapped_column(default="#1f93ff")
    show_on_sidebar: Mapped[bool] = mapped_column(default=True)


class FilterKind(StrEnum):
    """What a saved filter finds; the API also takes the position as a number."""

    CONVERSATION = "conversation"
    CONTACT = "contact"
    REPORT = "report"


class CustomFilter(Table):
    """A filter that one person saved under a name; `query` is kept as it came."""

    __tablename__ = "custom_filters"
    __table_args__ = (Index("ix_custom_filters_account_id_user_id", "account_id", "user_id"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str]
    query: Mapped[Json] = mapped_column(default_factory=dict)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
