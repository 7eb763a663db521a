"""Reading why a rule did not fire, and trying one on what already happened."""

from dataclasses import replace

import pytest
from playwright.async_api import Locator, Page, Response, expect

from recado.automation.models import AutomationRule
from recado.automation.saving import create_rule, rules_of
from recado.deliveries.filtering import LogFilter
from recado.deliveries.searching import deliveries_page
from tests.automation.rules import row
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import Stage, ended_deliveries, rule_sending, say, set_stage
from tests.people import NOW
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

_ORDERS = [
    row("message_type", "equal_to", "incoming", then="and"),
    row("content", "contains", "pedido"),
]


async def _rule_on_orders(site: Site, stage: Stage) -> AutomationRule:
    draft = replace(rule_sending(stage.sends, name="Avisar de pedidos"), conditions=_ORDERS)
    async with site.database.transaction() as tx:
        return await create_rule(tx, site.cast.account.id, draft, now=NOW)


async def _greet(site: Site, stage: Stage) -> None:
    """The contact writes, and what the stage's rule sent of it has ended."""
    await say(site.database, stage.conversation, "Bom dia, tudo bem?")
    await ended_deliveries(site.database, site.cast.account.id, 2)


def _failed(within: Locator) -> Locator:
    """The condition that did not hold."""
    return within.get_by_role("listitem").filter(has=within.page.get_by_label("não vale"))


@pytest.mark.parametrize("width", [1280, 360])
async def test_from_the_conversation_to_the_condition_that_did_not_hold(
    site: Site, receiver: Receiver, open_page: OpenPage, width: int
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    rule = await _rule_on_orders(site, stage)
    await _greet(site, stage)
    page = await open_page(site.cast.ana, Look(width=width))
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    if width < 1280:
        await page.get_by_role("link", name="Contato e detalhes").click()
        await page.get_by_role("heading", name="Regras de automação").scroll_into_view_if_needed()
    verdict = page.get_by_role("group").filter(has_text=rule.name)
    await expect(verdict.locator("summary")).to_contain_text("Não disparou")
    await verdict.locator("summary").click()
    await expect(_failed(verdict)).to_contain_text("pedido")
    await expect(_failed(verdict)).to_contain_text("Era: Bom dia, tudo bem?")
    await page.get_by_role("link", name="A história completa").click()
    told = page.get_by_role("group").filter(has_text=rule.name)
    await told.locator("summary").click()
    await expect(_failed(told)).to_contain_text("Era: Bom dia, tudo bem?")
    await told.get_by_role("link", name=f"Regra “{rule.name}”").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(rule.name)


def _draws_values(answer: Response) -> bool:
    """The answer that brings the control of a value, not the one that brings the sentence."""
    return "-value" in answer.request.headers.get("hx-target", "")


async def _write_condition(page: Page, text: str) -> None:
    """The first condition of the form: the message contains a text."""
    condition = page.get_by_role("group", name="Condição 1", exact=True)
    await condition.get_by_label("Sobre o quê").select_option("content")
    await expect(condition.get_by_role("textbox")).to_be_visible()
    async with page.expect_response(_draws_values):
        await condition.get_by_label("Comparação").select_option("contains")
    await condition.get_by_role("textbox").fill(text)


async def test_a_rule_in_the_form_is_tried_on_the_past_and_sends_nothing(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await _greet(site, stage)
    sent = len(receiver.received)
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/automation/new?action={stage.sends.id}")
    await is_ready(page)
    await _write_condition(page, "bom dia")
    trial = page.get_by_role("region", name="Experimente antes de salvar")
    await trial.get_by_role("button", name="Experimentar").click()
    fired = trial.get_by_role("definition").nth(1)
    await expect(trial.get_by_role("term").nth(1)).to_have_text("Teria disparado")
    await expect(fired).to_have_text("1")
    await expect(trial).to_contain_text("“Bom dia, tudo bem?”")
    await trial.get_by_text("O que “Zap” teria enviado").click()
    await expect(trial).to_contain_text(f"{receiver.url}/zap")
    await _write_condition(page, "boleto")
    await trial.get_by_role("button", name="Experimentar").click()
    await expect(fired).to_have_text("0")
    async with site.database.transaction() as tx:
        assert len((await deliveries_page(tx, site.cast.account.id, LogFilter()))[0]) == 2
        assert len(await rules_of(tx, site.cast.account.id)) == 1  # nothing was saved
    assert len(receiver.received) == sent


async def test_what_a_rules_own_settings_keep_back_is_told_apart(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    for _ in range(3):
        await say(site.database, stage.conversation, "Bom dia, tudo bem?")
    await ended_deliveries(site.database, site.cast.account.id, 4)
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation/new")
    await is_ready(page)
    await _write_condition(page, "bom dia")
    await page.get_by_text("Quantas vezes, quando e antes de quais regras").click()
    await page.get_by_label("Só uma vez em cada conversa").check()
    trial = page.get_by_role("region", name="Experimente antes de salvar")
    await trial.get_by_role("button", name="Experimentar").click()
    terms, numbers = trial.get_by_role("term"), trial.get_by_role("definition")
    await expect(terms.nth(2)).to_have_text("Retido pelas próprias configurações")
    await expect(numbers.nth(1)).to_have_text("1")
    await expect(numbers.nth(2)).to_have_text("2")
