"""Light and dark by choice: at once, without a flash on the next page, and readable."""

import asyncio

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.places import places
from tests.journeys.stage import Stage

pytestmark = pytest.mark.journey


async def _ground(page: Page) -> str:
    """What the eye sees: "dark" or "light"."""
    lightness = await page.evaluate(_GROUND)
    return "dark" if lightness < 128 else "light"


_GROUND = """() => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d")
  pixel.fillStyle = getComputedStyle(document.body).backgroundColor
  pixel.fillRect(0, 0, 1, 1)
  return pixel.getImageData(0, 0, 1, 1).data[1]
}"""


@pytest.mark.parametrize(
    ("system", "button", "seen"),
    [
        ("light", "Escuro", "dark"),
        ("dark", "Claro", "light"),
        ("dark", "Como o sistema", "dark"),
        ("light", "Como o sistema", "light"),
    ],
)
async def test_the_menu_changes_it_at_once_and_for_good(
    site: Site, open_page: OpenPage, system: str, button: str, seen: str
) -> None:
    page = await open_page(site.cast.ana, Look(theme=system))
    await page.goto("/app/contacts")
    await is_ready(page)
    await page.locator("#me-summary").click()
    await page.get_by_role("button", name=button).click()
    await expect(page.get_by_role("button", name=button)).to_be_hidden()
    await expect(
        page.locator("#me [name=theme][aria-pressed=true]", has_text=button)
    ).to_be_attached()
    assert await _ground(page) == seen
    await page.goto("/app/profile")
    assert await _ground(page) == seen
    await page.locator("#me-summary").click()
    await page.get_by_role("button", name="Sair", exact=True).click()
    await page.wait_for_url("**/sign-in")
    assert await _ground(page) == seen


async def test_the_palette_changes_it_too(site: Site, open_page: OpenPage) -> None:
    page = await open_page(site.cast.beto)
    await page.goto("/app/contacts")
    await is_ready(page)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("escuro")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("dialog.palette")).to_be_hidden()
    assert await _ground(page) == "dark"


async def test_enter_before_the_commands_have_come_is_not_lost(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.beto)
    await page.goto("/app/contacts")
    await is_ready(page)
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/app/palette", hold)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("escuro")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog.palette")).to_be_visible()
    held.set()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("dialog.palette")).to_be_hidden()


@pytest.mark.parametrize("system", ["light", "dark"])
async def test_the_other_theme_than_the_systems_can_be_read(
    site: Site, stage: Stage, open_page: OpenPage, system: str
) -> None:
    page = await open_page(site.cast.ana, Look(theme=system))
    other = "dark" if system == "light" else "light"
    found = {}
    for name in ("conversation", "log", "list", "labels", "profile"):
        await page.goto(places(stage)[name])
        await is_ready(page)
        await page.evaluate(f"document.documentElement.dataset.theme = '{other}'")
        results = await Axe().run(page, options={"runOnly": ["color-contrast"]})
        found[name] = [
            node["html"] for one in results.response["violations"] for node in one["nodes"]
        ]
    assert {name: bad for name, bad in found.items() if bad} == {}
