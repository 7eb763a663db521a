"""Tables of reports: ended calls counted by the day, which outlive the delivery log."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, SmallInteger
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
