"""The test page in a browser: a test is stopped, its answer folds, the last tests are compared."""

import pytest
from playwright.async_api import expect

from recado.actions.saving import ActionDraft, create_action
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.people import NOW
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_a_test_is_stopped_and_two_are_compared(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    async with site.database.transaction() as tx:
        draft = ActionDraft(name="CRM", url=f"{receiver.url}/crm", body="{}")
        action = await create_action(
            tx, site.cast.account.id, draft, vault=site.outbound.vault, now=NOW
        )
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/actions/{action.id}/test")
    await is_ready(page)
    receiver.answer_once(delay=20.0)
    await page.get_by_role("button", name="Testar solicitação").click()
    await receiver.wait_for(1)
    await page.get_by_role("button", name="Parar").click()
    await expect(page.get_by_text("A chamada foi interrompida.")).to_be_visible()
    tests = page.get_by_role("region", name="Os últimos testes")
    await expect(tests.get_by_role("checkbox")).to_have_count(1)
    await expect(tests).to_contain_text("Falhou")

    receiver.answer(200, b'{"contact":{"id":7,"tags":["vip"]},"ok":true}')
    await page.get_by_role("button", name="Testar solicitação").click()
    answer = page.locator("#response-body")
    await expect(answer.get_by_text('"vip"')).to_be_visible()
    await answer.get_by_role("button").nth(1).click()  # the contact
    await expect(answer.get_by_text('"vip"')).to_be_hidden()
    await expect(answer.get_by_text("true")).to_be_visible()
    await answer.get_by_role("button").nth(1).press("Enter")
    await expect(answer.get_by_text('"vip"')).to_be_visible()
    await page.get_by_text("Como veio").click()
    await expect(page.locator("#response-body-raw")).to_have_text(
        '{"contact":{"id":7,"tags":["vip"]},"ok":true}'
    )

    await expect(tests.get_by_role("checkbox")).to_have_count(2)
    for box in await tests.get_by_role("checkbox").all():
        await box.check()
    await tests.get_by_role("button", name="Comparar dois").click()
    await expect(tests.get_by_role("status")).to_contain_text("Resposta: Parado → 200")
