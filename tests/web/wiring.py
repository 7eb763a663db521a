"""Two ends of a real connection: one that Recado writes to, one that a page reads."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from recado.web.live import Live


@dataclass(frozen=True, slots=True)
class Ends:
    """What is written to `transport` arrives at `reader`."""

    transport: asyncio.Transport
    reader: asyncio.StreamReader

    async def chunk(self) -> bytes:
        """The next chunk of an answer; it fails on what is none."""
        size = int(await self.reader.readline(), 16)
        chunk = await self.reader.readexactly(size)
        assert await self.reader.readexactly(2) == b"\r\n"
        return chunk

    async def is_silent(self) -> bool:
        """Whether nothing comes for a moment."""
        try:
            async with asyncio.timeout(0.2):
                await self.reader.readexactly(1)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def connected() -> AsyncIterator[Ends]:
    """A connection, closed at the end."""
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    reader, writer = await asyncio.open_connection(sock=theirs)
    try:
        yield Ends(transport, reader)
    finally:
        writer.close()
        transport.close()


@asynccontextmanager
async def listening(
    live: Live, account_id: int, user_id: int = 0, *, drawn_at: float = 0.0
) -> AsyncIterator[Ends]:
    """A page's end of a stream that has begun."""
    async with connected() as ends:
        stream = live.stream(account_id, user_id, ends.transport, drawn_at=drawn_at)
        assert (await anext(stream)).startswith(b"retry: 2000\nevent: ready\n")
        rest = asyncio.ensure_future(anext(stream, None))
        await asyncio.sleep(0)
        try:
            yield ends
        finally:
            rest.cancel()
            await asyncio.wait([rest])
