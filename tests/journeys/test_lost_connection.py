"""Two agents, one of whom loses the connection for a while: nothing is lost, nothing is there twice."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from tests.journeys.browsing import Complaints
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import say, set_stage
from tests.journeys.test_live import watch
from tests.journeys.test_notifications import assign
from tests.receiver import Receiver

pytestmark = pytest.mark.journey
_AWAY = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED", "Failed to fetch", "/app/live")


@pytest.fixture(autouse=True)
def _offline_is_no_complaint(complaints: Complaints) -> Iterator[None]:
    """What cannot be asked without a connection is told by the browser, and is no defect."""
    yield
    complaints.heard = [one for one in complaints.heard if not any(name in one for name in _AWAY)]


async def note(page: Page, text: str) -> None:
    """Write a private note."""
    await page.get_by_text("Nota privada", exact=True).first.click()
    await page.get_by_role("textbox", name="Mensagem").fill(text)
    await page.get_by_role("button", name="Enviar", exact=True).click()
    await expect(page.get_by_role("textbox", name="Mensagem")).to_have_value("")


async def test_nothing_is_lost_while_one_of_them_is_offline(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    cast = site.cast
    stage = await set_stage(site.database, site.outbound, cast, receiver)
    await assign(site, stage.conversation, cast.ana, cast.ana)
    path = f"/app/conversations/{stage.conversation.display_id}"
    ana, beto = await open_page(cast.ana), await open_page(cast.beto)
    await watch(ana, path)
    await watch(beto, path)
    await expect(beto.locator("#watchers")).to_contain_text("Ana Lima")
    await say(site.database, stage.conversation, "Cadê meu pedido?")
    await expect(ana.get_by_role("log").get_by_text("Cadê meu pedido?")).to_have_count(1)

    await ana.context.set_offline(True)
    field = ana.get_by_role("textbox", name="Mensagem")
    await field.fill("Já vou ver isso.")
    await ana.keyboard.press("Enter")
    await expect(ana.get_by_text("A conexão caiu. Tentando de novo…")).to_be_visible()
    waiting = ana.locator("#sending .refused")
    await expect(waiting).to_contain_text("Já vou ver isso.")
    await field.fill("Mais uma coisa")
    await say(site.database, stage.conversation, "Alguém aí?")
    await note(beto, "@Ana Lima pode responder?")
    await expect(beto.get_by_role("log").locator(".mention")).to_have_text("@Ana Lima")

    await ana.context.set_offline(False)
    log = ana.get_by_role("log")
    await expect(log.get_by_text("Alguém aí?")).to_have_count(1)
    await expect(log.locator(".mention.mine")).to_have_text("@Ana Lima")
    await expect(ana.get_by_text("A conexão caiu. Tentando de novo…")).to_be_hidden()
    await expect(waiting).to_have_count(0)  # it went by itself
    await expect(field).to_have_value("Mais uma coisa")
    for page in (ana, beto):
        await expect(page.get_by_role("log").get_by_text("Já vou ver isso.")).to_have_count(1)
        await expect(page.get_by_role("log").get_by_text("Alguém aí?")).to_have_count(1)


async def test_what_came_while_the_page_was_away_stands_below_a_line(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    cast = site.cast
    stage = await set_stage(site.database, site.outbound, cast, receiver)
    await assign(site, stage.conversation, cast.ana, cast.ana)
    path = f"/app/conversations/{stage.conversation.display_id}"
    ana = await open_page(cast.ana)
    await say(site.database, stage.conversation, "Primeira")
    await watch(ana, path)
    await expect(ana.locator("#new-line")).to_have_count(0)
    await expect(ana.locator(".talk.unread")).to_have_count(0)
    await watch(ana, "/app/contacts")
    await say(site.database, stage.conversation, "Segunda")
    await expect(ana).to_have_title(re.compile(r"^\(1\) "))
    await watch(ana, path)
    line = ana.locator("#new-line")
    await expect(line).to_have_text("Mensagens novas")
    after = ana.locator("#new-line ~ .message")
    await expect(after).to_have_count(1)
    await expect(after).to_contain_text("Segunda")
    await expect(ana).to_have_title(re.compile(r"^Maria"))
    await expect(ana.locator(".talk.unread")).to_have_count(0)
    await say(site.database, stage.conversation, "Terceira")
    await expect(after).to_have_count(2)  # the line stays where it was
