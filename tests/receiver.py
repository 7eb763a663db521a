"""The other system: a real HTTP server on this machine that answers as told and keeps what came.

Written on bare streams, because half of what it is for no HTTP server would do: `/slow-body`,
`/endless-headers`, `/reset` and the others in BEHAVIOURS misbehave by their path alone, `/echo`
tells back what came, `/status/NNN` answers so. Every other path answers what `answer` says.
"""

import asyncio
import gzip
import json
import socket
import ssl
import struct
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came. `headers` has lower-case names; `at` is monotonic seconds."""

    method: str
    path: str  # as on the wire, with its query
    headers: Mapping[str, str]
    body: bytes
    at: float
    connection: int  # counts from 1

    @property
    def json(self) -> object:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    hang_up: bool = False  # close the connection right after it, without having said so
    reason: str = "As told"


class Receiver:
    """`async with Receiver() as receiver: ...`; with `tls`, it speaks HTTPS by that context.

    Keeps every request in `received`. `connections` counts who connected, `visited` is every path
    that was asked for.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self._host = host
        self._tls = tls
        self._usual = Answer()
        self._once: deque[Answer] = deque()
        self._news = asyncio.Condition()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = port  # chosen by the system if it is 0

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    @property
    def visited(self) -> list[str]:
        return [one.path for one in self.received]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._meet, self._host, self.port, ssl=self._tls, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def answer(
        self,
        status: int = 200,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        *,
        reason: str = "As told",
    ) -> None:
        """Answer so from now on."""
        self._usual = Answer(status, body, headers or {}, delay, reason=reason)

    def answer_once(
        self,
        status: int = 200,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        *,
        hang_up: bool = False,
    ) -> None:
        """Answer so one more time; several calls queue up, before what `answer` says."""
        self._once.append(Answer(status, body, headers or {}, delay, hang_up))

    async def wait_for(
        self,
        count: int,
        timeout: float = 10.0,  # noqa: ASYNC109 - reads best where it is called
    ) -> list[Received]:
        """The first `count` requests, as soon as they are here; TimeoutError if they do not come."""
        async with asyncio.timeout(timeout), self._news:
            await self._news.wait_for(lambda: len(self.received) >= count)
        return self.received[:count]

    def clear(self) -> None:
        """Forget what came and what was queued; answer 200 again."""
        self.received.clear()
        self._once.clear()
        self._usual = Answer()

    def say(self, data: bytes) -> None:
        """Say `data` to everybody who is connected, unasked."""
        for writer in self._open:
            writer.write(data)

    def hang_up(self) -> None:
        """Drop every open connection, as a server does that restarts."""
        for writer in self._open:
            with suppress(OSError):  # gone already
                writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)  # at once, not soon
            writer.transport.abort()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            # Cancelled when the receiver closes; a cancelled task here would be reported as an error.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer, self.connections)
        finally:
            self._tasks.discard(task)
            self._open.discard(writer)
            writer.close()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        while request := await _read_request(reader, connection):
            async with self._news:
                self.received.append(request)
                self._news.notify_all()
            path = request.path.partition("?")[0]
            behaviour = BEHAVIOURS.get(path)
            if behaviour is not None:
                await behaviour(writer, request)
                return
            answer = self._answer_to(path, request)
            await asyncio.sleep(answer.delay)
            await _write(writer, _answer_bytes(answer, request.method))
            if answer.hang_up:
                return

    def _answer_to(self, path: str, request: Received) -> Answer:
        if path == "/echo":
            return _echo(request)
        if path.startswith("/status/"):
            return Answer(int(path.removeprefix("/status/")))
        return self._once.popleft() if self._once else self._usual


async def _read_request(reader: asyncio.StreamReader, connection: int) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
    except asyncio.IncompleteReadError:
        return None
    line, *rest = head.rstrip("\r\n").split("\r\n")
    method, path, _ = line.split(" ")
    headers: dict[str, str] = {}
    for row in rest:
        name, _, value = row.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, body, monotonic(), connection)


def _echo(request: Received) -> Answer:
    told = {
        "method": request.method,
        "path": request.path,
        "headers": dict(request.headers),
        "body": request.body.decode("utf-8", "replace"),
        "connection": request.connection,
    }
    return Answer(body=json.dumps(told).encode(), headers={"Content-Type": "application/json"})


def _answer_bytes(answer: Answer, method: str) -> bytes:
    named = {"Content-Length": str(len(answer.body)), **answer.headers}
    if answer.status in (204, 304):
        named.pop("Content-Length")
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    head = f"HTTP/1.1 {answer.status:03d} {answer.reason}\r\n{lines}\r\n".encode()
    return head if method == "HEAD" else head + answer.body


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


# Misbehaviour. Each one ends by closing the connection; `for ever` ends when the other side goes.

Behaviour = Callable[[asyncio.StreamWriter, Received], Awaitable[None]]


