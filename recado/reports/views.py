"""Which reports there are, and how each is put together from figures and names."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from babel.dates import format_date

from recado.accounts.people import colleagues_of
from recado.accounts.teams import teams_of
from recado.actions.saving import actions_of
from recado.contacts.labels import label_choices
from recado.conversations.models import ReportingName
from recado.db.database import Transaction
from recado.deliveries.lingering import Waiting, longest_waiting
from recado.inboxes.opening import inboxes_of
from recado.lib.languages import Sentence, language, say
from recado.reports.calls import FAILED, CallReport, Calls, call_report
from recado.reports.conversations import (
    Figures,
    figures_by,
    figures_by_day,
    figures_in_all,
)
from recado.reports.dimensions import Dimension
from recado.reports.grids import Column, Grid, Kind, Line, Value
from recado.reports.periods import Period


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose report, about which days, in which hours."""

    account_id: int
    period: Period
    business: bool
    now: datetime = field(default_factory=partial(datetime.now, UTC))


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that stands alone; `before` is the same of as many days before."""

    label: Sentence
    kind: Kind
    value: Value
    before: Value = None


@dataclass(frozen=True, slots=True)
class View:
    """A report: its large numbers and its tables."""

    grids: list[Grid]
    tiles: list[Tile] = field(default_factory=list)


CREATED, RESOLVED = ReportingName.CONVERSATION_CREATED, ReportingName.CONVERSATION_RESOLVED
OPENED, ANSWERED = ReportingName.CONVERSATION_OPENED, ReportingName.FIRST_RESPONSE

_COUNTS: Final = (
    Column(say("Opened"), tone="ink"),
    Column(say("Resolutions"), tone="success"),
    Column(say("Opened again")),
)
_TIMES: Final = (
    Column(say("First response, median"), Kind.SECONDS),
    Column(say("First response, 90 %"), Kind.SECONDS),
    Column(say("Resolution, median"), Kind.SECONDS),
    Column(say("Resolution, 90 %"), Kind.SECONDS),
)
_PLAIN_COUNTS: Final = tuple(Column(one.label) for one in _COUNTS)
_CALLS: Final = (
    Column(say("Calls delivered"), tone="success"),
    Column(say("Calls failed"), tone="danger"),
    Column(say("Calls not sent")),
    Column(say("Success"), Kind.SHARE),
)
_ANSWERS: Final = (
    *(Column(one.label, one.kind) for one in _CALLS),
    Column(say("Answer, median"), Kind.MILLISECONDS),
    Column(say("Answer, 95 %"), Kind.MILLISECONDS),
)
_FAILED_AT: Final = 1  # the column of _CALLS and _ANSWERS that counts what failed
_WAITS: Final = Column(say("Oldest that waits"), Kind.SECONDS)


async def overview(tx: Transaction, asked: Asked) -> View:
    """All conversations, by day."""
    account_id, period = asked.account_id, asked.period
    total = await figures_in_all(tx, account_id, period, business=asked.business)
    before = await figures_in_all(tx, account_id, period.before, business=asked.business)
    days = await figures_by_day(tx, account_id, period, business=asked.business)
    columns = (*_COUNTS, *_TIMES)
    lines = _lines_of_days(period, [_values(one) for one in days])
    tiles = [
        Tile(column.label, column.kind, value, old)
        for column, value, old in zip(columns, _values(total), _values(before), strict=True)
    ]
    return View([Grid("days", say("By day"), say("Day"), columns, lines)], tiles)


def by(dimension: Dimension) -> "Builder":
    """Conversations by whose they are, the busiest first."""

    async def build(tx: Transaction, asked: Asked) -> View:
        figures = await figures_by(
            tx, asked.account_id, asked.period, dimension, business=asked.business
        )
        names = await names_of(tx, asked.account_id, dimension)
        lines = [
            Line(_name(key, names), _values(figures.get(key, Figures())))
            for key in [*names, *(key for key in figures if key not in names)]
        ]
        title, name = _TITLES[dimension]
        columns = (*_PLAIN_COUNTS, *_TIMES)
        return View([Grid(dimension, title, name, columns, _busiest_first(lines))])

    return build


async def actions(tx: Transaction, asked: Asked) -> View:
    """Calls of custom actions: by action, by host, by day; and which call has waited longest until now."""
    report = await call_report(tx, asked.account_id, asked.period)
    names = {one.id: one.name for one in await actions_of(tx, asked.account_id)}
    waiting = await longest_waiting(tx, asked.account_id, [*{**names, **report.actions}])
    tiles = [
        Tile(column.label, column.kind, value)
        for column, value in zip(_ANSWERS, _call_values(report.total), strict=True)
    ]
    by_action = _lines_of_actions(report, names, waiting, now=asked.now, period=asked.period)
    return View(_call_grids(report, by_action, asked.period), tiles)


def _lines_of_actions(
    report: CallReport,
    names: Mapping[int, str],
    waiting: Mapping[int, Waiting],
    *,
    now: datetime,
    period: Period,
) -> list[Line]:
    """Actions of which calls ended in these days, or wait now."""
    lines = []
    for one in {**report.actions, **waiting}:
        late, calls = waiting.get(one), report.actions.get(one, Calls())
        age = (now - late.since).total_seconds() if late else None
        lines.append(
            Line(
                names.get(one) or _gone(one),
                [*_call_values(calls), age],
                href=f"/app/deliveries?action={one}",
                hrefs=_failed_of(calls, period.first, period.last, action=str(one))
                | ({len(_ANSWERS): f"/app/deliveries/{late.delivery_id}"} if late else {}),
            )
        )
    return lines


def _call_grids(report: CallReport, by_action: list[Line], period: Period) -> list[Grid]:
    by_host = [
        Line(
            host, _call_values(calls),
            hrefs=_failed_of(calls, period.first, period.last, host=host),
        )
        for host, calls in report.hosts.items()
    ]  # fmt: skip
    lines = _lines_of_days(period, [_call_values(one)[:4] for one in report.days])
    days = [
        replace(line, href=_calls_of(day, day), hrefs=_failed_of(calls, day, day))
        for line, day, calls in zip(lines, period.days, report.days, strict=True)
    ]
    columns = (*_ANSWERS, _WAITS)
    return [
        Grid("actions", say("By custom action"), say("Custom action"), columns, _busiest_first(by_action)),
        Grid("hosts", say("By destination"), say("Destination"), _ANSWERS, _busiest_first(by_host)),
        Grid("days", say("By day"), say("Day"), _CALLS, days),
    ]  # fmt: skip


def _calls_of(first: date, last: date, **more: str) -> str:
    """Where the log shows the calls of these days; the log asks for the clock of the account too."""
    since, until = f"{first}T00:00", f"{last + timedelta(days=1)}T00:00"
    asked = {"period": "custom", "since": since, "until": until, "tests": "without"}
    return f"/app/deliveries?{urlencode(asked | more, safe=':,')}"


def _failed_of(calls: Calls, first: date, last: date, **more: str) -> dict[int, str]:
    """Where the number of failed calls leads to, by its column."""
    if not calls.failed:
        return {}
    return {_FAILED_AT: _calls_of(first, last, state=",".join(sorted(FAILED)), **more)}


def _values(figures: Figures) -> list[Value]:
    """In the order of _COUNTS and _TIMES."""
    spreads = [figures.spreads.get(one) for one in (ANSWERED, RESOLVED)]
    counts: list[Value] = [figures.count(one) for one in (CREATED, RESOLVED, OPENED)]
    times = [(one.median, one.high) if one else (None, None) for one in spreads]
    return [*counts, *(value for pair in times for value in pair)]


def _call_values(calls: Calls) -> list[Value]:
    """In the order of _ANSWERS."""
    counts = [calls.delivered, calls.failed, calls.unsent]
    return [*counts, calls.success, calls.latency(0.5), calls.latency(0.95)]


def _lines_of_days(period: Period, values: Iterable[list[Value]]) -> list[Line]:
    return [
        Line(str(format_date(day, "d MMM", locale=language())), one, mark=day.isoformat())
        for day, one in zip(period.days, values, strict=True)
    ]


def _busiest_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-sum(one or 0 for one in line.values[:2]), line.name))


async def names_of(tx: Transaction, account_id: int, dimension: Dimension) -> dict[Any, str]:
    """What agents, teams, inboxes and labels of the account are called, by what figures are kept under."""
    match dimension:
        case Dimension.AGENT:
            return {one.user_id: one.name for one in await colleagues_of(tx, account_id)}
        case Dimension.TEAM:
            return {one.id: one.name for one in await teams_of(tx, account_id)}
        case Dimension.INBOX:
            return {one.id: one.name for one in await inboxes_of(tx, account_id)}
        case Dimension.LABEL:
            return {one.title: one.title for one in await label_choices(tx, account_id)}


def _name(key: Any, names: Mapping[Any, str]) -> str:
    if key is None:
        return str(say("Nobody's"))
    return names.get(key) or (key if isinstance(key, str) else _gone(key))


def _gone(number: int) -> str:
    return str(say("Deleted (%(number)s)", number=number))


Builder = Callable[[Transaction, Asked], Awaitable[View]]
_TITLES: Final = {
    Dimension.AGENT: (say("By agent"), say("Agent")),
    Dimension.TEAM: (say("By team"), say("Team")),
    Dimension.INBOX: (say("By inbox"), say("Inbox")),
    Dimension.LABEL: (say("By label"), say("Label")),
}
BUILDERS: Final[dict[str, tuple[Sentence, Builder]]] = {
    "conversations": (say("Conversations"), overview),
    "agents": (say("Agents"), by(Dimension.AGENT)),
    "teams": (say("Teams"), by(Dimension.TEAM)),
    "inboxes": (say("Inboxes"), by(Dimension.INBOX)),
    "labels": (say("Labels"), by(Dimension.LABEL)),
    "actions": (say("Custom actions"), actions),
}
