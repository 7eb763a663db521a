"""Tables of reports: ended calls and conversations, counted by the day."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, PrimaryKeyConstraint, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Table


class CallTotal(Table):
    """How many calls of a custom action ended on a day, in one state, about as slow.

    `day` is of the account's time zone when it was counted. `bucket` is of `latencies.py`, NO_ANSWER where the last attempt got none. No foreign key to the
    action: its numbers outlive it.
    """

    __tablename__ = "call_totals"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lane: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    count: Mapped[int]


class CountedUntil(Table):
    """Up to which moment calls are in CallTotal: one row; whoever counts holds it."""

    __tablename__ = "counted_until"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class ConversationTotal(Table):
    """How many ReportingEvents of one name a day has that took about as long, and their seconds together.

    `key` is whose they are by `dimension`, an id or a label, empty for nobody's. `bucket` is of
    `spreads.py`. Written from the events, as often as a day is counted.
    """

    __tablename__ = "conversation_totals"
    __table_args__ = (
        PrimaryKeyConstraint(
            "account_id", "dimension", "business", "day", "name", "key", "bucket"
        ),  # in the order in which reports read
    )  # fmt: skip

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    dimension: Mapped[str]
    business: Mapped[bool]  # whether only business hours are in `seconds`
    day: Mapped[date]  # by the clock of ConversationsCounted
    name: Mapped[str]
    key: Mapped[str]
    bucket: Mapped[int] = mapped_column(SmallInteger)
    count: Mapped[int]
    seconds: Mapped[float]


class MessageTotal(Table):
    """How many messages a conversation has of a day, and who of us wrote those that went out.

    Whose the conversation is changes, so that is asked of the conversation when a report is read. No foreign
    key to it: what was said stays counted.
    """

    __tablename__ = "message_totals"
    __table_args__ = (PrimaryKeyConstraint("account_id", "day", "conversation_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    day: Mapped[date]  # by the clock of ConversationsCounted
    conversation_id: Mapped[int]
    inbox_id: Mapped[int]
    incoming: Mapped[int] = mapped_column(Integer)
    outgoing: Mapped[int] = mapped_column(Integer)
    authors: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))  # one a message; 0: nobody of us


class ConversationsCounted(Table):
    """The days before `until`, by the clock of `zone`, are in ConversationTotal and MessageTotal; who counts
    holds the row.
    """

    __tablename__ = "conversations_counted"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    zone: Mapped[str]
    until: Mapped[date]
