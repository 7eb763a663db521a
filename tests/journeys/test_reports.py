"""Reports in a browser: the chart draws the table's numbers, in light, dark and on a phone."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.reports.conftest import a_talk

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("look", [Look(), Look(theme="dark"), Look(width=360)], ids=str)
async def test_a_chart_says_what_the_table_says(
    site: Site, open_page: OpenPage, look: Look
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    async with site.database.transaction() as tx:
        for minutes in (2, 4):
            await a_talk(tx, site.cast, yesterday, by=site.cast.beto.user, answered=minutes)
    page = await open_page(site.cast.ana, look)
    await page.goto("/app/reports?period=7")
    await is_ready(page)
    row = page.locator("#days tbody tr").nth(5)
    cells = [(await one.inner_text()).strip() for one in await row.locator("th, td").all()]
    assert cells[1] == "2"
    chart = page.locator("report-chart .u-over")
    box = await chart.bounding_box()
    assert box is not None
    await chart.hover(position={"x": box["width"] * 5 / 6, "y": 20})
    await expect(page.locator(".u-legend .u-value").nth(0)).to_have_text(cells[0])
    await expect(page.locator(".u-legend .u-value").nth(1)).to_have_text("2")
    is_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(is_wide)


async def test_days_of_ones_own_are_chosen_and_stay(site: Site, open_page: OpenPage) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/reports")
    await is_ready(page)
    await expect(page.get_by_label("de", exact=True)).to_be_hidden()
    await page.get_by_label("Período").select_option("own")
    await page.get_by_label("de", exact=True).fill("2026-01-05")
    await page.get_by_label("até", exact=True).fill("2026-01-07")
    await page.get_by_label("Contar só o horário de atendimento").check()
    await page.get_by_role("button", name="Mostrar").click()
    await expect(page.locator("#days tbody tr")).to_have_count(3)
    await page.get_by_role("link", name="Agentes").click()
    await expect(page.get_by_label("de", exact=True)).to_have_value("2026-01-05")
    await expect(page.get_by_label("Contar só o horário de atendimento")).to_be_checked()
