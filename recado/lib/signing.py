"""Signing requests, so that receivers can tell who sent them and that nothing was altered.

For custom actions as Standard Webhooks 1.0 has it, HMAC-SHA256 over id, timestamp and body
(https://github.com/standard-webhooks/standard-webhooks); for webhooks also as the clients
of the REST contract check it, over timestamp and body. Pure.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

from recado.lib.outcomes import RequestHeader, Scheme

PREFIX: Final = "whsec_"
_BYTES: Final = 32  # the specification wants 24 to 64


def new_signing_secret() -> str:
    """A fresh secret, as receivers enter it: `whsec_` and Base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def is_signing_secret(text: str) -> bool:
    """Whether receivers' libraries would take it."""
    try:
        return text.startswith(PREFIX) and 24 <= len(_key(text)) <= 64
    except (binascii.Error, ValueError):
        return False


def signature(webhook_id: str, timestamp: int, body: bytes, keys: Sequence[str]) -> str:
    """The value of `webhook-signature`: one signature for each live secret, newest first.

    While a secret is being replaced there are two, and a receiver accepts either.
    """
    content = f"{webhook_id}.{timestamp}.".encode() + body
    signed = (hmac.digest(_key(key), content, "sha256") for key in keys)
    return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signed)


def chatwoot_signature(timestamp: int, body: bytes, key: str) -> str:
    """The value of `X-Chatwoot-Signature`; the key is any text."""
    content = f"{timestamp}.".encode() + body
    return f"sha256={hmac.digest(key.encode(), content, 'sha256').hex()}"


def signature_headers(
    scheme: Scheme, webhook_id: str, timestamp: int, body: bytes, keys: Sequence[str]
) -> tuple[RequestHeader, ...]:
    """The headers that sign one attempt; `keys` are the live secrets, newest first, at least one."""
    match scheme:
        case Scheme.STANDARD:
            value = signature(webhook_id, timestamp, body, keys)
            return (RequestHeader("webhook-signature", value),)
        case Scheme.CHATWOOT:
            headers = (
                RequestHeader("X-Chatwoot-Timestamp", str(timestamp)),
                RequestHeader("X-Chatwoot-Signature", chatwoot_signature(timestamp, body, keys[0])),
            )
            if not all(is_signing_secret(one) for one in keys):
                return headers
            value = signature(webhook_id, timestamp, body, keys)
            return (*headers, RequestHeader("webhook-signature", value))


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
