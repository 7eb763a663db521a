"""Showing who sends: from what an administrator chose to headers, a query, a token request. Pure.

Basic as RFC 7617, bearer as RFC 6750, client credentials as RFC 6749 (2.3.1, 4.4, 5).
"""

import base64
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, quote_plus, urlencode

import orjson

from recado.lib.addresses import lane_of
from recado.lib.masks import MASK
from recado.lib.outcomes import Auth, AuthKind, Request, RequestHeader, Response

PLAIN: Final[Mapping[AuthKind, tuple[str, ...]]] = {
    AuthKind.NONE: (),
    AuthKind.BASIC: ("user",),
    AuthKind.BEARER: (),
    AuthKind.API_KEY: ("place", "name"),
    AuthKind.OAUTH2: ("token_url", "client_id", "scope", "client_auth"),
}
SECRET: Final[Mapping[AuthKind, tuple[str, ...]]] = {
    AuthKind.NONE: (),
    AuthKind.BASIC: ("password",),
    AuthKind.BEARER: ("token",),
    AuthKind.API_KEY: ("key",),
    AuthKind.OAUTH2: ("client_secret",),
}
CERTIFICATE: Final = ("certificate", "certificate_key")
DEFAULT_TOKEN_LASTS: Final = 300.0  # seconds, where the answer does not say
_LONGEST_TOKEN: Final = 16 * 1024  # characters
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


def bound_to(auth: Auth, lane: str) -> str:
    """The destinations that the secrets of `auth` belong to; with another they must be entered again.

    A client secret goes to the token address, and what it buys there to the action's own.
    """
    return bound_lanes(auth.kind, auth.value("token_url"), lane)


def bound_lanes(kind: AuthKind, token_url: str, lane: str) -> str:
    """The same from its parts; ValueError for a token address with a problem."""
    return f"{lane} {lane_of(token_url)}" if kind == AuthKind.OAUTH2 else lane


def authorised(request: Request, secrets: Mapping[str, str]) -> Request:
    """The request with its credentials in it; `secrets` by name, an OAuth 2 token as "token"."""
    auth = request.auth
    if auth is None or auth.kind == AuthKind.NONE:
        return request
    if _is_in_query(auth):
        return _with_query(request, auth.value("name"), quote(secrets["key"], safe=""))
    name, prefix = _header(auth)
    if auth.kind == AuthKind.BASIC:
        pair = f"{auth.value('user')}:{secrets.get('password', '')}"
        return _with_header(request, name, prefix + base64.b64encode(pair.encode()).decode())
    value = secrets["key"] if auth.kind == AuthKind.API_KEY else secrets["token"]
    return _with_header(request, name, prefix + value)


def displayed(request: Request) -> Request:
    """The request as people see it: the names of what is filled in at sending, never a value."""
    if request.signing is not None:
        signature = RequestHeader("webhook-signature", "v1,", request.signing.ring_id)
        request = replace(request, headers=(*request.headers, signature))
    auth = request.auth
    if auth is None or auth.kind == AuthKind.NONE:
        return request
    if _is_in_query(auth):
        return _with_query(request, auth.value("name"), MASK)
    name, prefix = _header(auth)
    ids = dict(auth.secrets)
    header = RequestHeader(name, prefix, next(iter(ids.values()), 0))
    return replace(request, headers=(*request.headers, header))


def token_request(auth: Auth, client_secret: str) -> Request:
    """What fetches a token. The secret stands in it: never store it."""
    fields = {"grant_type": "client_credentials"}
    if auth.value("scope"):
        fields["scope"] = auth.value("scope")
    headers = [
        RequestHeader("Content-Type", "application/x-www-form-urlencoded"),
        RequestHeader("Accept", "application/json"),
    ]
    if auth.value("client_auth") == "body":
        fields |= {"client_id": auth.value("client_id"), "client_secret": client_secret}
    else:
        pair = f"{quote_plus(auth.value('client_id'))}:{quote_plus(client_secret)}"
        value = f"Basic {base64.b64encode(pair.encode()).decode()}"
        headers.append(RequestHeader("Authorization", value))
    return Request("POST", auth.value("token_url"), tuple(headers), urlencode(fields))


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and for how many seconds it may be used."""

    value: str
    lasts: float


def token_from(response: Response) -> Token | None:
    """The token in a token address's answer; None where there is none that can be used."""
    try:
        told = orjson.loads(response.body)
    except ValueError:
        return None
    value = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(value, str) or len(value) > _LONGEST_TOKEN or not _TOKEN.fullmatch(value):
        return None
    return Token(value, _lasts(told.get("expires_in")))


def token_error(response: Response) -> str:
    """What the token address says is wrong, in the words of RFC 6749, 5.2; only the code."""
    try:
        told = orjson.loads(response.body)
    except ValueError:
        return ""
    code = told.get("error") if isinstance(told, dict) else None
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else ""


def _lasts(given: object) -> float:
    """Some answer with a text; a little is taken off, for the way."""
    try:
        seconds = float(given)  # type: ignore[arg-type]  # whatever it is
    except (TypeError, ValueError):
        return DEFAULT_TOKEN_LASTS
    if not math.isfinite(seconds) or seconds <= 0:
        return DEFAULT_TOKEN_LASTS
    return min(seconds - min(30.0, seconds / 10), 86_400.0)


def _is_in_query(auth: Auth) -> bool:
    return auth.kind == AuthKind.API_KEY and auth.value("place") == "query"


def _header(auth: Auth) -> tuple[str, str]:
    if auth.kind == AuthKind.API_KEY:
        return auth.value("name"), ""
    return "Authorization", "Basic " if auth.kind == AuthKind.BASIC else "Bearer "


def _with_header(request: Request, name: str, value: str) -> Request:
    return replace(request, headers=(*request.headers, RequestHeader(name, value)))


def _with_query(request: Request, name: str, value: str) -> Request:
    sign = "&" if "?" in request.url else "?"
    return replace(request, url=f"{request.url}{sign}{quote(name, safe='')}={value}")
