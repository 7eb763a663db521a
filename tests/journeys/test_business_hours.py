"""Business hours set by keyboard alone, a day copied to the others, a holiday, and a rule that asks."""

import pytest
from playwright.async_api import expect

from recado.automation.saving import rules_of
from recado.inboxes.opening import find_inbox
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import set_stage
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_hours_are_set_without_a_mouse(site: Site, open_page: OpenPage) -> None:
    inbox_id = site.cast.inbox.id
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/inboxes/{inbox_id}")
    await page.get_by_role("link", name="Alterar o horário").press("Enter")
    await is_ready(page)
    await expect(page.get_by_role("group", name="segunda-feira")).to_be_hidden()
    await page.get_by_role("switch", name="Esta caixa de entrada tem horário").press("Space")
    monday = page.get_by_role("group", name="segunda-feira")
    await monday.get_by_label("a partir das").fill("08:30")
    await monday.get_by_role("button").press("Enter")
    friday = page.get_by_role("group", name="sexta-feira")
    await expect(friday.get_by_label("a partir das")).to_have_value("08:30")
    await expect(monday.get_by_role("button")).to_be_focused()
    sunday = page.get_by_role("group", name="domingo")
    await expect(sunday.get_by_label("a partir das")).to_be_hidden()
    await page.get_by_role("button", name="Adicionar feriado").press("Enter")
    day = page.get_by_label("Dia", exact=True)
    await expect(day).to_be_focused()
    await day.fill("2026-12-25")
    await page.get_by_label("Todo ano").press("Space")
    await page.get_by_label("Mensagem de ausência").fill("Voltamos amanhã.")
    await page.get_by_role("button", name="Salvar").press("Enter")
    await expect(
        page.get_by_text("Fechada agora.").or_(page.get_by_text("Aberta agora."))
    ).to_be_visible()
    async with site.database.transaction() as tx:
        inbox = await find_inbox(tx, site.cast.account.id, inbox_id)
    assert inbox is not None
    assert (inbox.has_hours, inbox.week[0], inbox.week[1:6]) == (
        True,
        None,
        [["08:30", "17:00"]] * 5,
    )
    assert inbox.holidays == [{"day": "2026-12-25", "name": "", "yearly": True}]
    assert (inbox.out_of_office, inbox.turns_at is not None) == ("Voltamos amanhã.", True)


async def test_a_rule_acts_when_business_hours_end(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation/new")
    await is_ready(page)
    await page.get_by_label("Nome").fill("Fora do horário")
    await page.get_by_label("Evento", exact=True).select_option("business_hours_ended")
    await is_ready(page)
    first = page.get_by_role("group", name="Condição 1", exact=True)
    await first.get_by_label("Sobre o quê").select_option("within_business_hours")
    await first.get_by_label("Valor").select_option("false")
    action = page.get_by_role("group", name="Ação 1")
    await action.get_by_label("O que a regra faz").select_option("pending_conversation")
    sentence = page.locator("#rule-sentence")
    await expect(sentence).to_contain_text("Quando o horário de atendimento termina")
    await expect(sentence).to_contain_text("Dentro do horário de atendimento é “Não”")
    await page.get_by_role("button", name="Criar").click()
    await page.wait_for_url("**/app/automation")
    async with site.database.transaction() as tx:
        made = (await rules_of(tx, site.cast.account.id))[-1]
    assert made.event_name == "business_hours_ended"
    assert made.conditions[0]["values"] == ["false"]
