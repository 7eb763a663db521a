"""How an action wants to be sent: when to try again, when to give up, what to do when unsure. Pure.

A delivery keeps the policy it was made with, so editing an action changes nothing that waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from recado.lib.languages import Sentence, say


class Schedule(StrEnum):
    """Which waits lie between the tries."""

    STANDARD = "standard"
    FAST = "fast"  # for chats: what is late is of no use
    OWN = "own"


# The waits that Standard Webhooks 1.0 proposes, with one of 30 s more at the start for chats.
STANDARD_WAITS: Final = (5, 30, 300, 1_800, 7_200, 18_000, 36_000, 36_000)  # seconds
FAST_WAITS: Final = (2, 10, 30, 120, 600)  # seconds
FAST_LASTS: Final = timedelta(minutes=30)
MOST_WAITS: Final = 15
LONGEST_WAIT: Final = 86_400  # seconds


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


def policy_as_json(policy: Policy) -> dict[str, Any]:
    """As action and delivery keep it, and the API shows it."""
    return {
        "schedule": policy.schedule,
        "waits": list(policy.own_waits),
        "expires_after_seconds": _seconds(policy.expires_after),
        "only_while_open": policy.only_while_open,
        "repeats_when_unsure": policy.repeats_when_unsure,
    }


def policy_from(json: Mapping[str, Any]) -> Policy:
    """The policy that `policy_as_json` wrote; what is missing has its default.

    So has what a newer Recado wrote and this one does not know: an older worker beside it sends
    the delivery rather than fail on it.
    """
    schedule = json.get("schedule")
    expires = json.get("expires_after_seconds")
    return Policy(
        schedule=Schedule(schedule) if schedule in tuple(Schedule) else Schedule.STANDARD,
        own_waits=tuple(json.get("waits") or ()),
        expires_after=timedelta(seconds=expires) if expires else None,
        only_while_open=bool(json.get("only_while_open", False)),
        repeats_when_unsure=bool(json.get("repeats_when_unsure", True)),
    )


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
    for name in ("only_while_open", "repeats_when_unsure"):
        if not isinstance(json.get(name, True), bool):
            problems[name] = say("Enter true or false.")
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


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
