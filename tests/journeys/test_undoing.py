"""A switch moves at once, a toast takes back, and what is refused moves back."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from recado.accounts.teams import create_team
from recado.automation.models import AutomationRule
from recado.automation.saving import delete_rule
from recado.contacts.labels import create_label
from tests.journeys.browsing import Complaints, Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.seeing import faults
from tests.journeys.stage import Stage, set_stage
from tests.people import a_contact, a_conversation
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


@pytest.fixture
async def stage(site: Site, receiver: Receiver) -> Stage:
    return await set_stage(site.database, site.outbound, site.cast, receiver)


@pytest.mark.parametrize("look", [Look(), Look(width=360, height=740)], ids=["desk", "phone"])
async def test_a_toast_stands_beside_what_sends(
    site: Site, stage: Stage, open_page: OpenPage, look: Look
) -> None:
    page = await open_page(site.cast.ana, look)
    await page.goto("/app/conversations/1")
    await is_ready(page)
    await page.get_by_role("button", name="Resolver", exact=True).click()
    toast = page.locator("#toasts .toast")
    await expect(toast).to_contain_text("Desfazer")
    standing = """([toast, send]) => {
      const one = toast.getBoundingClientRect(), other = send.getBoundingClientRect()
      const isOn = one.right <= innerWidth && one.left >= 0 && one.bottom <= innerHeight && one.top >= 0
      const isBeside = one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top
      return isOn && isBeside
    }"""
    send = page.get_by_role("button", name="Enviar", exact=True)
    both = [await toast.element_handle(), await send.element_handle()]
    assert await page.evaluate(standing, both)


async def test_a_switch_moves_at_once_and_a_toast_takes_it_back(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation")
    await is_ready(page)
    answered = asyncio.Event()

    async def held(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    await page.route("**/switch?*", held)
    switch = page.locator(f"#rule-{stage.rule.id}").get_by_role("switch")
    await switch.click()
    await expect(switch).not_to_be_checked()  # before the server has answered
    answered.set()
    toast = page.locator("#toasts .toast")
    await expect(toast).to_contain_text("“Zebra” está desligada.")
    await toast.get_by_role("button", name="Desfazer").press("Enter")
    await expect(switch).to_be_checked()
    await expect(toast).to_have_count(0)


async def test_what_is_refused_moves_back_and_is_told(
    site: Site, stage: Stage, open_page: OpenPage, complaints: Complaints
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation")
    await is_ready(page)
    async with site.database.transaction() as tx:  # somebody else deletes it meanwhile
        await delete_rule(tx, await tx.get_one(AutomationRule, stage.rule.id))
    switch = page.locator(f"#rule-{stage.rule.id}").get_by_role("switch")
    await switch.click()
    await expect(page.locator("#toasts .toast.danger")).to_have_count(1)
    await expect(switch).to_be_checked()
    complaints.heard = [one for one in complaints.heard if "status of 404" not in one]


async def test_a_resolved_conversation_is_opened_again(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    await page.get_by_role("button", name="Resolver").first.click()
    toast = page.locator("#toasts .toast")
    await expect(toast).to_contain_text("A conversa está resolvida.")
    await toast.get_by_role("button", name="Desfazer").click()
    await expect(page.locator("#head")).to_contain_text("Aberta")
    await expect(toast).to_have_count(0)


async def test_many_are_taken_back_and_resolving_leads_back_to_where_one_was(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    async with site.database.transaction() as tx:
        contact = await a_contact(tx, site.cast.account, email=None, phone_number=None)
        other = await a_conversation(tx, site.cast.inbox, contact)
    numbers = (stage.conversation.display_id, other.display_id)
    page = await open_page(site.cast.ana)
    await page.goto("/app/conversations?tab=all")
    await is_ready(page)
    for number in numbers:
        await page.locator(f"#choose-{number}").check()
    await page.locator("#many select[name=status]").select_option("resolved")
    await page.get_by_role("button", name="Aplicar").click()
    toast = page.locator("#toasts .toast")
    await expect(toast).to_contain_text("2 conversas foram alteradas.")
    await toast.get_by_role("button", name="Desfazer").click()
    await expect(toast).to_contain_text("2 conversas estão como antes.")
    for number in numbers:
        await expect(page.locator(f"#choose-{number}")).to_be_attached()

    await page.goto(f"/app/conversations/{numbers[0]}?tab=all")
    await is_ready(page)
    await page.get_by_role("button", name="Resolver e ir para a próxima").click()
    await page.wait_for_url(f"**/app/conversations/{numbers[1]}?**")
    await is_ready(page)
    await toast.get_by_role("button", name="Desfazer").press("Enter")
    await page.wait_for_url(f"**/app/conversations/{numbers[0]}?**")
    await expect(page.locator("#head")).to_contain_text("Aberta")


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_bar_of_the_list_fits_and_applies_several_choices(
    site: Site, stage: Stage, open_page: OpenPage, width: int
) -> None:
    async with site.database.transaction() as tx:
        await create_team(tx, site.cast.account.id, "vendas")
        await create_label(tx, site.cast.account.id, "entrega")
    page = await open_page(site.cast.ana, Look(width=width))
    await page.goto("/app/conversations?tab=all&status=all")
    await is_ready(page)
    await page.locator(".choose").first.check()
    bar = page.locator("#many")
    controls = bar.locator(".input")
    assert await controls.count() >= 5
    assert await controls.evaluate_all(_CUT_OFF) == []
    assert await faults(page) == []
    await bar.get_by_label("Prioridade").select_option("urgent")
    await bar.get_by_label("Status").select_option("snoozed:tomorrow")
    await bar.get_by_role("button", name="Aplicar às escolhidas").click()
    toast = page.locator("#toasts .toast")
    await expect(toast).to_contain_text("A conversa está adiada.")
    await toast.get_by_role("button", name="Desfazer").click()
    await expect(page.locator("#toasts .toast")).to_contain_text("como antes")


# What is wider than its control: a select is measured by its widest first choice, alone.
_CUT_OFF = """controls => controls.filter(one => one.checkVisibility({ opacityProperty: true })).filter(one => {
  const words = one.localName === "select" ? one.options[0].label : one.placeholder
  const style = getComputedStyle(one), pen = document.createElement("canvas").getContext("2d")
  pen.font = `${style.fontSize} ${style.fontFamily}`
  const edges = ["paddingLeft", "paddingRight", "borderLeftWidth", "borderRightWidth"]
  const room = one.getBoundingClientRect().width - edges.reduce((sum, edge) => sum + parseFloat(style[edge]), 0)
  return pen.measureText(words.trim()).width > room + 0.5
}).map(one => one.name || one.placeholder)"""
