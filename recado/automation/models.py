"""Tables of automation rules and what they decided."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recado.accounts.models import User
from recado.db.tables import Id, Json, Noted, Table


class AutomationRule(Table):
    """When this event happens and these conditions hold, have these effects, in order.

    `conditions` and `effects` are kept as the API writes them; `conditions.py` and `effects.py`
    know their shapes.
    """

    __tablename__ = "automation_rules"
    __noted__ = Noted("rule")
    __table_args__ = (
        Index("ix_automation_rules_account_id_event_name", "account_id", "event_name"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    event_name: Mapped[str]
    conditions: Mapped[list[Any]]
    effects: Mapped[list[Any]]
    control: Mapped[Json] = mapped_column(default_factory=dict)  # see restraining.py
    is_active: Mapped[bool] = mapped_column(default=True)
    delay_minutes: Mapped[int | None] = mapped_column(default=None)  # after the event, or idle
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)  # the number of the version in use
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Result(StrEnum):
    """How testing a rule ended."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    ERROR = "error"  # a condition could not be tested; the trace says which
    STOPPED = "stopped"  # rules answered each other too deeply
    HELD_BACK = "held_back"  # the conditions held, but the rule's own settings kept it back
    WAITING = "waiting"  # it matched, and is tested again when its time has come


class RuleTimer(Table):
    """A time at which one rule is tested on one conversation, once.

    `since` is when the waiting began and `event_id` the event that began it (0: nobody replied), so
    the same waiting makes no second row. `kept` are the facts of then that cannot be read again.
    """

    __tablename__ = "rule_timers"
    __table_args__ = (
        UniqueConstraint("rule_id", "conversation_id", "since", "event_id"),
        Index("ix_rule_timers_due_at", "due_at", postgresql_where=text("fired_at is null")),
        Index("ix_rule_timers_fired_at", "fired_at"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("automation_rules.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    event_id: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    kept: Mapped[Json] = mapped_column(default_factory=dict)
    cause: Mapped[Json]
    fired_at: Mapped[datetime | None] = mapped_column(default=None)


class RuleVerdict(Table):
    """Whether one rule matched one event, and why: each condition, each effect."""

    __tablename__ = "rule_verdicts"
    __table_args__ = (
        Index("ix_rule_verdicts_created_at", "created_at"),
        Index(
            "ix_rule_verdicts_sample",
            "created_at",
            postgresql_where=text("result = 'not_matched'"),
        ),
        Index("ix_rule_verdicts_rule", "account_id", "rule_id", text("id desc")),
        Index("ix_rule_verdicts_conversation", "account_id", "conversation_id", text("id desc")),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    rule_id: Mapped[int]
    rule_name: Mapped[str]
    rule_version: Mapped[int | None] = mapped_column(default=None)
    event_id: Mapped[int]
    event_name: Mapped[str]
    conversation_id: Mapped[int | None]  # the number people see
    result: Mapped[str]
    conditions: Mapped[list[Any]]  # each with its expected and actual value
    short_by: Mapped[int] = mapped_column(SmallInteger, default=0)  # conditions that were missing
    effects: Mapped[list[Any]] = mapped_column(default_factory=list)  # each with its outcome
    reason: Mapped[Json | None] = mapped_column(default=None)  # why it was stopped or held back
    created_at: Mapped[datetime]


class RuleCount(Table):
    """How often a rule came to a result on a day (UTC), counted by lane so that nobody waits.

    What did not match is counted by `rule_tests`; here it is less by what came to something else.
    """

    __tablename__ = "rule_counts"
    __table_args__ = (Index("ix_rule_counts_day", "day"),)

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    rule_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    result: Mapped[str] = mapped_column(primary_key=True)
    lane: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    count: Mapped[int]


class RuleTest(Table):
    """On how many events of a day (UTC) a group of rules was tested, by lane so that nobody waits.

    Each of the rules did not match there, but for what `rule_counts` has of it. `digest` is the group's.
    """

    __tablename__ = "rule_tests"
    __table_args__ = (Index("ix_rule_tests_day", "day"),)

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    lane: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    rule_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    count: Mapped[int]


class RuleFiring(Table):
    """When a rule last fired in a conversation; only of rules that must know."""

    __tablename__ = "rule_firings"

    rule_id: Mapped[int] = mapped_column(
        ForeignKey("automation_rules.id", ondelete="CASCADE"), primary_key=True
    )
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    fired_at: Mapped[datetime]


class Cascade(Table):
    """How many rules have fired because of one event, counted where rules cause events."""

    __tablename__ = "cascades"
    __table_args__ = (Index("ix_cascades_created_at", "created_at"),)

    root: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # an event's id
    firings: Mapped[int]
    created_at: Mapped[datetime]


class Macro(Table):
    """Effects that a person has by hand on a conversation; personal, or shared with the account."""

    __tablename__ = "macros"
    __noted__ = Noted("macro", left_out=frozenset({"created_by_id", "updated_by_id"}))
    __table_args__ = (Index("ix_macros_account_id", "account_id"),)

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    visibility: Mapped[str] = mapped_column(default="personal")
    effects: Mapped[list[Any]]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    created_by: Mapped[User | None] = relationship(
        foreign_keys=created_by_id, lazy="raise", init=False
    )
    updated_by: Mapped[User | None] = relationship(
        foreign_keys=updated_by_id, lazy="raise", init=False
    )
