"""What went wrong with a connection, in a few words for technicians; never with an address in them."""

import os
import re
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from cryptography import x509

_HAS_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_EXPIRED: Final = re.compile(r"certificate has expired on (\d{4}-\d\d-\d\d)$")

_E = TypeVar("_E", bound=BaseException)


def foreign_detail(beginning: bytes) -> str:
    """What the other side speaks, by the first bytes of its answer."""
    if beginning.startswith(b"\x15\x03"):
        return "the server speaks TLS on this port; use https://"
    return f"the answer begins with {beginning!r}"


def tls_detail(error: ssl.SSLError, tls: ssl.SSLObject | None = None) -> str:
    """Why there was no handshake; with the handshake's object, since when a certificate has expired."""
    if isinstance(error, ssl.SSLCertVerificationError):
        day = _expired_on(tls) if error.verify_code == _HAS_EXPIRED else None
        return f"{error.verify_message} on {day}" if day else error.verify_message
    reason = (error.reason or "TLS error").replace("_", " ").lower()
    if reason in ("wrong version number", "record layer failure"):
        return "the server does not speak TLS on this port"
    return reason


def expired_on(detail: str) -> str | None:
    """The day, as 2026-12-31, in a detail that tells of an expired certificate."""
    found = _EXPIRED.match(detail)
    return found[1] if found else None


def _expired_on(tls: ssl.SSLObject | None) -> date | None:
    """When the first certificate that the other side has shown ended.

    Python has no public way to a certificate that was not believed before version 3.13.
    """
    show = getattr(getattr(tls, "_sslobj", None), "get_unverified_chain", None)
    chain = (show() or []) if show else []
    ends = [_of_pem(one.public_bytes()).not_valid_after_utc for one in chain]
    return min(ends).date() if ends and min(ends) < datetime.now(UTC) else None


def _of_pem(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(text.encode())


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
