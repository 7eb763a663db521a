"""Business hours: a week of opening hours in a time zone, and the days off. Pure.

Hours are spans between instants: a day opens and closes by the clock on the wall, whatever daylight
saving time does to it. An hour that comes twice counts whole; one that is left out ends the moment
it would have ended without the change. So what is open and when it turns always agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

MIDNIGHT: Final = "24:00"  # the end of a day
_DAY: Final = timedelta(days=1)
_AHEAD: Final = (9, 370)  # days to look at: a week, and when holidays are long, a year


@dataclass(frozen=True, slots=True)
class Hours:
    """When a place is open. `week` begins on Sunday, as the API counts; a day is its opening and
    closing time ("09:00", "18:00"; MIDNIGHT for all of it) or None. `holidays` are days on which it
    is closed; those without a year come every year.
    """

    week: tuple[tuple[str, str] | None, ...]
    time_zone: str
    holidays: frozenset[date | tuple[int, int]] = frozenset()

    def on(self, day: date) -> tuple[str, str] | None:
        """Opening and closing time of a day; None when it is closed."""
        is_off = day in self.holidays or (day.month, day.day) in self.holidays
        return None if is_off else self.week[day.isoweekday() % 7]


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment at which a place opens or closes."""

    at: datetime
    opens: bool


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether a place is open at a moment."""
    zone = _zone(hours.time_zone)
    today = at.astimezone(zone).date()
    spans = _spans(hours, [today - _DAY, today])
    return any(opens <= at < closes for opens, closes in spans)


def next_turn(hours: Hours, after: datetime) -> Turn | None:
    """When a place opens or closes next; None if it does not within a year."""
    for days in _AHEAD:
        found = (turn for turn in _turns(hours, after, range(-2, days)) if turn.at > after)
        if turn := next(found, None):
            return turn
    return None


def last_turn(hours: Hours, at: datetime) -> Turn | None:
    """When a place opened or closed last, this very moment included; None if not within a year."""
    for days in _AHEAD:
        found = [turn for turn in _turns(hours, at, range(-days, 3)) if turn.at <= at]
        if found:
            return found[-1]
    return None


def open_seconds(hours: Hours, start: datetime, end: datetime) -> float:
    """How long a place was open between two moments."""
    zone = _zone(hours.time_zone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    days = [first + timedelta(days=offset) for offset in range(-1, (last - first).days + 1)]
    spans = _merged(sorted(_spans(hours, days)))
    shared = ((min(closes, end) - max(opens, start)).total_seconds() for opens, closes in spans)
    return sum(one for one in shared if one > 0)


def _turns(hours: Hours, around: datetime, offsets: range) -> Iterator[Turn]:
    """The turns of the days around a moment, in order. Where the days begin and end is none."""
    today = around.astimezone(_zone(hours.time_zone)).date()
    days = [today + timedelta(days=offset) for offset in offsets]
    edges = {
        _instant(hours, days[0], "00:00"),
        _instant(hours, days[-1], MIDNIGHT, is_end=True),
    }
    for opens, closes in _merged(sorted(_spans(hours, days))):
        yield from (
            turn for turn in (Turn(opens, True), Turn(closes, False)) if turn.at not in edges
        )


def _spans(hours: Hours, days: Sequence[date]) -> Iterator[tuple[datetime, datetime]]:
    for day in days:
        if span := hours.on(day):
            yield _instant(hours, day, span[0]), _instant(hours, day, span[1], is_end=True)


def _merged(spans: Sequence[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Spans that touch are one: nothing opens or closes at midnight between two whole days."""
    breaks = [n for n, (one, other) in enumerate(pairwise(spans), 1) if one[1] < other[0]]
    for first, last in pairwise([0, *breaks, len(spans)] if spans else []):
        yield spans[first][0], spans[last - 1][1]


def _instant(hours: Hours, day: date, clock: str, *, is_end: bool = False) -> datetime:
    """The moment at which clocks there show this; of two, the first to begin and the last to end."""
    zone = _zone(hours.time_zone)
    if clock == MIDNIGHT:
        day, clock = day + _DAY, "00:00"
    local = datetime.combine(day, time.fromisoformat(clock), zone)
    early = local.astimezone(UTC)
    return max(early, local.replace(fold=1).astimezone(UTC)) if is_end else early


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
