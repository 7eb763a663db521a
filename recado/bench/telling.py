"""A server of streams and nothing else: what one connection asks for, all are told.

Run as a process of its own: the reference of `recado bench live`, which opens as many pages.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvloop

_NEWS: Final = b"36\r\nevent: changed\ndata: conversations conversation:12345\n\n\r\n"
_CONNECTIONS_AT_ONCE: Final = 100
_PATIENCE_SECONDS: Final = 60.0


class _Page(asyncio.Protocol):
    def __init__(self, heard: list[float]) -> None:
        self._heard = heard

    def data_received(self, data: bytes) -> None:
        """Note when."""
        self._heard.append(time.monotonic())


class _Server(asyncio.Protocol):
    def __init__(self, pages: list[asyncio.WriteTransport]) -> None:
        self._pages = pages

    def connection_made(self, transport: Any) -> None:  # uvloop's are of no class of asyncio's
        """One page more."""
        self._pages.append(transport)

    def data_received(self, data: bytes) -> None:
        """Tell all of them."""
        for page in self._pages:
            page.write(_NEWS)


async def bare_telling(number: int, *, times: int) -> float:
    """Seconds until the last of so many pages has heard it, at the median."""
    loop, heard = asyncio.get_running_loop(), list[float]()
    with _serving() as port:
        pages = list[asyncio.WriteTransport]()
        while len(pages) < number:
            opened = (
                loop.create_connection(lambda: _Page(heard), "127.0.0.1", port)
                for _ in range(min(_CONNECTIONS_AT_ONCE, number - len(pages)))
            )
            pages += [transport for transport, _ in await asyncio.gather(*opened)]
        took = sorted([await _once(pages, heard) for _ in range(times)])
        for page in pages:
            page.close()
    return took[times // 2]


async def _once(pages: list[asyncio.WriteTransport], heard: list[float]) -> float:
    await asyncio.sleep(0.3)
    heard.clear()
    began = time.monotonic()
    pages[0].write(b"tell")
    while len(heard) < len(pages) and time.monotonic() < began + _PATIENCE_SECONDS:  # noqa: ASYNC110 - timed
        await asyncio.sleep(0.005)
    return max(heard, default=began + _PATIENCE_SECONDS) - began


@contextmanager
def _serving() -> Iterator[int]:
    command = (sys.executable, "-m", "recado.bench.telling")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - ourselves
        try:
            yield int(process.stdout.readline()) if process.stdout else 0
        finally:
            process.kill()


async def _serve() -> None:
    pages = list[asyncio.WriteTransport]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(pages), "127.0.0.1", 0, backlog=1_000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
