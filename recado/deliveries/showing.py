"""Deliveries as people see them: states in words and colours, phases of time, bodies. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from babel.dates import format_timedelta
from babel.numbers import format_decimal
from markupsafe import Markup

from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.policies import policy_from
from recado.deliveries.proposing import Proposal, proposal_from
from recado.deliveries.requests import is_dropped, is_erased
from recado.deliveries.states import State
from recado.lib.colouring import coloured_json, pretty_json
from recado.lib.headers import header_of
from recado.lib.languages import Sentence, language, say
from recado.lib.outcomes import Trouble
from recado.lib.values import text_of

_PARTS: Final = (1, 2, 3, 5, 8, 12, 20)  # the widths that the styles know
_WIDEST: Final = 20


@dataclass(frozen=True, slots=True)
class StatePill:
    """How a state looks in a list: its word, its colour, and whether something still comes."""

    label: Sentence
    kind: str
    is_waiting: bool = False


STATE_PILLS: Final[Mapping[str, StatePill]] = {
    State.PENDING: StatePill(say("Waiting"), "warning", True),
    State.HELD: StatePill(say("Held back"), "warning", True),
    State.DELIVERED: StatePill(say("Delivered"), "success"),
    State.FAILED: StatePill(say("Failed"), "danger"),
    State.UNKNOWN: StatePill(say("Unknown"), "warning"),
    State.EXPIRED: StatePill(say("Expired"), "danger"),
    State.SKIPPED: StatePill(say("Not sent"), ""),
    State.CANCELLED: StatePill(say("Cancelled"), ""),
}


def attempts_text(delivery: Delivery) -> str:
    """How many attempts there were; of how many, while more may come."""
    made = delivery.attempts_count
    if State(delivery.state).is_end or delivery.is_test:
        return str(made)
    before = made - delivery.tries_count  # of schedules that somebody began again
    most = before + 1 + len(policy_from(delivery.policy).waits)
    return str(say("%(made)s of %(most)s", made=made, most=most))


TROUBLE_LABELS: Final[Mapping[str, Sentence]] = {
    Trouble.TIMEOUT: say("Time is up"),
    Trouble.DNS: say("No such host"),
    Trouble.CONNECT: say("No connection"),
    Trouble.TLS: say("No secure connection"),
    Trouble.ADDRESS_REFUSED: say("Address refused"),
    Trouble.RESET: say("Connection broke"),
    Trouble.NOT_HTTP: say("No HTTP"),
    Trouble.TOO_LARGE: say("Answer too large"),
    Trouble.REDIRECT: say("Redirect"),
    Trouble.HTTP_STATUS: say("HTTP error"),
    Trouble.TEMPLATE: say("Template error"),
    Trouble.TOKEN: say("No access token"),
    Trouble.TOKEN_REFUSED: say("Access token refused"),
    Trouble.SECRET: say("Secret not usable"),
    Trouble.INTERRUPTED: say("Interrupted"),
    Trouble.STOPPED: say("Stopped"),
    Trouble.BUG: say("Error inside Recado"),
}


USE_LABELS: Final[Mapping[str, Sentence]] = {
    "contact": say("Attribute of the contact"),
    "conversation": say("Attribute of the conversation"),
    "labels": say("Labels"),
    "note": say("Private note"),
    "reply": say("Message to the contact"),
    "assignee": say("Agent"),
    "team": say("Team"),
    "bug": say("Error inside Recado"),
}


@dataclass(frozen=True, slots=True)
class ShownUse:
    """Something that a delivery's end did, or why it did not."""

    label: Sentence
    key: str
    value: str
    problem: Sentence | None


def uses_of(answered: Mapping[str, Any]) -> list[ShownUse]:
    """What the end of a delivery did in its conversation, as its row keeps it."""
    return [
        ShownUse(
            USE_LABELS[one["what"]],
            one.get("key") or "",
            "" if one.get("value") is None else text_of(one["value"]),
            _problem_of(one),
        )
        for part in ("failure", "success")
        for one in answered.get(part) or ()
    ]


def _problem_of(use: Mapping[str, Any]) -> Sentence | None:
    if kept := use.get("sentence"):
        return Sentence(**kept)
    if use["what"] == "bug":
        return say("The server's log has the details; please report them.")
    return None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of an attempt's time; `part` is its width in the bar."""

    name: str  # the style's class
    label: Sentence | str
    milliseconds: float
    part: int


@dataclass(frozen=True, slots=True)
class ShownBody:
    """A body as it can be shown: text or coloured JSON, or nothing but its description."""

    html: Markup | str = ""
    note: Sentence | None = None
    raw: str = ""  # as it came, where it was laid out


NOT_KEPT: Final = ShownBody(note=say("The custom action says that bodies are not kept."))
ERASED: Final = ShownBody(note=say("Erased, together with the contact whom it told of."))

_PHASES: Final[Mapping[str, tuple[str, Sentence | str]]] = {
    "dns": ("dns", "DNS"),
    "connect": ("connect", "TCP"),
    "tls": ("tls", "TLS"),
    "first_byte": ("wait", say("waiting for the answer")),
}


