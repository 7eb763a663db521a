"""Tables of deliveries: the delivery row itself is the queue."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recado.db.tables import Id, Json, Noted, Table
from recado.deliveries.states import State


class Secret(Table):
    """A value that goes out to one host and is never shown again; see `lib/secrets.py`.

    Those with the same `ring_id` replace one another: the newest is live, and an older one until
    its `live_until`.
    """

    __tablename__ = "secrets"
    __noted__ = Noted("secret", named="lane")

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    lane: Mapped[str]  # scheme://host:port it was entered for
    encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    ring_id: Mapped[int | None] = mapped_column(default=None, index=True)  # the first one's id
    live_until: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]


class Lane(Table):
    """A destination, scheme://host:port, and how fast it is sent to; see `pacing.py`.

    There is a row once something was sent there. All accounts share it: it is one server.
    """

    __tablename__ = "lanes"

    lane: Mapped[str] = mapped_column(primary_key=True)
    concurrency: Mapped[float]
    window_started_at: Mapped[datetime | None] = mapped_column(default=None)
    calls: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    openings: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None] = mapped_column(default=None)
    is_probing: Mapped[bool] = mapped_column(default=False)


class Allowance(Table):
    """How many calls an action may send in so many seconds, and how many it has sent of them.

    There is a row only for actions that have a limit; the claim reads and writes it.
    """

    __tablename__ = "allowances"

    action_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    calls: Mapped[int]
    seconds: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime | None] = mapped_column(default=None)


class LaneLimit(Table):
    """How many calls an account lets a destination have in so many seconds, and how many it had.

    There is a row only where somebody set a limit, or put the destination aside (`rests_until`); the
    claim reads and writes it.
    """

    __tablename__ = "lane_limits"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    lane: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int]
    seconds: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime | None] = mapped_column(default=None)
    rests_until: Mapped[datetime | None] = mapped_column(default=None)
    rests_by: Mapped[str | None] = mapped_column(default=None)


class Delivery(Table):
    """One telling of one action: its request frozen, its state, and when to try next.

    `due_at` is when it is to be sent; who sends it holds its lease meanwhile.
    `reason` is `{"code": …, …values}`; `explaining.py` makes the sentence.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_waiting",
            "lane",
            "account_id",
            text("coalesce(action_id, 0)"),
            "due_at",
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_deliveries_order",
            "action_id",
            "conversation_id",
            "id",
            postgresql_where=text("state = 'pending' and ordering is not null"),
        ),
        Index(
            "ix_deliveries_same",
            "action_id",
            "fingerprint",
            "created_at",
            postgresql_where=text("fingerprint is not null"),
        ),
        Index(
            "ix_deliveries_keep_days",
            "keep_days",
            "finished_at",
            postgresql_where=text("finished_at is not null"),
        ),
        Index(
            "ix_deliveries_drops_bodies",
            "id",
            postgresql_where=text("drops_bodies and finished_at is not null"),
        ),
        Index("ix_deliveries_held", "held_until", postgresql_where=text("state = 'held'")),
        Index(
            "ix_deliveries_awaits_answer",
            "id",
            postgresql_where=text("awaits_answer and finished_at is not null"),
        ),
        Index("ix_deliveries_log", "account_id", text("id desc")),
        Index("ix_deliveries_action", "account_id", "action_id", text("id desc")),
        Index("ix_deliveries_rule", "account_id", "rule_id", text("id desc")),
        Index(
            "ix_deliveries_told_by",
            "account_id",
            "told_by",
            "told_by_id",
            text("id desc"),
            postgresql_where=text("told_by is not null"),
        ),
        Index("ix_deliveries_conversation", "account_id", "conversation_id", text("id desc")),
        Index("ix_deliveries_lane", "account_id", "lane", text("id desc")),
        Index("ix_deliveries_created_at", "account_id", "created_at"),
        Index(
            "ix_deliveries_refused",
            "account_id",
            "last_status",
            text("id desc"),
            postgresql_where=text("last_status >= 300"),
        ),
        Index(
            "ix_deliveries_bad_ends",
            "account_id",
            "state",
            text("id desc"),
            postgresql_where=text(
                "state in ('failed', 'unknown', 'expired', 'skipped', 'cancelled')"
            ),
        ),
        Index(
            "ix_deliveries_tests", "account_id", text("id desc"), postgresql_where=text("is_test")
        ),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    webhook_id: Mapped[str] = mapped_column(unique=True)  # the same for every attempt
    action_id: Mapped[int | None]  # no foreign keys: the log outlives what it tells of
    action_name: Mapped[str]
    rule_id: Mapped[int | None] = mapped_column(default=None)
    rule_name: Mapped[str | None] = mapped_column(default=None)
    rule_version: Mapped[int | None] = mapped_column(default=None)
    action_version: Mapped[int | None] = mapped_column(default=None)
    event: Mapped[str | None] = mapped_column(default=None)
    event_id: Mapped[int | None] = mapped_column(default=None)
    conversation_id: Mapped[int | None] = mapped_column(default=None)  # the number people see
    is_test: Mapped[bool] = mapped_column(default=False)
    told_by: Mapped[str | None] = mapped_column(default=None)  # who tells it, if no action does
    told_by_id: Mapped[int | None] = mapped_column(default=None)
    message_id: Mapped[int | None] = mapped_column(default=None)  # the message it tells of
    repeats_id: Mapped[int | None] = mapped_column(default=None)  # sent again from this one
    request: Mapped[
        Json
    ]  # {"method", "url", "headers": [[name, value, secret id or null]], "body"}, or "is_dropped"
    lane: Mapped[str]  # scheme://host:port
    policy: Mapped[Json] = mapped_column(default_factory=dict)  # as `policies.py` writes it
    ordering: Mapped[str | None] = mapped_column(default=None)  # of its conversation: `policies.py`
    fingerprint: Mapped[str | None] = mapped_column(default=None)  # finds the same call again
    state: Mapped[str] = mapped_column(default=State.PENDING)
    reason: Mapped[Json] = mapped_column(default_factory=dict)
    attempts_count: Mapped[int] = mapped_column(default=0)  # all there were; they are numbered
    tries_count: Mapped[int] = mapped_column(default=0)  # of the schedule that runs now
    interruptions_count: Mapped[int] = mapped_column(default=0)  # attempts whose worker died
    last_status: Mapped[int | None] = mapped_column(default=None)  # None: the last got no answer
    due_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)  # not sent after this
    held_until: Mapped[datetime | None] = mapped_column(default=None)  # then a held one expires
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    awaits_answer: Mapped[bool] = mapped_column(default=False)  # its end is to be used
    answered: Mapped[Json] = mapped_column(
        default_factory=dict
    )  # what its end did: actions/answering

    keep_days: Mapped[int] = mapped_column(default=30)  # after its end
    drops_bodies: Mapped[bool] = mapped_column(default=False)  # after its end; false once done

    attempts: Mapped[list["Attempt"]] = relationship(
        lazy="raise", init=False, order_by="Attempt.number"
    )
    lease: Mapped["Lease | None"] = relationship(lazy="raise", init=False, viewonly=True)


