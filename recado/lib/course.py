"""How far one attempt to send has come, and when.

The parts of a connection meet a request in different tasks and callbacks; all of them find its
Course in the context they run in and note what happens.
"""

import ssl
from contextvars import ContextVar
from time import perf_counter
from typing import Any

from recado.lib.answers import USUAL, Bounds
from recado.lib.outcomes import Timing

_BEGINNING = 32  # bytes of an answer that tell what it is instead of HTTP


class Course:
    """How far one attempt has come, and when; noted by whatever part of it gets there."""

    def __init__(self, bounds: Bounds = USUAL) -> None:
        self.bounds = bounds  # of the answer's body
        self.started_at = perf_counter()
        self.dns_at: float | None = None
        self.resolved_at: float | None = None
        self.connect_at: float | None = None
        self.tls_at: float | None = None
        self.ready_at: float | None = None  # from here on bytes of the request may have gone out
        self.answered_at: float | None = None
        self.beginning = b""  # of the answer
        self.address = ""  # that the name led to, once the guard has let it pass
        self.tls: ssl.SSLObject | None = None  # the handshake under way, or the last one
        self.is_refused = False

    @property
    def was_sent(self) -> bool:
        """Whether bytes of the request may have gone out."""
        return self.ready_at is not None

    @property
    def stage(self) -> str:
        """Where the deadline struck, for technicians."""
        if self.answered_at is not None:
            return "in the middle of the answer"
        if self.ready_at is not None:
            return "waiting for the answer"
        if self.tls_at is not None:
            return "in the TLS handshake"
        return "looking up the host" if self.connect_at is None else "connecting"

    def note_answer(self, data: bytes) -> None:
        """Bytes of the answer's head have come."""
        if self.answered_at is None:
            self.answered_at = perf_counter()
        if len(self.beginning) < _BEGINNING:
            self.beginning += data[:_BEGINNING]

    def timing(self) -> Timing:
        """The phases until now, in milliseconds."""
        return Timing(
            total=(perf_counter() - self.started_at) * 1000,
            dns=_milliseconds(self.dns_at, self.resolved_at),
            connect=_milliseconds(self.connect_at, self.tls_at or self.ready_at),
            tls=_milliseconds(self.tls_at, self.ready_at),
            first_byte=_milliseconds(self.ready_at, self.answered_at),
        )


current_course: ContextVar[Course | None] = ContextVar("course", default=None)


def _milliseconds(since: float | None, until: float | None) -> float | None:
    return None if since is None or until is None else (until - since) * 1000


class TlsContext(ssl.SSLContext):
    """Notes when a handshake begins; the HTTP client does not tell."""

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:  # as in ssl.SSLContext
        course = current_course.get()
        if course is not None:
            course.tls_at = perf_counter()
        tls = super().wrap_bio(*given, **named)
        if course is not None:
            course.tls = tls
        return tls


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Verifies against the system's authorities and those in `ca_file`; it cannot be told not to."""
    context = TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_default_certs()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context