def phases_of(timing: Mapping[str, Any]) -> list[Phase]:
    """Where the time of an attempt went, in order; empty where nothing was measured."""
    measured = {name: float(timing[name]) for name in _PHASES if timing.get(name) is not None}
    if not measured:
        return []
    stretches = [(*_PHASES[name], value) for name, value in measured.items()]
    rest = float(timing.get("total") or 0) - sum(measured.values())
    if "first_byte" in measured and rest > 0:
        stretches.append(("download", say("reading the answer"), rest))
    longest = max(value for _, _, value in stretches) or 1.0
    return [Phase(name, label, value, _part(value / longest)) for name, label, value in stretches]


def milliseconds(number: float) -> str:
    """A stretch of time as the reader writes numbers: 2,7 ms, 412 ms."""
    return _milliseconds(round(number) if number >= 10 else round(number, 1), language())


@lru_cache(maxsize=10_000)
def _milliseconds(digits: float, locale: str) -> str:
    """The library reads its pattern anew for each number, and a log says the same ones often."""
    return f"{format_decimal(digits, locale=locale)} ms"


def cause_of(attempt: Attempt, before: Attempt | None) -> Sentence:
    """Why there was this attempt; `before` is the one before it."""
    if attempt.asked_by:
        return say("asked for by %(who)s", who=attempt.asked_by)
    if before is None:
        return say("first try")
    if before.trouble == Trouble.INTERRUPTED:
        return say("after the interruption")
    return say("tried again by itself")


def wait_before(attempt: Attempt, last: Attempt) -> str:
    """How long nothing was sent before this attempt, in words: "5 minutes"."""
    ended_at = last.started_at + timedelta(milliseconds=last.milliseconds)
    return format_timedelta(
        max(attempt.started_at - ended_at, timedelta(0)), threshold=1.5, locale=language()
    )


def _part(share: float) -> int:
    return next(part for part in _PARTS if part >= share * _WIDEST - 1e-9)


def shown_request(kept: Mapping[str, Any]) -> ShownBody:
    """The body of a request, as its delivery keeps it."""
    if is_erased(kept):
        return ERASED
    return NOT_KEPT if is_dropped(kept) else shown_text(kept.get("body") or "")


def shown_text(text: str) -> ShownBody:
    """A text that was sent."""
    return ShownBody(coloured_json(pretty_json(text)))


def shown_response(attempt: Attempt) -> ShownBody:
    """What came back; never as HTML, and bytes that are no text only described."""
    body = attempt.response_body
    if body is None and attempt.status is not None:
        return NOT_KEPT
    if body is None:
        return ShownBody(note=say("There was no answer."))
    if not body:
        return ShownBody(note=say("The answer has no body."))
    text = _decoded(body, is_cut=attempt.response_is_cut)
    if text is None:
        kind = (
            header_of(attempt.response_headers or (), "content-type") or "application/octet-stream"
        )
        return ShownBody(
            note=say("Not text: %(kind)s, %(size)s bytes.", kind=kind, size=attempt.response_size)
        )
    note = None
    if attempt.response_is_cut:
        note = say(
            "Only the first %(kept)s of %(size)s bytes are kept.",
            kept=len(body),
            size=attempt.response_size,
        )
        return ShownBody(coloured_json(text), note)
    pretty = pretty_json(text)
    return ShownBody(coloured_json(pretty), note, text if text.strip() != pretty else "")


def proposal_of(delivery: Delivery) -> Proposal | None:
    """The edit of its action that would mend a delivery, its attempts loaded; None for webhooks."""
    if delivery.action_id is None or delivery.told_by:
        return None
    last = delivery.attempts[-1] if delivery.attempts else None
    is_of_end = last is not None and last.status == delivery.reason.get("status")
    headers = (last.response_headers or []) if last and is_of_end else []
    return proposal_from(delivery.reason, delivery.request, headers)


def doubt_of(delivery: Delivery) -> Sentence | None:
    """What speaks against a call of an action that counts as delivered, its attempts loaded: a website
    answers with a page for people where no program was expected.
    """
    last = delivery.attempts[-1] if delivery.attempts else None
    if delivery.action_id is None or delivery.state != State.DELIVERED or last is None:
        return None
    if not _is_web_page(last.response_headers or (), last.response_body or b""):
        return None
    return say(
        "The answer is a web page, not data. Perhaps the URL leads to the website of the other system, not to its interface for programs (API): compare it with the documentation."
    )


def _is_web_page(headers: Sequence[Any], body: bytes) -> bool:
    kind, begins = header_of(headers, "content-type").lower(), body[:200].lstrip().lower()
    return kind.startswith("text/html") and begins.startswith((b"<!doctype html", b"<html"))


def _decoded(body: bytes, *, is_cut: bool) -> str | None:
    """The text, or None for what is none; a cut may go through a character."""
    for end in range(4 if is_cut else 1):
        try:
            text = body[: len(body) - end].decode()
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return _in_latin(body)


def _in_latin(body: bytes) -> str | None:
    """Old systems answer in Windows-1252; control characters tell that it is no text at all."""
    if any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in body):
        return None
    return body.decode("cp1252", "replace")
