"""Rules that fill more than a page: found, paged, and put into another order with mouse and keyboard; and a list
of actions, which learns at once how many rules use each.
"""

import pytest
from playwright.async_api import Page, expect

from recado.automation.saving import rules_of
from recado.lib.long_lists import PAGE
from tests.automation.stories import a_rule, an_action, does
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults

pytestmark = pytest.mark.journey

MANY = PAGE + 5


async def _second_page(site: Site, open_page: OpenPage) -> Page:
    async with site.database.transaction() as tx:
        for number in range(1, MANY + 1):
            await a_rule(tx, site.cast, name=f"Regra {number:03}")
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation")
    await is_ready(page)
    await page.get_by_role("link", name="Próxima página").click()
    await expect(page.locator(".pager")).to_contain_text(f"{PAGE + 1}–{MANY} de {MANY}")
    await is_ready(page)
    return page


async def _names(site: Site) -> list[str]:
    async with site.database.transaction() as tx:
        return [one.name[-3:] for one in await rules_of(tx, site.cast.account.id)]


async def test_a_rule_is_dragged_on_the_second_page(site: Site, open_page: OpenPage) -> None:
    page = await _second_page(site, open_page)
    rows, handles = page.locator("#rules .row"), page.locator("[data-drag]")
    await handles.nth(3).drag_to(rows.nth(0))
    await expect(rows.nth(0)).to_contain_text("Regra 054")
    await expect(rows.nth(1)).to_contain_text("Regra 051")
    await expect(page.get_by_label(f"{PAGE + 1}: mover “Regra 054”")).to_be_visible()
    assert (await _names(site))[PAGE - 1 : PAGE + 3] == ["050", "054", "051", "052"]


async def test_a_rule_goes_to_a_place_on_another_page(site: Site, open_page: OpenPage) -> None:
    page = await _second_page(site, open_page)
    await page.get_by_label("“Regra 053” para outro lugar").press("Enter")
    place = page.get_by_label(f"Lugar, de 1 a {MANY}").locator("visible=true")
    await place.fill("2")
    await place.press("Enter")
    await expect(page.locator("#rules .row").nth(1)).to_contain_text("Regra 053")
    await expect(page).to_have_url("/app/automation")
    assert (await _names(site))[:3] == ["001", "053", "002"]


async def test_a_step_over_the_edge_of_a_page_leads_there(site: Site, open_page: OpenPage) -> None:
    page = await _second_page(site, open_page)
    up = page.get_by_role("button", name="Mover “Regra 051” para cima")
    await up.press("Enter")
    await expect(page.locator("#rules .row").nth(PAGE - 1)).to_contain_text("Regra 051")
    await expect(up).to_be_focused()
    await up.press("Enter")
    await expect(page.locator("#rules .row").nth(PAGE - 2)).to_contain_text("Regra 051")


async def test_a_rule_is_found_by_its_name(site: Site, open_page: OpenPage) -> None:
    page = await _second_page(site, open_page)
    field = page.get_by_role("searchbox", name="Buscar por nome ou descrição")
    await field.fill("regra 007")
    await field.press("Enter")
    await expect(page.locator("#rules .row")).to_have_count(1)
    await expect(page.locator("#rules .row")).to_contain_text("Regra 007")
    await expect(page.locator("[data-drag]")).to_have_count(0)
    await field.fill("ninguém")
    await field.press("Enter")
    await page.get_by_role("link", name="Mostrar a lista inteira").click()
    await expect(page.locator("#rules .row")).to_have_count(PAGE)


async def test_rows_of_actions_say_how_many_rules_use_them(site: Site, open_page: OpenPage) -> None:
    async with site.database.transaction() as tx:
        used, _ = await an_action(tx, site.cast, "CRM"), await an_action(tx, site.cast, "ERP")
        await a_rule(tx, site.cast, does("send_custom_action", used.id))
    page = await open_page(site.cast.ana)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.partition("/app/automation/")[2]))
    await page.goto("/app/actions")
    await is_ready(page)
    await expect(page.locator(".using-count:visible")).to_have_text(["1 regra"])
    assert [one.partition("?")[0] for one in asked if one] == ["uses"]
    await page.get_by_role("switch", name="Ativa: CRM").click()
    await expect(page.get_by_role("switch", name="Ativa: CRM")).not_to_be_checked()
    await expect(page.locator(".row .using-count:visible")).to_have_text(["1 regra"])


async def test_a_page_of_a_long_list_is_fit_for_everybody(site: Site, open_page: OpenPage) -> None:
    page = await _second_page(site, open_page)
    await page.get_by_label("“Regra 053” para outro lugar").click()
    assert await faults(page) == []
    await page.set_viewport_size({"width": 360, "height": 780})
    opened = page.locator(".to-place[open] > .drop-list")
    assert await opened.evaluate("(one) => one.getBoundingClientRect().left") >= 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_without_scripts_a_rule_is_found_and_put_first(
    site: Site, open_page: OpenPage
) -> None:
    async with site.database.transaction() as tx:
        for number in range(1, MANY + 1):
            await a_rule(tx, site.cast, name=f"Regra {number:03}")
    page = await open_page(site.cast.ana, Look(has_scripts=False))
    await page.goto("/app/automation")
    await page.get_by_role("searchbox", name="Buscar por nome ou descrição").fill("055")
    await page.get_by_role("button", name="Buscar", exact=True).click()
    await page.get_by_label("“Regra 055” para outro lugar").click()
    await page.get_by_label(f"Lugar, de 1 a {MANY}").fill("1")
    await page.get_by_role("button", name="Mover", exact=True).click()
    await expect(page.get_by_label("1: mover “Regra 055”")).to_be_visible()
    assert (await _names(site))[:2] == ["055", "001"]