class Lease(Table):
    """A delivery is being sent: nobody else takes it until `until`, then whoever finds it does.

    `claim` fences: only its holder may record. The row goes when the attempt is recorded, or given
    back; one that has run out belonged to a worker that died. `leasing.py` says how to look at it.
    """

    __tablename__ = "leases"

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    claim: Mapped[int]
    until: Mapped[datetime]
    is_taken_over: Mapped[bool] = mapped_column(default=False)  # from a worker that died


class Attempt(Table):
    """One try: when, how long by phase, and what came back."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: Mapped[Id] = mapped_column(init=False)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"))
    number: Mapped[int]
    started_at: Mapped[datetime]
    milliseconds: Mapped[float]
    timing: Mapped[Json] = mapped_column(default_factory=dict)  # milliseconds by phase; address
    status: Mapped[int | None] = mapped_column(default=None)
    trouble: Mapped[str | None] = mapped_column(default=None)
    asked_by: Mapped[str | None] = mapped_column(default=None)  # who pressed "send again" for it
    detail: Mapped[str] = mapped_column(default="")
    response_headers: Mapped[list[Any] | None] = mapped_column(default=None)  # [[name, value]]
    response_body: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    response_size: Mapped[int] = mapped_column(default=0)
    response_is_cut: Mapped[bool] = mapped_column(default=False)


class AttemptTotal(Table):
    """How many attempts there were for the metrics; each worker adds to a share of its own."""

    __tablename__ = "attempt_totals"

    share: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    result: Mapped[str] = mapped_column(primary_key=True)  # 2xx … 5xx, or a trouble
    bucket: Mapped[int] = mapped_column(primary_key=True)  # of tallying.BUCKETS
    count: Mapped[int]
    milliseconds: Mapped[int]
