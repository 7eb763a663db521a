"""The day that a written date means. Pure."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_BARE: Final = len("2026-12-31")


def day_of(written: str, time_zone: str) -> date:
    """The day of an ISO 8601 date, or date and time. ValueError where it is neither.

    A date stays, and so does a time without an offset. A time with one is a moment: its day is the
    one in `time_zone`. Midnight of UTC is a date all the same: so programs write dates that know no
    other form (JavaScript's `new Date("2026-12-31")`), and west of Greenwich it would be the day before.
    """
    day = date.fromisoformat(written[:_BARE])
    if len(written) == _BARE:
        return day
    moment = datetime.fromisoformat(written)
    is_date = moment.time() == time() and moment.utcoffset() == timedelta()
    if moment.tzinfo is None or is_date:
        return day
    try:
        return moment.astimezone(ZoneInfo(time_zone)).date()
    except OverflowError:  # at the end of the calendar
        return day
