"""Keys, their sheet, and the palette that finds commands, messages and contacts."""

import re

import pytest
from playwright.async_api import expect

from recado.conversations.canning import create_canned_response
from recado.deliveries.queueing import NotSent
from recado.deliveries.states import State, Why
from tests.deliveries.rows import a_delivery
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import say, set_stage
from tests.people import NOW
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_a_conversation_is_found_and_answered_with_keys_alone(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await say(site.database, stage.conversation, "Qual a situação do pedido 5531?")
    page = await open_page(site.cast.beto)
    await page.goto("/app/contacts")
    await is_ready(page)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("SITUACAO")
    palette = page.get_by_role("dialog", name="Buscar ou fazer algo")
    await expect(palette.get_by_role("link", name="Maria Souza")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/app/conversations/1\?"))
    await is_ready(page)
    await page.keyboard.press("Alt+p")
    await page.keyboard.type("Verificar com a loja")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log").get_by_text("Verificar com a loja")).to_be_visible()
    await page.keyboard.press("Alt+e")
    await expect(page.get_by_role("button", name="Reabrir")).to_be_visible()


async def test_the_palette_finds_nothing_only_where_no_command_has_the_words(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/contacts")
    await is_ready(page)
    await page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Buscar ou fazer algo")
    nothing = palette.get_by_text("Nada encontrado")
    async with page.expect_response("**/app/search?q=webh*"):
        await page.keyboard.type("webh")
    await expect(palette.get_by_role("link", name="Webhooks")).to_be_visible()
    await expect(nothing).to_have_count(1)  # among messages and contacts, which is not told
    await expect(nothing).to_be_hidden()
    await page.keyboard.type("xyz")
    await expect(nothing).to_be_visible()
    await expect(palette.get_by_role("link")).to_have_count(0)


async def test_the_sheet_names_what_the_page_answers_to(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto("/app/conversations/1")
    await is_ready(page)
    await page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Teclado")
    for name in ("Resolver", "Nota privada", "Buscar ou fazer algo"):
        await expect(sheet.get_by_text(name, exact=True)).to_be_visible()
    for key, name in (
        ("Enter", "Mensagem: enviar"),
        ("Shift Enter", "Mensagem: quebrar a linha"),
        ("/", "Mensagem: respostas prontas e macros"),
        ("@", "Nota privada: mencionar alguém"),
    ):
        term = sheet.get_by_role("term").filter(has_text=name)
        await expect(term).to_be_visible()
        keys = term.locator("xpath=following-sibling::dd[1]/kbd")
        assert await keys.all_text_contents() == key.split()
    await page.keyboard.press("Escape")
    await page.get_by_role("textbox", name="Mensagem").press_sequentially("Como?")
    await expect(sheet).to_be_hidden()  # somebody who writes writes


async def test_two_braces_put_what_is_known_into_the_message(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto("/app/conversations/1")
    await is_ready(page)
    field = page.get_by_role("textbox", name="Mensagem")
    await page.get_by_text("Nota privada").click()
    await expect(field).to_be_focused()  # whoever presses a kind goes on writing
    await field.press_sequentially("Falar com {{ contact.first")
    await expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("Falar com Maria")
    await field.press_sequentially(" {{zzz")
    await expect(page.get_by_text("Nada com este nome é conhecido aqui.")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_have_count(0)


async def test_a_slash_puts_a_canned_response_into_the_message(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    async with site.database.transaction() as tx:
        text = "Abrimos às 9h, {{ contact.first_name }}."
        await create_canned_response(tx, site.cast.account.id, "horario", text, now=NOW)
    page = await open_page(site.cast.beto)
    await page.goto("/app/conversations/1")
    await is_ready(page)
    field = page.get_by_role("textbox", name="Mensagem")
    await field.press_sequentially("Oi! /hor")
    await expect(page.get_by_role("option").filter(has_text="/horario")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("Oi! Abrimos às 9h, Maria.")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log").get_by_text("Oi! Abrimos")).to_be_visible()


async def test_the_log_is_read_with_keys_alone(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    async with site.database.transaction() as tx:
        account_id = site.cast.account.id
        ended = NotSent(State.CANCELLED, {"why": Why.BY_PERSON, "who": "Ana"})
        ids = [(await a_delivery(tx, account_id, not_sent=ended)).id for _ in range(3)]
    page = await open_page(site.cast.ana)
    await page.goto("/app/deliveries")
    await is_ready(page)
    for key, focused in (("j", ids[2]), ("j", ids[1]), ("j", ids[0]), ("j", ids[0]), ("k", ids[1])):
        await page.keyboard.press(key)
        await expect(page.locator(f"#delivery-{focused}")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(f"/app/deliveries/{ids[1]}$"))
    await is_ready(page)
    await page.keyboard.press("r")
    await expect(page.get_by_role("button", name="Cancelar a entrega")).to_be_visible()
    await page.keyboard.press("j")
    await page.wait_for_url(re.compile(f"/app/deliveries/{ids[0]}$"))
    await is_ready(page)
    await page.keyboard.press("Escape")
    await page.wait_for_url(re.compile("/app/deliveries$"))
    await page.goto("/app/deliveries")
    await is_ready(page)
    await page.keyboard.press("/")
    await expect(page.locator("#log-text")).to_be_focused()


async def test_ctrl_and_space_open_the_variables(site: Site, open_page: OpenPage) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions/new")
    await is_ready(page)
    url = page.get_by_label("URL", exact=True)
    await url.press_sequentially("https://x.example/")
    await page.keyboard.press("Control+Space")
    await page.keyboard.type("contact.em")
    await page.keyboard.press("Enter")
    await expect(url).to_have_value("https://x.example/{{contact.email}}")
    body = page.get_by_role("textbox", name="Corpo da Solicitação")
    await body.click()
    await page.keyboard.press("Control+Space")
    offered = page.locator(".cm-tooltip-autocomplete [aria-selected=true]")
    await expect(offered).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(offered).to_be_hidden()
    await page.keyboard.press("Control+Space")  # asked again, in the same place
    await expect(offered).to_be_visible()
    await expect(page.locator("textarea[name=body]")).to_have_value(re.compile(r"\{\{\}\}"))


async def test_an_at_mentions_a_colleague_in_a_note(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    field = page.get_by_role("textbox", name="Mensagem")
    await field.press_sequentially("@an")
    offers = page.get_by_role("listbox", name="Sugestões")
    await expect(offers).to_be_hidden()  # a reply goes to the contact
    await field.fill("")
    await page.keyboard.press("Alt+p")
    await field.press_sequentially("Veja, @an")
    await expect(offers.get_by_role("option", name="Ana Lima")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("Veja, @Ana Lima ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log").locator(".mention")).to_have_text("@Ana Lima")


async def test_rows_of_the_log_are_ticked_and_called_off(site: Site, open_page: OpenPage) -> None:
    async with site.database.transaction() as tx:
        for _ in range(4):
            held = await a_delivery(tx, site.cast.account.id)
            held.state, held.due_at = State.HELD, None
    page = await open_page(site.cast.ana)
    await page.goto("/app/deliveries")
    await is_ready(page)
    rows = page.locator("#log [name=ids]")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(rows.nth(0)).to_be_checked()
    await page.keyboard.press("x")
    await expect(page.locator("#picked")).to_be_hidden()
    await rows.nth(0).check()
    await rows.nth(2).click(modifiers=["Shift"])
    await expect(page.locator("#picked output")).to_have_text("3")
    await page.get_by_label("Escolher todas desta página").check()
    await expect(page.locator("#picked output")).to_have_text("4")
    await page.get_by_role("button", name="Não escolher nenhuma").click()
    await expect(page.locator("#picked")).to_be_hidden()
    await rows.nth(1).check()
    await rows.nth(2).check()
    await page.evaluate("htmx.ajax('GET', location.href, {target: '#log', swap: 'outerHTML'})")
    await is_ready(page)
    await expect(page.locator("#picked output")).to_have_text("2")  # drawn anew, still ticked
    await page.get_by_role("button", name="Cancelar as escolhidas").click()
    await expect(page.get_by_text("2 entregas esperam.")).to_be_visible()
    await page.get_by_role("button", name="Sim, cancelar 2").click()
    await expect(page.get_by_text("2 canceladas")).to_be_visible()


async def test_a_tooltip_names_the_key(site: Site, open_page: OpenPage) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions/new")
    await is_ready(page)
    button = page.get_by_role("button", name="Criar")
    await button.hover()
    await expect(button).to_have_attribute("title", "Criar (Ctrl+S)")
