"""A request between the row that keeps it and the wire: frozen, read back, completed. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recado import __version__
from recado.lib.masks import MASK
from recado.lib.outcomes import Request, RequestHeader

USER_AGENT = f"Recado/{__version__}"


def frozen(request: Request) -> dict[str, Any]:
    """The request as the delivery's row keeps it; secrets are only ids."""
    return {
        "method": request.method,
        "url": request.url,
        "headers": [[one.name, one.value, one.secret_id] for one in request.headers],
        "body": request.body,
    }


def request_from(kept: Mapping[str, Any]) -> Request:
    """The request that `frozen` kept."""
    headers = tuple(RequestHeader(name, value, secret) for name, value, secret in kept["headers"])
    return Request(kept["method"], kept["url"], headers, kept["body"])


def secret_ids(kept: Mapping[str, Any]) -> set[int]:
    """Which secrets a kept request needs."""
    return {secret for _, _, secret in kept.get("headers", ()) if secret is not None}


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
    return Request(request.method, request.url, (*request.headers, *added), request.body)


def shown(kept: Mapping[str, Any]) -> dict[str, Any]:
    """For people and the API: secret values masked."""
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
