"""Two browsers in one form of the settings: the later one is asked before anything is lost."""

import pytest
from playwright.async_api import Page, expect

from recado.accounts.teams import create_team, set_team_members
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site

pytestmark = pytest.mark.journey


async def test_two_people_change_one_team(site: Site, open_page: OpenPage) -> None:
    async with site.database.transaction() as tx:
        team = await create_team(tx, site.cast.account.id, "vendas")
        await set_team_members(tx, team, {site.cast.ana.user_id})
    first, second = [await open_page(site.cast.ana) for _ in range(2)]
    for page in (first, second):
        await page.goto(f"/app/teams/{team.id}")
        await is_ready(page)
    await first.get_by_label("Nome").fill("loja")
    await first.get_by_role("checkbox", name="Beto Reis").check()
    await _save(first)
    await expect(first.get_by_role("link", name="loja")).to_be_visible()

    await second.get_by_label("Nome").fill("balcão")
    await _save(second)
    told = second.locator("#collision")
    await expect(told).to_be_focused()
    await expect(told).to_contain_text("Nome: “vendas” → “loja”")
    await expect(told).to_contain_text("Nome: “vendas” → “balcão”")
    await expect(second.get_by_role("checkbox", name="Beto Reis")).to_be_checked()
    await told.get_by_role("button", name="Salvar a minha mesmo assim").press("Enter")
    await expect(second.get_by_role("link", name="balcão")).to_be_visible()

    await first.goto(f"/app/teams/{team.id}")
    await expect(first.get_by_label("Nome")).to_have_value("balcão")
    await expect(first.get_by_role("checkbox", name="Beto Reis")).to_be_checked()


async def test_whoever_takes_theirs_sees_what_is_saved(site: Site, open_page: OpenPage) -> None:
    path = f"/app/inboxes/{site.cast.inbox.id}"
    first, second = [await open_page(site.cast.ana) for _ in range(2)]
    for page in (first, second):
        await page.goto(path)
        await is_ready(page)
    await first.get_by_label("Nome").fill("Loja")
    await _save(first)
    await first.wait_for_url("**/app/inboxes?**")
    await second.get_by_label("Nome").fill("Balcão")
    await _save(second)
    await second.locator("#collision").get_by_role("link", name="Usar a versão").press("Enter")
    await expect(second.get_by_label("Nome")).to_have_value("Loja")
    await expect(second.locator("#collision")).to_have_count(0)


async def _save(page: Page) -> None:
    await page.locator(".form-footer").get_by_role("button", name="Salvar", exact=True).click()
