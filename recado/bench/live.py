"""Thousands of open pages: how long a message takes to be told to all of them."""

import asyncio
import resource
import time
from typing import Any, Final
from urllib.parse import urlsplit

from recado.bench.desk import BenchFailed, open_desk
from recado.bench.machine import memory_mib
from recado.bench.printing import Report, Row, percentile
from recado.bench.stage import Stage, set_stage
from recado.bench.telling import bare_telling

_STREAMS: Final = (100, 1_000, 5_000)
_AT_ONCE: Final = 100  # opened together
_MESSAGES: Final = 5
_PATIENCE_SECONDS: Final = 60.0


class _Told:
    """When each stream heard of a change since the last `clear`."""

    def __init__(self) -> None:
        self.times: list[float] = []

    async def until(self, number: int) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while len(self.times) < number and time.monotonic() < end:  # noqa: ASYNC110 - it is timed
            await asyncio.sleep(0.005)


class _Stream(asyncio.Protocol):
    """One open page: asks for the stream, and notes what comes."""

    def __init__(self, told: _Told, request: bytes) -> None:
        self._told = told
        self._request = request
        self.is_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:  # uvloop's are of no class of asyncio's
        """Ask."""
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note the first word of a change, or why there is no stream."""
        if data.startswith(b"HTTP/") and b" 200 " not in data[:20]:
            self._refuse(data.splitlines()[0].decode())
        if b"event: ready" in data and not self.is_ready.done():
            self.is_ready.set_result(None)
        if b"event: changed" in data:
            self._told.times.append(time.monotonic())

    def connection_lost(self, error: Exception | None) -> None:
        """It should not, before the end."""
        self._refuse(str(error))

    def _refuse(self, why: str) -> None:
        if not self.is_ready.done():
            self.is_ready.set_exception(BenchFailed(f"A stream was refused: {why}"))


async def live(_seconds: float, _rate: float) -> Report:
    """More and more streams of one account on one web process; messages one after the other."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    bare = [await bare_telling(number, times=_MESSAGES) for number in _STREAMS]
    async with open_desk(("web",)) as desk:
        stage = await set_stage(desk)
        told, streams = _Told(), list[asyncio.BaseTransport]()
        cookie = await desk.sign_in()
        before = memory_mib(desk.processes[0].pid)
        rows = []
        for number in _STREAMS:
            streams += await _open(desk.url, cookie, told, number - len(streams))
            rows.append(await _row(stage, told, number, before))
        for one in streams:
            one.close()
    rows = [{**row, "bare_ms": round(one * 1000, 1)} for row, one in zip(rows, bare, strict=True)]
    notes = [
        "From the moment a message is posted: the first and the last page that hears of it.",
        "bare: the last page, where a process does nothing but tell all connections.",
        "The pages' side of the streams takes its share of the same processors.",
    ]
    return Report("live", rows, notes)


async def _open(url: str, cookie: str, told: _Told, number: int) -> list[asyncio.BaseTransport]:
    where = urlsplit(url)
    request = f"GET /app/live HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {cookie}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    opened: list[asyncio.BaseTransport] = []
    for start in range(0, number, _AT_ONCE):
        some: list[Any] = await asyncio.gather(
            *(
                loop.create_connection(
                    lambda: _Stream(told, request), where.hostname or "", where.port or 0
                )
                for _ in range(min(_AT_ONCE, number - start))
            )
        )
        await _until_ready([one for _, one in some])
        opened += [transport for transport, _ in some]
    return opened


async def _until_ready(streams: list[_Stream]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await asyncio.gather(*(one.is_ready for one in streams))
    except TimeoutError:
        said = f"No stream for {len(streams)} more pages within {_PATIENCE_SECONDS:g} seconds."
        raise BenchFailed(said) from None


async def _row(stage: Stage, told: _Told, number: int, before: float) -> Row:
    firsts, lasts, heard = [], [], 0
    for _ in range(_MESSAGES):
        await asyncio.sleep(0.5)
        told.times.clear()
        began = time.monotonic()
        await stage.post("nobody")
        await told.until(number)
        heard += min(number, len(told.times))
        times = sorted(one - began for one in told.times[:number])
        firsts.append(times[0])
        lasts.append(times[-1])
    grown = memory_mib(stage.desk.processes[0].pid) - before
    return {
        "streams": number,
        "heard": f"{heard / number / _MESSAGES:.1%}",
        "first_ms": round(percentile(firsts, 0.5) * 1000, 1),
        "last_ms": round(percentile(lasts, 0.5) * 1000, 1),
        "worst_ms": round(max(lasts) * 1000, 1),
        "kib_a_stream": round(grown * 1024 / number, 1),
    }
