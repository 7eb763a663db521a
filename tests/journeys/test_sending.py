"""A message stands in the thread before the server has it; what is not taken stays, and goes once."""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, Route, expect

from tests.journeys.browsing import Complaints
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import Stage, say, set_stage
from tests.journeys.test_live import watch
from tests.receiver import Receiver

pytestmark = pytest.mark.journey
_REFUSED = ("ERR_FAILED", "Failed to fetch", "status of 403", "ERR_INTERNET_DISCONNECTED")


@pytest.fixture(autouse=True)
def _what_is_kept_away_is_no_complaint(complaints: Complaints) -> Iterator[None]:
    yield
    complaints.heard = [one for one in complaints.heard if not any(why in one for why in _REFUSED)]


@pytest.fixture
async def stage(site: Site, receiver: Receiver) -> Stage:
    return await set_stage(site.database, site.outbound, site.cast, receiver)


async def _type(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Mensagem")
    await field.fill(text)
    await field.press("Enter")
    await expect(field).to_have_value("")


async def test_it_stands_there_at_once_and_the_real_one_takes_its_place(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.beto)
    path = f"/app/conversations/{stage.conversation.display_id}"
    await watch(page, path)
    held: list[str] = []
    may_go = asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route.request.url)
            await may_go.wait()
        await route.continue_()

    await page.route(f"**{path}/messages*", hold)
    await _type(page, "Primeira")
    await _type(page, "Segunda")  # nobody waits for the first
    sending = page.locator("#sending .message")
    await expect(sending).to_have_count(2)
    await expect(sending.first).to_contain_text("Enviando…")
    await say(site.database, stage.conversation, "Alguém aí?")  # the thread is drawn anew meanwhile
    log = page.get_by_role("log")
    await expect(log.get_by_text("Alguém aí?")).to_be_visible()
    await expect(sending).to_have_count(2)
    assert len(held) == 1  # one after the other
    may_go.set()
    await expect(sending).to_have_count(0)
    for text in ("Primeira", "Segunda"):
        await expect(log.get_by_text(text, exact=True)).to_have_count(1)
    said = await log.locator(".outgoing .bubble").all_inner_texts()
    assert said[-2:] == ["Primeira", "Segunda"]


async def test_whose_answer_is_lost_is_known_again(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.beto)
    path = f"/app/conversations/{stage.conversation.display_id}"
    await watch(page, path)

    async def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            await route.fetch()  # the server has it
            await route.abort()
        else:
            await route.continue_()

    await page.route(f"**{path}/messages*", lose_the_answer)
    await _type(page, "Já vai")
    await expect(page.get_by_role("log").locator("[data-echo] .bubble")).to_have_text(["Já vai"])
    await expect(page.locator("#sending .message")).to_have_count(0)


async def test_without_a_network_it_waits_and_goes_by_itself(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.beto)
    await watch(page, f"/app/conversations/{stage.conversation.display_id}")
    await page.context.set_offline(True)
    await _type(page, "Já vai")
    refused = page.locator("#sending .refused")
    await expect(refused.get_by_role("alert")).to_contain_text("o servidor não respondeu")
    await page.context.set_offline(False)
    await expect(refused).to_have_count(0)
    await expect(page.get_by_role("log").get_by_text("Já vai")).to_have_count(1)


async def test_what_was_refused_survives_a_reload_and_is_sent_again_edited_or_discarded(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.beto)
    path = f"/app/conversations/{stage.conversation.display_id}"
    await watch(page, path)
    await page.route(f"**{path}/messages*", lambda route: route.fulfill(status=403))
    for text in ("Um", "Dois", "Três"):
        await _type(page, text)
    waiting = page.locator("#sending .refused")
    await expect(waiting).to_have_count(3)
    await page.unroute_all()
    await page.reload()
    await expect(waiting).to_have_count(3)
    await (
        waiting.filter(has_text="Um").get_by_role("button", name="Enviar novamente").press("Enter")
    )
    await expect(page.get_by_role("log").get_by_text("Um", exact=True)).to_have_count(1)
    await waiting.filter(has_text="Dois").get_by_role("button", name="Editar").press("Enter")
    await expect(page.get_by_role("textbox", name="Mensagem")).to_have_value("Dois")
    await waiting.filter(has_text="Três").get_by_role("button", name="Descartar").press("Enter")
    await expect(page.locator("#sending .message")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("log").locator("[data-echo]")).to_have_count(1)
    await expect(page.locator("#sending .message")).to_have_count(0)
