"""Many conversations at once: a stretch by Shift, the whole page, none; and how many they are."""

import pytest
from playwright.async_api import Page, expect

from recado.conversations.changing import change_conversation
from recado.conversations.finding import find_conversation
from recado.db.database import database_now
from recado.events.causes import BY_SYSTEM
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import set_stage
from tests.people import a_contact, a_conversation
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def _list_of_five(site: Site, receiver: Receiver, open_page: OpenPage) -> Page:
    """Ana's list, newest first."""
    await set_stage(site.database, site.outbound, site.cast, receiver)
    async with site.database.transaction() as tx:
        for name in ("Bia", "Caio", "Dora", "Enzo"):
            details = {"name": name, "email": f"{name.lower()}@example.com", "phone_number": ""}
            await a_conversation(
                tx, site.cast.inbox, await a_contact(tx, site.cast.account, **details)
            )
    page = await open_page(site.cast.ana)
    await page.goto("/app/conversations")
    await is_ready(page)
    await expect(page.locator(".choose")).to_have_count(5)
    return page


async def test_a_stretch_and_the_whole_page_are_chosen_and_counted(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    page = await _list_of_five(site, receiver, open_page)
    boxes, bar = page.locator(".choose"), page.locator("#many")
    count = bar.locator("[data-count]")
    await boxes.nth(1).check()
    await expect(count).to_have_text("1")
    await boxes.nth(3).click(modifiers=["Shift"])
    await expect(count).to_have_text("3")
    await expect(boxes.nth(2)).to_be_checked()
    await bar.get_by_label("Todas nesta página").check()
    await expect(count).to_have_text("5")
    await bar.get_by_role("button", name="Não escolher nenhuma").click()
    await expect(page.locator(".choose:checked")).to_have_count(0)
    await expect(bar).to_be_hidden()


async def test_all_chosen_are_changed_and_what_has_left_the_list_is_not_counted(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    page = await _list_of_five(site, receiver, open_page)
    bar = page.locator("#many")
    await page.locator(".choose").first.check()
    await bar.get_by_label("Todas nesta página").check()
    async with site.database.transaction() as tx:  # somebody else is faster with one
        number = site.cast.account.id, 1
        conversation = await find_conversation(tx, *number, for_change=True)
        assert conversation is not None
        change = {"status": "resolved"}
        now = await database_now(tx)
        await change_conversation(tx, conversation, change, cause=BY_SYSTEM, now=now)
    await expect(page.locator(".choose")).to_have_count(4)
    await expect(bar.locator("[data-count]")).to_have_text("4")
    await bar.locator("select[name=priority]").select_option("high")
    await bar.get_by_role("button", name="Aplicar às escolhidas").click()
    await expect(page.locator("#toasts")).to_contain_text("4 conversas foram alteradas.")
    await expect(page.locator(".choose:checked")).to_have_count(0)
