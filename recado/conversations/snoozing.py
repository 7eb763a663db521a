"""Until when a snooze lasts, a rule's or a person's. Pure."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from recado.lib.languages import Sentence, say

MORNING: Final = time(9)
PRESETS: Final = {
    "60": say("For an hour"),
    "tomorrow": say("Until tomorrow, 9:00"),
    "next_week": say("Until Monday, 9:00"),
    "": say("Until the contact writes"),
}
LONGEST: Final = timedelta(days=366)
OWN: Final = "own"  # a time that somebody types


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
    morning = datetime.combine(there.date() + timedelta(days=days), MORNING, there.tzinfo)
    return morning.astimezone(UTC)


def preset_end(wanted: str, *, now: datetime, zone: str) -> datetime | None:
    """When one of PRESETS ends; what is none of them lasts until the contact writes."""
    return snoozed_until(wanted if wanted in PRESETS else "", now=now, zone=zone)


def chosen_end(wanted: str, typed: str, *, now: datetime, zone: str) -> datetime | Sentence | None:
    """When a snooze ends that somebody chose: one of PRESETS, or OWN and the `typed` time there.

    None: when the contact writes. A Sentence: why it cannot be.
    """
    if wanted != OWN:
        return preset_end(wanted, now=now, zone=zone)
    try:
        end = datetime.fromisoformat(typed.strip())
    except ValueError:
        return say("Choose a day and a time.")
    end = (end if end.tzinfo else end.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    if end <= now:
        return say("This is over already. Choose a time to come.")
    if end > now + LONGEST:
        return say("Choose a time within a year.")
    return end
