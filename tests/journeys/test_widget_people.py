"""Who a visitor is: asked before the chat, told by the website, proven by it, or not."""

import hmac

import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Page, expect
from sqlalchemy import select

from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel, Contact
from recado.conversations.models import ContactInbox, Conversation
from recado.inboxes.keeping_tokens import hmac_of
from recado.inboxes.models import Inbox
from recado.inboxes.pre_chat import Belonging, PreChat, Question, settings_with
from tests.accounts.test_pictures import png
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.journeys.test_widget import a_visitor, answer, open_chat, write
from tests.journeys.website import a_website, a_website_inbox
from tests.people import NOW, a_contact

pytestmark = pytest.mark.journey

_FRAME = "#chatwoot_live_chat_widget"
ASKS = PreChat(
    (
        Question("fullName", is_required=True),
        Question("emailAddress"),
        Question("phoneNumber"),
        Question("plan", Belonging.CONTACT),
        Question("size", Belonging.CONVERSATION),
    ),
    "Conte quem você é.",
)


async def an_asking_inbox(site: Site) -> Inbox:
    """A website that asks five things."""
    async with site.database.transaction() as tx:
        for draft in (
            AttributeDraft("Plano", "plan", AttributeKind.TEXT, AttributeModel.CONTACT),
            AttributeDraft("Número", "size", AttributeKind.LIST, AttributeModel.CONVERSATION, choices=["41", "42"]),
        ):  # fmt: skip
            await create_attribute(tx, site.cast.account.id, draft, now=NOW)
    return await a_website_inbox(site, **settings_with({}, ASKS, offered=()))


async def press_bubble(page: Page, address: str) -> FrameLocator:
    """Open the chat, whatever it shows first."""
    await page.goto(address)
    await page.get_by_role("button", name="Abrir o chat").click()
    return page.frame_locator(_FRAME)


@pytest.mark.parametrize("look", [Look(), Look(width=360, theme="dark")], ids=["desk", "phone"])
async def test_answers_arrive_at_the_contact_and_the_conversation(
    site: Site, chromium: Browser, look: Look
) -> None:
    inbox = await an_asking_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address, look)
        page = await visitor.new_page()
        chat = await press_bubble(page, address)
        await expect(chat.get_by_text("Conte quem você é.")).to_be_visible()
        await expect(chat.get_by_role("textbox", name="Mensagem")).to_be_hidden()
        assert await faults(page) == []
        start = chat.get_by_role("button", name="Iniciar a conversa")
        await start.click()  # the name is required
        await expect(chat.get_by_label("Nome *")).to_be_focused()
        await chat.get_by_label("Nome *").fill("Maria")
        await chat.get_by_label("E-mail").fill("maria@example.com")
        await chat.get_by_label("Telefone").fill("meu telefone")
        is_odd = "(one) => one.validity.patternMismatch"
        assert await chat.get_by_label("Telefone").evaluate(is_odd)
        await chat.get_by_label("Telefone").fill("+99 99999999")
        await chat.get_by_label("Plano").fill("ouro")
        await chat.get_by_label("Número").select_option("42")
        await start.click()
        await expect(chat.get_by_role("alert")).to_have_text("Confira “Telefone”.")
        await expect(chat.get_by_label("Telefone")).to_be_focused()
        await chat.get_by_label("Telefone").fill("+55 (11) 91234-5678")
        await start.click()
        await expect(chat.get_by_role("textbox", name="Mensagem")).to_be_focused()
        await write(chat, "Oi")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await page.reload()
        await open_chat(page, address)  # nobody is asked twice
        await visitor.close()
    async with site.database.transaction() as tx:
        contact = (await tx.scalars(select(Contact))).one()
        talk = (await tx.scalars(select(Conversation))).one()
    assert (contact.name, contact.email) == ("Maria", "maria@example.com")
    assert contact.phone_number == "+5511912345678"
    assert contact.custom_attributes == {"plan": "ouro"}
    assert talk.custom_attributes == {"size": "42"}


async def test_what_the_website_tells_is_not_asked(site: Site, chromium: Browser) -> None:
    inbox = await an_asking_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await press_bubble(page, address)
        await page.evaluate('$chatwoot.setUser("7", {name: "Maria", email: "m@example.com"})')
        await expect(chat.get_by_label("Nome *")).to_have_count(0)
        await expect(chat.get_by_label("E-mail")).to_have_count(0)
        await expect(chat.get_by_label("Plano")).to_be_visible()
        await visitor.close()


@pytest.mark.parametrize("proof", ["right", "wrong", "missing"])
async def test_only_a_right_proof_opens_what_is_anothers(
    site: Site, chromium: Browser, open_page: OpenPage, proof: str
) -> None:
    """Maria has talked on her phone. Somebody on another machine says to be Maria."""
    inbox = await a_website_inbox(site)
    async with a_website(site, inbox) as address:
        phone = await a_visitor(chromium, address)
        await _talks_as_maria(phone, address, site, inbox, "right", "É segredo")
        other = await a_visitor(chromium, address)
        page = await other.new_page()
        chat = await open_chat(page, address)
        await page.evaluate(_set_user(site, inbox, proof))
        if proof == "right":
            await expect(chat.get_by_role("log")).to_contain_text("É segredo")
        await write(chat, f"Prova: {proof}")
        await _is_sent(chat, f"Prova: {proof}")
        if proof != "right":
            await expect(chat.get_by_role("log")).not_to_contain_text("É segredo")
        await phone.close()
        await other.close()
    async with site.database.transaction() as tx:
        talks = len((await tx.scalars(select(Conversation))).all())
        proven = [one.hmac_verified for one in await tx.scalars(select(ContactInbox))]
    assert talks == {"right": 1, "wrong": 2, "missing": 2}[proof]
    assert proven.count(True) == {"right": 2, "wrong": 1, "missing": 1}[proof]


