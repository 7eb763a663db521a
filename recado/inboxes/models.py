"""Tables of inboxes."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, LargeBinary, false, text
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Json, Noted, Table
from recado.lib.hours import Hours, is_open


class Channel(StrEnum):
    """How messages come in."""

    API = "api"
    WEB_WIDGET = "web_widget"
    EMAIL = "email"  # a mailbox: see the room of that name
    CHATWOOT = "chatwoot"  # mirrors an inbox of a desk that we are connected to


OPENED_BY_PEOPLE: Final = (Channel.API, Channel.WEB_WIDGET, Channel.EMAIL)


class AgentBot(Table):
    """A program that answers in inboxes: told what happens at `outgoing_url`, acts with its token."""

    __tablename__ = "agent_bots"
    __noted__ = Noted("bot")

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    outgoing_url: Mapped[str] = mapped_column(default="")
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    token_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    signing_ring: Mapped[int | None] = mapped_column(default=None)  # the secrets that sign
    created_at: Mapped[datetime]


def usual_week() -> list[Any]:
    """Monday to Friday, 9 to 17, as an inbox begins."""
    return [None, *(["09:00", "17:00"] for _ in range(5)), None]


class Inbox(Table):
    """A place where messages come in. `settings` holds what only its channel has.

    `week` has a day's opening and closing time, or null, from Sunday on; `holidays` are
    `{"day": "2026-12-25", "name": "", "yearly": true}`. They count where `has_hours`. `turns_at` is
    when it opens or closes next: see `automation/turning.py`.
    """

    __tablename__ = "inboxes"
    __noted__ = Noted("inbox", left_out=frozenset({"turns_at"}))
    __table_args__ = (
        Index("ix_inboxes_turns_at", "turns_at", postgresql_where=text("turns_at is not null")),
    )

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
    signing_ring: Mapped[int | None] = mapped_column(default=None)  # what its webhook is told
    agent_bot_id: Mapped[int | None] = mapped_column(
        ForeignKey("agent_bots.id", ondelete="SET NULL"), index=True, default=None
    )
    has_hours: Mapped[bool] = mapped_column(default=False)
    time_zone: Mapped[str] = mapped_column(default="UTC")
    week: Mapped[list[Any]] = mapped_column(default_factory=usual_week)
    holidays: Mapped[list[Any]] = mapped_column(default_factory=list)
    out_of_office: Mapped[str] = mapped_column(default="")  # the message; a template
    turns_at: Mapped[datetime | None] = mapped_column(default=None)
    deals_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    most_dealt: Mapped[int | None] = mapped_column(default=None)  # open ones of an agent here
    created_at: Mapped[datetime]

    @property
    def hours(self) -> Hours | None:
        """Its business hours; None where it is always open."""
        if not self.has_hours:
            return None
        week = tuple((day[0], day[1]) if day else None for day in self.week)
        return Hours(week, self.time_zone, frozenset(map(_holiday, self.holidays)))

    def is_open(self, at: datetime) -> bool:
        """Whether a moment lies in its business hours; always, without any."""
        return self.hours is None or is_open(self.hours, at)


def _holiday(stored: Json) -> date | tuple[int, int]:
    day = date.fromisoformat(stored["day"])
    return (day.month, day.day) if stored.get("yearly") else day


class InboxMember(Table):
    """A person who answers in an inbox; administrators see all of them anyway."""

    __tablename__ = "inbox_members"
    __noted__ = Noted(
        "inbox_member", named="", by="inbox_id", left_out=frozenset({"turn"}), of="inboxes"
    )

    inbox_id: Mapped[int] = mapped_column(
        ForeignKey("inboxes.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    turn: Mapped[int] = mapped_column(default=0, server_default="0")  # of the last one dealt