def _says(data: bytes) -> Behaviour:
    async def say(writer: asyncio.StreamWriter, _: Received) -> None:
        await _write(writer, data)

    return say


def _says_and_waits(data: bytes) -> Behaviour:
    async def say(writer: asyncio.StreamWriter, _: Received) -> None:
        await _write(writer, data)
        await asyncio.sleep(3600)

    return say


def _repeats(head: bytes, again: bytes, seconds: float = 0.0) -> Behaviour:
    async def repeat(writer: asyncio.StreamWriter, _: Received) -> None:
        await _write(writer, head)
        while True:
            await asyncio.sleep(seconds)
            await _write(writer, again)

    return repeat


def _resets(data: bytes) -> Behaviour:
    async def reset(writer: asyncio.StreamWriter, _: Received) -> None:
        await _write(writer, data)
        await asyncio.sleep(0.05)  # what was said arrives before the reset
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return reset


def _full(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = "".join(f"{line}\r\n" for line in (f"Content-Length: {len(body)}", *headers))
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


async def _explode(writer: asyncio.StreamWriter, _: Received) -> None:
    await _write(writer, _full(_bomb(), "Content-Encoding: gzip"))


@cache
def _bomb() -> bytes:
    packing = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    return b"".join(packing.compress(bytes(1024 * 1024)) for _ in range(50)) + packing.flush()


_OK: Final = b"HTTP/1.1 200 OK\r\n"

BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "/slow-headers": _repeats(_OK, b"X-More: x\r\n", 0.05),
    "/slow-body": _repeats(_OK + b"Content-Length: 99999\r\n\r\n", b"x", 0.05),
    "/silence": _says_and_waits(b""),
    "/endless-body": _repeats(
        _OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2000\r\n" + bytes(8192) + b"\r\n"
    ),
    "/endless-headers": _repeats(_OK, b"X-Much: " + b"x" * 1000 + b"\r\n"),
    "/many-headers": _says(_OK + b"A: b\r\n" * 10_000 + b"\r\n"),
    "/endless-informations": _repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/reset": _resets(b""),
    "/reset-mid-headers": _resets(_OK + b"X-Half: "),
    "/reset-mid-body": _resets(_OK + b"Content-Length: 1000\r\n\r\nhalf"),
    "/reset-mid-endless": _resets(_OK + b"Connection: close\r\n\r\nhalf"),
    "/gzip": _says(_full(gzip.compress(b"unpacked"), "Content-Encoding: gzip")),
    "/deflate": _says(_full(zlib.compress(b"unpacked"), "Content-Encoding: deflate")),
    "/gzip-bomb": _explode,
    "/gzip-twice": _says(_full(gzip.compress(gzip.compress(b"x")), "Content-Encoding: gzip, gzip")),
    "/gzip-broken": _says(_full(b"\x1f\x8bnot really", "Content-Encoding: gzip")),
    "/wrong-length": _says(_OK + b"Content-Length: 1000\r\n\r\nshort"),
    "/no-number": _says(_OK + b"Content-Length: many\r\n\r\nbody"),
    "/two-lengths": _says(_OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "/bad-chunk": _says_and_waits(_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n"),
    "/continue": _says(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + _full(b"after all")),
    "/early-hints": _says(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + _full(b"after all")),
    "/big-header": _says(_OK + b"X-Big: " + b"x" * 1024 * 1024 + b"\r\n\r\n"),
    "/two-big-headers": _says(_full(b"", "X-A: " + "x" * 40_000, "X-B: " + "x" * 40_000)),
    "/rather-big-header": _says(_full(b"fine", "X-Big: " + "x" * 40_000)),
    "/invalid-utf8": _says(_OK + b"X-Odd: a\xffb\r\nContent-Length: 3\r\n\r\n\xff\x00\xfe"),
    "/empty": _says(b""),
    "/http10": _says(b"HTTP/1.0 200 OK\r\n\r\nold but fine"),
    "/garbage": _says(b"this is no HTTP at all\r\n\r\n"),
    "/ssh-banner": _says_and_waits(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    "/smtp-banner": _says_and_waits(b"220 mail.example.com ESMTP\r\n"),
    "/http2": _says_and_waits(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00"),
    "/tls-alert": _says(b"\x15\x03\x01\x00\x02\x02\x46"),
    "/half-line": _says(b"HTTP/1.1 20"),
    "/status-99": _says(_full(b"", status="99 Odd")),
    "/204-with-body": _says(_full(b"unasked", status="204 No Content")),
    "/304-with-body": _says(_full(b"unasked", status="304 Not Modified")),
    "/101": _says_and_waits(
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nodd"
    ),
    "/401": _says(_full(b"", 'WWW-Authenticate: Basic realm="x"', status="401 Unauthorized")),
    "/407": _says(_full(b"", 'Proxy-Authenticate: Basic realm="x"', status="407 Proxy")),
    "/cookie": _says(_full(b"", "Set-Cookie: a=b; Path=/", status="200 OK")),
}
