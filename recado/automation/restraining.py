"""What keeps a rule back although its conditions hold: its own settings. Pure.

Stored on the rule as `{"stops": true, "once": true, "cool_down": 60, "hours": {"days": [1, 2],
"from": "09:00", "to": "18:00", "time_zone": "America/Sao_Paulo"}}`; what is missing is off.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from recado.automation.known import Problem, problem
from recado.lib.languages import say

LONGEST_COOL_DOWN: Final = 43_200  # minutes: 30 days
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_KEYS: Final = frozenset({"stops", "once", "cool_down", "hours"})
_HOUR_KEYS: Final = frozenset({"days", "from", "to", "time_zone"})


class Held(StrEnum):
    """Why a rule whose conditions hold does not fire."""

    ONCE = "once"  # it has fired in this conversation
    COOL_DOWN = "cool_down"  # it has fired there a short while ago
    HOURS = "hours"  # outside its hours
    PASSED_OVER = "passed_over"  # a rule before it stops the others


@dataclass(frozen=True, slots=True)
class Hours:
    """When a rule is active: days of the week (Monday is 1), from and to; past midnight if to < from."""

    days: tuple[int, ...]
    start: time
    end: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Control:
    """How a rule restrains itself and others."""

    stops: bool = False  # no rule after it fires on the same event
    once: bool = False  # in each conversation
    cool_down: timedelta = timedelta(0)  # in each conversation
    hours: Hours | None = None

    @property
    def remembers(self) -> bool:
        """Whether it must be known when the rule last fired in a conversation."""
        return self.once or bool(self.cool_down)


def control_from(stored: Mapping[str, Any]) -> Control:
    """What a checked JSON means."""
    hours = stored.get("hours")
    return Control(
        stops=bool(stored.get("stops")),
        once=bool(stored.get("once")),
        cool_down=timedelta(minutes=stored.get("cool_down") or 0),
        hours=_hours(hours) if hours else None,
    )


def held_back(control: Control, *, at: datetime, last: datetime | None) -> Held | None:
    """Whether a rule stays back at a moment; `last` is when it last fired in the conversation."""
    if control.hours is not None and not is_within(control.hours, at):
        return Held.HOURS
    if last is None:
        return None
    if control.once:
        return Held.ONCE
    return Held.COOL_DOWN if at < last + control.cool_down else None


@dataclass(slots=True)
class Restraint:
    """What a rule's own settings make of matches that follow each other in time.

    Conversations are told apart by any number; of what fired before the first match nothing is known.
    """

    control: Control
    last: dict[int, datetime] = field(default_factory=dict)

    def on(self, at: datetime, conversation: int | None) -> Held | None:
        """Why the rule stays back at the next match; None where it fires, which is remembered."""
        held = held_back(self.control, at=at, last=self.last.get(conversation or 0))
        if held is None and conversation is not None:
            self.last[conversation] = at
        return held


def is_within(hours: Hours, at: datetime) -> bool:
    """Whether a moment lies in the hours. A night belongs to the day on which it begins."""
    local = at.astimezone(hours.zone)
    clock, today = local.time(), local.isoweekday()
    if hours.start < hours.end:
        return today in hours.days and hours.start <= clock < hours.end
    yesterday = today - 1 or 7
    return (today in hours.days and clock >= hours.start) or (
        yesterday in hours.days and clock < hours.end
    )


def control_problems(given: object) -> list[Problem]:
    """What is wrong with a rule's control, each at its field ("control.cool_down")."""
    if not isinstance(given, Mapping) or not set(given) <= _KEYS:
        return [problem("control", say("Control takes stops, once, cool_down and hours."))]
    found = [
        problem(f"control.{name}", say("Choose true or false."))
        for name in ("stops", "once")
        if given.get(name) not in (None, True, False)
    ]
    if not _is_cool_down(given.get("cool_down")):
        sentence = say("Enter whole minutes, at most %(number)s.", number=LONGEST_COOL_DOWN)
        found.append(problem("control.cool_down", sentence))
    return found + (_hour_problems(given["hours"]) if given.get("hours") else [])


def cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of a control without problems: nothing that is off."""
    return {name: value for name, value in given.items() if value}


def _is_cool_down(value: object) -> bool:
    if value is None:
        return True
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number and 0 <= int(str(value)) <= LONGEST_COOL_DOWN


def _hour_problems(given: object) -> list[Problem]:
    if not isinstance(given, Mapping) or set(given) != _HOUR_KEYS:
        return [problem("control.hours", say("Hours take days, from, to and time_zone."))]
    found = []
    days = given["days"]
    if not isinstance(days, list) or not days or not set(map(str, days)) <= set("1234567"):
        found.append(problem("control.days", say("Choose at least one day.")))
    found += [
        problem(f"control.{name}", say("Enter a time such as 09:00."))
        for name in ("from", "to")
        if not _CLOCK.fullmatch(str(given[name]))
    ]
    if not found and given["from"] == given["to"]:
        found.append(problem("control.to", say("Begin and end are the same.")))
    if given["time_zone"] not in available_timezones():
        found.append(problem("control.time_zone", say("Choose a time zone.")))
    return found


def _hours(stored: Mapping[str, Any]) -> Hours:
    return Hours(
        tuple(int(day) for day in stored["days"]),
        time.fromisoformat(stored["from"]),
        time.fromisoformat(stored["to"]),
        ZoneInfo(stored["time_zone"]),
    )
