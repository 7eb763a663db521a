"""A plain form is sent once, also by who presses twice, and again by who comes back to it."""

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from recado.contacts.models import CustomAttribute
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site

pytestmark = pytest.mark.journey


async def test_a_double_click_adds_one_and_shows_no_mistake(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/attributes/new")
    await is_ready(page)
    await page.get_by_label("Nome").fill("Plano")
    await page.get_by_role("button", name="Adicionar").dblclick()
    await expect(page.get_by_role("link", name="Plano", exact=True)).to_be_visible()
    await page.go_back()
    await page.get_by_label("Nome").fill("Cidade")
    await page.get_by_role("button", name="Adicionar").click()
    await expect(page.get_by_role("link", name="Cidade", exact=True)).to_be_visible()
    async with site.database.transaction() as tx:
        names = await tx.scalars(select(CustomAttribute.name).order_by(CustomAttribute.id))
        assert list(names) == ["Plano", "Cidade"]


async def test_a_form_shows_that_it_is_on_its_way(site: Site, open_page: OpenPage) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/attributes/new")
    await is_ready(page)
    await page.get_by_label("Nome").fill("Plano")
    form = page.locator("form[action='/app/attributes']")
    sent = "form => { form.requestSubmit(); return form.getAttribute('aria-busy') }"
    assert await form.evaluate(sent) == "true"
    await expect(page.get_by_role("link", name="Plano", exact=True)).to_be_visible()
