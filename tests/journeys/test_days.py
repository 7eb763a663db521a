"""A long conversation is opened at a day."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from recado.conversations.models import Message
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.people import NOW, a_contact, a_conversation, a_message

pytestmark = pytest.mark.journey


async def test_one_goes_to_a_day_by_keys_and_on_from_there(site: Site, open_page: OpenPage) -> None:
    async with site.database.transaction() as tx:
        talk = await a_conversation(tx, site.cast.inbox, await a_contact(tx, site.cast.account))
        for number in range(60):
            one = await a_message(tx, talk, f"Linha {number}.")
            at = NOW + timedelta(days=number // 12)
            await tx.execute(update(Message).where(Message.id == one.id).values(created_at=at))
    page = await open_page(site.cast.beto)
    await page.goto(f"/app/conversations/{talk.display_id}")
    await is_ready(page)
    log = page.get_by_role("log")
    await expect(log.get_by_text("Linha 59.")).to_be_in_viewport()
    await page.keyboard.press("Alt+g")
    day = (NOW + timedelta(days=2)).date().isoformat()
    await page.locator("#day-to-go-to").fill(day)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(f"day={day}"))
    await is_ready(page)
    await expect(log.get_by_text("Linha 24.")).to_be_in_viewport()  # its first message
    await expect(log.get_by_text("Linha 59.")).to_have_count(0)
    await log.get_by_role("link", name="Carregar mensagens seguintes").press("Enter")
    await expect(log.get_by_text("Linha 59.")).to_have_count(1)
    await log.get_by_role("link", name="Carregar mensagens anteriores").press("Enter")
    await expect(log.get_by_text("Linha 0.")).to_have_count(1)
    await page.go_back()
    await expect(log.get_by_text("Linha 59.")).to_be_in_viewport()
