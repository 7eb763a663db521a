"""Putting conversations aside and working through the list, by keys alone."""

import re

import pytest
from playwright.async_api import expect

from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.journeys.stage import set_stage
from tests.people import a_contact, a_conversation
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_a_conversation_is_snoozed_with_keys_and_the_next_one_resolved(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    async with site.database.transaction() as tx:
        contact = await a_contact(
            tx, site.cast.account, name="João Lima", email=None, phone_number=None
        )
        await a_conversation(tx, site.cast.inbox, contact)
    page = await open_page(site.cast.beto)
    await page.goto("/app/conversations/2?tab=all")
    await is_ready(page)
    await page.keyboard.press("Alt+m")
    await expect(page.get_by_role("button", name="Até amanhã, 9h")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("button", name="Até amanhã, 9h").press("Enter")
    await expect(page.locator("#head").get_by_text("Adiada")).to_be_visible()
    await expect(page.locator("#head")).to_contain_text(re.compile(r"até .+ 09:00"))
    await page.goto("/app/conversations/1?tab=all&status=all")
    await is_ready(page)
    await page.keyboard.press("Control+Alt+e")
    await page.wait_for_url(re.compile(r"/app/conversations/2\?.*status=all"))
