"""Which days a report is about, in the account's time zone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from recado.lib.languages import Sentence, say

PRESETS: Final = {
    "7": say("Last 7 days"),
    "30": say("Last 30 days"),
    "90": say("Last 90 days"),
}
OWN: Final = "own"  # days that somebody chooses
_USUAL: Final = "30"
LONGEST: Final = 366  # days


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both included, as they begin and end in `zone`."""

    first: date
    last: date
    zone: str
    choice: str = OWN  # of PRESETS, or OWN
    problem: Sentence | None = None  # why it is not the days that were asked for

    @property
    def since(self) -> datetime:
        """The moment at which it begins."""
        return datetime.combine(self.first, time(), ZoneInfo(self.zone))

    @property
    def until(self) -> datetime:
        """The moment at which it is over."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZoneInfo(self.zone))

    @property
    def days(self) -> list[date]:
        """Its days, the first one first."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=at) for at in range(count)]

    @property
    def starts(self) -> list[datetime]:
        """The moments at which its days begin."""
        zone = ZoneInfo(self.zone)
        return [datetime.combine(day, time(), zone) for day in self.days]

    @property
    def ends(self) -> list[datetime]:
        """The moments at which its days are over."""
        return [*self.starts[1:], self.until]

    @property
    def before(self) -> "Period":
        """As many days right before it."""
        count = timedelta(days=len(self.days))
        return Period(self.first - count, self.last - count, self.zone)

    @property
    def words(self) -> dict[str, str]:
        """What an address says to mean these days."""
        if self.choice != OWN:
            return {"period": self.choice}
        return {"period": OWN, "since": self.first.isoformat(), "until": self.last.isoformat()}


def period_from(words: Mapping[str, str], *, now: datetime, zone: str) -> Period:
    """What an address asks for; nonsense is answered with the usual days and why."""
    today = now.astimezone(ZoneInfo(zone)).date()
    choice = words.get("period", _USUAL)
    if choice in PRESETS:
        return _preset(choice, today, zone)
    if choice != OWN:
        return _preset(_USUAL, today, zone)
    since, until = _day(words.get("since", "")), _day(words.get("until", ""))
    if problem := _problem(since, until):
        usual = _preset(_USUAL, today, zone)
        return Period(usual.first, usual.last, zone, problem=problem)
    first, last = since or until or today, until or since or today
    return Period(first, last, zone)


def _preset(choice: str, today: date, zone: str) -> Period:
    return Period(today - timedelta(days=int(choice) - 1), today, zone, choice)


def _problem(since: date | None, until: date | None) -> Sentence | None:
    if since is None or until is None:
        return say("Choose the first and the last day.")
    if since > until:
        return say("The last day lies before the first one.")
    if (until - since).days >= LONGEST:
        return say("Choose at most a year.")
    return None


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None
