"""Drop menus: closed by Esc, by a press or the focus elsewhere, and by what was chosen; by keyboard too."""

import pytest
from playwright.async_api import Page, expect

from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import set_stage
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


@pytest.fixture
async def page(site: Site, receiver: Receiver, open_page: OpenPage) -> Page:
    """A conversation, in which Beto looks."""
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    return page


async def test_esc_closes_it_and_gives_the_focus_back(page: Page) -> None:
    more = page.locator("summary[aria-label='Mais']")
    await more.click()
    entry = page.get_by_role("button", name="Marcar como pendente")
    await expect(entry).to_be_visible()
    await entry.focus()
    await page.keyboard.press("Escape")
    await expect(entry).to_be_hidden()
    await expect(more).to_be_focused()


async def test_a_press_elsewhere_closes_it(page: Page) -> None:
    await page.locator("summary[aria-label='Mais']").click()
    entry = page.get_by_role("button", name="Marcar como pendente")
    await expect(entry).to_be_visible()
    await page.get_by_role("log").click()
    await expect(entry).to_be_hidden()


async def test_only_one_is_open(page: Page) -> None:
    await page.locator("summary[aria-label='Mais']").click()
    await page.locator("summary[aria-label='Adiar']").click()
    await expect(page.locator("details.drop[open]")).to_have_count(1)


async def test_arrows_go_through_it_and_tab_leaves_it(page: Page) -> None:
    more = page.locator("summary[aria-label='Mais']")
    await more.focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("button", name="Marcar como pendente")).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.get_by_role("link", name="Enviar a transcrição")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("button", name="Marcar como pendente")).to_be_focused()
    await page.keyboard.press("End")
    await page.keyboard.press("Tab")
    await expect(page.locator("details.drop[open]")).to_have_count(0)


async def test_what_is_chosen_closes_it(page: Page) -> None:
    await page.locator("summary[aria-label='Mais']").click()
    await page.get_by_role("button", name="Marcar como pendente").click()
    await expect(page.locator("#head")).to_contain_text("Pendente")
    await expect(page.locator("details.drop[open]")).to_have_count(0)


async def test_a_menu_of_choices_stays_open_while_one_chooses(page: Page) -> None:
    await page.goto("/app/conversations")
    await is_ready(page)
    await page.locator(".desk-more > summary").click()
    sort = page.get_by_label("Ordenar por")
    await sort.click()
    await expect(sort).to_be_visible()


async def test_the_views_of_the_log_come_when_their_list_opens(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    await page.goto("/app/deliveries?period=24h")
    await is_ready(page)
    assert not any("/app/deliveries/views" in one for one in asked)
    await page.locator("#log-views > summary").click()
    await expect(page.get_by_role("link", name="Salvar como visão…")).to_be_visible()
