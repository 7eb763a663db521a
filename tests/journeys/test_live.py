"""Open pages follow what happens: nobody reloads."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, expect

from recado.contacts.saving import find_contact
from recado.erasing.forgetting import erase_contact
from tests.journeys.browsing import Complaints, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import say, set_stage
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_a_message_appears_in_an_open_conversation(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await watch(page, f"/app/conversations/{stage.conversation.display_id}")
    await say(site.database, stage.conversation, "Cadê meu pedido?")
    thread = page.get_by_role("log")
    await expect(thread.get_by_text("Cadê meu pedido?")).to_be_visible()
    await page.get_by_role("textbox", name="Mensagem").fill("Já está a caminho!")
    await page.keyboard.press("Enter")
    await expect(thread.get_by_text("Já está a caminho!")).to_have_count(1)
    await say(site.database, stage.conversation, "Obrigada <b>mesmo</b>")
    await expect(thread.get_by_text("Obrigada <b>mesmo</b>")).to_be_visible()
    await expect(thread.get_by_text("Já está a caminho!")).to_have_count(1)


async def test_what_is_typed_survives_a_message_that_arrives(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await watch(page, f"/app/conversations/{stage.conversation.display_id}")
    field = page.get_by_role("textbox", name="Mensagem")
    await field.press_sequentially("Estou escre")
    await say(site.database, stage.conversation, "Oi?")
    await expect(page.get_by_role("log").get_by_text("Oi?")).to_be_visible()
    await page.keyboard.type("vendo")
    await expect(field).to_have_value("Estou escrevendo")


async def test_who_is_erased_leaves_the_pages_that_others_have_open(
    site: Site, receiver: Receiver, open_page: OpenPage, complaints: Complaints
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    talk, contact_id = stage.conversation, stage.conversation.contact_id
    thread, one, everybody = [await open_page(site.cast.beto) for _ in range(3)]
    await watch(thread, f"/app/conversations/{talk.display_id}")
    await watch(one, f"/app/contacts/{contact_id}")
    await watch(everybody, "/app/contacts")
    await expect(everybody.get_by_role("link", name="Maria Souza")).to_be_visible()
    async with site.database.transaction() as tx:
        contact = await find_contact(tx, site.cast.account.id, contact_id)
        assert contact
        await erase_contact(tx, contact, now=datetime.now(UTC))
    await expect(thread.get_by_text("A conversa que estava aberta não existe mais")).to_be_visible()
    await expect(one.get_by_text("O contato que estava aberto não existe mais")).to_be_visible()
    await expect(everybody.get_by_role("link", name="Maria Souza")).to_have_count(0)
    assert all("404" in one for one in complaints.heard)  # what they asked for is gone
    complaints.heard.clear()


async def test_the_delivery_log_updates_while_it_is_open(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.ana)
    await watch(page, "/app/deliveries")
    await expect(page.get_by_text("Nada foi enviado ainda")).to_be_visible()
    await say(site.database, stage.conversation, "Oi")
    await expect(page.get_by_role("row", name="Zap")).to_contain_text("Entregue")
    await expect(page.get_by_role("row", name="Recusado")).to_contain_text("400")
    await say(site.database, stage.conversation, "De novo")
    await page.get_by_role("link", name=re.compile("2 nov")).click()  # rows that are read stay
    await expect(page.get_by_role("row", name="Zap")).to_have_count(2)


async def test_a_row_of_the_log_changes_when_its_delivery_ends(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.ana)
    await watch(page, "/app/deliveries")
    receiver.answer_once(200, delay=1.5)
    await say(site.database, stage.conversation, "Oi")
    row = page.get_by_role("row", name="Zap")
    await expect(row).to_contain_text("Aguardando")
    await expect(row).to_contain_text("Entregue")


async def watch(page: Page, path: str) -> None:
    """Open a page and wait until its stream is: what happens from now on is told."""
    async with page.expect_response("**/app/live?*"):
        await page.goto(path)
    await is_ready(page)


async def test_an_open_call_shows_where_its_time_went(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.ana)
    await watch(page, "/app/deliveries")
    await say(site.database, stage.conversation, "Oi")
    await expect(page.get_by_role("row", name="Zap")).to_contain_text("Entregue")
    await page.get_by_role("row", name="Zap").get_by_role("link").first.click()
    bars = page.get_by_role("img", name=re.compile("espera pela resposta .* ms"))
    await expect(bars).to_have_count(1)
    widths = await bars.locator("span").evaluate_all(
        "spans => spans.map(one => one.getBoundingClientRect().width)"
    )
    assert len(widths) >= 2
    assert all(width > 0 for width in widths)
    await is_ready(page)  # what is drawn anew under the pointer is not pressed
    await page.get_by_role("button", name="Enviar novamente").click()
    await expect(bars).to_have_count(2)  # without a reload
