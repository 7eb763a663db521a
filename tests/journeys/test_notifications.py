"""What waits for somebody reaches them: by the bell, by the browser; and who else is there."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from recado.accounts.models import Membership
from recado.conversations.changing import change_conversation
from recado.conversations.finding import find_conversation
from recado.conversations.models import Conversation
from recado.events.causes import Actor, Cause
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import say, set_stage
from tests.journeys.test_live import watch
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

# The browser's own notifications stand where tests can see them; the tab is in the background.
_HIDDEN = """
    Object.defineProperty(document, 'hidden', { get: () => true })
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
    globalThis.told = []
    globalThis.Notification = class extends EventTarget {
        static permission = 'granted'
        constructor(title, options) { super(); told.push(`${title}: ${options.body}`); globalThis.last = this }
        close() {}
    }
"""


async def assign(site: Site, conversation: Conversation, to: Membership, by: Membership) -> None:
    """Somebody gives a conversation to somebody."""
    async with site.database.transaction() as tx:
        found = await find_conversation(
            tx, conversation.account_id, conversation.display_id, for_change=True
        )
        assert found is not None
        cause, now = Cause(Actor.PERSON, by.user_id), datetime.now(UTC)
        await change_conversation(tx, found, {"assignee_id": to.user_id}, cause=cause, now=now)


async def test_the_bell_moves_and_leads_to_what_waits(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    cast = site.cast
    stage = await set_stage(site.database, site.outbound, cast, receiver)
    page = await open_page(cast.beto)
    await watch(page, "/app/contacts")
    await assign(site, stage.conversation, cast.beto, cast.ana)
    await expect(page.get_by_role("link", name="Notificações")).to_contain_text("1 não lida")
    await say(site.database, stage.conversation, "Cadê meu pedido?")
    await expect(page.get_by_role("link", name="Notificações")).to_contain_text("2 não lidas")
    await page.get_by_role("link", name="Notificações").click()
    await page.get_by_role("link", name="Mensagem nova de Maria Souza").click()
    await expect(page).to_have_url(re.compile(r"/app/conversations/\d+\?message=\d+#message-\d+$"))
    await expect(page.get_by_role("link", name="Notificações")).not_to_contain_text("lida")


async def test_the_browser_tells_of_news_while_nobody_looks(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    cast = site.cast
    stage = await set_stage(site.database, site.outbound, cast, receiver)
    await assign(site, stage.conversation, cast.beto, cast.ana)
    page = await open_page(cast.beto)
    await page.add_init_script(_HIDDEN)
    await watch(page, "/app/contacts")
    await expect(page.get_by_role("link", name="Notificações")).to_contain_text("1 não lida")
    await say(site.database, stage.conversation, "Cadê meu pedido?")
    await page.wait_for_function("() => told.length > 0")
    last = await page.evaluate("told.at(-1)")
    assert last == "Mensagem nova de Maria Souza: Cadê meu pedido?"
    await page.evaluate("last.dispatchEvent(new Event('click'))")
    await expect(page).to_have_url(re.compile(r"/app/conversations/\d+\?message=\d+#message-\d+$"))
    await expect(page.get_by_role("log").get_by_text("Cadê meu pedido?")).to_be_visible()


_COUNTED = """
    globalThis.played = 0
    const start = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (...when) { played += 1; return start.apply(this, when) }
"""


async def test_news_sound_where_one_wants_it_but_not_for_what_one_looks_at(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    cast = site.cast
    stage = await set_stage(site.database, site.outbound, cast, receiver)
    page = await open_page(cast.beto)
    await page.add_init_script(_COUNTED)
    await page.goto("/app/profile/notifications")
    box = page.get_by_label("Tocar um som")
    await expect(box).not_to_be_checked()  # nobody is surprised
    await box.press("Space")
    await page.get_by_role("button", name="Ouvir").press("Enter")
    await page.wait_for_function("() => played === 2")  # of its two tones
    await watch(page, "/app/profile/notifications")
    await expect(box).to_be_checked()
    await page.locator("h1").click()  # a browser is silent until its page was touched
    await assign(site, stage.conversation, cast.beto, cast.ana)
    await page.wait_for_function("() => played === 2")
    await watch(page, f"/app/conversations/{stage.conversation.display_id}")
    await page.get_by_role("log").click()
    await assign(site, stage.conversation, cast.ana, cast.ana)
    async with page.expect_response("**/app/notifications/fresh"):  # it heard of it
        await assign(site, stage.conversation, cast.beto, cast.ana)
    await expect(page.locator("#state-assignee")).to_have_value(str(cast.beto.user_id))
    assert await page.evaluate("played") == 0


async def test_two_agents_see_each_other_look_and_type(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    cast = site.cast
    stage = await set_stage(site.database, site.outbound, cast, receiver)
    path = f"/app/conversations/{stage.conversation.display_id}"
    ana, beto = await open_page(cast.ana), await open_page(cast.beto)
    await watch(ana, path)
    await watch(beto, path)
    await expect(ana.locator("#watchers")).to_contain_text("Beto Reis")
    await expect(beto.locator("#watchers")).to_contain_text("Ana Lima")
    await beto.get_by_role("textbox", name="Mensagem").press_sequentially("Já ve")
    await expect(ana.get_by_text("Beto Reis está digitando…")).to_be_visible()
    await expect(beto.get_by_text("está digitando")).to_have_count(0)
    await beto.keyboard.press("Enter")
    await expect(ana.get_by_role("log").get_by_text("Já ve")).to_be_visible()
    await expect(ana.get_by_text("Beto Reis está digitando…")).to_have_count(0)
    await beto.goto("/app/contacts")
    await expect(ana.locator("#watchers")).not_to_contain_text("Beto Reis")
