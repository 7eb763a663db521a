"""The one door to the outside world: a Request goes out, an Outcome comes back.

One try, never two: no redirects, no cookies, no proxies, no silent repetition. Every address is
judged at the moment of connecting, one deadline covers everything from the name's lookup to the
body's last byte, and what is read is bounded, whatever the other side does.

Header values go out as UTF-8. Compression is not asked for; one layer that came anyway is undone.
"""

import asyncio
import logging
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from time import perf_counter
from typing import Final, Self

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong, PayloadEncodingError
from yarl import URL

from recado.lib.addresses import AddressGuard, url_as_sent
from recado.lib.answers import USUAL, Body, Bounds, inflated, read_body, text_of
from recado.lib.certificates import CertificateUnusable, ClientCertificate, Contexts
from recado.lib.connections import LONGEST_HEAD, Connector, HeadTooLong, Resolver
from recado.lib.course import Course, current_course, tls_context
from recado.lib.details import causes, first_of, foreign_detail, strerror, tls_detail
from recado.lib.dialing import Dialer
from recado.lib.headers import SecretUnusable, header_as_sent
from recado.lib.looking_up import Lookup, look_up
from recado.lib.mailing import mail_tls
from recado.lib.outcomes import Failure, Outcome, Request, Response, Timing, Trouble

_MOST_HEADERS: Final = 500
_LONGEST_REASON: Final = 200

_IDLE_SECONDS: Final = 4.0  # less than the 5 s after which many servers hang up
_DNS_SECONDS: Final = 30  # how long an answer of DNS is believed

_METHOD: Final = re.compile(r"[A-Za-z]+")
_log = logging.getLogger(__name__)


class Sender:
    """Sends requests and keeps connections for the next ones; use as an async context manager.

    `ca_file` adds the operator's own authorities to the system's; verification is never off.
    `lookup` answers from a thread; what it answers is judged by `guard` like everything else.
    """

    def __init__(
        self,
        *,
        guard: AddressGuard,
        user_agent: str,
        ca_file: str | None = None,
        lookup: Lookup = look_up,
    ) -> None:
        self._guard = guard
        self._user_agent = user_agent
        self._lookup = lookup
        self._ca_file = ca_file
        self._tls = tls_context(ca_file)
        self._with_certificate = Contexts(partial(tls_context, ca_file))
        self._session: aiohttp.ClientSession | None = None
        self._resolver: Resolver | None = None

    @cached_property
    def dialer(self) -> Dialer:
        """For mail servers: made for the first one, since a start waits for what it reads."""
        return Dialer(self._guard, mail_tls(self._ca_file), self._lookup)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Get ready on the running event loop."""
        self._resolver = Resolver(self._lookup)
        self._session = aiohttp.ClientSession(
            connector=Connector(
                resolver=self._resolver,
                ttl_dns_cache=_DNS_SECONDS,
                keepalive_timeout=_IDLE_SECONDS,
                limit=0,  # how many go at once is decided by whoever claims
                ssl=self._tls,
                socket_factory=self._socket_for,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            skip_auto_headers=("Content-Type",),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,
            max_line_size=LONGEST_HEAD,
            max_field_size=LONGEST_HEAD,
            max_headers=_MOST_HEADERS,
            middlewares=(_sent_once,),
        )

    async def close(self) -> None:
        """Close every connection, in use or not."""
        if self._session is not None and self._resolver is not None:
            await self._session.close()
            await self._resolver.close()
        self._session = self._resolver = None

    def is_surely_refused(self, url: str) -> bool:
        """Whether the guard lets nothing go to a URL; see `AddressGuard.surely_refuses`."""
        return self._guard.surely_refuses(url)

    async def send(
        self,
        request: Request,
        *,
        secrets: Mapping[int, str],
        deadline_seconds: float = 15.0,
        certificate: ClientCertificate | None = None,
        bounds: Bounds = USUAL,
    ) -> Outcome:
        """Try once, for at most `deadline_seconds`, and tell what came of it.

        A secret header goes out as its value followed by `secrets[secret_id]`, so the value may
        hold a prefix ("Bearer "). `certificate` is shown to a server that asks. ValueError for what
        must not have been rendered: a URL with a problem, a header with a line break or that frames.
        """
        try:
            headers = [header_as_sent(header, secrets) for header in request.headers]
            tls = self._with_certificate.context(certificate) if certificate else self._tls
        except (SecretUnusable, CertificateUnusable) as unusable:
            return Failure(Trouble.SECRET, Timing(total=0.0), detail=str(unusable))
        if not _METHOD.fullmatch(request.method) or request.method.upper() == "CONNECT":
            raise ValueError("a method that cannot be sent")
        url = URL(url_as_sent(request.url), encoded=True)
        deadline = asyncio.timeout(deadline_seconds)
        course = Course(bounds)
        token = current_course.set(course)
        try:
            async with deadline:
                return await self._exchange(request, url, headers, tls)
        except (aiohttp.ClientError, OSError, _Broken, HeadTooLong) as error:
            if isinstance(error, TimeoutError) and deadline.expired():
                return _failure(course, Trouble.TIMEOUT, course.stage)
            return _failure(course, *_diagnosis(error, course))
        finally:
            current_course.reset(token)

    async def _exchange(
        self, request: Request, url: URL, headers: list[tuple[str, str]], tls: ssl.SSLContext
    ) -> Response:
        if self._session is None:
            raise RuntimeError("the sender has not been started")
        answer = await self._session.request(
            request.method,
            url,
            headers=headers,
            data=request.written,
            allow_redirects=False,
            ssl=tls,
        )
        try:
            return await _read(answer, current_course.get() or Course())
        finally:
            answer.close()  # a connection whose answer was read to its end is long back in the pool

    def _socket_for(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Open a socket for an address that is about to be connected, or refuse to."""
        family, kind, protocol, _, address = info
        course = current_course.get()
        refusal = self._guard.refusal(str(address[0]))
        if refusal is not None:
            if course is not None:
                course.is_refused = True
            _log.info("Refused to connect to %s: %s", address[0], refusal)
            raise PermissionError("refused by the address guard")
        if course is not None:
            course.address = str(address[0])
            course.connect_at = course.connect_at or perf_counter()
        return socket.socket(family, kind, protocol)


