"""Fields in closed folds, which a page is spared until somebody touches it."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site

pytestmark = pytest.mark.journey

_NAMES = "[...document.querySelector('#action-form').elements].map(({ name }) => name)"


async def test_a_fold_has_its_fields_once_it_is_opened_or_the_page_is_used(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions/new")
    await is_ready(page)
    assert "policy-schedule" not in await page.evaluate(_NAMES)
    await page.locator("details.signing").evaluate("(fold) => { fold.open = true }")
    await page.get_by_label("Assinar cada chamada").check()
    await expect(page.get_by_label("Segredo de assinatura")).to_have_value(re.compile("^whsec_"))
    await expect(page.locator("[name=policy-schedule]").first).to_be_attached()
    assert await page.locator("folded-fields").count() == 0


async def test_a_refused_form_comes_back_with_what_was_folded_away(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions/new")
    await is_ready(page)
    await page.locator("#action-form").evaluate("(form) => form.requestSubmit()")
    await expect(page.get_by_role("alert").first).to_be_visible()
    assert "policy-schedule" in await page.evaluate(_NAMES)
    await is_ready(page)  # what was drawn anew is live again
    await _open(page, "Como é enviada")
    await expect(page.get_by_label("Tempo para a resposta")).to_be_visible()


async def test_without_scripts_the_fields_are_there(site: Site, open_page: OpenPage) -> None:
    page = await open_page(site.cast.ana, Look(has_scripts=False))
    await page.goto("/app/actions/new")
    await _open(page, "Como é enviada")
    await expect(page.get_by_label("Tempo para a resposta")).to_be_visible()


async def _open(page: Page, fold: str) -> None:
    await page.get_by_text(fold, exact=True).click()
