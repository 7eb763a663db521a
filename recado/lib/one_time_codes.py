"""Codes of six digits that an authenticator app shows (RFC 6238), and codes for the day it is lost.

Pure: whoever keeps the secret also keeps the step of the last code, so that none is taken twice.
"""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Final

import segno
from pyotp import TOTP, random_base32
from pyotp.utils import strings_equal

RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_GROUPS: Final = 4  # of four: 79 bits, which nobody guesses back from a SHA-256


def new_secret() -> str:
    """What app and server share: 160 bits in base 32."""
    return random_base32()


def app_address(secret: str, email: str) -> str:
    """The otpauth:// address that adds the secret to an app."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name="Recado")


def picture_of(address: str) -> str:
    """An address as a QR code: an SVG in a data: address, dark on white in every theme."""
    return segno.make(address, error="m").svg_data_uri(scale=4, border=3, light="#fff")


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """Which step of 30 seconds a code belongs to: this one, or one beside it for clocks that differ."""
    totp = TOTP(secret)
    current = totp.timecode(now)
    steps = (current - 1, current, current + 1)
    typed = "".join(code.split())
    return next((one for one in steps if strings_equal(typed, totp.generate_otp(one))), None)


def new_recovery_codes() -> list[str]:
    """Codes for when the app is gone, each good for one time."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> bytes:
    """What is kept of a recovery code, however it is typed."""
    letters = "".join(one for one in code.lower() if one.isalnum())
    return sha256(f"recovery {letters}".encode()).digest()


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))
