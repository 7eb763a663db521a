"""What differs between two tests of an action, in words and lines. Pure."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.requests import shown
from recado.deliveries.showing import TROUBLE_LABELS
from recado.lib.colouring import pretty_json
from recado.lib.differences import Difference
from recado.lib.languages import say
from recado.lib.outcomes import Trouble

_CHANGES_ALWAYS: Final = frozenset(
    {"date", "age", "etag", "set-cookie", "x-request-id", "x-runtime", "expires", "cf-ray"}
)  # headers that differ between any two answers


def between_tests(older: Delivery, newer: Delivery) -> list[Difference]:
    """From the older test to the newer one: what was sent, then what came back."""
    sent = _sent(shown(older.request), shown(newer.request))
    return [*sent, *_came(_attempt(older), _attempt(newer))]


def lines_between(before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that went and those that came, JSON laid out first."""
    old, new = pretty_json(before).splitlines(), pretty_json(after).splitlines()
    changes = [
        line for line in difflib.unified_diff(old, new, lineterm="", n=0)
        if not line.startswith(("---", "+++", "@@"))
    ]  # fmt: skip
    gone = tuple(line[1:] for line in changes if line.startswith("-"))
    return gone, tuple(line[1:] for line in changes if line.startswith("+"))


def _sent(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old = f"{before.get('method')} {before.get('url')}"
    new = f"{after.get('method')} {after.get('url')}"
    if old != new:
        yield Difference(say("Request: %(before)s → %(after)s", before=old, after=new))
    gone, come = lines_between(
        _headers(before.get("headers") or ()), _headers(after.get("headers") or ())
    )
    if gone or come:
        yield Difference(say("Headers that were sent"), gone, come)
    gone, come = lines_between(before.get("body") or "", after.get("body") or "")
    if gone or come:
        yield Difference(say("Body that was sent"), gone, come)


def _came(before: Attempt | None, after: Attempt | None) -> Iterator[Difference]:
    old, new = _status(before), _status(after)
    if old != new:
        yield Difference(say("Answer: %(before)s → %(after)s", before=old, after=new))
    gone, come = lines_between(_answer_headers(before), _answer_headers(after))
    if gone or come:
        yield Difference(say("Headers of the answer"), gone, come)
    gone, come = lines_between(_body(before), _body(after))
    if gone or come:
        yield Difference(say("Body of the answer"), gone, come)


def _attempt(delivery: Delivery) -> Attempt | None:
    return delivery.attempts[-1] if delivery.attempts else None


def _status(attempt: Attempt | None) -> str:
    if attempt is None:
        return "–"
    if attempt.trouble and not attempt.status:
        return str(TROUBLE_LABELS[Trouble(attempt.trouble)])
    return str(attempt.status or "–")


def _body(attempt: Attempt | None) -> str:
    return (attempt.response_body or b"").decode("utf-8", "replace") if attempt else ""


def _answer_headers(attempt: Attempt | None) -> str:
    pairs = (attempt.response_headers or []) if attempt else []
    told = [f"{name}: {value}" for name, value in pairs if name.lower() not in _CHANGES_ALWAYS]
    return "\n".join(told)


def _headers(headers: Any) -> str:  # as `shown` has them
    return "\n".join(f"{one['name']}: {one['value']}" for one in headers)
