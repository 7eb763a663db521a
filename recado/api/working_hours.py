"""Business hours of inboxes as the API has them: seven days from Sunday, hours and minutes apart."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from recado.api.door import invalid
from recado.api.fields import UNSET, Flag, Json, UnsetType, Words, text_or
from recado.api.reading import is_given
from recado.inboxes.keeping_hours import WHOLE_DAY, HoursDraft, hours_of, hours_problems
from recado.inboxes.models import Inbox
from recado.lib.hours import MIDNIGHT
from recado.lib.languages import Sentence, say

_Hour = Annotated[int, Meta(ge=0, le=23)] | UnsetType | None
_Minutes = Annotated[int, Meta(ge=0, le=59)] | UnsetType | None


class WorkingDay(Struct):
    """A day of the week: open from and until, all day, or not at all. Sunday is 0."""

    day_of_week: Annotated[int, Meta(ge=0, le=6)]
    open_hour: _Hour = UNSET
    open_minutes: _Minutes = UNSET
    close_hour: _Hour = UNSET
    close_minutes: _Minutes = UNSET
    closed_all_day: Flag = UNSET
    open_all_day: Flag = UNSET


class Holiday(Struct):
    """A day on which nobody is there, this year or every year."""

    day: str
    name: Annotated[str, Meta(max_length=100)] = ""
    yearly: bool = False


class HoursBody(Struct):
    """The business hours of an inbox; days that are not sent stay as they are."""

    working_hours_enabled: Flag = UNSET
    out_of_office_message: Words = UNSET
    timezone: Words = UNSET
    working_hours: list[WorkingDay] | UnsetType | None = UNSET
    holidays: list[Holiday] | UnsetType | None = UNSET


def says_hours(body: HoursBody) -> bool:
    """Whether a request is about business hours at all."""
    sent = (body.working_hours_enabled, body.timezone, body.working_hours, body.holidays)
    return body.out_of_office_message is not UNSET or any(map(is_given, sent))


def hours_from(body: HoursBody, inbox: Inbox) -> HoursDraft:
    """The hours of an inbox with what was sent; 422 where they make no sense."""
    before = hours_of(inbox)
    sent = body.working_hours if isinstance(body.working_hours, list) else []
    if wrong := _contradictions(sent):
        raise invalid(wrong)
    week = list(before.week)
    for day in sent:
        week[day.day_of_week] = _span(day)
    draft = HoursDraft(
        body.working_hours_enabled
        if isinstance(body.working_hours_enabled, bool)
        else before.has_hours,
        text_or(body.timezone, before.time_zone),
        week,
        [asdict(one) for one in body.holidays]
        if isinstance(body.holidays, list)
        else before.holidays,
        before.out_of_office
        if body.out_of_office_message is UNSET
        else text_or(body.out_of_office_message),
    )
    if problems := hours_problems(draft):
        raise invalid({_FIELDS.get(name, name): told for name, told in problems.items()})
    return draft


_FIELDS = {
    "time_zone": "timezone",
    "out_of_office": "out_of_office_message",
    **{f"days.{number}": f"working_hours.{number}" for number in range(7)},
}


def week_json(inbox: Inbox) -> list[Json]:
    """The seven days of an inbox."""
    return [_day_json(number, day) for number, day in enumerate(inbox.week)]


def _contradictions(days: Sequence[WorkingDay]) -> dict[str, Sentence]:
    return {
        f"working_hours.{day.day_of_week}": say("A day cannot be open and closed all day.")
        for day in days
        if day.closed_all_day is True and day.open_all_day is True
    }


def _span(day: WorkingDay) -> tuple[str, str] | None:
    if day.closed_all_day is True:
        return None
    if day.open_all_day is True:
        return WHOLE_DAY
    return _clock(day.open_hour, day.open_minutes), _clock(day.close_hour, day.close_minutes)


def _clock(hour: _Hour, minutes: _Minutes) -> str:
    """As an Inbox keeps it; without an hour it is refused there."""
    return f"{hour:02}:{minutes or 0:02}" if isinstance(hour, int) else ""


def _day_json(number: int, day: Sequence[str] | None) -> Json:
    opens = _parts(day[0]) if day else (None, None)
    closes = _parts(day[1]) if day else (None, None)
    return {
        "day_of_week": number,
        "closed_all_day": day is None,
        "open_hour": opens[0],
        "open_minutes": opens[1],
        "close_hour": closes[0],
        "close_minutes": closes[1],
        "open_all_day": day is not None and tuple(day) == WHOLE_DAY,
    }


def _parts(clock: str) -> tuple[int, int]:
    """The last minute of the day stands for its end."""
    hour, _, minutes = ("23:59" if clock == MIDNIGHT else clock).partition(":")
    return int(hour), int(minutes)
