"""The page of an inbox's business hours."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    form_page,
    found,
    found_for_change,
    go_to,
)
from recado.accounts.meeting import Meeting, Values, first_meeting, meet
from recado.db.database import Database
from recado.events.causes import Actor, Cause
from recado.inboxes.keeping_hours import (
    WHOLE_DAY,
    HoursDraft,
    hours_of,
    hours_problems,
    keep_hours,
)
from recado.inboxes.models import Inbox
from recado.inboxes.opening import find_inbox
from recado.lib.calendars import day_and_time, every_time_zone, weekdays
from recado.lib.facts import STANDARD_VARIABLES
from recado.lib.forms import row_numbers
from recado.lib.hours import MIDNIGHT, is_open, next_turn
from recado.lib.languages import Sentence, say
from recado.lib.picking import variables_island

_Sent = Mapping[str, str]
_HOLIDAY: Final = re.compile(r"holidays-([0-9]{1,4})-day")
_COPY: Final = re.compile(r"copy-([0-6])")
_USUAL: Final = ("09:00", "17:00")  # what a closed day shows once it is opened
KINDS: Final = [
    ("hours", say("Open at these hours")),
    ("all", say("Open all day")),
    ("closed", say("Closed all day")),
]
_SPAN: Final = "–"  # between the two ends of a day
_WORDS: Final = {
    f"days-{at}": {_SPAN: say("Closed all day"), _SPAN.join(WHOLE_DAY): say("Open all day")}
    for at in range(7)
}
_LABELS: Final = {
    "has_hours": say("This inbox has business hours"), "time_zone": say("Time zone"),
    "out_of_office": say("Out-of-office message"),
}  # fmt: skip
_HOLIDAY_PARTS: Final = ("day", "name", "yearly")


@get("/app/inboxes/{inbox_id:int}/hours", guards=[administrators_only])
async def show_hours(request: MemberRequest, database: Database, inbox_id: int) -> Template:
    async with database.transaction() as tx:
        inbox = found(await find_inbox(tx, request.user.account_id, inbox_id))
    draft = hours_of(inbox)
    return _hours_page(request, inbox, draft, meeting=first_meeting(_values(draft)))


@post("/app/inboxes/{inbox_id:int}/hours", guards=[administrators_only])
async def change_hours(
    request: MemberRequest, database: Database, inbox_id: int
) -> Template | Response[Any]:
    sent = await _sent(request)
    typed = hours_sent(sent)
    async with database.transaction() as tx:
        inbox = await found_for_change(tx, await find_inbox(tx, request.user.account_id, inbox_id))
        met = meet(sent, _values(typed), _values(hours_of(inbox)))
        draft = _meant(met.meant, typed)
        problems = hours_problems(draft)
        if problems or met.overlapping:
            again = met.again(_labels(), problems, words=_WORDS)
            return _hours_page(request, inbox, draft, problems, again)
        cause = Cause(Actor.PERSON, request.user.user_id)
        await keep_hours(tx, inbox, draft, now=datetime.now(UTC), cause=cause)
    return go_to(request, f"/app/inboxes/{inbox_id}")


@post("/app/inboxes/{inbox_id:int}/hours/draft", status_code=200, guards=[administrators_only])
async def copy_day(request: MemberRequest, database: Database, inbox_id: int) -> Template:
    """The form as it was sent, one day's hours copied to the others that are open; saves nothing."""
    sent = await _sent(request)
    draft = hours_sent(sent)
    async with database.transaction() as tx:
        inbox = found(await find_inbox(tx, request.user.account_id, inbox_id))
    if pressed := _COPY.fullmatch(sent.get("step", "")):
        draft = with_day_copied(draft, int(pressed[1]))
    opened = meet(sent, _values(draft), _values(hours_of(inbox))).opened
    return _hours_page(request, inbox, draft, meeting=first_meeting(opened))


def hours_sent(sent: _Sent) -> HoursDraft:
    """What the form says, however incomplete."""
    numbers = row_numbers(sent, _HOLIDAY)
    holidays = [_holiday_sent(sent, f"holidays-{number}") for number in numbers]
    return HoursDraft(
        has_hours=sent.get("has_hours") == "true",
        time_zone=sent.get("time_zone", ""),
        week=[_day_sent(sent, f"days-{number}") for number in range(7)],
        holidays=[one for one in holidays if one["day"] or one["name"]],
        out_of_office=sent.get("out_of_office", "").replace("\r\n", "\n"),
    )


