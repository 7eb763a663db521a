"""Everybody can use the pages: with eyes, ears, a keyboard alone, on a phone, without scripts."""

import pytest
from playwright.async_api import Page, expect

from recado.accounts.profiles import choose_language
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.journeys.stage import Stage
from tests.people import PASSWORD
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_axe_finds_nothing_serious_after_a_test_and_a_refusal(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    found = {}
    for name, action in (("success", stage.sends), ("failure", stage.refused)):
        await page.goto(f"/app/actions/{action.id}/test")
        await is_ready(page)
        await page.get_by_role("button", name="Testar solicitação").click()
        await expect(page.get_by_role("button", name="Testar ação novamente")).to_be_visible()
        found[name] = await faults(page)
    await page.goto("/app/actions/new")
    await is_ready(page)
    await page.get_by_role("button", name="Criar", exact=True).click()
    await expect(page.get_by_label("Nome", exact=True)).to_be_focused()
    found["refused form"] = await faults(page)
    await page.get_by_label("URL", exact=True).press_sequentially("https://x.example/{{")
    found["picker"] = await faults(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


async def test_axe_finds_nothing_serious_on_empty_pages(site: Site, open_page: OpenPage) -> None:
    page = await open_page(site.cast.celia)
    paths = ("/app/actions", "/app/automation", "/app/deliveries", "/app/conversations")
    found = {path: await faults(page, path) for path in paths}
    visitor = await open_page()
    found["sign-in"] = await faults(visitor, "/sign-in")
    assert {name: faults for name, faults in found.items() if faults} == {}


async def test_an_action_is_made_and_tried_by_keyboard_alone(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions")
    await is_ready(page)
    await reach(page, "Adicionar uma nova ação personalizada")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/new")
    await is_ready(page)
    await expect(page.get_by_label("Nome", exact=True)).to_be_focused()
    await page.keyboard.type("Só teclado")
    await reach(page, "URL")
    await page.keyboard.type(receiver.url + "/{{contact.em")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await reach(page, "Corpo da Solicitação")
    await page.keyboard.type("[1")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Tab")
    await reach(page, "Criar")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/test")
    await is_ready(page)
    await reach(page, "Testar solicitação")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Resposta", exact=True)).to_contain_text("200")
    await reach(page, "Salvar ação")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("switch")).to_be_checked()
    [received] = receiver.received
    assert received.json == [1]
    assert "%40" in received.path


async def test_the_pages_work_without_scripts(
    site: Site, stage: Stage, receiver: Receiver, open_page: OpenPage
) -> None:
    async with site.database.transaction() as tx:
        await choose_language(tx, site.cast.ana.user_id, "pt_BR")
    page = await open_page(look=Look(has_scripts=False))
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill("ana@acme.example")
    await page.get_by_label("Senha").fill(PASSWORD)
    await page.get_by_role("button", name="Entrar").click()
    await page.wait_for_url("**/app/conversations")
    await page.goto("/app/actions/new")
    await page.get_by_label("Nome", exact=True).fill("Zap")
    await page.get_by_label("URL", exact=True).fill(receiver.url + "/simples")
    await page.get_by_role("textbox", name="Corpo da Solicitação").fill('{"n": 1}')
    await page.get_by_role("button", name="Criar", exact=True).click()
    await expect(page.get_by_label("Nome", exact=True)).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Nome", exact=True).fill("Simples")
    await page.get_by_role("button", name="Criar", exact=True).click()
    await page.get_by_role("button", name="Testar solicitação").click()
    await expect(page.get_by_role("region", name="Resposta", exact=True)).to_contain_text("200")
    await page.get_by_role("button", name="Salvar ação").click()
    switch = page.get_by_role("switch", name="Simples")
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(page.get_by_role("switch", name="Simples")).not_to_be_checked()
    await page.goto("/app/automation")
    await expect(page.get_by_role("link", name="Zebra")).to_be_visible()
    await page.get_by_role("switch", name="Zebra").click()
    await expect(page.get_by_role("switch", name="Zebra")).not_to_be_checked()
    await page.goto(f"/app/actions/{stage.sends.id}/delete")
    await page.get_by_label("Digite “Zap” para confirmar").fill("Zap")
    await page.get_by_role("button", name="Sim, excluir Zap").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ações personalizadas")
    await expect(page.get_by_role("switch", name="Zap")).to_have_count(0)


async def reach(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    passed = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        passed.append(await page.evaluate(_FOCUSED))
        if passed[-1] == name:
            return
    raise AssertionError(f"Tab never reaches “{name}”, only {passed}")


_FOCUSED = """() => {
  const one = document.activeElement
  const label = one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent
  return label.replace(/\\s+/g, " ").trim()
}"""
