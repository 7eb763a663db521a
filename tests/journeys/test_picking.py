"""One out of a long list: found by typing, by keyboard alone, and a plain select without scripts."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from recado.accounts.models import Role
from recado.conversations.changing import change_conversation
from recado.conversations.finding import find_conversation
from recado.conversations.models import MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.db.database import Database, database_now
from recado.events.causes import BY_SYSTEM
from recado.inboxes.opening import set_inbox_members
from tests.journeys.browsing import Look, is_ready, pick
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import Stage, set_stage
from tests.people import Cast, a_member
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

FIELD = "Ação personalizada"
_NEWS = MessageDraft("Preciso de ajuda agora", MessageType.ACTIVITY)


@pytest.fixture
async def stage(site: Site, receiver: Receiver) -> Stage:
    return await set_stage(site.database, site.outbound, site.cast, receiver)


@pytest.fixture
async def crowd(site: Site) -> list[str]:
    """More colleagues than a plain select is good for."""
    return await _hire(site.database, site.cast)


async def _hire(database: Database, cast: Cast) -> list[str]:
    names, ids = [f"Colega {number}" for number in range(1, 12)], {cast.beto.user_id}
    async with database.transaction() as tx:
        for number, name in enumerate(names):
            one = await a_member(tx, cast.account, name, f"colega{number}@x.example", Role.AGENT)
            ids.add(one.user_id)
        await set_inbox_members(tx, cast.inbox, ids)
    return names


def _options(page: Page) -> Locator:
    return page.get_by_role("listbox", name=FIELD).get_by_role("option")


async def _new_rule(page: Page) -> Locator:
    await page.goto("/app/automation/new")
    await is_ready(page)
    return page.get_by_role("combobox", name=FIELD)


async def test_an_action_is_found_by_what_it_does_and_taken_with_keys(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    field = await _new_rule(page)
    await field.focus()
    await field.press("ArrowDown")
    await expect(field).to_have_attribute("aria-expanded", "true")
    await expect(_options(page)).to_have_count(5)  # with "none yet", the one off and the draft
    await field.type("recusado post 127")
    await expect(_options(page)).to_have_count(1)
    marked = await field.get_attribute("aria-activedescendant")
    await expect(page.locator(f"#{marked}")).to_contain_text("POST 127.0.0.1")
    await field.press("Enter")
    await expect(field).to_have_value("Recusado")
    await expect(page.locator("#rule-sentence")).to_contain_text("Recusado")
    await field.press("ArrowDown")
    await field.press("Escape")
    await expect(field).to_have_value("Recusado")
    await expect(_options(page)).to_have_count(0)


@pytest.mark.parametrize(
    ("typed", "why"),
    [("parado", "Desligada: ligue-a primeiro."), ("esboco", "Rascunho: teste e salve primeiro.")],
)
async def test_what_cannot_be_chosen_says_why(
    site: Site, stage: Stage, open_page: OpenPage, typed: str, why: str
) -> None:
    page = await open_page(site.cast.ana)
    field = await _new_rule(page)
    await field.fill(typed)
    option = _options(page).first
    await expect(option).to_have_attribute("aria-disabled", "true")
    await expect(option).to_contain_text(why)
    await field.press("Enter")
    await option.click(force=True)
    await expect(page.locator("[name='actions-0-params']")).to_have_value("")


async def test_without_scripts_it_is_a_select(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana, Look(has_scripts=False))
    await page.goto("/app/automation/new")
    select = page.get_by_label(FIELD)
    await select.select_option("Zap")
    await expect(select.locator("option:disabled")).to_have_count(2)


async def test_a_colleague_is_found_beside_the_thread(
    site: Site, stage: Stage, crowd: list[str], open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    state = page.locator("#state")
    await pick(state, "Agente atribuído", crowd[-1])
    field = state.get_by_role("combobox", name="Agente atribuído")
    await is_ready(page)
    await expect(field).to_have_value(re.compile(f"^{crowd[-1]} "))
    await expect(field).to_be_focused()  # the part was drawn anew around it
    await page.reload()
    await expect(field).to_have_value(re.compile(f"^{crowd[-1]} "))


async def test_news_do_not_take_the_list_from_whoever_searches_it(
    site: Site, stage: Stage, crowd: list[str], open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    state = page.locator("#state")
    field = state.get_by_role("combobox", name="Agente atribuído")
    await field.fill(crowd[-1])
    async with site.database.transaction() as tx:
        number = stage.conversation.display_id
        talk = await find_conversation(tx, site.cast.account.id, number, for_change=True)
        assert talk is not None
        await change_conversation(
            tx, talk, {"priority": "urgent"}, cause=BY_SYSTEM, now=await database_now(tx)
        )
        await post_message(tx, talk, _NEWS, cause=BY_SYSTEM, now=await database_now(tx))
    await expect(page.locator("#messages")).to_contain_text(_NEWS.content)  # the news are here
    await page.wait_for_timeout(700)  # and a part that waits has looked again
    await expect(field).to_have_value(crowd[-1])
    await expect(field).to_have_attribute("aria-expanded", "true")
    await field.press("Enter")
    await expect(field).to_have_value(re.compile(f"^{crowd[-1]} "))
    await expect(state.get_by_label("Prioridade")).to_have_value("urgent")


async def test_a_short_list_stays_a_select(site: Site, stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(page)
    await page.locator("#state").get_by_label("Agente atribuído").select_option(index=1)
    await expect(page.locator("#state pick-one [role=combobox]")).to_have_count(0)


async def test_an_old_conversation_is_found_for_a_test(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/actions/{stage.sends.id}/test?source=conversation")
    await is_ready(page)
    field = page.get_by_role("combobox", name="Conversa", exact=True)
    await field.fill("mar")
    await expect(page.get_by_role("option", name="#1 · Maria Souza")).to_be_visible()
    await field.press("Enter")
    await expect(page.get_by_label("Nome do contato")).to_have_value("Maria Souza")
    await expect(field).to_have_value("#1 · Maria Souza")


async def test_values_beside_variables_are_those_of_a_conversation(
    site: Site, stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto(f"/app/actions/{stage.sends.id}/edit")
    await is_ready(page)
    await page.get_by_label(
        "Corpo da Solicitação"
    ).scroll_into_view_if_needed()  # where the editor comes
    place = page.locator(".cm-content .place").filter(has_text="contact.name")
    await expect(place).to_have_attribute("title", re.compile("."))
    await pick(page, "Valores de exemplo de", "Maria")
    await expect(place).to_have_attribute("title", "Maria Souza")
