"""Until when a rule's snooze lasts. Pure."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MORNING: Final = time(9)


def snoozed_until(wanted: str, *, now: datetime, zone: str) -> datetime | None:
    """When to wake up; None: when the contact writes. `wanted` is minutes, or a name.

    "tomorrow" and "next_week" are nine in the morning, there, of the next day and of the next Monday.
    """
    if wanted.isdecimal():
        return now + timedelta(minutes=int(wanted))
    there = now.astimezone(ZoneInfo(zone))
    days = {"tomorrow": 1, "next_week": 7 - there.weekday()}.get(wanted)
    if days is None:
        return None
    return datetime.combine(there.date() + timedelta(days=days), MORNING, there.tzinfo)
