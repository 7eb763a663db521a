"""The part of the form that says how an action is sent: fields into a policy, and back."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from babel.units import format_unit

from recado.deliveries.policies import (
    KEEP_DAYS,
    Order,
    Per,
    Policy,
    Schedule,
    policy_from,
    policy_problems,
)
from recado.deliveries.statuses import words_in
from recado.lib.languages import Sentence, language, say

EXPIRIES = (300, 1_800, 7_200, 86_400, 604_800)  # seconds: what the form offers
COLLECTS = (5, 10, 30, 60, 300)
ANSWERS = (5, 10, 15, 30, 50)
SAMES = (60, 300, 3_600, 86_400)
_TIMES: Final = {
    "expires_after_seconds": EXPIRIES,
    "collect_seconds": COLLECTS,
    "skip_same_seconds": SAMES,
    "answer_within_seconds": ANSWERS,
}
_STATUSES: Final = ("success_statuses", "again_statuses")
_NUMBERS: Final = (*_TIMES, "most_calls", "hourly_budget", "keep_days")


def policy_in(form: Mapping[str, Any]) -> dict[str, Any]:
    """The policy in a form's fields, unchecked: what makes no sense stays, to be refused.

    A form without these fields says nothing, which means the defaults.
    """
    if "policy-schedule" not in form:
        return {}
    return {
        "schedule": str(form["policy-schedule"]),
        "waits": _waits(str(form.get("policy-waits") or "")),
        **{name: _number_or_none(form, name) for name in _NUMBERS},
        "only_while_open": form.get("policy-only_while_open") == "true",
        "repeats_when_unsure": form.get("policy-careful") != "true",
        "keeps_bodies": form.get("policy-drops_bodies") != "true",
        "order": str(form.get("policy-order") or Order.NONE),
        "most_calls_per": str(form.get("policy-most_calls_per") or Per.MINUTE),
        **{name: words_in(str(form.get(f"policy-{name}") or "")) for name in _STATUSES},
    }


def waits_outlook(form: Mapping[str, Any]) -> Sentence | str:
    """What the waits that are typed come to; "" while they make no sense."""
    typed = {"schedule": Schedule.OWN, "waits": _waits(str(form.get("policy-waits") or ""))}
    return "" if policy_problems(typed) else tries_text(policy_from(typed).waits)


def policy_values(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy as the form's fields show it."""
    return {
        "schedule": policy.get("schedule") or Schedule.STANDARD,
        "waits": ", ".join(str(wait) for wait in policy.get("waits") or ()),
        **{name: policy.get(name) or "" for name in _NUMBERS},
        "order": policy.get("order") or Order.NONE,
        "most_calls_per": policy.get("most_calls_per") or Per.MINUTE,
        "only_while_open": bool(policy.get("only_while_open")),
        "careful": policy.get("repeats_when_unsure") is False,
        "keep_days": policy.get("keep_days") or KEEP_DAYS,
        "drops_bodies": policy.get("keeps_bodies") is False,
        **{name: ", ".join(map(str, policy.get(name) or ())) for name in _STATUSES},
    }


def sending_of_form(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the form shows of how an action is sent."""
    own = waits_outlook({"policy-waits": policy_values(policy)["waits"]})
    tries = {"standard": tries_text(Policy().waits), "own": own}
    tries["fast"] = tries_text(Policy(schedule=Schedule.FAST).waits)
    return {"policy": policy_values(policy), "times": times_offered(policy), "tries": tries}


def times_offered(policy: Mapping[str, Any]) -> dict[str, list[tuple[int, str]]]:
    """The times to choose from, what is chosen by the API among them."""
    found = {}
    for name, times in _TIMES.items():
        chosen = policy.get(name)
        offered = {*times, chosen} if isinstance(chosen, int) and chosen > 0 else set(times)
        found[name] = [(seconds, time_text(seconds)) for seconds in sorted(offered)]
    return found


def time_text(seconds: int) -> str:
    """A time in the greatest unit that fits: 5 minutes, 90 seconds."""
    for unit, size in _UNITS.items():
        if seconds % size == 0:
            return format_unit(seconds // size, f"duration-{unit}", locale=language())
    return format_unit(seconds, "duration-second", locale=language())


def tries_text(waits: Sequence[timedelta]) -> Sentence:
    """What a schedule comes to."""
    seconds = sum(wait.total_seconds() for wait in waits)
    unit = next(one for one in (*_UNITS, "second") if seconds >= 2 * _UNITS.get(one, 0))
    size = _UNITS.get(unit, 1)
    digits = 1 if unit in {"day", "hour"} else 0
    lasts = format_unit(round(seconds / size, digits), f"duration-{unit}", locale=language())
    return say("%(tries)s tries in about %(time)s.", tries=len(waits) + 1, time=lasts)


_UNITS: Final = {"day": 86_400, "hour": 3_600, "minute": 60}


def _number_or_none(form: Mapping[str, Any], name: str) -> int | str | None:
    text = str(form.get(f"policy-{name}") or "").strip()
    return _number(text) if text else None


def _waits(text: str) -> list[int | str]:
    return [_number(word) for word in re.split(r"[\s,;]+", text) if word]


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
