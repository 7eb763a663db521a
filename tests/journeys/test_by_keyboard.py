"""No mouse: from signing in to a call that is sent again, by keys alone; the focus is seen and never lost."""

import re

import pytest
from playwright.async_api import Page, expect

from recado.accounts.people import PersonDraft
from recado.accounts.setting_up import set_up
from recado.contacts.labels import create_label
from recado.conversations.canning import create_canned_response
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import ended_deliveries, say, set_stage
from tests.people import NOW, PASSWORD
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

_MOST = 60  # presses of Tab until something counts as out of reach
_FOCUSED = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return null
  const { width, bottom, top } = one.getBoundingClientRect()
  const isRinged = (part) => [null, "::after"].some((which) => {
    const { outlineStyle, boxShadow } = getComputedStyle(part, which)
    return outlineStyle !== "none" || boxShadow !== "none"
  })
  const around = [one, one.closest("label, .composer, code-editor"), one.closest("code-editor")?.firstElementChild, one.closest(".cm-editor")?.parentElement]
  const name = one.ariaLabel || one.labels?.[0]?.innerText || one.innerText || one.title
  return { name: name.trim().replaceAll("\\n", " "), isSeen: width > 0 && bottom > 0 && top < innerHeight, isRinged: around.filter(Boolean).some(isRinged) }
}"""


async def reach(page: Page, name: str, *, back: bool = False) -> None:
    """Tab until something is called so; every stop on the way is seen."""
    await is_ready(page)
    passed: list[str] = []
    for _ in range(_MOST):
        at = await page.evaluate(_FOCUSED)
        if at and re.fullmatch(name, at["name"]):
            return
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        at = await page.evaluate(_FOCUSED)
        if at:
            assert at["isSeen"], at
            assert at["isRinged"], at
            passed.append(at["name"])
    raise AssertionError(f"{name} is not among {passed}")


async def test_a_newcomers_first_steps(site: Site, receiver: Receiver, open_page: OpenPage) -> None:
    async with site.database.transaction() as tx:
        person = PersonDraft("Dora Melo", "dora@nova.example", PASSWORD)
        await set_up(tx, "Nova", person, language="pt_BR", now=NOW)
    page = await open_page()
    await page.goto("/sign-in?next=/app/start")
    await page.keyboard.type("dora@nova.example")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/app/start")
    await reach(page, "Abrir a caixa de entrada")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("URL")).to_be_focused()
    await page.keyboard.type(receiver.url + "/crm")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Criar a regra")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Mensagem")).to_be_focused()
    await reach(page, "Enviar como cliente")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Funciona")).to_be_visible()
    await expect(page.get_by_role("link", name="Ver o que foi enviado")).to_be_focused()


async def test_an_action_and_a_rule_are_made(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions/new")
    await reach(page, "Nome")
    await page.keyboard.type("CRM")
    await reach(page, "URL")
    await page.keyboard.type(receiver.url + "/crm")
    await reach(page, "Adicionar par de cabeçalho HTTP")
    await page.keyboard.press("Enter")
    await expect(page.locator("#field-headers-0-name")).to_be_focused()
    await page.keyboard.type("X-Loja")
    await page.keyboard.press("Tab")
    await page.keyboard.type("centro")
    await reach(page, "Corpo da Solicitação")
    await page.keyboard.type('{"a": 1')
    await page.keyboard.press("Escape")  # from then on Tab leaves the editor
    await reach(page, "Criar")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/test")
    await reach(page, "Testar solicitação")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Testar ação novamente")).to_be_focused()
    assert receiver.received[0].json == {"a": 1}
    await reach(page, "Salvar ação")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/app/actions?saved=*")

    await page.goto("/app/automation/new")
    await reach(page, "Nome")
    await page.keyboard.type("Avisar")
    await reach(page, "Adicionar uma condição")
    await page.keyboard.press("Enter")
    await expect(page.locator("#field-conditions-1-attribute")).to_be_focused()
    await reach(page, "Remover a condição")
    await page.keyboard.press("Enter")
    await expect(page.locator("#field-conditions-0-attribute")).to_be_focused()
    await reach(page, "Valor: Escolha…")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Escape")
    await reach(page, "Ação personalizada")
    await page.keyboard.type("CRM")
    await page.keyboard.press("Enter")
    await reach(page, "Criar")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/app/automation")
    await expect(page.get_by_role("link", name="Avisar")).to_be_visible()


async def test_a_conversation_is_answered_and_put_aside(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await say(site.database, stage.conversation, "Oi")
    async with site.database.transaction() as tx:
        text = "Abrimos às 9h."
        await create_canned_response(tx, site.cast.account.id, "horario", text, now=NOW)
    page = await open_page(site.cast.ana)
    await page.goto("/app/conversations?tab=all")
    await reach(page, "Maria Souza")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/app/conversations/1?**")
    await reach(page, "Mensagem")
    await page.keyboard.type("/hor")
    await expect(page.get_by_role("option").filter(has_text="/horario")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log").get_by_text("Abrimos às 9h.")).to_be_visible()
    await expect(page.get_by_label("Mensagem", exact=True)).to_be_focused()
    await reach(page, "Agente atribuído")
    await page.keyboard.type("Beto")
    await expect(page.get_by_role("log").get_by_text("Beto Reis")).to_be_visible()
    await expect(page.locator("#state-assignee")).to_be_focused()
    await reach(page, "Adiar", back=True)
    await page.keyboard.press("Enter")
    await reach(page, "Por uma hora")
    await page.keyboard.press("Enter")
    await expect(page.locator("#head")).to_contain_text("Adiada")
    await expect(page.locator("#head summary[aria-label=Adiar]")).to_be_focused()
    for pressed, left in (("Reabrir", "Resolver"), ("Resolver", "Reabrir")):
        await reach(page, pressed, back=True)
        await page.keyboard.press("Enter")
        await expect(page.locator("#head").get_by_role("button", name=left).first).to_be_focused()


async def test_a_call_is_sent_again(site: Site, receiver: Receiver, open_page: OpenPage) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await say(site.database, stage.conversation, "Oi")
    await ended_deliveries(site.database, site.cast.account.id, 2)
    page = await open_page(site.cast.ana)
    await page.goto("/app/deliveries")
    await reach(page, "Recusado")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/app/deliveries/\d+"))
    await reach(page, "Enviar novamente")
    calls = len(receiver.received)
    await page.keyboard.press("Enter")
    again = page.get_by_role("button", name="Enviar novamente")
    await expect(page.locator("#delivery")).to_contain_text("tentativa 2")
    await expect(again).to_be_enabled()
    await expect(again).to_be_focused()  # it was gone while the call was under way
    assert len(receiver.received) == calls + 1


async def test_the_menu_of_settings_is_skipped(site: Site, open_page: OpenPage) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/teams")
    await is_ready(page)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Ir para o conteúdo")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    within = "document.activeElement.closest('.page') !== null"
    assert await page.evaluate(within), await page.evaluate(_FOCUSED)


async def test_a_label_that_is_missing_is_made_beside_the_rule(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation/new")
    await is_ready(page)
    await page.get_by_label("Nome").fill("Marcar")
    await page.locator("#field-actions-0-name").select_option("add_label")
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Adicionar etiqueta").press("Enter")
    await (await opened.value).close()
    async with site.database.transaction() as tx:
        await create_label(tx, site.cast.account.id, "vip")
    await page.evaluate("window.dispatchEvent(new Event('focus'))")
    await expect(page.get_by_text("Ainda não há nada para escolher.")).to_have_count(0)
    await page.locator("#field-actions-0-params").press("Enter")
    await page.get_by_role("checkbox", name="vip").check()
    await expect(page.get_by_label("Nome")).to_have_value("Marcar")
