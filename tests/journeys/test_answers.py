"""An answer is used: from a click on a value of a test to the contact's attribute."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from recado.actions.models import CustomAction
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel, Contact
from recado.db.database import Database
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import Stage, say, set_stage
from tests.people import NOW
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def stage_with_an_attribute(site: Site, receiver: Receiver) -> Stage:
    receiver.answer(201, b'{"id": 881, "cliente": {"plano": "ouro", "pedidos": [5531]}}')
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    attribute = AttributeDraft("Plano", "plano", AttributeKind.TEXT, AttributeModel.CONTACT)
    async with site.database.transaction() as tx:
        await create_attribute(tx, site.cast.account.id, attribute, now=NOW)
    return stage


async def contact_attributes(database: Database, contact_id: int, key: str) -> object:
    async with asyncio.timeout(10):
        while True:
            async with database.transaction() as tx:
                contact = await tx.get(Contact, contact_id)
                if contact and key in contact.custom_attributes:
                    return contact.custom_attributes[key]
            await asyncio.sleep(0.05)


async def test_a_value_is_chosen_by_keyboard_and_a_call_keeps_it(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await stage_with_an_attribute(site, receiver)
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/actions/{stage.sends.id}/test")
    await is_ready(page)
    await page.get_by_role("button", name="Testar solicitação").click()
    value = page.get_by_role("link", name='"ouro"')
    await value.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"keep="))
    await is_ready(page)
    rows = page.locator(".answer-field")
    await expect(rows.first.get_by_role("combobox", name="Onde o valor está")).to_have_value(
        "response.body.cliente.plano"
    )
    await expect(rows.first.get_by_role("combobox", name="Atributo personalizado")).to_be_focused()
    await page.keyboard.press("P")
    note = page.get_by_role("textbox", name="Nota privada").first
    await note.press_sequentially("Plano: {{cliente")
    await note.press("Enter")  # takes the value that the last answer had
    await expect(note).to_have_value("Plano: {{response.body.cliente.plano}}")
    await page.get_by_role("button", name="Salvar e testar").click()
    await page.wait_for_url(re.compile(r"/test$"))
    await say(site.database, stage.conversation, "Oi")
    assert await contact_attributes(site.database, stage.conversation.contact_id, "plano") == "ouro"
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await expect(page.get_by_role("log").get_by_text("Plano: ouro")).to_be_visible()


async def test_a_path_is_typed_without_scripts(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await stage_with_an_attribute(site, receiver)
    page = await open_page(site.cast.ana, Look(has_scripts=False))
    await page.goto(f"/app/actions/{stage.sends.id}/edit")
    await page.get_by_text("O que fazer com a resposta").click()
    row = page.locator(".answer-field").first
    await row.get_by_role("combobox", name="Onde o valor está").fill("$.cliente.plano")
    await row.get_by_role("combobox", name="Atributo personalizado").select_option("Plano")
    await page.get_by_role("button", name="Salvar e testar").click()
    await page.wait_for_url(re.compile(r"/test$"))
    async with site.database.transaction() as tx:
        action = await tx.get(CustomAction, stage.sends.id)
        assert action is not None
        assert action.answers["fields"][0]["path"] == "response.body.cliente.plano"
