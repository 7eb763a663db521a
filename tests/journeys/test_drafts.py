"""What is typed is never lost: after a reload, beside a colleague's save, after the session's end."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, expect

from recado.accounts.signing_in import sign_out
from recado.actions.saving import ActionDraft, create_action, find_action
from recado.actions.versions import keep_action_version
from tests.journeys.browsing import Complaints, is_ready, pick
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import set_stage
from tests.people import PASSWORD
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_a_half_written_action_is_offered_again_without_its_secrets(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions/new")
    await is_ready(page)
    await page.get_by_label("Nome", exact=True).fill("Pedido no ERP")
    await page.get_by_label("URL", exact=True).fill("https://erp.example/{{contact.id}}")
    await pick(page, "Método HTTP", "GET")
    await page.get_by_role("button", name="Adicionar par de cabeçalho HTTP").click()
    await page.get_by_role("combobox", name="Nome do cabeçalho").fill("X-Api-Key")
    await page.get_by_label("Valor do cabeçalho").fill("sk-muito-secreta")
    await page.reload()
    await is_ready(page)
    kept = await page.evaluate("JSON.stringify(localStorage)")
    assert "Pedido no ERP" in kept
    assert "sk-muito-secreta" not in kept
    await expect(page.get_by_label("Nome", exact=True)).to_have_value("")
    await page.get_by_role("button", name="Restaurar").click()
    await expect(page.get_by_label("Nome", exact=True)).to_have_value("Pedido no ERP")
    await expect(page.get_by_role("combobox", name="Nome do cabeçalho")).to_have_value("X-Api-Key")
    await page.get_by_label("Valor do cabeçalho").fill("outra")
    await page.get_by_role("button", name="Criar").click()
    await page.wait_for_url(re.compile(r"/app/actions/\d+/test"))
    assert "Pedido no ERP" not in await page.evaluate("JSON.stringify(localStorage)")


@pytest.mark.parametrize(
    ("path", "add"),
    [
        ("/app/automation/new", "Adicionar ação"),
        ("/app/macros/new", "Adicionar ação"),
    ],
)
async def test_forms_that_are_redrawn_come_back_with_their_rows(
    site: Site, open_page: OpenPage, path: str, add: str
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto(path)
    await is_ready(page)
    await page.get_by_label("Nome", exact=True).fill("Avisar a loja")
    await page.get_by_role("button", name=add).click()
    await expect(page.get_by_role("group", name="Ação 2")).to_be_visible()
    await page.reload()
    await is_ready(page)
    await expect(page.get_by_role("group", name="Ação 2")).to_be_hidden()
    await page.get_by_role("button", name="Restaurar").click()
    await expect(page.get_by_role("group", name="Ação 2")).to_be_visible()
    await expect(page.get_by_label("Nome", exact=True)).to_have_value("Avisar a loja")
    await page.reload()
    await is_ready(page)
    await page.get_by_role("button", name="Descartar").click()
    await page.reload()
    await is_ready(page)
    await expect(page.get_by_role("button", name="Restaurar")).to_be_hidden()


async def _an_action(site: Site) -> int:
    now = datetime.now(UTC)
    async with site.database.transaction() as tx:
        draft = ActionDraft(name="Contato no CRM", url="https://crm.example/v1", body="{}")
        action = await create_action(
            tx, site.cast.account.id, draft, vault=site.outbound.vault, now=now
        )
        await keep_action_version(tx, action, by=site.cast.ana.user_id, now=now)
        return action.id


async def test_who_saves_later_sees_what_the_other_has_changed(
    site: Site, open_page: OpenPage
) -> None:
    action_id = await _an_action(site)
    mine, theirs = await open_page(site.cast.ana), await open_page(site.cast.ana)
    for page in (mine, theirs):
        await page.goto(f"/app/actions/{action_id}/edit")
        await is_ready(page)
    await theirs.get_by_label("URL", exact=True).fill("https://crm.example/v2")
    await theirs.get_by_role("button", name="Salvar e testar").click()
    await theirs.wait_for_url(re.compile("/test$"))
    await mine.get_by_label("Nome", exact=True).fill("Cliente no CRM")
    await mine.get_by_role("button", name="Salvar e testar").click()
    told = mine.locator("#collision")
    await expect(told).to_contain_text("https://crm.example/v1 → https://crm.example/v2")
    await expect(told).to_contain_text("“Contato no CRM” → “Cliente no CRM”")
    await told.get_by_role("link", name="Usar a versão da outra pessoa").click()
    await mine.wait_for_url(re.compile(f"/app/actions/{action_id}/edit"))
    await is_ready(mine)
    await expect(mine.get_by_label("URL", exact=True)).to_have_value("https://crm.example/v2")
    await mine.get_by_role("button", name="Restaurar").click()  # one's own is not lost either
    await expect(mine.get_by_label("Nome", exact=True)).to_have_value("Cliente no CRM")
    await mine.get_by_role("button", name="Salvar e testar").click()
    await mine.wait_for_url(re.compile("/test$"))
    async with site.database.transaction() as tx:
        action = await find_action(tx, site.cast.account.id, action_id)
        assert action is not None
        assert (action.name, action.url) == ("Cliente no CRM", "https://crm.example/v1")


async def _end_session(site: Site, page: Page) -> None:
    """As if two weeks had passed."""
    cookies = await page.context.cookies()
    async with site.database.transaction() as tx:
        await sign_out(tx, next(one["value"] for one in cookies if one["name"] == "recado_session"))


async def test_who_is_signed_out_signs_in_on_the_spot_and_the_form_is_sent(
    site: Site, open_page: OpenPage, complaints: Complaints
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions/new")
    await is_ready(page)
    await page.get_by_label("Nome", exact=True).fill("Pedido no ERP")
    async with page.expect_response("**/check-url"):  # looked at while still signed in
        await page.get_by_label("URL", exact=True).fill("https://erp.example/")
    await pick(page, "Método HTTP", "GET")
    await _end_session(site, page)
    await page.get_by_role("button", name="Criar").click()
    dialog = page.get_by_role("dialog", name="Entre de novo")
    await expect(dialog.get_by_label("E-mail")).to_have_value(site.cast.ana.user.email)
    await dialog.get_by_label("Senha").fill("errada")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("alert")).to_be_visible()
    await dialog.get_by_label("Senha").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/app/actions/\d+/test"))
    complaints.heard[:] = [one for one in complaints.heard if "status of 401" not in one]


async def test_signed_out_and_gone_the_draft_waits_at_its_page(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/automation/new")
    await is_ready(page)
    await page.get_by_label("Nome", exact=True).fill("Avisar a loja")
    await _end_session(site, page)
    await page.reload()
    await page.get_by_label("E-mail").fill(site.cast.ana.user.email)
    await page.get_by_label("Senha").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/app/automation/new$"))
    await is_ready(page)
    await page.get_by_role("button", name="Restaurar").click()
    await expect(page.get_by_label("Nome", exact=True)).to_have_value("Avisar a loja")


async def test_a_message_waits_until_it_is_sent(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    here = f"/app/conversations/{stage.conversation.display_id}"
    page = await open_page(site.cast.beto)
    await page.goto(here)
    await is_ready(page)
    await page.get_by_role("radio", name="Nota privada").check(force=True)
    await page.get_by_role("textbox", name="Mensagem").fill("Ligar amanhã")
    await page.reload()
    await is_ready(page)
    await expect(page.get_by_role("textbox", name="Mensagem")).to_have_value("Ligar amanhã")
    other = await page.context.new_page()
    await page.close()
    await other.goto(here)
    await is_ready(other)
    field = other.get_by_role("textbox", name="Mensagem")
    await expect(field).to_have_value("Ligar amanhã")
    await expect(other.get_by_role("radio", name="Nota privada")).to_be_checked()
    await field.press("Enter")
    await expect(other.get_by_role("log").get_by_text("Ligar amanhã")).to_be_visible()
    await expect(other.locator("#sending .message")).to_have_count(0)
    assert "Ligar amanhã" not in await other.evaluate("JSON.stringify(localStorage)")


async def test_a_message_is_forgotten_after_a_week(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    page = await open_page(site.cast.beto)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    await page.get_by_role("textbox", name="Mensagem").fill("Ligar amanhã")
    await page.evaluate(
        """() => {
          for (const [key, kept] of Object.entries(localStorage)) {
            if (!key.startsWith("form ")) continue
            const at = new Date(Date.now() - 8 * 24 * 3600 * 1000).toISOString()
            localStorage.setItem(key, JSON.stringify({ ...JSON.parse(kept), at }))
          }
        }"""
    )
    await page.reload()
    await is_ready(page)
    await expect(page.get_by_role("textbox", name="Mensagem")).to_have_value("")
    assert "Ligar amanhã" not in await page.evaluate("JSON.stringify(localStorage)")
