"""Reports in the shapes of Chatwoot's API, version 2: series, summaries, what stands open."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from litestar import get
from msgspec import Struct

from recado.accounts.people import members_of
from recado.api.agents import agent_json
from recado.api.door import ApiRequest, absent, administrators, invalid, now
from recado.api.fields import UNSET, Flag, MaybeId, Words, id_or_none, text_or
from recado.api.inboxes import CHANNEL_TYPES
from recado.api.reading import asked
from recado.contacts.labels import labels_of
from recado.conversations.models import MessageType, ReportingName
from recado.db.database import Database, Transaction
from recado.inboxes.models import Channel
from recado.reports.dimensions import Dimension
from recado.reports.measuring import (
    Measures,
    Scope,
    begun_by_channel,
    measures_by,
    measures_in_steps,
    standing,
)
from recado.reports.steps import MOST, STEPS, step_starts
from recado.reports.views import names_of

ROOT: Final = "/api/v2/accounts/{account_id:int}"
_USUAL: Final = timedelta(days=30)
_CREATED, _RESOLVED = ReportingName.CONVERSATION_CREATED, ReportingName.CONVERSATION_RESOLVED
_COUNTS: Final = {
    "conversations_count": _CREATED,
    "incoming_messages_count": MessageType.INCOMING,
    "outgoing_messages_count": MessageType.OUTGOING,
    "resolutions_count": _RESOLVED,
}
_AVERAGES: Final = {
    "avg_first_response_time": ReportingName.FIRST_RESPONSE,
    "avg_resolution_time": _RESOLVED,
    "reply_time": ReportingName.REPLY_TIME,
}


class Stretch(Protocol):
    """From when until when something is asked for, in Unix seconds."""

    @property
    def since(self) -> Words: ...

    @property
    def until(self) -> Words: ...


class ReportQuery(Struct):
    """What is asked: `metric` and `group_by` of a series; `type` with its `id`; Unix `since`, `until`.

    `type` is account, agent, inbox, team or label; `group_by` hour, day, week, month or year, by the
    account's clock or `timezone_offset` hours from UTC.
    """

    metric: Words = UNSET
    type: Words = UNSET
    id: Words = UNSET
    since: Words = UNSET
    until: Words = UNSET
    group_by: Words = UNSET
    timezone_offset: Words = UNSET
    business_hours: Flag = UNSET
    user_id: MaybeId = UNSET


class Point(Struct, kw_only=True):
    """A step of a series: when it begins, in Unix seconds; an average also says of how many."""

    value: float
    timestamp: int
    count: int | None = None


class Totals(Struct, kw_only=True):
    """Counts, and averages in seconds; 0 where nothing happened."""

    conversations_count: int
    incoming_messages_count: int
    outgoing_messages_count: int
    avg_first_response_time: float
    avg_resolution_time: float
    resolutions_count: int
    reply_time: float


class Summary(Totals, kw_only=True):
    """Totals, and those of as much time right before."""

    previous: Totals


class LineOfSummary(Struct, kw_only=True):
    """Somebody's counts and averages; null where nothing happened."""

    id: int
    name: str
    conversations_count: int
    resolved_conversations_count: int
    avg_resolution_time: float | None
    avg_first_response_time: float | None
    avg_reply_time: float | None


@get(f"{ROOT}/reports", guards=[administrators], opt={"asks": ReportQuery})
async def show_series(request: ApiRequest, database: Database) -> list[Point]:
    """Show a metric in steps, such as conversations by day."""
    query = await asked(request, ReportQuery)
    metric, step = text_or(query.metric), text_or(query.group_by) or "day"
    known = (*_COUNTS, *_AVERAGES)
    if metric not in known:
        raise invalid({"metric": f"Choose one of: {', '.join(known)}."})
    if step not in STEPS:
        raise invalid({"group_by": f"Choose one of: {', '.join(STEPS)}."})
    async with database.transaction() as tx:
        scope = await _scope(tx, request, query)
        starts = step_starts(scope.since, scope.until, step, _zone(request, query))
        if starts is None:
            raise invalid({"group_by": f"This has more than {MOST} steps. Ask for larger ones."})
        lines = await measures_in_steps(tx, scope, starts, business=query.business_hours is True)
    return [_point(metric, at, line) for at, line in zip(starts, lines, strict=True)]


@get(f"{ROOT}/reports/summary", guards=[administrators], opt={"asks": ReportQuery})
async def show_summary(request: ApiRequest, database: Database) -> Summary:
    """Show all metrics of a stretch of time, and of as much time before."""
    query = await asked(request, ReportQuery)
    business = query.business_hours is True
    async with database.transaction() as tx:
        scope = await _scope(tx, request, query)
        earlier = scope.since - (scope.until - scope.since)
        both = replace(scope, since=earlier)
        before, line = await measures_in_steps(tx, both, [earlier, scope.since], business=business)
    return Summary(**_totals(line), previous=Totals(**_totals(before)))


