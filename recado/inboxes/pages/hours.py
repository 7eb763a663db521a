"""The page of an inbox's business hours."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page, spoken
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
from recado.lib.calendars import day_and_time, time_zones, weekdays
from recado.lib.facts import STANDARD_VARIABLES
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


@get("/app/inboxes/{inbox_id:int}/hours", guards=[administrators_only])
async def show_hours(request: MemberRequest, database: Database, inbox_id: int) -> Template:
    async with database.transaction() as tx:
        inbox = found(await find_inbox(tx, request.user.account_id, inbox_id))
    return _hours_page(request, inbox, hours_of(inbox))


@post("/app/inboxes/{inbox_id:int}/hours", guards=[administrators_only])
async def change_hours(
    request: MemberRequest, database: Database, inbox_id: int
) -> Template | Response[Any]:
    draft = hours_sent(await _sent(request))
    async with database.transaction() as tx:
        inbox = found(await find_inbox(tx, request.user.account_id, inbox_id))
        if problems := hours_problems(draft):
            return _hours_page(request, inbox, draft, problems)
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
    return _hours_page(request, inbox, draft)


def hours_sent(sent: _Sent) -> HoursDraft:
    """What the form says, however incomplete."""
    numbers = sorted(int(match[1]) for name in sent if (match := _HOLIDAY.fullmatch(name)))
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


async def _sent(request: MemberRequest) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).items()}


def _hours_page(
    request: MemberRequest,
    inbox: Inbox,
    draft: HoursDraft,
    problems: Mapping[str, Sentence] | None = None,
) -> Template:
    errors = {name.replace(".", "-"): told for name, told in (problems or {}).items()}
    return page(
        request,
        "inboxes/hours.html",
        status_code=422 if errors else 200,
        inbox=inbox,
        draft=draft,
        days=_days(draft),
        kinds=KINDS,
        zones=time_zones(draft.time_zone),
        status=hours_sentence(inbox, now=datetime.now(UTC)),
        errors=spoken(errors),
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
