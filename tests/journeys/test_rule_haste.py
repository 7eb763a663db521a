"""Whoever is faster than the server loses nothing of a rule."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site

pytestmark = pytest.mark.journey


async def _slow_down(page: Page) -> None:
    async def late(route: Route) -> None:
        await asyncio.sleep(0.4)
        await route.continue_()

    await page.route("**/app/automation/draft", late)


async def test_a_condition_changed_right_after_the_event_stays(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation/new")
    await is_ready(page)
    await _slow_down(page)
    await page.get_by_label("Evento", exact=True).select_option("agent_idle")
    condition = page.get_by_role("group", name="Condição 1", exact=True)
    await condition.get_by_label("Sobre o quê").select_option("email")
    await expect(page.get_by_label("Por quanto tempo")).to_be_visible()
    await expect(condition.get_by_label("Sobre o quê")).to_have_value("email")
    await expect(condition.get_by_role("textbox")).to_be_visible()


async def test_what_is_typed_while_a_condition_is_added_stays(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation/new")
    await is_ready(page)
    await _slow_down(page)
    await page.get_by_role("button", name="Adicionar uma condição").click()
    await page.get_by_label("Nome").fill("Depressa")
    await expect(page.get_by_role("group", name="Condição 2", exact=True)).to_be_visible()
    await expect(page.get_by_label("Nome")).to_have_value("Depressa")
    await expect(page.get_by_role("group", name="Condição 3", exact=True)).to_be_hidden()