def with_day_copied(draft: HoursDraft, number: int) -> HoursDraft:
    """The draft with a day's hours on every other day that is open."""
    chosen = draft.week[number]
    return replace(draft, week=[chosen if day else None for day in draft.week])


def _day_sent(sent: _Sent, base: str) -> tuple[str, str] | None:
    match sent.get(f"{base}-kind"):
        case "hours":
            closes = sent.get(f"{base}-to", "")
            return sent.get(f"{base}-from", ""), MIDNIGHT if closes == "00:00" else closes
        case "all":
            return WHOLE_DAY
        case _:
            return None


def _holiday_sent(sent: _Sent, base: str) -> dict[str, Any]:
    return {
        "day": sent.get(f"{base}-day", ""),
        "name": sent.get(f"{base}-name", "").strip(),
        "yearly": sent.get(f"{base}-yearly") == "true",
    }


def _values(draft: HoursDraft) -> Values:
    """What the form shows, for two who change it: a day is one field, and so are all holidays."""
    days = {f"days-{at}": _SPAN.join(day or ("", "")) for at, day in enumerate(draft.week)}
    return {
        "has_hours": draft.has_hours, "time_zone": draft.time_zone, **days,
        "holidays": {_holiday_text(one) for one in draft.holidays},
        "out_of_office": draft.out_of_office,
    }  # fmt: skip


def _meant(values: Values, typed: HoursDraft) -> HoursDraft:
    """The draft of these values; holidays in the order they were typed in, then those of others."""
    mine = {_holiday_text(one): one for one in typed.holidays}
    theirs = [orjson.loads(one) for one in sorted(values["holidays"] - mine.keys())]
    holidays = [one for one in typed.holidays if _holiday_text(one) in values["holidays"]]
    return replace(
        typed,
        has_hours=values["has_hours"],
        time_zone=values["time_zone"],
        week=[_day_meant(values[f"days-{at}"], typed.week[at]) for at in range(7)],
        holidays=holidays + [dict(zip(_HOLIDAY_PARTS, one, strict=True)) for one in theirs],
        out_of_office=values["out_of_office"],
    )


def _day_meant(value: str, typed: Sequence[str] | None) -> Sequence[str] | None:
    if value == _SPAN.join(typed or ("", "")):
        return typed
    return None if value == _SPAN else value.split(_SPAN)


def _holiday_text(one: Mapping[str, Any]) -> str:
    return orjson.dumps([one[part] for part in _HOLIDAY_PARTS]).decode()


def _labels() -> dict[str, object]:
    days = {f"days-{iso % 7}": name.capitalize() for iso, name in weekdays("wide")}
    return {**_LABELS, **days}


async def _sent(request: MemberRequest) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).items()}


def _hours_page(
    request: MemberRequest,
    inbox: Inbox,
    draft: HoursDraft,
    problems: Mapping[str, Sentence] | None = None,
    meeting: Meeting | None = None,
) -> Template:
    errors = {name.replace(".", "-"): told for name, told in (problems or {}).items()}
    return form_page(
        request,
        "inboxes/hours.html",
        errors,
        meeting,
        inbox=inbox,
        draft=draft,
        days=_days(draft),
        kinds=KINDS,
        zones=every_time_zone(draft.time_zone),
        status=hours_sentence(inbox, now=datetime.now(UTC)),
        variables=variables_island(STANDARD_VARIABLES),
    )


def _days(draft: HoursDraft) -> list[dict[str, Any]]:
    """The days as the form shows them, Monday first; `number` is the API's, Sunday is 0."""
    return [_day(iso % 7, name, draft.week[iso % 7]) for iso, name in weekdays("wide")]


def _day(number: int, name: str, span: Sequence[str] | None) -> dict[str, Any]:
    kind = "closed" if not span else "all" if tuple(span) == WHOLE_DAY else "hours"
    opens, closes = span if span and kind == "hours" else _USUAL
    closes = "00:00" if closes == MIDNIGHT else closes
    return {"number": number, "name": name, "kind": kind, "from": opens, "to": closes}


def hours_sentence(inbox: Inbox, *, now: datetime) -> Sentence:
    """How things are in an inbox now, and until when."""
    hours = inbox.hours
    if hours is None:
        return say("Always open.")
    turn = next_turn(hours, now)
    if turn is None:
        return say("Always open.") if is_open(hours, now) else say("It never opens.")
    when = day_and_time(turn.at, inbox.time_zone)
    if turn.opens:
        return say("Closed now. Opens: %(when)s.", when=when)
    return say("Open now. Closes: %(when)s.", when=when)


handlers: list[Any] = [show_hours, change_hours, copy_day]
