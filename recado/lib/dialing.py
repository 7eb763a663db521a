"""Connections to mail servers that an account names: guarded, bounded in time, and cut off from outside.

The libraries that speak IMAP and SMTP block, so they run in a thread and bring a limit for each
answer only. A line adds what they lack: the name is looked up once, every address is judged before
it is connected, and whoever waits can hang up.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

from recado.lib.addresses import AddressGuard
from recado.lib.looking_up import Lookup, look_up

ANSWER_SECONDS: Final = 15.0  # for each answer of a server
_T = TypeVar("_T")


class AddressRefused(OSError):
    """The guard lets nothing through to any address of this name."""


@dataclass(frozen=True, slots=True)
class Dialer:
    """Where lines may lead, and whose certificates are believed."""

    guard: AddressGuard
    tls: ssl.SSLContext
    lookup: Lookup = look_up

    def line(self) -> "Line":
        """A line that is not connected yet."""
        return Line(self)


@dataclass(slots=True)
class Line:
    """One connection. `hang_up` may be called from another thread than the one that uses it."""

    dialer: Dialer
    is_hung_up: bool = False
    _twin: socket.socket | None = field(default=None, repr=False)  # TLS takes the first one away

    @property
    def tls(self) -> ssl.SSLContext:
        """What makes it safe."""
        return self.dialer.tls

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to the first address that may be reached and answers; blocks. Raises OSError."""
        refused, trouble = False, OSError("the name has no address")
        for address in self.dialer.lookup(host, port):
            if self.dialer.guard.refusal(address) is not None:
                refused = True
                continue
            try:
                return self._opened(address, port)
            except OSError as error:
                trouble = error
        if refused and trouble.errno is None and not isinstance(trouble, TimeoutError):
            raise AddressRefused("refused by the address guard")
        raise trouble

    async def is_readable_within(self, seconds: float) -> bool:
        """Wait until something comes in or the other side hangs up, at most so long; whether it did.

        What the connection has read already and nobody took is not seen.
        """
        if self._twin is None:
            return True
        loop, came, number = asyncio.get_running_loop(), asyncio.Event(), self._twin.fileno()
        loop.add_reader(number, came.set)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    return await came.wait()
            return False
        finally:
            loop.remove_reader(number)

    def hang_up(self) -> None:
        """Break the connection; whoever reads from it gets an error."""
        self.is_hung_up = True
        if self._twin is not None:
            with suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let it go; the connection itself is closed by who uses it."""
        if self._twin is not None:
            self._twin.close()

    def _opened(self, address: str, port: int) -> socket.socket:
        if self.is_hung_up:
            raise TimeoutError("hung up")
        connection = socket.create_connection((address, port), timeout=ANSWER_SECONDS)
        self.close()
        self._twin = connection.dup()
        if self.is_hung_up:  # meanwhile
            self.hang_up()
        return connection


async def on_line(line: Line, threads: Executor, work: Callable[[], _T], *, seconds: float) -> _T:
    """What `work` answers in a thread; after `seconds` the line is hung up: TimeoutError."""
    task = asyncio.get_running_loop().run_in_executor(threads, work)
    try:
        await asyncio.wait([task], timeout=seconds)
    except asyncio.CancelledError:
        line.hang_up()
        task.add_done_callback(_forgotten)
        raise
    if task.done():
        return task.result()
    line.hang_up()
    task.add_done_callback(_forgotten)
    raise TimeoutError("the server took too long")


def _forgotten(task: "asyncio.Future[_T]") -> None:
    """Nobody waits for it any more, and its error is no news."""
    if not task.cancelled():
        task.exception()
