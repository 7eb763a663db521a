"""How soon what happens stands on a page that somebody else has open: `python -m benchmarks.two_pages [--times 30]`.

Opens one conversation in two browsers, on a desk in a folder that it throws away. Prints milliseconds until
it is drawn in the second: of a message posted by a program, and of one that is typed in the first, from the key
Enter on. Beside them, as a reference, what the post alone takes until it is answered.

Needs Chromium and playwright (of requirements-dev.txt).
"""

import argparse
import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

from recado.bench.desk import Desk, open_desk
from recado.bench.printing import percentile

_SETTLED: Final = 1500  # milliseconds after which a page asks for nothing more by itself
_PAUSE: Final = 0.4  # seconds between two, as of people
_WATCH: Final = """() => {
    globalThis.drawn = new Map()
    new MutationObserver(() => {
        for (const word of document.querySelector("[role=log]").textContent.match(/bench-\\w+-\\d+/g) ?? [])
            if (!drawn.has(word)) drawn.set(word, Date.now())
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
}"""
_DRAWN_AT: Final = "(word) => drawn.get(word) ?? 0"
_LONGEST: Final = 10.0  # seconds


async def measure(chromium_path: str, times: int) -> None:
    """Print a line for each way."""
    async with open_desk(("web", "worker")) as desk, async_playwright() as playwright:
        number = await _conversation(desk)
        cookies = await desk.sign_in()
        chromium = await playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        first, second = [await _opened(chromium, desk.url, number, cookies) for _ in range(2)]
        answered: list[float] = []

        async def post(word: str) -> float:
            began = time.time()
            await desk.create(f"conversations/{number}/messages", {"content": word})
            answered.append(time.time() - began)
            return began

        async def write(word: str) -> float:
            await first.locator("#field-content").fill(word)
            began = time.time()
            await first.locator("#field-content").press("Enter")
            return began

        posted = await _each("posted", post, second, times)
        _line("the post alone, answered", answered)
        _line("posted, until it is drawn", posted)
        _line("typed, until it is drawn by the other", await _each("typed", write, second, times))
        await chromium.close()


async def _conversation(desk: Desk) -> int:
    inbox = await desk.create("inboxes", {"name": "Bench", "channel": {"type": "api"}})
    contact = await desk.create("contacts", {"inbox_id": inbox["id"], "name": "Maria"})
    source = contact["payload"]["contact_inbox"]["source_id"]
    made = await desk.create("conversations", {"source_id": source, "inbox_id": inbox["id"]})
    return int(made["id"])


async def _opened(chromium: Browser, url: str, number: int, cookies: str) -> Page:
    context = await chromium.new_context(viewport={"width": 1280, "height": 900})
    pairs = (one.split("=", 1) for one in cookies.split("; "))
    await context.add_cookies([{"name": k, "value": v, "url": url} for k, v in pairs])
    page = await context.new_page()
    await page.goto(f"{url}/app/conversations/{number}")
    await page.wait_for_timeout(_SETTLED)
    await page.evaluate(_WATCH)
    return page


async def _each(
    kind: str, act: Callable[[str], Awaitable[float]], page: Page, times: int
) -> list[float]:
    """Seconds from each act until the page has drawn it."""
    took = []
    for number in range(times):
        word = f"bench-{kind}-{number}"
        began = await act(word)
        took.append(await _drawn_at(page, word) - began)
        await asyncio.sleep(_PAUSE)
    return took


async def _drawn_at(page: Page, word: str) -> float:
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        if at := await page.evaluate(_DRAWN_AT, word):
            return float(at) / 1000
        await asyncio.sleep(0.02)
    raise SystemExit(f"The other page has not drawn {word} in {_LONGEST:.0f} seconds.")


def _line(what: str, took: list[float]) -> None:
    half, most = percentile(took, 0.5) * 1000, max(took) * 1000
    print(f"{what:40} p50 {half:6.0f} ms  worst {most:6.0f} ms  of {len(took)}", flush=True)  # noqa: T201 - its whole purpose


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=30)
    wanted = parser.parse_args().times
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if browser is None:
        raise SystemExit("Chromium is missing: sudo apt-get install chromium")
    asyncio.run(measure(browser, wanted))
