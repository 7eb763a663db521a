"""A question comes in by e-mail, is answered at the desk, and goes on in the same conversation."""

import re

import pytest
from playwright.async_api import expect

from tests.imap_server import MailServer
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.test_live import watch
from tests.mailboxes.conftest import Place, a_letter
from tests.mailboxes.test_answering import send
from tests.post_office import PostOffice

pytestmark = pytest.mark.journey


async def test_a_letter_is_answered_at_the_desk_and_the_answer_to_it_stands_below(
    site: Site, place: Place, imap: MailServer, smtp: PostOffice, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.beto)
    await watch(page, "/app/conversations?tab=all")
    question = {"subject": "Pedido 1042", "message_id": "<one@example.com>"}
    imap.folder.add(a_letter("Where is it?", **question))
    await place.visit()
    await page.get_by_role("link", name="Maria Souza").click()  # it came by itself
    log = page.get_by_role("log")
    await expect(log.get_by_text("Where is it?")).to_be_visible()
    await expect(page.locator("#head .subject")).to_have_text("Pedido 1042")

    field = page.get_by_role("textbox", name="Mensagem")
    await field.fill("Chega amanhã.")
    await field.press("Enter")
    reply = log.locator("[data-echo]")
    await expect(reply).to_contain_text("A caminho")
    await send(place, site.outbound)
    await expect(reply).to_contain_text("Enviado")
    [letter] = smtp.letters
    assert (letter["To"], letter["Subject"]) == ("maria@example.com", "Re: Pedido 1042")
    assert letter["In-Reply-To"] == "<one@example.com>"

    said = "Thanks!\r\n\r\nOn Mon, Acme Support wrote:\r\n> Chega amanha."
    thanks = {"message_id": "<two@example.com>", "in_reply_to": str(letter["Message-ID"])}
    imap.folder.add(a_letter(said, **thanks))
    await place.visit()
    await expect(log.get_by_text("Thanks!", exact=True)).to_be_visible()
    await expect(log.locator(".message")).to_have_count(3)
    await expect(log.locator("details.quoted")).to_have_count(1)  # what she quotes is folded away
    await expect(page).to_have_url(re.compile(r"/app/conversations/\d+"))
    assert len(await place.conversations()) == 1


async def test_who_comes_into_cc_while_a_reply_is_written_is_added_and_said(
    site: Site, place: Place, imap: MailServer, open_page: OpenPage
) -> None:
    first = {"message_id": "<one@example.com>", "cc": "Joe <joe@example.com>"}
    imap.folder.add(a_letter("Where is it?", **first))
    await place.visit()
    page = await open_page(site.cast.beto)
    await watch(page, "/app/conversations/1")
    copies = page.get_by_label("CC", exact=True)
    await copies.fill("joe@example.com, boss@acme.example")
    field = page.get_by_role("textbox", name="Mensagem")
    await field.fill("Chega")
    joined = {"message_id": "<two@example.com>", "in_reply_to": "<one@example.com>"}
    imap.folder.add(a_letter("Eva too", cc="joe@example.com, eva@example.com", **joined))
    await place.visit()
    await expect(copies).to_have_value("joe@example.com, boss@acme.example, eva@example.com")
    said = page.get_by_text("Entrou em CC, como no último e-mail: eva@example.com")
    await expect(said).to_be_visible()
    await expect(field).to_have_value("Chega")


async def test_who_gets_a_copy_is_seen_and_chosen_before_it_is_sent(
    site: Site, place: Place, imap: MailServer, smtp: PostOffice, open_page: OpenPage
) -> None:
    imap.folder.add(a_letter("Where is it?", cc="Joe <joe@example.com>"))
    await place.visit()
    page = await open_page(site.cast.beto)
    await watch(page, "/app/conversations/1")
    copies = page.get_by_label("CC", exact=True)
    await expect(page.locator(".reach")).to_contain_text("maria@example.com")
    await expect(copies).to_have_value("joe@example.com")
    await copies.fill("joe@example.com, eva@")
    await page.get_by_label("CCO").fill("boss@acme.example")
    field = page.get_by_role("textbox", name="Mensagem")
    await field.fill("Chega amanhã.")
    await page.reload()  # what was typed waits, with whom it was to reach
    await watch(page, "/app/conversations/1")
    await expect(copies).to_have_value("joe@example.com, eva@")
    await field.press("Enter")
    refused = page.locator("form.unsent.refused")
    await expect(refused).to_contain_text("“eva@” não é um endereço de e-mail.")
    await refused.get_by_role("button", name="Editar").click()
    await expect(page.get_by_label("CCO")).to_have_value("boss@acme.example")
    await copies.fill("joe@example.com, eva@example.com")
    await field.press("Enter")
    reply = page.get_by_role("log").locator("[data-echo]")
    await expect(reply).to_contain_text("CC: joe@example.com, eva@example.com")
    await expect(page.get_by_label("CCO")).to_have_value("")  # nobody is hidden by accident
    await send(place, site.outbound)
    assert smtp.taken_for == [
        ["maria@example.com", "joe@example.com", "eva@example.com", "boss@acme.example"]
    ]
