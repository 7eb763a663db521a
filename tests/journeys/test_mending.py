"""A call is refused, its correction is one click away, and the next test arrives."""

import re

import pytest
from playwright.async_api import expect

from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import set_stage
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_a_refused_method_is_corrected_from_the_test_page(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    receiver.answer_once(405, b"", {"Allow": "PUT, GET"})
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/actions/{stage.sends.id}/test")
    await is_ready(page)
    await page.get_by_role("button", name="Testar solicitação").click()
    await expect(page.get_by_text("Neste endereço ele aceita PUT.")).to_be_visible()
    await page.get_by_role("link", name="Aplicar a correção").click()
    await page.wait_for_url(re.compile(r"/edit\?mend=\d+$"))
    await expect(page.get_by_role("combobox", name="Método HTTP")).to_have_value("PUT")
    await page.get_by_role("link", name="Ir para o campo").click()
    await page.get_by_role("button", name="Salvar e testar").click()
    await page.wait_for_url(re.compile(r"/test$"))
    await is_ready(page)
    await page.get_by_role("button", name="Testar solicitação").click()
    await expect(page.locator("#response").get_by_text("Entregue")).to_be_visible()
    assert [one.method for one in receiver.received] == ["POST", "PUT"]
