"""Which deliveries of the log somebody wants: as words of an address, and what they mean. Pure."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, Self

from recado.deliveries.states import State
from recado.lib.numbers import number_in

LONGEST_TEXT: Final = 200  # characters that are searched for
PERIODS: Final[Mapping[str, timedelta]] = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
TESTS: Final = {"without": False, "only": True}
WORDS: Final = (
    "action", "rule", "conversation", "contact", "host", "state", "status", "tests", "period",
    "since", "until", "q",
    "ids",
)  # fmt: skip
_LONGEST: Final = {"ids": 2_000}
_STATES: Final = frozenset(one.value for one in State)
_NUMBERS: Final = ("action", "rule", "conversation")
_STATUS: Final = re.compile(r"[1-5]xx|[1-5][0-9]{2}|none")


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which deliveries; None means any. `before` is the id of the last one seen.

    `host` is a host, with its port where that is not the usual one; `status` is "404", "4xx" or
    "none" (no answer), of the last attempt; `contact` is an id or a part of name, e-mail address or
    phone number; `text` is looked for in ids, request and answers. `conversations` are what the
    contact's were found to be, so that nobody looks twice.
    """

    action_id: int | None = None
    rule_id: int | None = None
    conversation_id: int | None = None
    states: tuple[State, ...] = ()  # in any of these; empty: in any at all
    is_test: bool | None = None
    before: int | None = None
    host: str | None = None
    status: str | None = None
    contact: str | None = None
    contact_id: int | None = None  # this very one: of their conversations and of themselves
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    ids: tuple[int, ...] = ()  # only these; empty: any
    conversations: tuple[int, ...] | None = None

    def in_any_state(self) -> Self:
        """The same, whatever the state, from the beginning."""
        return replace(self, states=(), before=None)

    @property
    def lanes(self) -> tuple[str, ...]:
        """The destinations that `host` means: scheme://host:port."""
        host = (self.host or "").lower()
        if "://" in host:
            return (host,)
        if re.search(r":[0-9]+$", host):
            return (f"http://{host}", f"https://{host}")
        return (f"http://{host}:80", f"https://{host}:443")

    @property
    def statuses(self) -> tuple[int, int]:
        """The least and the greatest code that `status` means."""
        status = self.status or "1xx"
        if status.endswith("xx"):
            return int(status[0]) * 100, int(status[0]) * 100 + 99
        return int(status), int(status)


def words_in(params: Mapping[str, str]) -> dict[str, str]:
    """What the filter's controls show: every word there is, only with what makes sense."""
    words = {
        name: params.get(name, "").strip()[: _LONGEST.get(name, LONGEST_TEXT)] for name in WORDS
    }
    words |= {name: str(number_in(words[name]) or "") for name in _NUMBERS}
    words["state"] = ",".join(
        one for one in map(str.strip, words["state"].split(",")) if one in _STATES
    )
    kept = {
        "status": is_status(words["status"]),
        "tests": words["tests"] in TESTS,
        "period": words["period"] in {*PERIODS, "custom"},
        "since": _moment(words["since"], UTC) is not None,
        "until": _moment(words["until"], UTC) is not None,
        "q": "\0" not in words["q"],
        "contact": "\0" not in words["contact"],
        "host": "\0" not in words["host"],
        "ids": all(number_in(one) for one in words["ids"].split(",")),
    }
    words |= {name: words[name] if is_kept else "" for name, is_kept in kept.items()}
    if words["since"] or words["until"]:
        words["period"] = words["period"] or "custom"
    if words["period"] != "custom":
        words |= {"since": "", "until": ""}
    return words


def no_states_in(params: Mapping[str, str]) -> list[str]:
    """What an address names as a state and is none."""
    named = (one.strip() for one in params.get("state", "")[:LONGEST_TEXT].split(","))
    return [one for one in dict.fromkeys(named) if one and one not in _STATES]


def filter_from(words: Mapping[str, str], *, zone: tzinfo, now: datetime) -> LogFilter:
    """What words that make sense mean; times without a zone are the reader's, to the minute."""
    since, until = _stretch(words, zone, now)
    return LogFilter(
        action_id=number_in(words.get("action")),
        rule_id=number_in(words.get("rule")),
        conversation_id=number_in(words.get("conversation")),
        states=tuple(State(one) for one in words.get("state", "").split(",") if one),
        is_test=TESTS.get(words.get("tests", "")),
        host=words.get("host") or None,
        status=words.get("status") or None,
        contact=words.get("contact") or None,
        since=since,
        until=until,
        text=words.get("q") or None,
        ids=tuple(int(one) for one in words.get("ids", "").split(",") if one),
    )


def filter_as_json(wanted: LogFilter) -> dict[str, Any]:
    """For a row that keeps it; times are absolute."""
    kept = {name: value for name, value in asdict(wanted).items() if value not in (None, ())}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in kept.items()
    }


def filter_from_json(kept: Mapping[str, Any]) -> LogFilter:
    """What `filter_as_json` wrote."""
    told = dict(kept)
    for name in ("since", "until"):
        if name in told:
            told[name] = datetime.fromisoformat(told[name])
    states = [*told.get("states", ()), *filter(None, [told.pop("state", None)])]  # the older word
    told["states"] = tuple(State(one) for one in states)
    return LogFilter(**{**told, "ids": tuple(told.get("ids", ()))})


def is_status(text: str) -> bool:
    """Whether this names a status code, a class of them, or "none"."""
    return _STATUS.fullmatch(text) is not None


def host_of(lane: str) -> str:
    """A destination as people name it: its port only where it is not the usual one."""
    scheme, _, rest = lane.partition("://")
    return rest.removesuffix({"http": ":80", "https": ":443"}.get(scheme, ""))


def _stretch(
    words: Mapping[str, Any], zone: tzinfo, now: datetime
) -> tuple[datetime | None, datetime | None]:
    period = words.get("period")
    if period in PERIODS:
        return now - PERIODS[str(period)], None
    since, until = (_moment(words.get(name, ""), zone) for name in ("since", "until"))
    return since, until


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
