"""What the website around the chat may do by `$chatwoot` and `chatwootSettings`, and files in any way."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from recado.contacts.labels import create_label
from recado.conversations.models import Attachment, Conversation
from recado.inboxes.models import Inbox
from tests.accounts.test_pictures import png
from tests.journeys.conftest import Site
from tests.journeys.test_widget import a_visitor, open_chat, write
from tests.journeys.website import a_website, a_website_inbox

pytestmark = pytest.mark.journey

_FRAME = "#chatwoot_live_chat_widget"
_HANDS = """(place, {kind, name, type, content}) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0))
  const held = new DataTransfer()
  held.items.add(new File([bytes], name, {type}))
  const event = kind === "paste" ? new ClipboardEvent("paste", {clipboardData: held, bubbles: true, cancelable: true})
    : new DragEvent(kind, {dataTransfer: held, bubbles: true, cancelable: true})
  return !place.dispatchEvent(event)
}"""


async def _conversation(site: Site) -> Conversation:
    async with site.database.transaction() as tx:
        [one] = (
            await tx.scalars(select(Conversation).options(joinedload(Conversation.contact)))
        ).all()
        return one


async def _until(site: Site, holds: Callable[[Conversation], bool], page: Page) -> None:
    for _ in range(200):
        if holds(await _conversation(site)):
            return
        await page.wait_for_timeout(50)
    pytest.fail("It never came to this.")


async def test_a_website_notes_attributes_and_labels(site: Site, chromium: Browser) -> None:
    inbox = await a_website_inbox(site)
    async with site.database.transaction() as tx:
        for title in ("vip", "late"):
            await create_label(tx, site.cast.account.id, title)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await page.evaluate('$chatwoot.setConversationCustomAttributes({order: "7"})')
        await page.evaluate('$chatwoot.setLabel("vip"); $chatwoot.setLabel("invented")')
        await write(chat, "Oi")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await _until(site, lambda one: one.labels == ["vip"], page)
        assert (await _conversation(site)).custom_attributes == {"order": "7"}

        await visitor.set_offline(True)
        await page.evaluate('$chatwoot.setConversationCustomAttributes({size: "42"})')
        await page.evaluate('$chatwoot.deleteConversationCustomAttribute("order")')
        await page.evaluate('$chatwoot.removeLabel("vip"); $chatwoot.setLabel("late")')
        await visitor.set_offline(False)
        await _until(site, lambda one: one.labels == ["late"], page)
        assert (await _conversation(site)).custom_attributes == {"size": "42"}
        await page.evaluate('$chatwoot.setCustomAttributes({plan: "pro", city: "Rio"})')
        await page.evaluate('$chatwoot.deleteCustomAttribute("plan")')
        contact = {"city": "Rio"}
        await _until(site, lambda one: one.contact.custom_attributes == contact, page)
        await visitor.close()


async def test_what_a_website_says_of_the_visitor_is_told_in_its_order(
    site: Site, chromium: Browser
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await write(chat, "Oi")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        told: list[str] = []

        async def slow_at_first(route: Route) -> None:
            told.append(route.request.method)
            if len(told) == 1:
                await asyncio.sleep(0.5)
            await route.continue_()

        await page.route("**/contacts/*", slow_at_first)
        await page.evaluate(
            '$chatwoot.setCustomAttributes({plan: "pro", city: "Rio"}); $chatwoot.deleteCustomAttribute("plan")'
        )
        await _until(site, lambda one: one.contact.custom_attributes == {"city": "Rio"}, page)
        await page.wait_for_timeout(700)  # the slow one has come by now, had it been overtaken
        assert (await _conversation(site)).contact.custom_attributes == {"city": "Rio"}
        assert told == ["PATCH", "PATCH"]
        await visitor.close()


async def test_a_window_of_its_own_goes_on_with_the_conversation(
    site: Site, chromium: Browser
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox, "{showPopoutButton: true}") as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await write(chat, "Oi")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        async with page.expect_popup() as by_website:
            await page.evaluate("$chatwoot.popoutChatWindow()")
        window = await by_website.value
        await expect(window.get_by_role("log")).to_contain_text("Oi")
        await window.close()
        async with page.expect_popup() as by_button:
            await chat.get_by_role("button", name="Abrir em janela própria").click()
        window = await by_button.value
        await expect(window.get_by_role("log")).to_contain_text("Oi")
        await expect(page.locator(_FRAME)).to_be_hidden()
        await visitor.close()


async def test_a_visitor_ends_the_conversation_where_the_website_wants_it(
    site: Site, chromium: Browser
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox, "{enableEndConversation: true}") as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await write(chat, "Obrigado, era só isso")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await page.reload()
        await page.get_by_role("button", name="Abrir o chat").click()
        await chat.get_by_role("button", name="Encerrar a conversa").click()
        await expect(chat.get_by_text("Esta conversa foi encerrada")).to_be_visible()
        assert (await _conversation(site)).status == "resolved"
        await visitor.close()


@pytest.mark.parametrize("has_hours", [False, True])
async def test_a_website_says_whether_somebody_is_there(
    site: Site, chromium: Browser, has_hours: bool
) -> None:
    inbox = await a_website_inbox(site)
    if has_hours:  # none of which is ever
        async with site.database.transaction() as tx:
            kept = await tx.get(Inbox, inbox.id)
            assert kept
            kept.has_hours, kept.week = True, [None] * 7
    settings = '{availableMessage: "Já respondemos", unavailableMessage: "Só amanhã"}'
    async with a_website(site, inbox, settings) as address:
        visitor = await a_visitor(chromium, address)
        chat = await open_chat(await visitor.new_page(), address)
        said, unsaid = ("Só amanhã", "Já respondemos")[:: 1 if has_hours else -1]
        await expect(chat.get_by_text(said)).to_be_visible()
        await expect(chat.get_by_text(unsaid)).to_be_hidden()
        await visitor.close()


def _dropped(name: str) -> Callable[[Page, str], Awaitable[bool]]:
    async def hand(page: Page, content: str) -> bool:
        file = {"kind": name, "name": "bota.png", "type": "image/png", "content": content}
        area = page.frame_locator(_FRAME).get_by_role("textbox", name="Mensagem")
        return bool(await area.evaluate(_HANDS, file))

    return hand


@pytest.mark.parametrize("how", ["drop", "paste"])
async def test_files_are_dropped_and_pasted_and_survive_a_closed_tab(
    site: Site, chromium: Browser, how: str
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as url:
        address = url.replace("localhost", "127.0.0.1")
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await visitor.route("**/public/**", lambda route: route.abort())
        assert await _dropped(how)(page, b64encode(png()).decode())
        await expect(chat.get_by_text("bota.png")).to_be_visible()
        await page.close()
        await visitor.unroute("**/public/**")
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await expect(chat.get_by_role("img", name="bota.png")).to_be_visible()
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        async with site.database.transaction() as tx:
            assert len((await tx.scalars(select(Attachment.id))).all()) == 1
        await visitor.close()
