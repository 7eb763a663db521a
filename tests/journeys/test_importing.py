"""From a spreadsheet to contacts, and two of them made one, in a browser."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.people import a_contact, a_conversation, a_message

pytestmark = pytest.mark.journey

LIST = """Nome;E-mail;Celular;Observações
João Ação;joao@x.example;(11) 98888-7777;bom cliente
Maria Souza;maria@example.com;;
Sem arroba;torto;;
"""


@pytest.mark.parametrize(
    "look", [Look(), Look(theme="dark", width=360, height=740)], ids=["desk", "phone"]
)
async def test_a_list_is_imported_and_what_was_refused_comes_back(
    site: Site, open_page: OpenPage, tmp_path: Path, look: Look
) -> None:
    async with site.database.transaction() as tx:
        await a_contact(tx, site.cast.account)
    file = tmp_path / "lista.csv"
    file.write_bytes(LIST.replace("\n", "\r\n").encode("cp1252"))
    page = await open_page(site.cast.ana, look)
    await page.goto("/app/contacts")
    await is_ready(page)
    await page.get_by_role("link", name="Importar").click()
    await page.get_by_label("Arquivo").set_input_files(file)
    await page.get_by_role("button", name="Continuar").click()
    await expect(page.get_by_label("Celular")).to_have_value("phone_number")
    await expect(page.get_by_label("Observações")).to_have_value("")
    await expect(page.get_by_role("cell", name="Isto não é um endereço de e-mail.")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("button", name="Importar 3 linhas").click()
    await expect(page.get_by_text("Concluíd")).to_be_visible()  # by itself: the page is live
    await expect(page.get_by_text("1 contato novo")).to_be_visible()
    await expect(page.get_by_text("1 já existia, igual")).to_be_visible()
    assert await faults(page) == []
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Baixar as linhas recusadas").click()
    await (await downloading.value).save_as(tmp_path / "refused.csv")
    assert "Sem arroba;torto" in (tmp_path / "refused.csv").read_text(encoding="utf-8-sig")
    await page.goto("/app/contacts?q=a%C3%A7%C3%A3o")
    await expect(page.get_by_text("+5511988887777")).to_be_visible()


async def test_two_contacts_are_made_one(site: Site, open_page: OpenPage) -> None:
    async with site.database.transaction() as tx:
        maria = await a_contact(tx, site.cast.account)
        twice = await a_contact(
            tx, site.cast.account, name="Maria Souza Lima", email=None, phone_number=None,
            identifier="crm-7",
        )  # fmt: skip
        await a_message(tx, await a_conversation(tx, site.cast.inbox, twice), "Oi de novo")
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/contacts/{maria.id}")
    await is_ready(page)
    await page.get_by_role("link", name="Mesclar").click()
    await page.get_by_role("link", name="Maria Souza Lima").click()
    await expect(page.get_by_role("row", name=re.compile("crm-7"))).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("link", name="Manter o outro").click()
    await page.get_by_role("button", name="Mesclar").click()
    await expect(page.get_by_role("heading", name="Maria Souza Lima")).to_be_visible()
    await expect(page.get_by_label("E-mail")).to_have_value("maria@example.com")
    await expect(page.get_by_text("Oi de novo")).to_be_visible()


async def test_a_filter_becomes_a_segment(site: Site, open_page: OpenPage) -> None:
    async with site.database.transaction() as tx:
        await a_contact(tx, site.cast.account)
        await a_contact(tx, site.cast.account, name="João", email=None, phone_number=None)
    page = await open_page(site.cast.ana)
    await page.goto("/app/contacts")
    await is_ready(page)
    await page.get_by_text("Filtros").click()
    await page.get_by_label("Sobre o quê").select_option("email")
    await is_ready(page)
    await page.get_by_label("Comparação").select_option("is_present")
    await is_ready(page)
    await page.get_by_role("button", name="Filtrar").click()
    await expect(page.get_by_text("1 contato", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Salvar como segmento…").click()
    await page.get_by_label("Nome").fill("Com e-mail")
    await page.get_by_label("Nome").press("Enter")
    await expect(page.get_by_role("heading", name="Com e-mail")).to_be_visible()
    await expect(page.get_by_text("João")).to_be_hidden()
