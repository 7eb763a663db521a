"""How an action wants to be sent: when to try again, when to give up, what to do when unsure. Pure.

A delivery keeps the policy it was made with, so editing an action changes nothing that waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import orjson

from recado.deliveries.statuses import tidy_statuses
from recado.lib.languages import Sentence, say


class Schedule(StrEnum):
    """Which waits lie between the tries."""

    STANDARD = "standard"
    FAST = "fast"  # for chats: what is late is of no use
    OWN = "own"


class Order(StrEnum):
    """Whether the calls of one conversation wait for each other, and for one that fails."""

    NONE = "none"
    WAIT = "wait"  # for the end of the one before, whatever it is
    SKIP = "skip"  # one that fails steps aside: it is tried again while the next ones go on
    NEWEST = "newest"  # what waits is replaced by what comes after it


class Per(StrEnum):
    """The stretch of time in which calls are counted."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"


SECONDS: Final = {Per.SECOND: 1, Per.MINUTE: 60, Per.HOUR: 3_600}
COLLECT: Final = "collect"  # the ordering of calls that are only collected

# The waits that Standard Webhooks 1.0 proposes, with one of 30 s more at the start for chats.
STANDARD_WAITS: Final = (5, 30, 300, 1_800, 7_200, 18_000, 36_000, 36_000)  # seconds
FAST_WAITS: Final = (2, 10, 30, 120, 600)  # seconds
FAST_LASTS: Final = timedelta(minutes=30)
MOST_WAITS: Final = 15
KEEP_DAYS: Final = 30
LONGEST_WAIT: Final = 86_400  # seconds
LONGEST_ANSWER: Final = 50  # seconds: less than the usual lease


@dataclass(frozen=True, slots=True)
class Policy:
    """What an administrator chose; the defaults are what most want.

    `repeats_when_unsure`: a request that was sent without an answer is sent again, with the same
    `webhook-id`. Otherwise it ends as "unknown", except for PUT and DELETE, which may be repeated.
    """

    schedule: Schedule = Schedule.STANDARD
    own_waits: tuple[int, ...] = ()  # seconds
    expires_after: timedelta | None = None
    only_while_open: bool = False
    repeats_when_unsure: bool = True
    order: Order = Order.NONE  # of the calls of one conversation
    collect: timedelta | None = None  # what a conversation calls within this time becomes one call
    skip_same: timedelta | None = None  # the same call of a conversation is not made again so soon
    most_calls: int | None = None  # in each `most_calls_per`; the rest waits
    most_calls_per: Per = Per.MINUTE
    hourly_budget: int | None = None  # beyond it the action is paused; None: 20 times the usual
    keep_days: int = KEEP_DAYS  # in the log, after its end
    keeps_bodies: bool = True  # after its end; see `pruning.py`
    answer_within: int | None = None  # seconds for one whole attempt; None: as the server is set
    success_statuses: tuple[str, ...] = ()  # as `statuses.py` writes them; none: every 2xx
    again_statuses: tuple[str, ...] = ()  # refusals that are tried again; none: 408, 425, 429, 5xx

    @property
    def ordering(self) -> str | None:
        """What its deliveries tell those who claim them."""
        if self.order != Order.NONE:
            return self.order
        return COLLECT if self.collect else None

    @property
    def replaces(self) -> bool:
        """Whether a new call takes the place of what its conversation has waiting."""
        return self.order == Order.NEWEST or self.collect is not None

    @property
    def waits(self) -> tuple[timedelta, ...]:
        """Between the first try and the second, and so on; after the last comes the end."""
        seconds = {
            Schedule.STANDARD: STANDARD_WAITS,
            Schedule.FAST: FAST_WAITS,
            Schedule.OWN: self.own_waits,
        }[self.schedule]
        return tuple(timedelta(seconds=one) for one in seconds)

    @property
    def lasts(self) -> timedelta | None:
        """How long after the event a delivery is still worth sending; None: always."""
        if self.expires_after is None and self.schedule == Schedule.FAST:
            return FAST_LASTS
        return self.expires_after

    def may_repeat(self, method: str) -> bool:
        """Whether to send again when nobody knows if it arrived (RFC 9110, 9.2.2)."""
        return self.repeats_when_unsure or method in {"PUT", "DELETE", "GET"}


DEFAULT_POLICY: Final = Policy()


def judging(policy: Policy) -> Policy:
    """What of a policy counts for a test, which is sent once and now: how its answer is judged."""
    return Policy(
        answer_within=policy.answer_within,
        success_statuses=policy.success_statuses,
        again_statuses=policy.again_statuses,
    )


def policy_as_json(policy: Policy) -> dict[str, Any]:
    """As action and delivery keep it, and the API shows it."""
    return {
        "schedule": policy.schedule,
        "waits": list(policy.own_waits),
        "expires_after_seconds": _seconds(policy.expires_after),
        "only_while_open": policy.only_while_open,
        "repeats_when_unsure": policy.repeats_when_unsure,
        "order": policy.order,
        "collect_seconds": _seconds(policy.collect),
        "skip_same_seconds": _seconds(policy.skip_same),
        "most_calls": policy.most_calls,
        "most_calls_per": policy.most_calls_per,
        "hourly_budget": policy.hourly_budget,
        "keep_days": policy.keep_days,
        "keeps_bodies": policy.keeps_bodies,
        "answer_within_seconds": policy.answer_within,
        "success_statuses": list(policy.success_statuses),
        "again_statuses": list(policy.again_statuses),
    }


