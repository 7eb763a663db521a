"""A program asks on a website by buttons, forms and cards; a visitor answers, also without a connection."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect
from sqlalchemy import select

from recado.conversations.finding import find_conversation_by_id
from recado.conversations.models import Conversation, MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.events.causes import BY_SYSTEM
from recado.webhooks.models import Webhook
from recado.webhooks.saving import keep_webhook
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.journeys.test_widget import a_visitor, open_chat, write
from tests.journeys.website import a_website, a_website_inbox
from tests.people import NOW
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

_SIZES = [{"title": "Pequeno", "value": "p"}, {"title": "Grande", "value": "g"}]
_FORM: list[dict[str, Any]] = [
    {"name": "mail", "label": "E-mail", "type": "email", "required": True},
    {"name": "size", "label": "Tamanho", "type": "select", "options": [{"label": "42", "value": "42"}]},
]  # fmt: skip
_ACTIONS = [
    {"type": "postback", "text": "Comprar", "payload": "BUY_7"},
    {"type": "link", "text": "Ver", "uri": "https://loja.example/7"},
    {"type": "link", "text": "Truque", "uri": "javascript:alert(1)"},
]


async def _ask(site: Site, text: str, kind: str, **attributes: Any) -> None:
    async with site.database.transaction() as tx:
        found = await tx.scalar(select(Conversation.id))
        assert found is not None
        one = await find_conversation_by_id(tx, site.cast.account.id, found, for_change=True)
        assert one is not None
        draft = MessageDraft(
            text, MessageType.OUTGOING, content_type=kind, content_attributes=attributes
        )
        await post_message(tx, one, draft, cause=BY_SYSTEM, now=datetime.now(UTC))


async def _began(page: Page, address: str) -> FrameLocator:
    chat = await open_chat(page, address)
    await write(chat, "Oi")
    await expect(chat.get_by_role("log")).to_contain_text("Oi")
    await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
    return chat


async def test_a_choice_is_made_by_keyboard_without_a_connection_and_told_once(
    site: Site, chromium: Browser, open_page: OpenPage, receiver: Receiver
) -> None:
    inbox = await a_website_inbox(site)
    webhook = Webhook(
        account_id=inbox.account_id, name="Bot", url=f"{receiver.url}/hook",
        subscriptions=["message_updated"], created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    async with site.database.transaction() as tx:
        await keep_webhook(tx, webhook, now=NOW, vault=site.outbound.vault)
    async with a_website(site, inbox) as url:
        address = url.replace("localhost", "127.0.0.1")  # whose frames have a storage
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await _began(page, address)
        await _ask(site, "Qual tamanho?", "input_select", items=_SIZES)
        choices = chat.get_by_role("group", name="Qual tamanho?")
        await expect(choices.get_by_role("button")).to_have_text(["Pequeno", "Grande"])
        assert await faults(page) == []
        desk = await open_page(site.cast.beto)
        await desk.goto("/app/conversations/1")
        await is_ready(desk)
        await expect(desk.get_by_role("list", name="Opções")).to_contain_text("Grande")

        await visitor.route("**/public/**", lambda route: route.abort())
        await choices.get_by_role("button", name="Grande").focus()
        await page.keyboard.press("Enter")
        await expect(choices).to_have_count(0)
        await expect(chat.get_by_role("log")).to_be_focused()
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(1)
        await page.reload()
        await page.get_by_role("button", name="Abrir o chat").click()
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(1)
        await visitor.unroute("**/public/**")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await expect(chat.locator(".mine .bubble")).to_have_text(["Oi", "Grande"])

        await expect(desk.get_by_text("Escolhido pelo contato: Grande")).to_be_visible()
        assert await faults(desk) == []
        await receiver.wait_for(1)
        told = orjson.loads(receiver.received[0].body)
        attributes = told["content_attributes"]
        assert (told["event"], attributes["submitted_values"]) == ("message_updated", [_SIZES[1]])
        assert len(receiver.received) == 1
        await visitor.close()


async def test_a_form_is_filled_in_and_a_card_tells_the_website(
    site: Site, chromium: Browser, open_page: OpenPage
) -> None:
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address, Look(width=360, height=740))
        page = await visitor.new_page()
        chat = await _began(page, address)
        await _ask(site, "Seus dados", "form", items=_FORM, button_label="Confirmar")
        form = chat.get_by_role("form", name="Seus dados")
        await form.get_by_role(
            "button", name="Confirmar"
        ).click()  # the browser asks for the e-mail
        await form.get_by_label("E-mail *").fill("m@example.com")
        await form.get_by_label("Tamanho").select_option("42")
        assert await faults(page) == []
        await form.get_by_role("button", name="Confirmar").click()
        await expect(form).to_have_count(0)
        await expect(chat.get_by_role("log")).to_contain_text("E-mail: m@example.com\nTamanho: 42")

        odd = {"title": 7, "actions": "x", "media_url": "https://elsewhere.example/a.png"}
        card = {"title": "Bota", "description": "R$ 199", "actions": _ACTIONS}
        await _ask(site, "Veja", "cards", items=[card, odd, None])
        await expect(chat.get_by_role("link")).to_have_text(["Ver"])
        heard = "new Promise((told) => addEventListener('chatwoot:postback', (event) => told(event.detail)))"
        await page.evaluate(f"window.heard = {heard}; 0")
        assert await faults(page) == []
        await chat.get_by_role("button", name="Comprar").click()
        assert await page.evaluate("heard") == {"event": "postback", "data": {"payload": "BUY_7"}}
        desk = await open_page(site.cast.beto)
        await desk.goto("/app/conversations/1")
        await expect(desk.get_by_role("log")).to_contain_text("E-mail: m@example.com")
        await expect(desk.get_by_role("log")).to_contain_text("[Comprar]")
        await visitor.close()
