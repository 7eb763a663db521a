"""Unticking who answers in an inbox says beforehand what becomes of their conversations."""

import pytest
from playwright.async_api import expect

from recado.conversations.models import Status
from recado.inboxes.opening import set_inbox_members
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.people import a_contact, a_conversation

pytestmark = pytest.mark.journey


async def test_unticking_an_agent_says_how_many_conversations_lose_them(
    site: Site, open_page: OpenPage
) -> None:
    cast = site.cast
    async with site.database.transaction() as tx:
        await set_inbox_members(tx, cast.inbox, {cast.ana.user_id, cast.beto.user_id})
        contact = await a_contact(tx, cast.account)
        for member in (cast.beto, cast.beto, cast.beto, cast.ana):
            talk = await a_conversation(tx, cast.inbox, contact)
            talk.assignee_id = member.user_id
        done = await a_conversation(tx, cast.inbox, contact)
        done.assignee_id, done.status = cast.beto.user_id, Status.RESOLVED
    page = await open_page(cast.ana)
    await page.goto(f"/app/inboxes/{cast.inbox.id}")
    await is_ready(page)
    told = page.get_by_text("3 conversas não resolvidas ficam sem responsável.")
    await expect(told).to_be_hidden()
    await page.get_by_role("checkbox", name="Ana Lima").uncheck()  # she administers: hers stay
    await expect(page.locator(".left-behind:visible")).to_have_count(0)
    await page.get_by_role("checkbox", name="Beto Reis").uncheck()
    await expect(told).to_be_visible()
    await page.locator(".form-footer").get_by_role("button", name="Salvar", exact=True).click()
    await page.goto(f"/app/inboxes/{cast.inbox.id}")
    await expect(page.locator(".left-behind")).to_have_count(0)
