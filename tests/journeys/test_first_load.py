"""What opening a page costs, as the browser itself counts it: nothing jumps; bytes and times are printed."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.places import places
from tests.journeys.stage import Stage

pytestmark = pytest.mark.journey

_STILL = (
    *("test", "rules", "edit rule", "log", "delivered", "conversations", "contacts"),
    *("notifications", "profile"),
)
# Parts of these are asked for once the page stands: what is below them moves a little.
_ASKING = ("list", "form", "conversation", "contact", "reports")
_GOOD = 0.1  # of the window: what Web Vitals call good


@pytest.mark.timeout(300)  # seconds, also where much else runs
@pytest.mark.parametrize("width", [1280, 360])
async def test_nothing_jumps_while_a_page_opens(
    site: Site, stage: Stage, open_page: OpenPage, width: int, record_property: Any
) -> None:
    page = await open_page(site.cast.ana, Look(width=width))
    where = places(stage)
    moved = {name: await _moved(page, where[name]) for name in (*_STILL, *_ASKING)}
    record_property(f"layout shift at {width} px", {k: one for k, one in moved.items() if one})
    assert {name: moved[name] for name in _STILL} == dict.fromkeys(_STILL, 0)
    assert max(moved.values()) < _GOOD


async def _moved(page: Page, path: str) -> float:
    await page.goto(path)
    await is_ready(page)
    return float(await page.evaluate(_SHIFT))


_SHIFT = """() => new Promise((resolve) => {
  let moved = 0
  const add = (list) => list.getEntries().forEach((one) => { if (!one.hadRecentInput) moved += one.value })
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true })
  setTimeout(() => resolve(moved), 200)
})"""


@pytest.mark.parametrize("name", ["list", "form", "conversations", "log"])
async def test_a_first_visit_asks_for_what_it_needs_and_the_second_for_the_page_alone(
    site: Site, stage: Stage, open_page: OpenPage, name: str, record_property: Any
) -> None:
    page = await open_page(site.cast.ana)
    costs = []
    for _ in ("first", "second"):
        await page.goto(places(stage)[name])
        await is_ready(page)
        costs.append(await page.evaluate(_COST))
    record_property(f"first and second visit of {name}", costs)
    first, second = costs
    assert first["files"] > 0
    assert first["requests"] <= (9 if name == "form" else 6)
    assert second["files"] == 0  # bytes of scripts, styles and pictures: all are kept


# The icon of the page comes when the browser likes, with the first visit or with the second.
_COST = """() => {
  const [page] = performance.getEntriesByType("navigation"), paint = performance.getEntriesByName("first-contentful-paint")[0]
  const paths = performance.getEntriesByType("resource").map((one) => [one, new URL(one.name).pathname])
  const files = paths.filter(([, path]) => path.startsWith("/static/") && !path.endsWith("/favicon.svg")).map(([one]) => one)
  return {
    requests: files.length, files: files.reduce((sum, one) => sum + one.transferSize, 0), html: page.transferSize,
    "first paint, ms": Math.round(paint?.startTime ?? 0), "html after, ms": Math.round(page.responseEnd),
  }
}"""
