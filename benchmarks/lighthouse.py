"""What a first visit of a page costs: `python -m benchmarks.lighthouse [--lighthouse PATH]`.

Opens a desk with some conversations and calls in a folder that it throws away. Prints for each page what a
browser that has never been here asks for (requests, kilobytes on their way, the time to the first paint) and
what Lighthouse makes of it: performance, accessibility, best practices, of a hundred, first as a slow telephone
(its own choice: a fourth of the processor, a slow network), then as a computer at a desk (`--preset=desktop`).

Needs Chromium, playwright (of requirements-dev.txt) and Lighthouse, which is no dependency of Recado:
`npm install lighthouse` in any folder, and say where: `--lighthouse FOLDER/node_modules/.bin/lighthouse`.
Without it the scores are left out.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping
from statistics import median
from typing import Any, Final

import orjson
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from recado.bench.desk import Desk, open_desk
from recado.bench.filling import fill
from recado.db.database import Database

_PAGES: Final[Mapping[str, str]] = {
    "signing in": "/sign-in",
    "conversations": "/app/conversations?tab=all",
    "a conversation": "/app/conversations/250",
    "the log": "/app/deliveries",
    "an action's form": "/app/actions/new",
}
_CONVERSATIONS: Final = 250  # of which one in ten is open, as many as a page shows
_ROUNDS: Final = 3
_SETTLED: Final = 1500  # milliseconds after which a page asks for nothing more by itself
_SCORES: Final = ("performance", "accessibility", "best-practices")
_DEVICES: Final[Mapping[str, tuple[str, ...]]] = {"telephone": (), "desk": ("--preset=desktop",)}
_TRIES: Final = 3  # a visit of which Chromium recorded nothing is made again (NO_NAVSTART)
_FLAGS: Final = "--headless=new --no-sandbox --disable-gpu"
_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


async def measure(chromium_path: str, lighthouse: str | None) -> None:
    """Print a line for each page."""
    async with open_desk(("web",)) as desk, async_playwright() as playwright:
        cookies = await _filled(desk)
        chromium = await playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        heads = (*_SCORES, "processor", "as")
        print(f"{'page':18} requests      KB  html KB  first paint, ms", *heads)  # noqa: T201 - its whole purpose
        for name, path in _PAGES.items():
            known = "" if path == "/sign-in" else cookies
            costs = [await _first_visit(chromium, desk.url, path, known) for _ in range(_ROUNDS)]
            requests, size, html, _ = costs[-1]
            painted = median(one[3] for one in costs)
            told = f"{name:18} {requests:8} {size:7.1f} {html:8.1f} {painted:16.0f}"
            for device in _DEVICES if lighthouse else [""]:
                scores = await _scores(lighthouse, chromium_path, desk.url + path, known, device)
                print(told, *scores, flush=True)  # noqa: T201
        await chromium.close()


async def _filled(desk: Desk) -> str:
    """The cookies of the administrator of a desk with something on it."""
    inbox = await desk.create("inboxes", {"name": "Bench", "channel": {"type": "api"}})
    database = Database(desk.server.url, pool_size=2)
    try:
        await fill(database, inbox["id"], conversations=_CONVERSATIONS)
    finally:
        await database.close()
    return await desk.sign_in()


async def _first_visit(
    chromium: Browser, url: str, path: str, cookies: str
) -> tuple[int, float, float, float]:
    """Requests, kilobytes of all and of the page itself, milliseconds until something is painted."""
    context = await chromium.new_context(base_url=url, viewport={"width": 1280, "height": 900})
    try:
        await _sign_in(context, url, cookies)
        page = await context.new_page()
        asked, sizes = await _watched(page)
        await page.goto(path)
        await page.wait_for_timeout(_SETTLED)
        painted = await page.evaluate(_PAINT)
        first = next(iter(asked), "")
        return len(asked), sum(sizes.values()) / 1024, sizes.get(first, 0) / 1024, painted
    finally:
        await context.close()


async def _watched(page: Page) -> tuple[dict[str, str], dict[str, int]]:
    """What the page asks for from now on, and how many bytes each answer came in; by the request's id."""
    asked: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire = await page.context.new_cdp_session(page)
    wire.on("Network.requestWillBeSent", lambda one: asked.update({one["requestId"]: one["type"]}))
    wire.on(
        "Network.dataReceived",
        lambda one: sizes.update(
            {one["requestId"]: sizes.get(one["requestId"], 0) + one["encodedDataLength"]}
        ),
    )
    wire.on(
        "Network.loadingFinished",
        lambda one: sizes.update({one["requestId"]: one["encodedDataLength"]}),
    )
    await wire.send("Network.enable")
    return asked, sizes


async def _sign_in(context: BrowserContext, url: str, cookies: str) -> None:
    pairs = (one.split("=", 1) for one in cookies.split("; ") if one)
    await context.add_cookies([{"name": k, "value": v, "url": url} for k, v in pairs])


async def _scores(
    lighthouse: str | None, chromium: str, url: str, cookies: str, device: str
) -> list[str]:
    """What Lighthouse gives the page for each of _SCORES, and what cost it points: the median of three
    visits by performance, which hangs on what else the machine does. How fast its processor was in that
    visit comes last (BenchmarkIndex: Lighthouse slows one of 1,500 to 2,000 down to a telephone's).
    """
    if lighthouse is None:
        return ["-"] * (len(_SCORES) + 1)
    command = (lighthouse, *_DEVICES[device])
    reports = [await _report(command, chromium, url, cookies) for _ in range(_ROUNDS)]
    report = sorted(reports, key=_performance)[_ROUNDS // 2]
    processor = f"{report['environment']['benchmarkIndex']:9.0f}"
    faults = "; ".join(_faults(report))
    return [*(_points(report, one) for one in _SCORES), processor, device, faults]


def _performance(report: Any) -> float:
    return report["categories"]["performance"]["score"] or 0.0  # none where the visit failed


async def _report(lighthouse: tuple[str, ...], chromium: str, url: str, cookies: str) -> Any:
    with tempfile.NamedTemporaryFile(suffix=".json") as found:
        command = [
            *lighthouse, url, "--quiet", "--output=json", f"--output-path={found.name}",
            f"--chrome-flags={_FLAGS}", f"--only-categories={','.join(_SCORES)}",
            *([f"--extra-headers={orjson.dumps({'Cookie': cookies}).decode()}"] if cookies else []),
        ]  # fmt: skip
        for _ in range(_TRIES):
            started = await asyncio.create_subprocess_exec(
                *command, env=os.environ | {"CHROME_PATH": chromium}
            )
            if not await started.wait():
                return orjson.loads(found.read())
    raise SystemExit("Lighthouse ended with an error.")


def _points(report: Any, category: str) -> str:
    return f"{round((report['categories'][category]['score'] or 0) * 100):11}"


def _faults(report: Any) -> list[str]:
    """What counts and was not found perfect, in Lighthouse's words."""
    counted = (one for name in _SCORES for one in report["categories"][name]["auditRefs"])
    audits = (report["audits"][one["id"]] for one in counted if one["weight"])
    return [
        f"{one['title']} {one.get('displayValue', '')}".strip()
        for one in audits
        if one["score"] is not None and one["score"] < 0.9  # green begins there
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lighthouse", help="the command; without, the one on the path")
    given = parser.parse_args().lighthouse or shutil.which("lighthouse")
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if browser is None:
        raise SystemExit("Chromium is missing: sudo apt-get install chromium")
    if given is None:
        print("Lighthouse is missing (npm install lighthouse); its scores are left out.")  # noqa: T201
    asyncio.run(measure(browser, given))
