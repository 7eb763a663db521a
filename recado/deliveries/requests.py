"""A request between the row that keeps it and the wire: frozen, read back, completed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from recado import __version__
from recado.lib.authorizing import displayed
from recado.lib.masks import MASK
from recado.lib.outcomes import Auth, AuthKind, Request, RequestHeader, Scheme, Signing
from recado.lib.signing import signature_headers

USER_AGENT = f"Recado/{__version__}"


def frozen(request: Request) -> dict[str, Any]:
    """The request as the delivery's row keeps it; secrets are only ids."""
    kept: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "headers": [[one.name, one.value, one.secret_id] for one in request.headers],
        "body": request.body,
    }
    if request.signing is not None:
        kept["signing"] = [request.signing.ring_id, request.signing.scheme]
    if request.auth is not None:
        kept["auth"] = auth_as_json(request.auth)
    return kept


def is_dropped(kept: Mapping[str, Any]) -> bool:
    """Whether the body was there and is not kept any more."""
    return bool(kept.get("is_dropped"))


def is_erased(kept: Mapping[str, Any]) -> bool:
    """Whether what a kept request said was erased with the contact."""
    return bool(kept.get("is_erased"))


def auth_as_json(auth: Auth) -> dict[str, Any]:
    """As action and delivery keep it: of secrets only ids."""
    return {"kind": auth.kind, "values": dict(auth.values), "secrets": dict(auth.secrets)}


def auth_from(kept: Mapping[str, Any] | None) -> Auth | None:
    """What `auth_as_json` kept; None for nothing."""
    if not kept:
        return None
    values, secrets = kept["values"], kept["secrets"]
    return Auth(
        AuthKind(kept["kind"]), tuple(sorted(values.items())), tuple(sorted(secrets.items()))
    )


def request_from(kept: Mapping[str, Any]) -> Request:
    """The request that `frozen` kept."""
    headers = tuple(RequestHeader(name, value, secret) for name, value, secret in kept["headers"])
    signing = kept.get("signing")
    return Request(
        kept["method"],
        kept["url"],
        headers,
        kept["body"],
        Signing(signing[0], Scheme(signing[1])) if signing else None,
        auth_from(kept.get("auth")),
    )


def secret_ids(kept: Mapping[str, Any]) -> set[int]:
    """Which secrets a kept request needs; of those that sign, the id of their ring."""
    if not kept:
        return set()
    request = request_from(kept)
    ring = {request.signing.ring_id} if request.signing else set()
    auth = {number for _, number in request.auth.secrets} if request.auth else set()
    return {*header_secrets(request), *ring, *auth}


def header_secrets(request: Request) -> list[int]:
    """The secrets in a request's headers."""
    return [one.secret_id for one in request.headers if one.secret_id is not None]


def completed(request: Request, webhook_id: str, *, now: datetime) -> Request:
    """With what every attempt carries, as Standard Webhooks 1.0 names it.

    The id is the same for every attempt of a delivery; the timestamp is the attempt's.
    """
    added = (
        RequestHeader("webhook-id", webhook_id),
        RequestHeader("webhook-timestamp", str(int(now.timestamp()))),
        RequestHeader("Idempotency-Key", webhook_id),
        RequestHeader("Recado-Chain", webhook_id),  # see chaining.py
    )
    return replace(request, headers=(*request.headers, *added))


def signed(request: Request, webhook_id: str, keys: Sequence[str], *, now: datetime) -> Request:
    """With the signature of this attempt; `keys` are the live secrets, newest first."""
    if request.signing is None:
        return request
    body = (request.body or "").encode()
    added = signature_headers(request.signing.scheme, webhook_id, int(now.timestamp()), body, keys)
    return replace(request, headers=(*request.headers, *added))


def shown(kept: Mapping[str, Any]) -> dict[str, Any]:
    """For people and the API: secret values masked."""
    if kept.get("auth") or kept.get("signing"):
        request = request_from(kept)
        kept = frozen(displayed(request))
    headers = [
        {"name": name, "value": MASK if secret is not None else value}
        for name, value, secret in kept.get("headers", ())
    ]
    return {
        "method": kept.get("method"),
        "url": kept.get("url"),
        "headers": headers,
        "body": kept.get("body"),
    }
