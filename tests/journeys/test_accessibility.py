"""Everybody can use the pages: with eyes, ears, a keyboard alone, on a phone, without scripts."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from recado.accounts.profiles import choose_language
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.places import places
from tests.journeys.stage import Stage, ended_deliveries, say, set_stage
from tests.people import PASSWORD
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


@pytest.fixture
async def stage(site: Site, receiver: Receiver) -> Stage:
    """An account in use: one delivery arrived, one was refused."""
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await say(site.database, stage.conversation, "Oi")
    await ended_deliveries(site.database, site.cast.account.id, 2)
    return stage


@pytest.mark.parametrize("part", range(3))  # each takes its time
async def test_axe_finds_nothing_serious(
    site: Site, stage: Stage, open_page: OpenPage, part: int
) -> None:
    page = await open_page(site.cast.ana)
    paths = list(places(stage).items())[part::3]
    found = {name: await faults(page, path) for name, path in paths}
    assert {name: faults for name, faults in found.items() if faults} == {}


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


async def test_no_page_is_wider_than_a_phone(site: Site, stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(site.cast.ana, Look(width=360, height=740))
    wide = {}
    for name, path in places(stage).items():
        await page.goto(path)
        await is_ready(page)
        width = await page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wide[name] = width
    assert wide == {}


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
    await expect(page.get_by_role("region", name="Response")).to_contain_text("200")
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
    await expect(page.get_by_role("region", name="Response")).to_contain_text("200")
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


async def faults(page: Page, path: str = "") -> list[str]:
    """What axe calls serious or critical on the page as it stands, in light and dark."""
    if path:
        await page.goto(path)
        await page.wait_for_load_state()
    found = []
    for theme, options in _THEMES.items():
        await page.emulate_media(color_scheme=theme)
        await page.evaluate(_COLOURS_SETTLE)
        results = await Axe().run(page, options=options)
        found += [
            f"{theme} {one['id']}: {node['html'][:160]} {_reason(node)}"
            for one in results.response["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"][:3]
        ]
    return found


_THEMES: dict[Any, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},  # all that differs
}


_COLOURS_SETTLE = """async () => {
  await new Promise(requestAnimationFrame)
  await Promise.allSettled(document.getAnimations().map((one) => one.finished))
}"""


def _reason(node: dict[str, Any]) -> str:
    return str([one["message"][:140] for one in [*node["any"], *node["all"], *node["none"]]][:1])


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
