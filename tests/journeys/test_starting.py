"""How a page starts: live part by part, without what it does not need; times in its words."""

import asyncio

import pytest
from playwright.async_api import Locator, expect

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.places import places
from tests.journeys.stage import Stage

pytestmark = pytest.mark.journey

_COUNT_FORMATS = """
globalThis.formatsMade = []
for (const kind of ["DateTimeFormat", "RelativeTimeFormat", "NumberFormat"]) Intl[kind] = new Proxy(Intl[kind], {
  construct: (made, options) => { formatsMade.push(kind); return new made(...options) },
})
"""
_TOLD = """(moments) => moments.map((seconds) => {
  const [whole, time] = ["relative-time", "time"].map((tag) => document.createElement(tag))
  time.dateTime = new Date(Date.now() + seconds * 1000).toISOString()
  whole.append(time)
  document.body.append(whole)
  return time.textContent
})"""
_IS_SEEN = """(element) => {
  const { x, y, width, height } = element.getBoundingClientRect()
  return document.elementFromPoint(x + width / 2, y + height - 1) === element
}"""
_MOMENTS = [-5, -45, -200, -7300, -90000, -300000, -2700000, -70000000, 30.5, 4000, 180000]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "pt_BR",
            "agora, há 45 s, há 3 min, há 2 h, há 1 dia, há 3 dias, há 1 mês, há 2 anos, em 30 s, em 1 h, em 2 dias",
        ),
        (
            "en",
            "now, 45 s ago, 3 min ago, 2 h ago, 1 day ago, 3 days ago, 1 month ago, 2 years ago, in 30 s, in 1 h, in 2 days",
        ),
        (
            "es",
            "ahora, hace 45 s, hace 3 min, hace 2 h, hace 1 día, hace 3 días, hace 1 mes, hace 2 años, "
            "dentro de 30 s, dentro de 1 h, dentro de 2 días",
        ),
    ],
)
async def test_a_time_is_told_in_the_words_of_the_page(
    site: Site, open_page: OpenPage, language: str, told: str
) -> None:
    page = await open_page(None, Look(language=language))
    await page.goto("/sign-in")
    await is_ready(page)
    assert ", ".join(await page.evaluate(_TOLD, _MOMENTS)) == told


async def test_the_exact_time_is_worked_out_when_somebody_points_at_it(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.add_init_script(_COUNT_FORMATS)
    await page.goto(places(stage)["conversation"])
    await is_ready(page)
    time = page.locator(".desk-list relative-time time").first
    await expect(time).to_have_text("agora")
    assert await page.evaluate("formatsMade") == []
    assert await time.get_attribute("title") is None
    await time.dispatch_event("pointerover")
    assert await page.evaluate("formatsMade") == ["DateTimeFormat"]
    exact = "(element) => new Date(element.dateTime).toLocaleString('pt-BR', { dateStyle: 'medium', timeStyle: 'medium' })"
    assert await time.get_attribute("title") == await time.evaluate(exact)


async def test_parts_become_live_one_by_one_from_the_innermost(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.add_init_script(
        """globalThis.lived = []
        document.addEventListener("htmx:before:process", ({ target }) => lived.push(target.id || target.localName))"""
    )
    await page.goto(places(stage)["log"])
    await is_ready(page)
    lived = await page.evaluate("lived")
    assert lived[0] == "body"  # which htmx was told to leave
    assert lived.index("log") < lived.index("bell-count")
    await page.locator("#log tbody tr").first.wait_for()


async def test_no_row_stays_under_the_bar_of_a_phone(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana, Look(width=360, height=420))
    await page.goto(places(stage)["log"])
    await is_ready(page)
    boxes = page.get_by_role("checkbox", name="Escolher a entrega")
    assert await boxes.count() >= 2
    for box in await boxes.all():
        await page.evaluate("scrollTo(0, 0)")
        await box.focus()
        async with asyncio.timeout(10):
            await _is_seen(box)


async def _is_seen(box: Locator) -> None:
    """Until nothing lies over it: parts of the page above it may still come."""
    while True:
        if await box.evaluate(_IS_SEEN):
            return
        await asyncio.sleep(0.05)
