"""Tables of accounts and people."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text, true
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recado.db.tables import Id, Json, Noted, Table
from recado.lib.calendars import USUAL_ZONE
from recado.lib.languages import say
from recado.lib.public_urls import public_url


class Role(StrEnum):
    """What a person may do in an account: administrators also configure it."""

    ADMINISTRATOR = "administrator"
    AGENT = "agent"


class Availability(StrEnum):
    """Whether a person takes conversations now."""

    ONLINE = "online"
    BUSY = "busy"
    OFFLINE = "offline"


PRESENCE_NAMES: Final = {
    Availability.ONLINE: say("Online"),
    Availability.BUSY: say("Busy"),
    Availability.OFFLINE: say("Offline"),
}


class Theme(StrEnum):
    """How the pages look to a person: as their system does, or always light or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


PRESENT = timedelta(seconds=60)  # an open page says so every 20 seconds


class Account(Table):
    """A company's desk. Everything else belongs to exactly one."""

    __tablename__ = "accounts"
    __noted__ = Noted("account", left_out=frozenset({"last_display_id"}))

    id: Mapped[Id] = mapped_column(init=False)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="pt_BR")
    time_zone: Mapped[str] = mapped_column(default=USUAL_ZONE)
    last_display_id: Mapped[int] = mapped_column(default=0)  # the newest conversation's number
    audit_days: Mapped[int] = mapped_column(default=365, server_default=text("365"))
    rules_version: Mapped[int] = mapped_column(default=0)  # grows with rules and what they name
    created_at: Mapped[datetime]

    def there(self, moment: datetime) -> datetime:
        """A moment as the account's clocks show it."""
        return moment.astimezone(ZoneInfo(self.time_zone))


class User(Table):
    """A person. May be a member of several accounts; `email` is kept in lower case."""

    __tablename__ = "users"
    __noted__ = Noted("person", left_out=frozenset({"language", "theme"}))
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: Mapped[Id] = mapped_column(init=False)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="pt_BR")
    theme: Mapped[str] = mapped_column(default=Theme.SYSTEM, server_default=Theme.SYSTEM)
    picture_key: Mapped[str | None] = mapped_column(default=None, unique=True)  # in the store
    created_at: Mapped[datetime]

    @property
    def picture_path(self) -> str:
        """Where their picture is on this server; "" without one."""
        return f"/public/avatars/{self.picture_key}" if self.picture_key else ""

    @property
    def picture_url(self) -> str:
        """The same as the outside world knows it."""
        return public_url("public", "avatars", self.picture_key) if self.picture_key else ""

    @property
    def first_name(self) -> str:
        """The part before the first space."""
        return self.name.split(" ")[0]


class Membership(Table):
    """A person in an account, with a role.

    `muted`: of what they are not told and how, each as "way kind" (see `notifications/models.py`).
    """

    __tablename__ = "memberships"
    __noted__ = Noted(
        "agent", named="", by="user_id",
        left_out=frozenset({"user_id", "muted", "availability", "auto_offline", "seen_at"}),
    )  # fmt: skip

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str]
    muted: Mapped[list[str]] = mapped_column(
        ARRAY(TEXT), default_factory=list, server_default=text("'{}'")
    )
    availability: Mapped[str] = mapped_column(
        default=Availability.ONLINE, server_default=Availability.ONLINE
    )  # what they say of themselves
    auto_offline: Mapped[bool] = mapped_column(default=True, server_default=true())
    seen_at: Mapped[datetime | None] = mapped_column(default=None)  # with a page open
    account: Mapped[Account] = relationship(lazy="raise", init=False)
    user: Mapped[User] = relationship(lazy="raise", init=False)

    @property
    def is_administrator(self) -> bool:
        """Whether this person may configure the account."""
        return self.role == Role.ADMINISTRATOR

    def availability_at(self, now: datetime) -> Availability:
        """See `availability_at`."""
        return availability_at(now, self.availability, self.seen_at, auto_offline=self.auto_offline)


def availability_at(
    now: datetime, said: str, seen_at: datetime | None, *, auto_offline: bool
) -> Availability:
    """What somebody says of themselves; offline without an open page, unless they want otherwise."""
    is_there = seen_at is not None and seen_at >= now - PRESENT
    return Availability(said) if is_there or not auto_offline else Availability.OFFLINE


