"""Tokens with which somebody may listen: they name who it is, and nobody else can make them."""

import hmac
from enum import StrEnum
from typing import Final

from recado.lib.secrets import Vault

_DIGITS: Final = 19  # of the largest id a database has


class Ear(StrEnum):
    """Who listens."""

    CONTACT = "c"  # the id is that of the contact in one inbox
    USER = "u"


def pubsub_token(vault: Vault, ear: Ear, number: int) -> str:
    """The token of somebody; always the same while the server's key stays."""
    name = f"{ear}{number}"
    key = vault.derived("pubsub")
    return f"{name}-{hmac.digest(key, name.encode(), 'sha256').hex()[:40]}"


def who_listens(vault: Vault, token: str) -> tuple[Ear, int] | None:
    """Whose token it is; None for one that we did not make."""
    name = token.partition("-")[0]
    digits = name[1:]
    if name[:1] not in tuple(Ear) or not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) > _DIGITS:
        return None
    ear, number = Ear(name[0]), int(digits)
    expected = pubsub_token(vault, ear, number)
    is_ours = hmac.compare_digest(token.encode(), expected.encode())
    return (ear, number) if is_ours else None