@get(f"{ROOT}/reports/conversations", guards=[administrators], opt={"asks": ReportQuery})
async def show_standing(request: ApiRequest, database: Database) -> Any:  # one of two shapes
    """Show what stands open now: of the account, or with `type=agent` of each agent."""
    query = await asked(request, ReportQuery)
    account_id = request.user.account_id
    async with database.transaction() as tx:
        found = await standing(tx, account_id)
        people = await members_of(tx, account_id)
    if text_or(query.type) != "agent":
        return {
            "open": sum(one[0] for one in found.values()),
            "unattended": sum(one[1] for one in found.values()),
            "unassigned": found.get(None, (0, 0))[0],
        }
    wanted = id_or_none(query.user_id)
    lines = []
    for one in people:
        if wanted in {None, one.user_id}:
            person = agent_json(one.user, account_id, one)
            is_open, waits = found.get(one.user_id, (0, 0))
            lines.append(
                {
                    "id": person.id, "name": person.name, "email": person.email,
                    "thumbnail": person.thumbnail, "availability": person.availability_status,
                    "metric": {"open": is_open, "unattended": waits},
                }
            )  # fmt: skip
    return lines


@get(f"{ROOT}/summary_reports/{{kind:str}}", guards=[administrators], opt={"asks": ReportQuery})
async def show_summary_by(
    request: ApiRequest, database: Database, kind: str
) -> list[LineOfSummary]:
    """Show counts and averages by agent, team, inbox or label."""
    if kind not in set(Dimension):
        raise absent()
    query = await asked(request, ReportQuery)
    dimension = Dimension(kind)
    async with database.transaction() as tx:
        scope = scope_of(request, query)
        found = await measures_by(tx, scope, dimension, business=query.business_hours is True)
        names = await names_by(tx, scope.account_id, dimension)
    return [
        _line(number, name, found.get(key, Measures())) for key, (number, name) in names.items()
    ]


@get(f"{ROOT}/summary_reports/channel", guards=[administrators], opt={"asks": ReportQuery})
async def show_channels(request: ApiRequest, database: Database) -> dict[str, dict[str, int]]:
    """Show where the conversations that began stand now, by channel."""
    scope = scope_of(request, await asked(request, ReportQuery))
    async with database.transaction() as tx:
        found = await begun_by_channel(tx, scope)
    told: dict[str, dict[str, int]] = {}
    for channel, counts in found.items():
        line = told.setdefault(CHANNEL_TYPES[Channel(channel)], {"total": 0})
        for status, count in counts.items():
            line[status] = line.get(status, 0) + count
            line["total"] += count
    return told


async def _scope(tx: Transaction, request: ApiRequest, query: ReportQuery) -> Scope:
    everything = scope_of(request, query)
    kind, wanted = text_or(query.type) or "account", text_or(query.id)
    if kind == "account":
        return everything
    if kind not in set(Dimension):
        raise invalid({"type": f"Choose one of: account, {', '.join(Dimension)}."})
    dimension = Dimension(kind)
    names = await names_by(tx, everything.account_id, dimension)
    key = next((key for key, (number, _) in names.items() if wanted in {str(number), key}), None)
    if key is None:
        raise absent()
    return replace(everything, dimension=dimension, key=key)


async def names_by(
    tx: Transaction, account_id: int, dimension: Dimension
) -> Mapping[Any, tuple[int, str]]:
    """Id and name by what figures are kept under."""
    if dimension == Dimension.LABEL:
        return {one.title: (one.id, one.title) for one in await labels_of(tx, account_id)}
    names = await names_of(tx, account_id, dimension)
    return {key: (key, name) for key, name in names.items()}


def scope_of(request: ApiRequest, query: Stretch) -> Scope:
    """The whole account, from when until when: the last 30 days where it is not said."""
    until = moment_asked("until", text_or(query.until)) or now()
    since = moment_asked("since", text_or(query.since)) or until - _USUAL
    if since >= until:
        raise invalid({"since": "It must lie before until."})
    return Scope(request.user.account_id, request.user.account.time_zone, since, until)


def moment_asked(name: str, written: str) -> datetime | None:
    """A moment in Unix seconds; None where nothing is written."""
    if not written:
        return None
    try:
        moment = datetime.fromtimestamp(float(written), UTC)
    except (ValueError, OverflowError, OSError):
        raise invalid({name: "Write it in Unix seconds."}) from None
    if not 1970 <= moment.year < 3000:
        raise invalid({name: "Write it in Unix seconds."})
    return moment


def _zone(request: ApiRequest, query: ReportQuery) -> tzinfo:
    written = text_or(query.timezone_offset)
    if not written:
        return ZoneInfo(request.user.account.time_zone)
    try:
        return timezone(timedelta(hours=float(written)))
    except (ValueError, OverflowError):
        raise invalid({"timezone_offset": "Write hours from UTC, such as -3."}) from None


def _point(metric: str, at: datetime, line: Measures) -> Point:
    timestamp = int(at.timestamp())
    if metric in _COUNTS:
        return Point(value=line.count(_COUNTS[metric]), timestamp=timestamp)
    name = _AVERAGES[metric]
    return Point(value=line.average(name) or 0, timestamp=timestamp, count=line.count(name))


def _totals(line: Measures) -> dict[str, Any]:
    counts = {metric: line.count(name) for metric, name in _COUNTS.items()}
    return counts | {metric: line.average(name) or 0 for metric, name in _AVERAGES.items()}


def _line(number: int, name: str, line: Measures) -> LineOfSummary:
    return LineOfSummary(
        id=number, name=name, conversations_count=line.count(_CREATED),
        resolved_conversations_count=line.count(_RESOLVED),
        avg_resolution_time=line.average(_RESOLVED),
        avg_first_response_time=line.average(ReportingName.FIRST_RESPONSE),
        avg_reply_time=line.average(ReportingName.REPLY_TIME),
    )  # fmt: skip


handlers: list[Any] = [show_series, show_summary, show_standing, show_summary_by, show_channels]
