"""The part of the form that says how an action is sent: fields into a policy, and back."""

import re
from collections.abc import Mapping
from typing import Any

from recado.deliveries.policies import Schedule

EXPIRIES = (300, 1_800, 7_200, 86_400, 604_800)  # seconds: what the form offers


def policy_in(form: Mapping[str, Any]) -> dict[str, Any]:
    """The policy in a form's fields, unchecked: what makes no sense stays, to be refused.

    A form without these fields says nothing, which means the defaults.
    """
    if "policy-schedule" not in form:
        return {}
    expires = str(form.get("policy-expires_after_seconds") or "")
    return {
        "schedule": str(form["policy-schedule"]),
        "waits": _waits(str(form.get("policy-waits") or "")),
        "expires_after_seconds": _number(expires) if expires else None,
        "only_while_open": form.get("policy-only_while_open") == "true",
        "repeats_when_unsure": form.get("policy-careful") != "true",
    }


def policy_values(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy as the form's fields show it."""
    return {
        "schedule": policy.get("schedule") or Schedule.STANDARD,
        "waits": ", ".join(str(wait) for wait in policy.get("waits") or ()),
        "expires_after_seconds": policy.get("expires_after_seconds") or "",
        "only_while_open": bool(policy.get("only_while_open")),
        "careful": policy.get("repeats_when_unsure") is False,
    }


def _waits(text: str) -> list[int | str]:
    return [_number(word) for word in re.split(r"[\s,;]+", text) if word]


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