class Team(Table):
    """People who share conversations. Names are kept in lower case, as the API has them."""

    __tablename__ = "teams"
    __noted__ = Noted("team")
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(default=None)
    allow_auto_assign: Mapped[bool] = mapped_column(default=True)


class TeamMember(Table):
    """A person in a team."""

    __tablename__ = "team_members"
    __noted__ = Noted("team_member", named="", by="team_id", of="teams")

    team_id: Mapped[int] = mapped_column(
        ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class AccessToken(Table):
    """Lets a program act as a person. Shown once; only its SHA-256 is kept.

    `expires_at` stands where the program signed in with a password: it ends, and signs out.
    """

    __tablename__ = "access_tokens"
    __noted__ = Noted("token", left_out=frozenset({"last_used_at"}))

    id: Mapped[Id] = mapped_column(init=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    ending: Mapped[str]  # the last four characters, to tell tokens apart
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)


class Session(Table):
    """A signed-in browser. The cookie holds the token, this row only its SHA-256."""

    __tablename__ = "sessions"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    address: Mapped[str]
    user_agent: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_seen_at: Mapped[datetime | None] = mapped_column(default=None)  # to some minutes
    awaits_code: Mapped[bool] = mapped_column(default=False)  # opens nothing until one is given

    @property
    def browser_name(self) -> str:
        """Which browser on which system, as far as it says so: "Firefox, Linux"."""
        said = [_first_in(self.user_agent, names) for names in (_BROWSERS, _SYSTEMS)]
        return ", ".join(one for one in said if one) or self.user_agent[:40]


# Browsers name others too: the first in this order is the one that speaks.
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")


def _first_in(text: str, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in text), "")


class SignInFailure(Table):
    """A wrong password; counted to slow guessing down, then pruned."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("ix_sign_in_failures_email_at", "email", "at"),
        Index("ix_sign_in_failures_address_at", "address", "at"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Authenticator(Table):
    """The app whose codes a person signs in with, from `confirmed_at` on."""

    __tablename__ = "authenticators"
    __noted__ = Noted("second_step", named="", by="user_id", left_out=frozenset({"last_step"}))

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    secret_encrypted: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(default=0)  # of the newest code taken: none comes twice
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)


class RecoveryCode(Table):
    """Signs in once when the app is gone, then it is deleted. Only its SHA-256 is kept."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(primary_key=True)


class SetupLink(Table):
    """The one-time link with which the first administrator makes an account."""

    __tablename__ = "setup_links"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class Invitation(Table):
    """A link for one address, with which somebody joins an account. Only its SHA-256 is kept.

    It is used up by being deleted.
    """

    __tablename__ = "invitations"
    __noted__ = Noted("invitation", named="email")
    __table_args__ = (UniqueConstraint("account_id", "email"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    email: Mapped[str]  # in lower case, as a person's
    role: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    account: Mapped[Account] = relationship(lazy="raise", init=False)


class PasswordLink(Table):
    """A link with which a person who forgot the password chooses another. Only its SHA-256 is kept.

    It is used up by being deleted.
    """

    __tablename__ = "password_links"
    __noted__ = Noted("password_link", named="", by="user_id")

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]


class AuditEntry(Table):
    """Who changed what, and from where: the fields of one thing before and after.

    Names stand as they were: the entry outlives the person and the thing.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_log", "account_id", text("id desc")),
        Index("ix_audit_entries_at", "account_id", "at"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    user_name: Mapped[str]
    address: Mapped[str]
    way: Mapped[str]  # "page", "api" or "import"
    kind: Mapped[str]
    what: Mapped[str]  # "created", "changed" or "deleted"
    subject_id: Mapped[int | None]
    subject_name: Mapped[str]
    changes: Mapped[Json]  # by field: what it was, what it is; secrets masked
    at: Mapped[datetime]


class Version(Table):
    """What somebody saved: a snapshot of a rule or a custom action, whatever became of it later."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("account_id", "kind", "subject_id", "number"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[str]
    subject_id: Mapped[int]
    number: Mapped[int]
    snapshot: Mapped[Json]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
