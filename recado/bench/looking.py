"""Pages that people have open: after each message they ask for their list, and others wait meanwhile."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from recado.bench.desk import BenchFailed, Desk, open_desk
from recado.bench.machine import processor_seconds
from recado.bench.printing import Report, Row, milliseconds, percentile
from recado.bench.stage import Stage, set_stage

_PAGES: Final = (1, 20, 100)
_RATE: Final = 10.0  # messages a second
_LIST: Final = "/app/conversations/list?tab=all"
_AFTER_SECONDS: Final = 0.2  # as `data-after` of the list
_SETTLED_SECONDS: Final = 2.0
_OPENING_SECONDS: Final = 60.0


@dataclass
class _Page:
    """A page with a list of conversations, as `live_parts.js` has it look: one answer at a time."""

    client: aiohttp.ClientSession
    url: str
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    took: list[float] = field(default_factory=list)  # seconds each list needed
    _pace: float = 0.0  # seconds in which all pages look in turns
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Hear what is news until it is closed."""
        event = b""
        never = aiohttp.ClientTimeout(total=None)
        async with self.client.get(f"{self.url}/app/live", timeout=never) as stream:
            if stream.status != 200:
                raise BenchFailed(f"A stream was answered {stream.status}.")
            self.is_open.set()
            async for line in stream.content:
                name, _, value = line.strip().partition(b": ")
                if name == b"event":
                    event = value
                elif name == b"data" and event == b"pace":
                    self._pace = int(value) / 1000
                elif name == b"data" and b"conversations" in value:
                    self._news.set()

    async def look(self) -> None:
        """Ask for the list a moment after it is news, in its turn."""
        while await self._news.wait():
            await asyncio.sleep(_AFTER_SECONDS + random.random() * self._pace)  # noqa: S311 - no secret
            self._news.clear()
            began = time.monotonic()
            async with self.client.get(f"{self.url}{_LIST}", headers={"HX-Request": "true"}) as got:
                await got.read()
                if got.status != 200:
                    raise BenchFailed(f"{_LIST} was answered {got.status}.")
            self.took.append(time.monotonic() - began)


async def looking(seconds: float, _rate: float) -> Report:
    """More and more pages of one account on one web process, and messages at a steady rate."""
    rows: list[Row] = []
    async with open_desk(("web",)) as desk:
        stage = await set_stage(desk)
        cookie = await desk.sign_in()
        for number in _PAGES:
            async with _opened(desk, cookie, number) as pages:
                rows.append(await _row(stage, pages, seconds))
    notes = [
        f"{_RATE:g} messages a second, each of which changes every page's list; what posting them takes.",
        "The pages' side takes its share of the same processors.",
    ]
    return Report("looking", rows, notes)


@asynccontextmanager
async def _opened(desk: Desk, cookie: str, number: int) -> AsyncIterator[list[_Page]]:
    """Pages that listen, for as long as the block runs; one that fails fails it."""
    jar, connector = aiohttp.DummyCookieJar(), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        cookie_jar=jar, connector=connector, headers={"Cookie": cookie}
    ) as client:
        pages = [_Page(client, desk.url) for _ in range(number)]
        tasks = [asyncio.create_task(one) for page in pages for one in (page.listen(), page.look())]
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                await asyncio.gather(*(one.is_open.wait() for one in pages))
            await asyncio.sleep(_SETTLED_SECONDS)
            yield pages
            _raise_what_failed(tasks)
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)


def _raise_what_failed(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        if task.done() and (error := task.exception()):
            raise error


async def _row(stage: Stage, pages: list[_Page], seconds: float) -> Row:
    web = stage.desk.processes[0].pid
    for page in pages:
        page.took.clear()
    posted: list[float] = []
    before, began = processor_seconds(web), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(_RATE * seconds)):
            await asyncio.sleep(max(0.0, began + number / _RATE - time.monotonic()))
            group.create_task(_post(stage, posted))
    elapsed = time.monotonic() - began
    took = [one for page in pages for one in page.took]
    return {
        "pages": len(pages),
        "posted": len(posted),
        **milliseconds(posted),
        "lists_per_s": round(len(took) / elapsed, 1),
        "list_p95_ms": round(percentile(took, 0.95) * 1000, 1),
        "web_percent": round(100 * (processor_seconds(web) - before) / elapsed),
    }


async def _post(stage: Stage, posted: list[float]) -> None:
    began = time.monotonic()
    await stage.post("nobody")
    posted.append(time.monotonic() - began)
