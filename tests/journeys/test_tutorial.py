"""The tutorial of custom actions, walked in a browser as people read it, against a real receiver."""

import json
import re

import pytest
from playwright.async_api import Locator, Page, expect

from recado.accounts.profiles import choose_language
from recado.actions.saving import ActionDraft, create_action
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.conversations.models import Conversation
from tests.journeys.browsing import is_ready, pick
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import ended_deliveries, say
from tests.people import NOW, PASSWORD, a_contact, a_conversation
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

NAME = "Registrar no CRM"
OTHER = "Planilha"
ANSWER = b'{"ok": true, "id": 42}'
SAID = 'Disse "oi" {{ contact.email }}\n\\o/ 😀'


async def test_the_tutorial_from_signing_in_to_deleting(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    conversation = await _prepare(site)
    receiver.answer(200, ANSWER, {"Content-Type": "application/json"})
    page = await open_page()
    await sign_in(page)
    await find_custom_actions(page)
    await write_the_action(page, receiver)
    await correct_a_taken_name(page)
    await try_it_twice(page, receiver)
    await save_it(page)
    await add_a_rule(page)
    receiver.clear()
    await say(site.database, conversation, SAID)
    await see_it_delivered(page, site, receiver)
    await switch_it_off(page)
    await say(site.database, conversation, "Alguém aí?")
    await see_it_skipped(page, site, receiver)
    await delete_it(page)
    await see_the_log_stay(page)
    assert len(receiver.received) == 1  # once, and nothing while it was off


async def _prepare(site: Site) -> Conversation:
    async with site.database.transaction() as tx:
        await choose_language(tx, site.cast.ana.user_id, "pt_BR")
        plan = AttributeDraft("Plano", "plano", AttributeKind.TEXT, AttributeModel.CONTACT)
        await create_attribute(tx, site.cast.account.id, plan, now=NOW)
        other = ActionDraft(OTHER, url="https://example.com/planilha")
        await create_action(tx, site.cast.account.id, other, vault=site.outbound.vault, now=NOW)
        maria = await a_contact(tx, site.cast.account, custom_attributes={"plano": "ouro"})
        return await a_conversation(tx, site.cast.inbox, maria)


async def sign_in(page: Page) -> None:
    await page.goto("/")
    await page.get_by_label("E-mail").fill("ana@acme.example")
    await page.get_by_label("Senha").fill(PASSWORD)
    await page.get_by_role("button", name="Entrar").click()
    await page.wait_for_url("**/app/conversations")


async def find_custom_actions(page: Page) -> None:
    await page.get_by_role("link", name="Configurações").click()
    await page.get_by_role("link", name="Ações personalizadas", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ações personalizadas")
    await page.get_by_role("link", name="Adicionar uma nova ação personalizada").first.click()
    await is_ready(page)


async def write_the_action(page: Page, receiver: Receiver) -> None:
    """A taken name; URL, header and body, each with a variable picked by keyboard."""
    await page.get_by_label("Nome", exact=True).fill(OTHER.upper())
    await page.get_by_label("Descrição").fill("Avisa o CRM")
    await pick(page, "Método HTTP", "PUT")
    await pick(page, "Método HTTP", "POST")
    url = page.get_by_label("URL", exact=True)
    await url.press_sequentially(f"{receiver.url}/crm/{{{{contact.id")
    await expect(page.get_by_role("listbox").locator(":visible").first).to_be_visible()
    await url.press("Enter")
    await expect(url).to_have_value(re.compile(r"/crm/\{\{ ?contact\.id ?\}\}$"))
    await page.get_by_role("button", name="Adicionar par de cabeçalho HTTP").click()
    await expect(page.get_by_label("Nome do cabeçalho").first).to_be_focused()
    await page.keyboard.type("X-Plano")
    value = page.get_by_label("Valor do cabeçalho")
    await value.press_sequentially("{{plan")
    await value.press("Tab")
    await expect(value).to_have_value(re.compile(r"^\{\{ ?contact\.custom_attribute\.plano ?\}\}$"))
    body = page.get_by_role("textbox", name="Corpo da Solicitação")
    await body.click()
    await body.press_sequentially('{"quem": "{{contact.na')
    await expect(page.locator(".cm-tooltip-autocomplete [aria-selected=true]")).to_be_visible()
    await page.wait_for_timeout(150)  # an Enter this close to the list's opening makes a new line
    await body.press("Enter")
    await page.keyboard.press("ControlOrMeta+End")
    written = await body_of(page)
    assert re.fullmatch(r'\{\s*"quem": "\{\{ ?contact\.name ?\}\}"?\s*\}?', written), written
    text = '{"quem": "{{ contact.name }}", "texto": "{{ message.content }}", "n": {{ conversation.id }}}'
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.insert_text(text)
    await expect(page.locator("textarea[name=body]")).to_have_value(text)


async def body_of(page: Page) -> str:
    return await page.locator("textarea[name=body]").input_value()


async def correct_a_taken_name(page: Page) -> None:
    before = await typed(page)
    await page.get_by_role("button", name="Criar", exact=True).click()
    name = page.get_by_label("Nome", exact=True)
    await expect(name).to_have_attribute("aria-invalid", "true")
    await expect(name).to_be_focused()
    assert await typed(page) == before
    await name.fill(NAME)
    await page.get_by_role("button", name="Criar", exact=True).click()
    await page.wait_for_url("**/test")
    await is_ready(page)


async def typed(page: Page) -> dict[str, str]:
    """Everything in the form, but its token."""
    found: dict[str, str] = await page.locator("#action-form").evaluate(
        "(form) => Object.fromEntries([...new FormData(form)].filter(([name]) => name !== '_csrf_token'))"
    )
    return found


async def try_it_twice(page: Page, receiver: Receiver) -> None:
    await page.get_by_role("button", name="Testar solicitação").click()
    response = page.get_by_role("region", name="Resposta", exact=True)
    await expect(response).to_contain_text("200")
    await expect(response).to_contain_text('"id": 42')
    await expect(response).to_contain_text("Entregue")
    receiver.answer(500, b"Ai!", {"Content-Type": "text/plain"})
    await page.get_by_role("button", name="Testar ação novamente").click()
    await expect(response).to_contain_text("500")
    await expect(response).to_contain_text("Falhou")
    await expect(response).to_contain_text("Ai!")
    assert [one.method for one in receiver.received] == ["POST", "POST"]
    receiver.answer(200, ANSWER, {"Content-Type": "application/json"})


async def save_it(page: Page) -> None:
    await page.get_by_role("button", name="Salvar ação").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ações personalizadas")
    await expect(row(page, NAME).get_by_role("switch")).to_be_checked()


def row(page: Page, name: str) -> Locator:
    return page.locator("article.row").filter(
        has=page.get_by_role("heading", name=re.compile(rf"^{name}\b"))
    )


async def add_a_rule(page: Page) -> None:
    await page.get_by_role("link", name="Automação", exact=True).click()
    await page.get_by_role("link", name="Adicionar regra de automação").first.click()
    await is_ready(page)
    await page.get_by_label("Nome", exact=True).fill("Avisar o CRM")
    await page.get_by_label("Evento", exact=True).select_option("message_created")
    await is_ready(page)
    condition = page.get_by_role("group", name="Condição 1")
    await condition.get_by_label("Sobre o quê").select_option("message_type")
    await is_ready(page)
    await condition.locator("summary").click()
    await condition.get_by_role("checkbox", name="Mensagem recebida").check()
    effect = page.get_by_role("group", name="Ação 1")
    await effect.get_by_label("O que a regra faz").select_option("send_custom_action")
    await is_ready(page)
    await pick(effect, "Ação personalizada", NAME)
    await expect(page.locator("#rule-sentence")).to_contain_text(NAME)
    await page.get_by_role("button", name="Criar", exact=True).click()
    await expect(row(page, "Avisar o CRM").get_by_role("switch")).to_be_checked()


async def see_it_delivered(page: Page, site: Site, receiver: Receiver) -> None:
    await ended_deliveries(site.database, site.cast.account.id, 3)
    [received] = receiver.received
    assert received.method == "POST"
    assert json.loads(received.body) == {"quem": "Maria Souza", "texto": SAID, "n": 1}
    assert received.headers["x-plano"] == "ouro"
    await page.get_by_role("link", name="Registro de entregas").click()
    await expect(page.get_by_role("row", name=NAME).first).to_contain_text("Entregue")
    await page.get_by_role("link", name=NAME, exact=True).first.click()
    await expect(page.locator("#delivery")).to_contain_text("200")


async def switch_it_off(page: Page) -> None:
    await page.get_by_role("link", name="Ações personalizadas", exact=True).click()
    await is_ready(page)
    await row(page, NAME).get_by_role("switch").click()
    await expect(row(page, NAME).get_by_role("switch")).not_to_be_checked()
    await expect(row(page, NAME)).to_contain_text("Desligada")
    await page.get_by_role("link", name="Automação", exact=True).click()
    await expect(row(page, "Avisar o CRM")).to_contain_text(f"espera a ação {NAME}")


async def see_it_skipped(page: Page, site: Site, receiver: Receiver) -> None:
    await ended_deliveries(site.database, site.cast.account.id, 4)
    assert len(receiver.received) == 1
    await page.get_by_role("link", name="Registro de entregas").click()
    await expect(page.get_by_role("row", name=NAME).first).to_contain_text("Não enviada")
    await page.get_by_role("link", name=NAME, exact=True).first.click()
    await expect(page.locator("#delivery .notice").first).to_contain_text("desligad")


async def delete_it(page: Page) -> None:
    await page.get_by_role("link", name="Ações personalizadas", exact=True).click()
    await is_ready(page)
    await row(page, NAME).get_by_role("link", name="Excluir").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Avisar o CRM")
    button = dialog.get_by_role("button", name=f"Sim, excluir {NAME}")
    await expect(button).to_be_disabled()
    await page.keyboard.type(NAME)
    await button.click()
    await expect(row(page, NAME)).to_have_count(0)
    await expect(row(page, OTHER)).to_be_visible()


async def see_the_log_stay(page: Page) -> None:
    await page.get_by_role("link", name="Registro de entregas").click()
    await page.get_by_role("row", name="Entregue").get_by_role("link", name=NAME).first.click()
    await expect(page.locator("#delivery")).to_contain_text("Maria Souza")
    await expect(page.locator("#delivery")).to_contain_text("excluíd")
