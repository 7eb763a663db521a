"""Tables of contacts, and what an account may say about them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from recado.contacts.kinds import AttributeKind as AttributeKind
from recado.contacts.kinds import AttributeModel as AttributeModel
from recado.db.tables import Id, Json, Noted, Table
from recado.lib.excerpts import ACCENTED, PLAIN
from recado.lib.languages import say

_SEARCHED = (
    f"lower((((translate((name || chr(10)) || coalesce(identifier, ''), '{ACCENTED}', '{PLAIN}')"
    " || chr(10)) || coalesce(email, '')) || chr(10)) || coalesce(phone_number, ''))"
)


_ACTIVE_ON = "coalesce((last_activity_at at time zone 'UTC')::date, '-infinity'::date)"


class Contact(Table):
    """Somebody outside who writes. `email` is in lower case, `phone_number` in E.164."""

    __tablename__ = "contacts"
    __mapper_args__ = {"eager_defaults": False}  # nobody reads what is generated
    __table_args__ = (
        UniqueConstraint("account_id", "email"),
        UniqueConstraint("account_id", "phone_number"),
        UniqueConstraint("account_id", "identifier"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        Index("ix_contacts_account_id_name", "account_id", func.lower(text("name"))),
        Index("ix_contacts_account_id_created_at", "account_id", "created_at", "id"),
        Index("ix_contacts_account_id_email", "account_id", text("coalesce(email, '')"), "id"),
        # By the day and not the moment: so only the first message of a day writes its contact into every index.
        Index("ix_contacts_account_id_active_on", "account_id", "active_on"),
        Index("ix_contacts_labels", "labels", postgresql_using="gin"),
        Index(
            "ix_contacts_searched", "searched", postgresql_using="gin",
            postgresql_ops={"searched": "gin_trgm_ops"},
        ),  # knows every three letters; a database without pg_trgm does without it
    )  # fmt: skip

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
    # What a contact is searched by, one below the other, without accents and capitals: PostgreSQL
    # writes it. Folding a million names while searching took most of a minute.
    searched: Mapped[str] = mapped_column(
        Computed(_SEARCHED, persisted=True), init=False, deferred=True
    )
    # The day of the last activity, before all days for who never wrote: what an index sorts by.
    active_on: Mapped[date] = mapped_column(
        Computed(_ACTIVE_ON, persisted=True), init=False, deferred=True
    )

    @property
    def shown_name(self) -> str:
        """The name, or the best there is when nobody gave one, in the reader's language."""
        return self._known_by or str(say("Visitor %(number)s", number=self.id))

    @property
    def told_name(self) -> str:
        """The same for programs and for what is kept: in no language."""
        return self._known_by or f"#{self.id}"

    @property
    def _known_by(self) -> str | None:
        return self.name or self.email or self.phone_number or self.identifier


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
    DELIVERY = "delivery"


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


class ImportState(StrEnum):
    """Where an import stands."""

    DRAFT = "draft"  # read, and nothing done
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class ContactImport(Table):
    """A list of contacts from a file, what its columns are, and how far it is.

    Its rows are taken in their order; `after` is the last one done, in the transaction that did it, so
    whoever goes on makes no contact twice.
    """

    __tablename__ = "contact_imports"
    __table_args__ = (
        Index("ix_contact_imports_running", "id", postgresql_where=text("state = 'running'")),
        Index("ix_contact_imports_account_id_id", "account_id", text("id desc")),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    who: Mapped[str]
    who_id: Mapped[int]  # a person's; no foreign key: the list outlives it
    file_name: Mapped[str]
    encoding: Mapped[str]
    separator: Mapped[str]
    headings: Mapped[list[Any]]
    fields: Mapped[list[Any]]  # of each column, as mapping.py names them
    country: Mapped[str]  # of phone numbers that name none; "" refuses them
    label: Mapped[str] = mapped_column(default="")  # that every contact of the list gets
    changes_known: Mapped[bool] = mapped_column(default=True)
    tells_rules: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default=ImportState.DRAFT)
    total: Mapped[int] = mapped_column(default=0)
    after: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_running(self) -> bool:
        """Whether rows are still to be done."""
        return self.state == ImportState.RUNNING

    @property
    def done(self) -> int:
        """How many rows were looked at."""
        return self.made + self.changed + self.same + self.refused


class ContactImportRow(Table):
    """A row that is still to be done, or was refused: `problem` is the sentence that says why."""

    __tablename__ = "contact_import_rows"

    import_id: Mapped[int] = mapped_column(
        ForeignKey("contact_imports.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # line of the file
    cells: Mapped[list[Any]]
    problem: Mapped[Json | None] = mapped_column(default=None)
