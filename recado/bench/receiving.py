"""The other system of the benchmarks: a bare HTTP server that answers 200 and times arrivals.

The body it is sent carries `sent`, the monotonic seconds at which its message was posted, and
`host`, which says whose figures it belongs to.
"""

import asyncio
import time
from collections import Counter, defaultdict
from typing import Any, Final, Self

import orjson

_OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Arrivals:
    """Latencies in seconds by host, and how often each message came."""

    def __init__(self) -> None:
        self.latencies: dict[str, list[float]] = defaultdict(list)
        self.times: Counter[str] = Counter()

    def note(self, body: bytes) -> None:
        """A request came."""
        now = time.monotonic()
        try:
            told = orjson.loads(body)
            latency = now - float(told["sent"])
            self.latencies[str(told["host"])].append(latency)
            self.times[str(told["number"])] += 1
        except (orjson.JSONDecodeError, KeyError, ValueError):
            self.times["?"] += 1


class _Receiving(asyncio.Protocol):
    def __init__(self, arrivals: Arrivals, *, hangs: bool) -> None:
        self._arrivals = arrivals
        self._hangs = hangs
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep whom to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole, unless this host hangs."""
        self._buffer += data
        while not self._hangs and (request := self._next()) is not None:
            self._arrivals.note(request)
            self._transport.write(_OK)

    def _next(self) -> bytes | None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = _content_length(head)
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        return rest[:length]


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class Hosts:
    """Servers on ports of this machine, all of which write to the same `arrivals`."""

    def __init__(self) -> None:
        self.arrivals = Arrivals()
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()

    async def healthy(self) -> str:
        """The address of a server that answers at once."""
        return await self._open(hangs=False)

    async def hanging(self) -> str:
        """The address of one that takes everything and never answers."""
        return await self._open(hangs=True)

    async def dead(self) -> str:
        """An address where nobody is."""
        address = await self._open(hangs=False)
        self._servers.pop().close()
        return address

    async def _open(self, *, hangs: bool) -> str:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Receiving(self.arrivals, hangs=hangs), "127.0.0.1", 0, backlog=1024
        )
        self._servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
