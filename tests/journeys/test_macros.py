"""A macro that calls another system: built with a file, run beside a conversation, answered at once."""

import json
import os
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from recado.automation.macros import MacroDraft, Visibility, save_macro
from recado.conversations.models import Message
from tests.journeys.browsing import Look, is_ready, pick
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import Stage, set_stage
from tests.people import NOW
from tests.receiver import Receiver

pytestmark = pytest.mark.journey
_HEAR = """document.addEventListener("recado:changed", ({ detail }) => {
  if (detail.names.includes("deliveries")) document.documentElement.dataset.heard = ""
})"""


async def picture(page: Page, name: str) -> None:
    """Where somebody wants to look at the pages."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
async def stage(site: Site, receiver: Receiver) -> Stage:
    return await set_stage(site.database, site.outbound, site.cast, receiver)


async def test_an_agent_presses_a_shared_macro_and_sees_the_answer(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/macros/new")
    await is_ready(page)
    await page.get_by_label("Nome").fill("Enviar tabela")
    first = page.get_by_role("group", name="Ação 1")
    await pick(first, "Ação personalizada", "Zap")
    await page.get_by_role("button", name="Adicionar ação").click()
    second = page.get_by_role("group", name="Ação 2")
    await second.get_by_role("combobox").select_option("send_attachment")
    await second.locator("input[type=file]").set_input_files(
        {"name": "tabela.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    await expect(second.locator("[data-chosen]")).to_have_text("tabela.pdf")
    await picture(page, "macro-form")
    await page.get_by_role("button", name="Criar").click()
    await page.wait_for_url("**/app/macros")

    betos = await open_page(site.cast.beto)
    await betos.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(betos)
    await betos.get_by_role("button", name="Executar a macro “Enviar tabela”").click()
    macros = betos.locator("#macros")
    await expect(macros).to_contain_text("200")  # what the other system answered, without a reload
    await expect(macros).to_contain_text("enviar o arquivo")  # and what each action did
    await picture(betos, "macro-run")
    async with site.database.transaction() as tx:
        query = select(Message).options(selectinload(Message.attachments))
        files = [file.name for one in await tx.scalars(query) for file in one.attachments]
    assert files == ["tabela.pdf"]


async def test_a_call_that_ended_before_its_page_was_drawn_is_not_waited_for(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    effects = [{"action_name": "send_custom_action", "action_params": [stage.sends.id]}]
    async with site.database.transaction() as tx:
        draft = MacroDraft("Avisar", Visibility.GLOBAL, effects)
        await save_macro(tx, None, draft, site.cast.ana, now=NOW)
    page = await open_page(site.cast.beto)

    async def late(route: Route) -> None:
        answer = await route.fetch()
        await page.locator("html[data-heard]").wait_for(
            state="attached"
        )  # news of a part not yet there
        await route.fulfill(response=answer)

    await page.route("**/app/macros/*/run", late)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    await page.evaluate(_HEAR)
    await page.get_by_role("button", name="Executar a macro “Avisar”").click()
    await expect(page.locator("#macros")).to_contain_text("200")


async def test_a_slash_finds_a_macro_and_says_what_it_will_do(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    effects = [{"action_name": "change_priority", "action_params": ["urgent"]}]
    async with site.database.transaction() as tx:
        draft = MacroDraft("Reclamação", Visibility.GLOBAL, effects)
        await save_macro(tx, None, draft, site.cast.ana, now=NOW)
    page = await open_page(site.cast.beto)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    field = page.get_by_role("textbox", name="Mensagem")
    await field.press_sequentially("Um momento /reclamacao")  # whatever the accents
    offer = page.get_by_role("option").filter(has_text="Reclamação")
    await expect(offer).to_contain_text("alterar a prioridade para “Urgente”")
    await page.keyboard.press("Enter")
    await expect(offer).to_contain_text("Executar a macro “Reclamação”?")
    await page.keyboard.press("Escape")
    await expect(offer).to_be_hidden()
    await expect(page.locator("#state-priority")).to_have_value("")
    await page.keyboard.press("Backspace")
    for said in ("Macro: ", "Executar a macro"):
        await expect(offer).to_contain_text(said)
        await page.keyboard.press("Enter")
    await expect(page.locator("#state-priority")).to_have_value("urgent")
    await expect(page.locator("#toasts")).to_contain_text("A macro “Reclamação” foi executada.")
    await expect(field).to_have_value("Um momento ")  # what one was writing stays, unsent


async def test_the_palette_runs_a_macro_that_this_person_sees(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    effects = [{"action_name": "change_priority", "action_params": ["urgent"]}]
    async with site.database.transaction() as tx:
        for name, who in (
            ("Reclamação", Visibility.GLOBAL),
            ("Recado só de Ana", Visibility.PERSONAL),
        ):
            await save_macro(tx, None, MacroDraft(name, who, effects), site.cast.ana, now=NOW)
    page = await open_page(site.cast.beto)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    await expect(page.get_by_role("button", name="Executar a macro")).to_have_count(1)
    await page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Buscar ou fazer algo")
    commands = palette.get_by_role("button", name="Executar a macro")
    await page.keyboard.type("executar a macro")
    await expect(commands).to_have_text(["Executar a macro “Reclamação”"])  # not another's own
    await page.keyboard.press("Enter")
    await expect(page.locator("#state-priority")).to_have_value("urgent")
    await expect(palette).to_be_hidden()


async def test_a_file_of_rules_is_looked_at_and_applied(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    rule = {
        "name": "Pedido", "event_name": "message_created",
        "conditions": [{"attribute_key": "content", "filter_operator": "contains",
                        "values": ["pedido"], "query_operator": None}],
        "actions": [
            {"action_name": "send_custom_action", "action_params": ["Zap"]},
            {"action_name": "send_email_transcript", "action_params": ["{{ contact.email }}"]},
        ],
    }  # fmt: skip
    page = await open_page(site.cast.ana, Look(width=360, theme="dark"))
    await page.goto("/app/automation/import")
    await page.get_by_label("Ou cole").fill(json.dumps({"automation_rules": [rule], "etc": 1}))
    await page.get_by_role("button", name="Mostrar o que mudaria").click()
    await expect(page.get_by_text("enviar a ação personalizada “Zap”")).to_be_visible()
    await picture(page, "plan")
    await page.get_by_role("button", name="Aplicar 1 mudança").click()
    await page.wait_for_url("**/app/automation")
    await expect(page.get_by_text("RECADO_SMTP_URL").first).to_be_visible()  # it would send nothing
    await picture(page, "rules")
    await page.goto(f"/app/conversations/{stage.conversation.display_id}/transcript")
    await picture(page, "transcript")
    await page.goto("/app/emails")
    await picture(page, "emails")
