"""Signing requests as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, timestamp and body.

https://github.com/standard-webhooks/standard-webhooks
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

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


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