class _Broken(Exception):
    """Round an error on a connection, so aiohttp does not send the request again by itself."""


async def _sent_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating GET, PUT and DELETE when a connection drops.

    It repeats on exactly these two errors, seen outside of this function.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing was sent and nothing is repeated
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Broken from error


async def _read(answer: aiohttp.ClientResponse, course: Course) -> Response:
    headers = tuple((text_of(name), text_of(value)) for name, value in answer.raw_headers)
    if sum(len(name) + len(value) + 4 for name, value in answer.raw_headers) > LONGEST_HEAD:
        raise HeadTooLong
    is_upgrade = answer.status == 101  # nobody asked for another protocol: what follows is no body
    bounds = course.bounds
    body = Body(b"", 0, False) if is_upgrade else await read_body(answer.content.readany, bounds)
    body = inflated(body, answer.headers.getall("Content-Encoding", []), bounds)
    return Response(
        status=answer.status,
        headers=headers,
        body=body.kept[: bounds.kept],
        body_size=body.size,
        is_cut=body.is_cut or len(body.kept) > bounds.kept,
        timing=course.timing(),
        reason=text_of((answer.reason or "").encode(errors="surrogateescape"))[:_LONGEST_REASON],
        address=course.address,
    )


def _failure(course: Course, trouble: Trouble, detail: str) -> Failure:
    address = "" if trouble is Trouble.ADDRESS_REFUSED else course.address
    return Failure(
        trouble, course.timing(), was_sent=course.was_sent, detail=detail, address=address
    )


def _diagnosis(error: BaseException, course: Course) -> tuple[Trouble, str]:
    """What an exception means, and a detail that names no address; raises what it does not know."""
    chain = tuple(causes(error))
    if not course.was_sent:
        return _connecting_trouble(error, chain, course)
    tls = first_of(chain[::-1], ssl.SSLError)  # the innermost tells most
    if tls is not None:
        return Trouble.TLS, tls_detail(tls, course.tls)
    return _answering_trouble(error, chain, course)


def _connecting_trouble(
    error: BaseException, chain: Sequence[BaseException], course: Course
) -> tuple[Trouble, str]:
    if course.is_refused:
        return Trouble.ADDRESS_REFUSED, "the address is not public"
    tls = first_of(chain[::-1], ssl.SSLError)  # the innermost tells most
    if tls is not None:
        return Trouble.TLS, tls_detail(tls, course.tls)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Trouble.DNS, error.os_error.strerror or "the name has no address"
    if course.tls_at is not None and isinstance(error, aiohttp.ClientConnectorError):
        return Trouble.TLS, "the server broke off the TLS handshake"
    if isinstance(error, aiohttp.ClientConnectorError):
        return Trouble.CONNECT, strerror(error.os_error)
    raise error


def _answering_trouble(
    error: BaseException, chain: Sequence[BaseException], course: Course
) -> tuple[Trouble, str]:
    wrong = first_of(chain, HttpProcessingError)
    if first_of(chain, HeadTooLong) or first_of(chain, LineTooLong) or _is_many_headers(wrong):
        return Trouble.TOO_LARGE, f"the headers of the answer exceed {LONGEST_HEAD} bytes"
    if not course.beginning.startswith(b"HTTP/"[: len(course.beginning)]):
        return Trouble.NOT_HTTP, foreign_detail(course.beginning)
    is_cut_short = isinstance(wrong, PayloadEncodingError)  # less came than was announced
    if wrong is not None and not is_cut_short:
        return Trouble.NOT_HTTP, "the answer breaks the rules of HTTP"
    if is_cut_short or isinstance(error, aiohttp.ClientPayloadError):
        return Trouble.RESET, "the body of the answer ended before its end"
    if isinstance(error, _Broken | aiohttp.ClientConnectionError):
        return Trouble.RESET, _reset_detail(chain, course)
    raise error


def _is_many_headers(error: HttpProcessingError | None) -> bool:
    return error is not None and "Too many headers" in error.message


def _reset_detail(chain: Sequence[BaseException], course: Course) -> str:
    if course.beginning:
        return "the connection broke in the middle of the answer"
    if first_of(chain, aiohttp.ServerDisconnectedError):
        return "the server closed the connection without an answer"
    return "the connection broke before an answer came"
