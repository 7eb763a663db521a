"""The edit of the custom action that would mend a delivery, where its answer says which. Pure.

At most one, and only what may be filled into a form unread: never a DELETE, never from https to
http, no address of the inside that the receiver chose, nothing that a template would run. Nothing
is saved by it: an administrator sees the form and presses the button.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urljoin

from recado.deliveries.requests import is_dropped
from recado.lib.addresses import AddressGuard, lane_of, literal_address, url_problem
from recado.lib.headers import header_of
from recado.lib.languages import Sentence, say
from recado.lib.masks import MASK
from recado.lib.outcomes import AuthKind, Trouble
from recado.lib.values import is_json


class Field(StrEnum):
    """What of the custom action is changed. The API shows these names."""

    METHOD = "method"
    URL = "url"
    CONTENT_TYPE = "content_type"  # the header of that name
    AUTH = "auth"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of one field. The value of AUTH is the kind to choose, "" where nobody knows it."""

    field: Field
    value: str
    sentence: Sentence


def proposal_from(
    reason: Mapping[str, Any], request: Mapping[str, Any], headers: Sequence[Any]
) -> Proposal | None:
    """What would mend a delivery that ended, or waits, for `reason`.

    `request` is kept as `frozen` does; `headers` are [name, value] pairs of the last answer.
    """
    trouble, status = reason.get("trouble"), int(reason.get("status") or 0)
    if not trouble or not request:
        return None
    propose = _BY_STATUS.get(status) if status else _BY_TROUBLE.get(trouble)
    return propose(request, headers) if propose else None


def _content_type(request: Mapping[str, Any], _: Sequence[Any]) -> Proposal | None:
    body = str(request.get("body") or "")
    wanted = _JSON if is_json(body) else _FORM if _FORM_BODY.fullmatch(body) else None
    is_secret = any(
        name.lower() == "content-type" and secret is not None
        for name, _value, secret in request["headers"]
    )
    sent = header_of([one[:2] for one in request["headers"]], "content-type")
    if wanted is None or is_secret or sent.partition(";")[0].strip().lower() == wanted:
        return None
    told = say("The body is %(kind)s: send it with the header Content-Type that says so.",
               kind=wanted)  # fmt: skip
    return Proposal(Field.CONTENT_TYPE, wanted, told)


def _new_address(request: Mapping[str, Any], headers: Sequence[Any]) -> Proposal | None:
    sent, location = request["url"], header_of(headers, "location").partition("#")[0].strip()
    if not location or MASK in location or _TEMPLATE.search(location):
        return None
    try:
        moved = urljoin(sent, location)
    except ValueError:
        return None
    if moved == sent or url_problem(moved) or _is_unsafe(moved, sent):
        return None
    return Proposal(Field.URL, moved, say("It has moved for good to %(url)s.", url=moved))


def _secure_scheme(request: Mapping[str, Any], _: Sequence[Any]) -> Proposal | None:
    scheme, _sign, rest = request["url"].partition("://")
    if scheme.lower() != "http" or lane_of(request["url"]).rpartition(":")[2] not in _TLS_PORTS:
        return None
    told = say("This port is usually one for https: write https:// in the URL.")
    return Proposal(Field.URL, f"https://{rest}", told)


def _allowed_method(request: Mapping[str, Any], headers: Sequence[Any]) -> Proposal | None:
    values = (value for name, value in headers if name.lower() == "allow")
    allowed = {word.strip().upper() for value in values for word in str(value).split(",")}
    has_body = request.get("body") is not None or is_dropped(request)
    ours = _WITH_BODY if has_body else (*_WITH_BODY, "GET")
    if request["method"] in allowed:
        return None
    for method in ours:
        if method in allowed:
            told = say("At this address it takes %(method)s.", method=method)
            return Proposal(Field.METHOD, method, told)
    return None


def _authentication(request: Mapping[str, Any], headers: Sequence[Any]) -> Proposal | None:
    if auth := request.get("auth"):
        told = say("It did not accept who sends: check what stands under Authentication.")
        return Proposal(Field.AUTH, str(auth["kind"]), told)
    is_shown = any(
        secret is not None or name.lower() == "authorization"
        for name, _value, secret in request["headers"]
    )
    if is_shown:
        return None  # the header is what is wrong, and only people know its value
    scheme = header_of(headers, "www-authenticate").partition(" ")[0].strip(", ").lower()
    kind = scheme if scheme in (AuthKind.BASIC, AuthKind.BEARER) else ""
    told = say("It wants to know who sends: fill in Authentication.")
    return Proposal(Field.AUTH, kind, told)


_Propose = Callable[[Mapping[str, Any], Sequence[Any]], Proposal | None]
_BY_STATUS: Final[Mapping[int, _Propose]] = {
    301: _new_address,
    308: _new_address,
    400: _secure_scheme,  # how servers answer plain HTTP at their TLS port
    401: _authentication,
    405: _allowed_method,
    415: _content_type,
}
_BY_TROUBLE: Final[Mapping[str, _Propose]] = {
    Trouble.NOT_HTTP: _secure_scheme,
    Trouble.RESET: _secure_scheme,
    Trouble.TOKEN_REFUSED: _authentication,
}
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_FORM_BODY: Final = re.compile(r"[\w.%+\-\[\]]+=[^\s&=<]*(?:&[\w.%+\-\[\]]+=[^\s&=<]*)*", re.ASCII)
_TEMPLATE: Final = re.compile(r"[{}]")  # a variable of the receiver's would read our facts
_TLS_PORTS: Final = ("443", "8443")
_WITH_BODY: Final = ("POST", "PUT", "PATCH")  # a DELETE is nobody's to propose


def _is_unsafe(moved: str, sent: str) -> bool:
    """Whether it would be sent in the clear now, or to an address inside that was not meant."""
    if lane_of(sent).startswith("https:") and not lane_of(moved).startswith("https:"):
        return True
    address = literal_address(moved)
    if address is None or address == literal_address(sent):
        return False
    return AddressGuard().refusal(address) is not None
