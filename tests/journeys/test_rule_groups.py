"""A rule with a group of conditions that waits, built in the form and read again."""

import pytest
from playwright.async_api import Response, expect

from recado.automation.saving import rules_of
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import set_stage
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


def _draws_values(answer: Response) -> bool:
    """The answer that brings the control of a value, not the one that brings the sentence."""
    return "-value" in answer.request.headers.get("hx-target", "")


async def test_a_rule_with_a_group_is_built_and_read_again(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation/new")
    await is_ready(page)
    await page.get_by_label("Nome").fill("Clientes sem resposta")
    await page.get_by_label("Evento", exact=True).select_option("agent_idle")
    await page.get_by_label("Por quanto tempo").fill("2")
    await page.get_by_label("Unidade").select_option("60")
    first = page.get_by_role("group", name="Condição 1", exact=True)
    await first.locator("summary").click()
    await first.get_by_role("checkbox", name="Aberta").check()
    await page.get_by_role("button", name="Adicionar grupo").click()
    group = page.get_by_role("group", name="Grupo 2")
    for number, text in ((1, "vip@"), (2, "urgente@")):
        inner = group.get_by_role("group", name=f"Condição {number} do grupo 2")
        await inner.get_by_label("Sobre o quê").select_option("email")
        await expect(inner.get_by_role("textbox")).to_be_visible()
        async with page.expect_response(_draws_values):
            await inner.get_by_label("Comparação").select_option("contains")
        await inner.get_by_role("textbox").fill(text)
        await inner.get_by_role("textbox").blur()
    action = page.get_by_role("group", name="Ação 1")
    await action.get_by_label("O que a regra faz").select_option("open_conversation")
    await expect(page.locator("#rule-sentence")).to_contain_text("urgente@")
    await page.get_by_role("button", name="Criar").click()
    await page.wait_for_url("**/app/automation")
    async with site.database.transaction() as tx:
        made = (await rules_of(tx, site.cast.account.id))[-1]
    assert (made.event_name, made.delay_minutes) == ("agent_idle", 120)
    assert [one["values"] for one in made.conditions[1]["any"]] == [["vip@"], ["urgente@"]]
    await page.goto(f"/app/automation/{made.id}/edit")
    await expect(page.get_by_label("Por quanto tempo")).to_have_value("2")
    await expect(group.get_by_label("Quantas devem valer")).to_have_value("any")


async def test_a_change_is_built_from_one_value_to_another(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation/new")
    await is_ready(page)
    await page.get_by_label("Nome").fill("Reaberta")
    await page.get_by_label("Evento", exact=True).select_option("conversation_updated")
    await is_ready(page)
    condition = page.get_by_role("group", name="Condição 1", exact=True)
    await condition.get_by_label("Sobre o quê").select_option("status")
    async with page.expect_response(_draws_values):
        await condition.get_by_label("Comparação").select_option("attribute_changed")
    await is_ready(page)  # and they are put in place
    for side, value in (("De", "Resolvida"), ("Para", "Aberta")):
        await condition.locator("summary").filter(has_text=f"{side}:").click()
        listed = condition.get_by_role("group", name=side, exact=True)
        await listed.get_by_role("checkbox", name=value).check()
        await condition.locator("summary").filter(has_text=f"{side}:").click()
    action = page.get_by_role("group", name="Ação 1")
    await action.get_by_label("O que a regra faz").select_option("pending_conversation")
    sentence = page.locator("#rule-sentence")
    await expect(sentence).to_contain_text("mudou de “Resolvida” para “Aberta”")
    await page.get_by_role("button", name="Criar").click()
    await page.wait_for_url("**/app/automation")
    async with site.database.transaction() as tx:
        made = (await rules_of(tx, site.cast.account.id))[-1]
    assert made.conditions[0]["values"] == {"from": ["resolved"], "to": ["open"]}
