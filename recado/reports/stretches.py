"""Cutting a stretch of time into the days that may be counted, and what lies beside them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `since` until before `until`: a whole day by the account's clock, or else without `day`."""

    since: datetime
    until: datetime
    day: date | None = None


def stretches(
    since: datetime, until: datetime, zone: str, cuts: Sequence[datetime] = ()
) -> list[Stretch]:
    """All of the time, in order: whole days in which no cut lies, and what is between them."""
    marks = set(cuts)
    cut_days = {_day(one, zone) for one in marks if one != _midnight(_day(one, zone), zone)}
    pieces: list[Stretch] = []
    for one in _pieces(since, until, zone):
        is_whole = one.day is not None and one.day not in cut_days
        if not is_whole and pieces and pieces[-1].day is None:
            pieces[-1] = Stretch(pieces[-1].since, one.until)
        else:
            pieces.append(one if is_whole else Stretch(one.since, one.until))
    return pieces


def _pieces(since: datetime, until: datetime, zone: str) -> Iterator[Stretch]:
    """The days of the time, the first and the last of them perhaps not whole."""
    day = _day(since, zone)
    while (begins := _midnight(day, zone)) < until:
        ends = _midnight(day + timedelta(days=1), zone)
        is_whole = since <= begins and ends <= until
        yield Stretch(max(begins, since), min(ends, until), day if is_whole else None)
        day += timedelta(days=1)


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
