"""The days of a report: which of them are counted, and reading what happened on the others."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import CTE, Date, DateTime, Select, cast, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from recado.conversations.models import ReportingChange
from recado.reports.models import ConversationsCounted
from recado.reports.stretches import Stretch

ROOM: Final = select(
    func.set_config("work_mem", "64MB", True),  # a year is added up in memory
    # The plan of a connection for all lists of days is for ten of them, and ten times as slow.
    func.set_config("plan_cache_mode", "force_custom_plan", True),
)


def days_of(stretches: Sequence[Stretch]) -> Select[Any]:
    """A row for each stretch: which day it is, or null, when it begins and when it is over."""
    moments = ARRAY(DateTime(timezone=True))
    days = func.unnest(
        cast([one.day for one in stretches], ARRAY(Date)),
        cast([one.since for one in stretches], moments),
        cast([one.until for one in stretches], moments),
    ).table_valued(column("day", Date), column("starts", DateTime), column("ends", DateTime))
    return select(*days.render_derived("days").c)


def known_days(account_id: int, zone: str, stretches: Sequence[Stretch]) -> Select[Any]:
    """The stretches, and whether they are days whose totals are as their events."""
    days, counted, change = (
        days_of(stretches).subquery("days"),
        ConversationsCounted,
        ReportingChange,
    )
    is_past = select(counted.account_id).where(
        counted.account_id == account_id, counted.zone == zone, counted.until > days.c.day
    )
    has_changed = select(change.id).where(
        change.account_id == account_id, change.at >= days.c.starts, change.at < days.c.ends
    )
    is_counted = is_past.exists() & ~has_changed.exists()
    return select(*days.c, is_counted.label("is_counted"))


def of_each(days: CTE, found: Select[*tuple[Any, ...]]) -> Select[Any]:
    """What is found of each of the stretches, one after the other, with its day.

    PostgreSQL takes every other day for uncounted. Joined to them, all that there ever was would be read for
    what happened today.
    """
    each = found.correlate(days).lateral()
    return select(days.c.day, *each.c).join_from(days, each, true())


def of_uncounted(days: CTE, found: Select[*tuple[Any, ...]]) -> Select[Any]:
    """The same of those that are not counted, without their days."""
    _, *columns = (of_all := of_each(days, found)).selected_columns
    return of_all.with_only_columns(*columns).where(~days.c.is_counted)
