"""The moments at which the hours, days, weeks, months and years of a stretch of time begin. Pure."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

STEPS: Final = ("hour", "day", "week", "month", "year")
MOST: Final = 3_000  # of them in one answer


def step_starts(since: datetime, until: datetime, step: str, zone: tzinfo) -> list[datetime] | None:
    """When each step begins, the first of them at or before `since`; None: there are too many.

    Weeks begin on Monday, and everything by the clock of `zone`.
    """
    at = _begin(since.astimezone(zone), step)
    starts: list[datetime] = []
    while at < until:
        if len(starts) == MOST:
            return None
        starts.append(at)
        at = _next(at, step)
    return starts


def _begin(moment: datetime, step: str) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if step == "hour":
        return hour
    day = hour.replace(hour=0, fold=0)
    match step:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def _next(at: datetime, step: str) -> datetime:
    match step:
        case "hour":
            return (at.astimezone(UTC) + timedelta(hours=1)).astimezone(at.tzinfo)
        case "day":
            return at + timedelta(days=1)
        case "week":
            return at + timedelta(days=7)
        case "month":
            return (at + timedelta(days=32)).replace(day=1)
        case _:
            return at.replace(year=at.year + 1)
