"""Agents say whether they are available, and their colleagues see it."""

import pytest
from playwright.async_api import expect

from tests.journeys.browsing import Look
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.test_live import watch

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("width", [1280, 360])
async def test_who_is_busy_is_seen_as_busy(site: Site, open_page: OpenPage, width: int) -> None:
    ana = await open_page(site.cast.ana)
    await watch(ana, "/app/agents")
    row = ana.locator(".row", has_text="Beto Reis")
    await expect(row.get_by_text("Offline")).to_be_attached()
    beto = await open_page(site.cast.beto, Look(width=width, height=740))
    await watch(beto, "/app/contacts")
    await expect(row.get_by_text("Online")).to_be_attached()
    await beto.locator("#me-summary").click()
    await beto.get_by_role("button", name="Ocupado").click()
    await expect(beto.get_by_role("button", name="Ocupado")).to_be_hidden()
    await expect(beto.locator("#me-summary")).to_contain_text("Ocupado")
    await expect(beto.locator("#me-summary")).to_be_focused()
    await expect(row.get_by_text("Ocupado")).to_be_attached()
