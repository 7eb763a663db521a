"""When the parts of an open page look for what is new: what is theirs already is not asked for, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, Route, expect

from recado.conversations.models import Conversation
from tests.journeys.browsing import Complaints
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import Stage, say, set_stage
from tests.journeys.test_live import watch
from tests.receiver import Receiver

pytestmark = pytest.mark.journey
_FAILED = ("ERR_FAILED", "Failed to fetch", "status of 503")
# How often this page was told of its conversation, which it is before a part of it asks.
_COUNT = """(name) => {
    globalThis.told = 0
    document.addEventListener("recado:changed", ({ detail }) => { told += detail.names.includes(name) })
}"""

# As the stream tells it, and passes it on to all tabs.
_PACE = """(pace) => {
    const updates = document.querySelector("live-updates")
    const name = `live-updates ${updates.getAttribute("src")} ${updates.getAttribute("who")}`
    new BroadcastChannel(name).postMessage({ pace })
}"""
# As when another tab is before this one.
_HIDE = """(isHidden) => {
    Object.defineProperty(document, "hidden", { get: () => isHidden, configurable: true })
    document.dispatchEvent(new Event("visibilitychange"))
}"""
_HOURS = 36_000_000  # milliseconds
_ALONE = 500  # milliseconds; a list asks after 200

# The thread waits 300 ms for the answer to a message of one's own; on a busy machine that is not long.
_PATIENCE = """() => {
    const later = setTimeout
    globalThis.setTimeout = (act, wait, ...more) => later(act, wait === 300 ? 20_000 : wait, ...more)
}"""


@pytest.fixture
async def stage(site: Site, receiver: Receiver) -> Stage:
    return await set_stage(site.database, site.outbound, site.cast, receiver)


@pytest.fixture
async def page(site: Site, stage: Stage, open_page: OpenPage) -> Page:
    """A conversation that Beto has open."""
    opened = await open_page(site.cast.beto)
    number = stage.conversation.display_id
    await watch(opened, f"/app/conversations/{number}")
    await opened.evaluate(_COUNT, f"conversation:{number}")
    return opened


@pytest.fixture
async def listed(site: Site, stage: Stage, open_page: OpenPage) -> Page:
    """A list that Ana has open, of which nothing is news any more."""
    opened = await open_page(site.cast.ana)
    await watch(opened, "/app/conversations?tab=all")
    await opened.evaluate(_COUNT, f"conversation:{stage.conversation.display_id}")
    await opened.wait_for_timeout(_ALONE)
    return opened


async def _is_silent(site: Site, stage: Stage, page: Page) -> bool:
    """Whether the list does not ask for what was said just now."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/list?" in one.url else None)
    await say(site.database, stage.conversation, "Um")
    await _told(page, 1)
    await page.wait_for_timeout(_ALONE)
    return not asked


async def _told(page: Page, times: int) -> None:
    await page.wait_for_function("(times) => told >= times", arg=times)


async def _write(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Mensagem")
    await field.fill(text)
    await field.press("Enter")


@asynccontextmanager
async def _held(page: Page, method: str) -> AsyncIterator[list[Route]]:
    """Answers to the thread's requests of this kind, which come when the block ends; those that were asked for."""
    held: list[Route] = []
    may_come = asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == method and not may_come.is_set():
            held.append(route)
            answer = await route.fetch()
            await may_come.wait()
            await route.fulfill(response=answer)
        else:
            await route.continue_()

    await page.route("**/messages?from=*", hold)
    yield held
    may_come.set()


async def test_what_one_wrote_is_not_asked_for_again(page: Page) -> None:
    await page.evaluate(_PATIENCE)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.method == "GET" else None)
    async with page.expect_response("**/state"):  # of another part: it is asked after the thread
        async with _held(page, "POST"):
            await _write(page, "Já vai")
            await _told(page, 1)  # of what it has in its answer
        sent = page.get_by_role("log").locator("[data-echo] .bubble")
        await expect(sent).to_have_text(["Já vai"])
    assert not [one for one in asked if "/messages" in one]


async def test_what_others_wrote_meanwhile_is_asked_for(
    site: Site, stage: Stage, page: Page
) -> None:
    async with _held(page, "POST"):
        await _write(page, "Já vai")
        await _told(page, 1)  # the answer is on its way
        await say(site.database, stage.conversation, "E o outro?")
        await _told(page, 2)
    log = page.get_by_role("log")
    await expect(log.get_by_text("E o outro?")).to_be_visible()
    await expect(log.get_by_text("Já vai")).to_have_count(1)


async def test_a_part_asks_one_thing_at_a_time_and_once_more_for_what_came_meanwhile(
    site: Site, stage: Stage, page: Page
) -> None:
    async with _held(page, "GET") as held:
        for number, text in enumerate(("Um", "Dois", "Três"), start=1):
            await say(site.database, stage.conversation, text)
            await _told(page, number)
    await expect(page.get_by_role("log").get_by_text("Três", exact=True)).to_be_visible()
    assert len(held) == 1


@pytest.mark.parametrize("status", [503, None])
async def test_what_came_while_an_answer_failed_is_asked_for(
    site: Site, stage: Stage, page: Page, complaints: Complaints, status: int | None
) -> None:
    asked: list[str] = []

    async def fail_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            await route.continue_()
            return
        await say(site.database, stage.conversation, "Dois")
        await _told(page, 2)
        await (route.fulfill(status=status, body="<h1>Busy</h1>") if status else route.abort())

    await page.route("**/messages?from=*", fail_once)
    await say(site.database, stage.conversation, "Um")
    await expect(page.get_by_role("log").get_by_text("Dois", exact=True)).to_be_visible()
    complaints.heard = [one for one in complaints.heard if not any(why in one for why in _FAILED)]


async def test_where_many_pages_are_open_a_list_looks_at_a_moment_of_its_own(
    site: Site, stage: Stage, listed: Page
) -> None:
    await listed.evaluate(_PACE, _HOURS)
    assert await _is_silent(site, stage, listed)
    await listed.evaluate(_PACE, 0)  # the others have gone
    await say(site.database, stage.conversation, "Dois")
    await expect(listed.locator("#desk-list")).to_contain_text("Dois")


async def test_it_looks_at_once_at_what_happens_in_the_conversation_beside_it(
    site: Site, stage: Stage, page: Page
) -> None:
    await page.evaluate(_PACE, _HOURS)
    await say(site.database, stage.conversation, "Um")
    await expect(page.locator("#desk-list")).to_contain_text("Um")


async def test_it_looks_at_once_at_what_one_is_notified_of(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    """A message to a conversation of one's own, which is not open."""
    async with site.database.transaction() as tx:
        (await tx.get_one(Conversation, stage.conversation.id)).assignee_id = site.cast.ana.user_id
    page = await open_page(site.cast.ana)
    await watch(page, "/app/conversations?tab=mine")
    await page.evaluate(_PACE, _HOURS)
    await page.wait_for_timeout(_ALONE)  # for what was news before
    await say(site.database, stage.conversation, "Um")
    await expect(page.locator("#desk-list")).to_contain_text("Um")


async def test_a_list_in_the_background_looks_once_the_page_is_seen_again(
    site: Site, stage: Stage, listed: Page
) -> None:
    await listed.evaluate(_HIDE, True)
    assert await _is_silent(site, stage, listed)
    await listed.evaluate(_HIDE, False)
    await expect(listed.locator("#desk-list")).to_contain_text("Um")
