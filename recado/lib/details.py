"""What went wrong with a connection, in a few words for technicians; never with an address in them."""

import os
import ssl
from collections.abc import Iterator, Sequence
from typing import TypeVar

_E = TypeVar("_E", bound=BaseException)


def foreign_detail(beginning: bytes) -> str:
    """What the other side speaks, by the first bytes of its answer."""
    if beginning.startswith(b"\x15\x03"):
        return "the server speaks TLS on this port; use https://"
    return f"the answer begins with {beginning!r}"


def tls_detail(error: ssl.SSLError) -> str:
    """Why there was no handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    reason = (error.reason or "TLS error").replace("_", " ").lower()
    if reason in ("wrong version number", "record layer failure"):
        return "the server does not speak TLS on this port"
    return reason


def strerror(error: OSError) -> str:
    """The system's own words: the error's text may hold the address."""
    return os.strerror(error.errno) if error.errno else "no address could be connected"


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from, and so on."""
    known: BaseException | None = error
    while known is not None:
        yield known
        known = known.__cause__


def first_of(chain: Sequence[BaseException], kind: type[_E]) -> _E | None:
    """The first error of a kind, the kind's children included."""
    return next((error for error in chain if isinstance(error, kind)), None)
