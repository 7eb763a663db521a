"""A switch moves at once, a toast takes back, and what is refused moves back."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from recado.automation.models import AutomationRule
from recado.automation.saving import delete_rule
from tests.journeys.browsing import Complaints, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import Stage, set_stage
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


@pytest.fixture
async def stage(site: Site, receiver: Receiver) -> Stage:
    return await set_stage(site.database, site.outbound, site.cast, receiver)


async def test_a_switch_moves_at_once_and_a_toast_takes_it_back(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation")
    await is_ready(page)
    answered = asyncio.Event()

    async def held(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    await page.route("**/switch?*", held)
    switch = page.locator(f"#rule-{stage.rule.id}").get_by_role("switch")
    await switch.click()
    await expect(switch).not_to_be_checked()  # before the server has answered
    answered.set()
    toast = page.locator("#toasts .toast")
    await expect(toast).to_contain_text("“Zebra” está desligada.")
    await toast.get_by_role("button", name="Desfazer").press("Enter")
    await expect(switch).to_be_checked()
    await expect(toast).to_have_count(0)


async def test_what_is_refused_moves_back_and_is_told(
    site: Site, stage: Stage, open_page: OpenPage, complaints: Complaints
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation")
    await is_ready(page)
    async with site.database.transaction() as tx:  # somebody else deletes it meanwhile
        await delete_rule(tx, await tx.get_one(AutomationRule, stage.rule.id))
    switch = page.locator(f"#rule-{stage.rule.id}").get_by_role("switch")
    await switch.click()
    await expect(page.locator("#toasts .toast.danger")).to_have_count(1)
    await expect(switch).to_be_checked()
    complaints.heard = [one for one in complaints.heard if "status of 404" not in one]


async def test_a_resolved_conversation_is_opened_again(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    await page.get_by_role("button", name="Resolver").first.click()
    toast = page.locator("#toasts .toast")
    await expect(toast).to_contain_text("A conversa está resolvida.")
    await toast.get_by_role("button", name="Desfazer").click()
    await expect(page.locator("#head")).to_contain_text("Aberta")
    await expect(toast).to_have_count(0)
