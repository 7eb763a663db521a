"""What aiohttp's connections lack: bounded heads, no answer to what nobody asked, DNS beside the rest.

Each piece overrides what aiohttp has no public way to say; `sending.py` is its only user.
"""

import asyncio
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler

from recado.lib.course import Course, current_course
from recado.lib.looking_up import Lookup

LONGEST_HEAD: Final = 64 * 1024  # bytes of an answer's status line and headers, 1xx included
_END_OF_HEAD: Final = b"\r\n\r\n"
_DNS_THREADS: Final = 16  # getaddrinfo cannot be cancelled; more lookups than these wait


class HeadTooLong(Exception):
    """The answer's status line and headers go beyond LONGEST_HEAD."""


class Connector(aiohttp.TCPConnector):
    """Makes connections that speak `_Protocol`; aiohttp has no public way to say so."""

    def __init__(self, **settings: Any) -> None:  # TCPConnector's own
        super().__init__(**settings)
        self._factory = partial(_Protocol, loop=self._loop)  # type: ignore[assignment]  # narrower


class _Protocol(ResponseHandler):
    """Bounds an answer's head as it comes, and refuses answers to what was not asked."""

    _of: Course | None = None
    _is_in_head = False
    _head_size = 0

    def set_response_params(self, **settings: Any) -> None:  # aiohttp's own; called per request
        self._of = current_course.get() or Course()
        self._of.ready_at = perf_counter()
        self._of.address = self._peer()
        self._is_in_head = True
        self._head_size = 0
        super().set_response_params(**settings)

    def is_connected(self) -> bool:
        """Whether the next request may go this way: open, and nothing waits to be read.

        An idle connection with news is one that the server has just closed, or one that holds an
        answer to nothing; a request sent into it would be lost without anybody knowing how far.
        """
        return super().is_connected() and not self._has_news()

    def data_received(self, data: bytes) -> None:
        while data and self._is_in_head:
            data = self._take_head(data)
        payload = self._payload
        if self._of is None or (payload is not None and not payload.is_eof()):
            super().data_received(data)
        elif data and self.transport is not None:
            # A body where there can be none, or the answer to a request that nobody sent.
            self.transport.close()

    def feed_data(self, data: Any, size: int = 0) -> None:  # the parser's (message, body)
        status = data[0].code
        self._is_in_head = status < 200 and status >= 100 and status != 101
        super().feed_data(data, size)

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        super().set_exception(exc, *cause)
        payload = self._payload
        if payload is not None and not payload.is_eof() and payload.exception() is None:
            # aiohttp tells only whoever waits for a head; a reader of the body would wait on.
            broken = aiohttp.ClientPayloadError("the body is broken")
            broken.__cause__ = exc
            payload.set_exception(broken)

    def connection_lost(self, exc: BaseException | None) -> None:
        payload = self._payload
        if exc is not None and payload is not None and not payload.is_eof():
            # Without this a body that ends where the connection does would pass for whole.
            payload.set_exception(aiohttp.ClientPayloadError("the connection broke"), exc)
        super().connection_lost(exc)

    def _take_head(self, data: bytes) -> bytes:
        """Give the parser one head at most; what comes after it is returned.

        aiohttp forgets a 204 that comes in one piece with a body it must not have.
        """
        end = data.find(_END_OF_HEAD)
        part = data if end < 0 else data[: end + len(_END_OF_HEAD)]
        self._note(part)
        super().data_received(part)
        if self._is_in_head and self._head_size > LONGEST_HEAD:
            self._is_in_head = False
            self.set_exception(HeadTooLong())
            if self.transport is not None:
                self.transport.abort()
        return b"" if self.exception() is not None else data[len(part) :]

    def _has_news(self) -> bool:
        if self.transport is None:
            return False
        waiting = select.poll()
        waiting.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(waiting.poll(0))

    def _peer(self) -> str:
        peer = None if self.transport is None else self.transport.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    def _note(self, data: bytes) -> None:
        self._head_size += len(data)
        if self._of is not None:
            self._of.note_answer(data)


class Resolver(AbstractResolver):
    """Asks DNS in threads of its own, so names that hang hold up nothing but other names."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(_DNS_THREADS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        course = current_course.get()  # of whoever asked first; others wait for the same answer
        if course is not None:
            course.dns_at = perf_counter()
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._lookup, host, port)
        if course is not None:
            course.resolved_at = perf_counter()
        if not found:
            raise OSError("the name has no address")
        return [_resolved(host, address, port) for address in found]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=numeric
    )
