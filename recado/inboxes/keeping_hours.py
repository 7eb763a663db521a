"""Business hours of an inbox: what they may be, and keeping them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import available_timezones

from recado.db.database import Transaction
from recado.events.causes import Cause
from recado.inboxes.models import Inbox, usual_week
from recado.inboxes.opening import record_change
from recado.lib.hours import MIDNIGHT, next_turn
from recado.lib.languages import Sentence, say
from recado.lib.templating import variables_problem

LONGEST: Final = 10_000  # characters of the message
MOST_HOLIDAYS: Final = 200
_LONGEST_NAME: Final = 100
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
WHOLE_DAY: Final = ("00:00", MIDNIGHT)


@dataclass(frozen=True, slots=True)
class HoursDraft:
    """Business hours as somebody wrote them, in the shapes that an Inbox keeps."""

    has_hours: bool = False
    time_zone: str = "UTC"
    week: Sequence[Sequence[str] | None] = field(default_factory=usual_week)
    holidays: Sequence[Mapping[str, Any]] = ()
    out_of_office: str = ""


def hours_of(inbox: Inbox) -> HoursDraft:
    """An inbox's hours as they are kept."""
    return HoursDraft(
        inbox.has_hours, inbox.time_zone, inbox.week, inbox.holidays, inbox.out_of_office
    )


def hours_problems(draft: HoursDraft) -> dict[str, Sentence]:
    """What is wrong, by field: "time_zone", "days.1" (Monday), "holidays.0", "out_of_office"."""
    problems: dict[str, Sentence] = {}
    if draft.time_zone not in available_timezones():
        problems["time_zone"] = say("Choose a time zone.")
    for number, day in enumerate(draft.week):
        if day and (sentence := _day_problem(*day)):
            problems[f"days.{number}"] = sentence
    if len(draft.holidays) > MOST_HOLIDAYS:
        problems["holidays"] = say("Use at most %(number)s holidays.", number=MOST_HOLIDAYS)
    for number, holiday in enumerate(draft.holidays):
        if not _is_day(holiday.get("day")):
            problems[f"holidays.{number}"] = say("Enter a date as 2026-12-31.")
    if sentence := _message_problem(draft.out_of_office):
        problems["out_of_office"] = sentence
    return problems


def _day_problem(opens: str, closes: str) -> Sentence | None:
    if not _CLOCK.fullmatch(opens) or not (_CLOCK.fullmatch(closes) or closes == MIDNIGHT):
        return say("Enter a time such as 09:00.")
    if closes <= opens:
        return say("It must close after it opens.")
    return None


def _is_day(written: object) -> bool:
    try:
        return bool(date.fromisoformat(str(written)))
    except ValueError:
        return False


def _message_problem(text: str) -> Sentence | None:
    if len(text) > LONGEST:
        return say("Use at most %(number)s characters.", number=LONGEST)
    return variables_problem(text)


async def keep_hours(
    tx: Transaction,
    inbox: Inbox,
    draft: HoursDraft,
    *,
    now: datetime,
    cause: Cause | None = None,
) -> None:
    """Give an inbox these hours, which have no problems; the next turn follows from them."""
    before = hours_of(inbox)
    inbox.has_hours = draft.has_hours
    inbox.time_zone = draft.time_zone
    inbox.week = [_kept_day(day) for day in draft.week]
    inbox.holidays = [_kept_holiday(one) for one in draft.holidays]
    inbox.out_of_office = draft.out_of_office.strip()
    turn = next_turn(inbox.hours, now) if inbox.hours else None
    inbox.turns_at = turn.at if turn else None
    await tx.flush()
    if cause is not None and hours_of(inbox) != before:
        await record_change(tx, inbox, {}, cause=cause, now=now)


def _kept_day(day: Sequence[str] | None) -> list[str] | None:
    """The last minute of a day belongs to it: who closes at 23:59 means midnight."""
    if not day:
        return None
    return [day[0], MIDNIGHT if day[1] == "23:59" else day[1]]


def _kept_holiday(one: Mapping[str, Any]) -> dict[str, Any]:
    name = str(one.get("name") or "").strip()[:_LONGEST_NAME]
    return {"day": one["day"], "name": name, "yearly": bool(one.get("yearly"))}
