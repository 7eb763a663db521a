"""A visitor on somebody's website, an agent at the desk: two browsers, and a connection that breaks."""

import orjson
import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Page, expect

from recado.webhooks.models import Webhook
from recado.webhooks.saving import keep_webhook
from tests.journeys.browsing import Complaints, Look, is_ready, open_context
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.journeys.website import a_website, a_website_inbox
from tests.people import NOW
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

_FRAME = "#chatwoot_live_chat_widget"


async def open_chat(page: Page, address: str) -> FrameLocator:
    """Open the website and press the bubble."""
    await page.goto(address)
    await page.get_by_role("button", name="Abrir o chat").click()
    chat = page.frame_locator(_FRAME)
    await expect(chat.get_by_role("textbox", name="Mensagem")).to_be_focused()
    return chat


async def write(chat: FrameLocator, text: str) -> None:
    await chat.get_by_role("textbox", name="Mensagem").fill(text)
    await chat.get_by_role("button", name="Enviar").click()


async def a_visitor(chromium: Browser, address: str, look: Look | None = None) -> BrowserContext:
    return await open_context(chromium, address, look or Look(), Complaints(address))


async def test_a_visitor_and_an_agent_talk_through_a_broken_connection(
    site: Site, chromium: Browser, open_page: OpenPage
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await write(chat, "Tem bota 42?")
        await expect(chat.get_by_role("log")).to_contain_text("Tem bota 42?")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)

        desk = await open_page(site.cast.beto)
        async with desk.expect_response("**/app/live?*"):
            await desk.goto("/app/conversations/1")
        await is_ready(desk)
        await expect(desk.get_by_role("log")).to_contain_text("Tem bota 42?")
        await answer(desk, "Tem sim!")
        await expect(chat.get_by_role("log").get_by_text("Tem sim!")).to_have_count(1)
        await expect(chat.get_by_role("log")).to_contain_text("Beto Reis")

        await visitor.set_offline(True)
        await write(chat, "Quanto custa?")
        await write(chat, "E entrega?")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(2)
        await answer(desk, "Mais alguma coisa?")
        await visitor.set_offline(False)
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await expect(chat.get_by_text("Mais alguma coisa?")).to_have_count(1)
        for text in ("Quanto custa?", "E entrega?"):
            await expect(desk.get_by_role("log").get_by_text(text)).to_have_count(1)
            await expect(chat.get_by_role("log").get_by_text(text)).to_have_count(1)

        await page.reload()
        await page.get_by_role("button", name="Abrir o chat").click()
        await expect(chat.get_by_role("log")).to_contain_text("Mais alguma coisa?")
        assert await visitor.cookies() == []
        await visitor.close()


async def test_opening_the_chat_is_told_where_somebody_listens(
    site: Site, chromium: Browser, receiver: Receiver
) -> None:
    inbox = await a_website_inbox(site)
    webhook = Webhook(
        account_id=inbox.account_id, name="Bot", url=f"{receiver.url}/hook",
        subscriptions=["webwidget_triggered"], created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    async with site.database.transaction() as tx:
        await keep_webhook(tx, webhook, now=NOW, vault=site.outbound.vault)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        await open_chat(page, address)
        await receiver.wait_for(1)
        told = orjson.loads(receiver.received[0].body)
        assert told["event"] == "webwidget_triggered"
        assert told["event_info"]["widget_language"] == "pt-BR"
        assert told["current_conversation"] is None
        await visitor.close()


async def answer(desk: Page, text: str) -> None:
    """Beto replies."""
    await desk.get_by_role("textbox", name="Mensagem").fill(text)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("log")).to_contain_text(text)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["no storage", "own storage"])
async def test_what_was_written_offline_survives_a_reload(
    site: Site, chromium: Browser, host: str
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as url:
        address = url.replace("localhost", host)
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await visitor.route("**/public/**", lambda route: route.abort())
        await write(chat, "Oi?")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(1)
        await page.reload()
        await page.get_by_role("button", name="Abrir o chat").click()
        await expect(chat.get_by_role("log")).to_contain_text("Oi?")
        await visitor.unroute("**/public/**")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await expect(chat.get_by_role("log").get_by_text("Oi?")).to_have_count(1)
        await visitor.close()


async def test_the_chat_is_accessible_and_closes_by_keyboard(site: Site, chromium: Browser) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await write(chat, "Oi https://example.com/a?b=c")
        await expect(chat.get_by_role("link")).to_have_attribute(
            "href", "https://example.com/a?b=c"
        )
        assert await faults(page) == []
        await page.keyboard.press("Escape")
        await expect(page.locator(_FRAME)).to_be_hidden()
        await expect(page.get_by_role("button", name="Abrir o chat")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(chat.get_by_role("textbox", name="Mensagem")).to_be_focused()
        await visitor.close()


async def test_the_website_says_who_writes_and_counts_what_is_unread(
    site: Site, chromium: Browser, open_page: OpenPage
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await page.evaluate('$chatwoot.setUser("7", {name: "Maria", email: "maria@example.com"})')
        await write(chat, "Oi")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await page.evaluate('$chatwoot.toggle("close")')
        desk = await open_page(site.cast.beto)
        await desk.goto("/app/conversations/1")
        await is_ready(desk)
        await expect(desk.get_by_role("heading", name="Maria", level=1)).to_be_visible()
        await answer(desk, "Olá, Maria")
        await page.get_by_role("button", name="Abrir o chat. Mensagens novas: 1").click()
        await expect(chat.get_by_role("log")).to_contain_text("Olá, Maria")
        await page.evaluate("$chatwoot.reset()")
        await page.get_by_role("button", name="Abrir o chat", exact=True).click()
        await expect(chat.get_by_role("log")).not_to_contain_text("Olá, Maria")
        await visitor.close()