def policy_from(json: Mapping[str, Any]) -> Policy:
    """The policy that `policy_as_json` wrote; what is missing has its default.

    So has what a newer Recado wrote and this one does not know: an older worker beside it sends
    the delivery rather than fail on it.
    """
    return _policy_from(orjson.dumps(json))


@lru_cache(maxsize=1024)  # an action's deliveries all have the same one
def _policy_from(text: bytes) -> Policy:
    json = orjson.loads(text)
    return Policy(
        schedule=_SCHEDULES.get(str(json.get("schedule")), Schedule.STANDARD),
        own_waits=tuple(json.get("waits") or ()),
        expires_after=_time(json.get("expires_after_seconds")),
        only_while_open=bool(json.get("only_while_open", False)),
        repeats_when_unsure=bool(json.get("repeats_when_unsure", True)),
        order=_ORDERS.get(str(json.get("order")), Order.NONE),
        collect=_time(json.get("collect_seconds")),
        skip_same=_time(json.get("skip_same_seconds")),
        most_calls=json.get("most_calls"),
        most_calls_per=_PERIODS.get(str(json.get("most_calls_per")), Per.MINUTE),
        hourly_budget=json.get("hourly_budget"),
        keep_days=json.get("keep_days") or KEEP_DAYS,
        keeps_bodies=bool(json.get("keeps_bodies", True)),
        answer_within=json.get("answer_within_seconds"),
        success_statuses=tidy_statuses(json.get("success_statuses") or ()) or (),
        again_statuses=tidy_statuses(json.get("again_statuses") or ()) or (),
    )


_SCHEDULES: Final = {str(one): one for one in Schedule}
_ORDERS: Final = {str(one): one for one in Order}
_PERIODS: Final = {str(one): one for one in Per}


def policy_problems(json: Mapping[str, Any]) -> dict[str, Sentence]:
    """What is wrong with a policy somebody sent, by field; empty: `policy_from` reads it."""
    problems: dict[str, Sentence] = {}
    schedule = json.get("schedule") or Schedule.STANDARD
    if schedule not in tuple(Schedule):  # any JSON: not all of it can be hashed
        problems["schedule"] = say("Choose one of: %(choices)s.", choices=", ".join(Schedule))
    waits = json.get("waits") or []
    if problem := _waits_problem(waits, is_needed=schedule == Schedule.OWN):
        problems["waits"] = problem
    expires = json.get("expires_after_seconds")
    if expires is not None and not _is_whole(expires, least=10, most=30 * 86_400):
        problems["expires_after_seconds"] = say("Enter a time from 10 seconds to 30 days.")
    for name in ("only_while_open", "repeats_when_unsure", "keeps_bodies"):
        if not isinstance(json.get(name, True), bool):
            problems[name] = say("Enter true or false.")
    if not _may_be(json.get("keep_days"), least=1, most=365):
        problems["keep_days"] = say("Enter a number of days from 1 to 365.")
    return problems | _answer_problems(json) | _flow_problems(json)


def _answer_problems(json: Mapping[str, Any]) -> dict[str, Sentence]:
    """What is wrong with how answers are judged."""
    problems: dict[str, Sentence] = {}
    if not _may_be(json.get("answer_within_seconds"), least=1, most=LONGEST_ANSWER):
        problems["answer_within_seconds"] = say(
            "Enter a time from 1 to %(number)s seconds.", number=LONGEST_ANSWER
        )
    for name in ("success_statuses", "again_statuses"):
        given = json.get(name) or []
        if not isinstance(given, list) or tidy_statuses(given) is None:
            problems[name] = say("Enter statuses or spans of them, for example: 200-299, 409.")
    return problems


def _flow_problems(json: Mapping[str, Any]) -> dict[str, Sentence]:
    """What is wrong with how calls follow each other."""
    problems: dict[str, Sentence] = {}
    for name, choices in (("order", tuple(Order)), ("most_calls_per", tuple(Per))):
        if json.get(name) and json[name] not in choices:
            problems[name] = say("Choose one of: %(choices)s.", choices=", ".join(choices))
    if not _may_be(json.get("collect_seconds"), least=1, most=3_600):
        problems["collect_seconds"] = say("Enter a time from 1 second to an hour.")
    if not _may_be(json.get("skip_same_seconds"), least=1, most=86_400):
        problems["skip_same_seconds"] = say("Enter a time from 1 second to a day.")
    for name in ("most_calls", "hourly_budget"):
        if not _may_be(json.get(name), least=1, most=1_000_000):
            problems[name] = say("Enter a number from 1 to 1,000,000.")
    return problems


def _waits_problem(waits: object, *, is_needed: bool) -> Sentence | None:
    if not isinstance(waits, list) or len(waits) > MOST_WAITS:
        return say("Enter at most %(number)s waits.", number=MOST_WAITS)
    if not all(_is_whole(one, least=1, most=LONGEST_WAIT) for one in waits):
        return say("Each wait is a whole number of seconds, at most a day.")
    if is_needed and not waits:
        return say("Enter at least one wait, in seconds.")
    return None


def _is_whole(value: object, *, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _may_be(value: object, *, least: int, most: int) -> bool:
    return value is None or _is_whole(value, least=least, most=most)


def _time(seconds: int | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