async def test_an_inbox_may_want_a_proof_of_who_somebody_says_to_be(
    site: Site, chromium: Browser
) -> None:
    """A stranger claims nothing, and neither does who gives no proof: both write, as nobody known."""
    inbox = await a_website_inbox(site, hmac_mandatory=True)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await page.evaluate(_set_user(site, inbox, "missing"))
        await write(chat, "Oi")
        await _is_sent(chat, "Oi")
        async with site.database.transaction() as tx:
            [contact] = await tx.scalars(select(Contact))
            assert (contact.name, contact.identifier) == ("Maria", None)
        await page.evaluate(_set_user(site, inbox, "right"))
        await write(chat, "Sou eu")
        await _is_sent(chat, "Sou eu")
        await visitor.close()
    async with site.database.transaction() as tx:
        [known] = await tx.scalars(select(ContactInbox))
        [contact] = await tx.scalars(select(Contact).execution_options(populate_existing=True))
        assert (known.hmac_verified, contact.identifier) == (True, "maria-7")


async def test_a_known_contact_is_not_shown_to_whoever_types_the_address(
    site: Site, chromium: Browser
) -> None:
    async with site.database.transaction() as tx:
        await a_contact(tx, site.cast.account)  # maria@example.com
    inbox = await an_asking_inbox(site)
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await press_bubble(page, address)
        await chat.get_by_label("Nome *").fill("Intruso")
        await chat.get_by_label("E-mail").fill("maria@example.com")
        await chat.get_by_role("button", name="Iniciar a conversa").click()
        await write(chat, "Oi")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await visitor.close()
    async with site.database.transaction() as tx:
        assert [one.name for one in await tx.scalars(select(Contact))] == ["Maria Souza"]


async def test_visitors_and_colleagues_see_the_picture_of_who_answers(
    site: Site, chromium: Browser, open_page: OpenPage
) -> None:
    inbox = await a_website_inbox(site)
    desk = await open_page(site.cast.beto)
    await desk.goto("/app/profile")
    me = {"name": "eu.png", "mimeType": "image/png", "buffer": png()}
    await desk.get_by_label("Uma foto sua").set_input_files(me)  # type: ignore[arg-type]
    await desk.get_by_role("button", name="Salvar a foto").click()
    await expect(desk.get_by_text("Sua foto foi salva.")).to_be_visible()
    assert await faults(desk) == []
    async with a_website(site, inbox) as address:
        visitor = await a_visitor(chromium, address)
        page = await visitor.new_page()
        chat = await open_chat(page, address)
        await write(chat, "Oi")
        await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
        await desk.goto("/app/conversations/1")
        await is_ready(desk)
        await answer(desk, "Olá")
        face = chat.locator(".face")
        await expect(face).to_have_count(1)  # at once, over the line
        assert await face.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 1
        await expect(desk.get_by_role("log").locator("img.avatar")).to_have_count(1)
        await visitor.close()


async def _is_sent(chat: FrameLocator, text: str) -> None:
    await expect(chat.get_by_role("log")).to_contain_text(text)
    await expect(chat.get_by_text("Aguardando envio")).to_have_count(0)
    await expect(chat.get_by_text("Não enviada")).to_have_count(0)


async def _talks_as_maria(
    visitor: BrowserContext, address: str, site: Site, inbox: Inbox, proof: str, text: str
) -> None:
    page = await visitor.new_page()
    chat = await open_chat(page, address)
    await page.evaluate(_set_user(site, inbox, proof))
    await write(chat, text)
    await _is_sent(chat, text)


def _set_user(site: Site, inbox: Inbox, proof: str) -> str:
    token = hmac_of(inbox, site.outbound.vault)
    right = hmac.digest(token.encode(), b"maria-7", "sha256").hex()
    given = {"right": f', identifier_hash: "{right}"', "wrong": f', identifier_hash: "{"0" * 64}"'}
    return f'$chatwoot.setUser("maria-7", {{name: "Maria"{given.get(proof, "")}}})'


@pytest.mark.parametrize("look", [Look(), Look(width=360, theme="dark")], ids=["desk", "phone"])
async def test_the_preview_follows_what_is_typed(
    site: Site, open_page: OpenPage, look: Look
) -> None:
    inbox = await an_asking_inbox(site)
    page = await open_page(site.cast.ana, look)
    await page.goto(f"/app/inboxes/{inbox.id}/widget")
    await is_ready(page)
    preview = page.locator(".preview")
    await page.get_by_label("Título").fill("Fale com o Zé")
    await page.get_by_label("Cor", exact=True).fill("#ffeb3b")
    await page.get_by_label("Plano").select_option("required")
    await expect(preview).to_contain_text("Fale com o Zé")
    await expect(preview).to_contain_text("Plano *")
    ink = "getComputedStyle(document.querySelector('.preview-head')).color"
    assert await page.evaluate(ink) == "rgb(21, 19, 31)"  # dark words on a light colour
    assert await faults(page) == []
    is_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(is_wide)
    await page.get_by_role("button", name="Salvar").click()
    await page.wait_for_url(f"**/app/inboxes/{inbox.id}")
