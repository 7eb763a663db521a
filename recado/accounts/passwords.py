"""Passwords, by Argon2id with the library's defaults (RFC 9106, low memory)."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from recado.lib.languages import Sentence, say

SHORTEST: Final = 10  # characters
LONGEST: Final = 200  # nobody types more; hashing more would only burn time

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether it is the one; takes as long when there is no such person (None)."""
    try:
        _hasher.verify(password_hash or _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobodys() -> str:
    """A hash to compare with, so that an unknown e-mail takes as long to refuse."""
    return _hasher.hash("nobody has this password")


def password_problem(password: str) -> Sentence | None:
    """Why a new password will not do."""
    if len(password) < SHORTEST:
        return say("Use at least %(number)s characters.", number=SHORTEST)
    if len(password) > LONGEST:
        return say("Use at most %(number)s characters.", number=LONGEST)
    return None
