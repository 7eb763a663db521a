"""One person, two accounts, two tabs: the tab of the account that was left says so and does nothing."""

import pytest
from playwright.async_api import expect

from recado.accounts.models import Role
from recado.accounts.people import add_member
from recado.conversations.models import Conversation
from tests.journeys.browsing import Complaints, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.stage import say, set_stage
from tests.people import a_contact, a_conversation
from tests.receiver import Receiver

pytestmark = pytest.mark.journey


async def test_a_tab_of_the_account_that_was_left_says_so_and_sends_nothing(
    site: Site, receiver: Receiver, open_page: OpenPage, complaints: Complaints
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    theirs = await _also_there(site)
    old = await open_page(site.cast.ana)
    await old.goto(f"/app/conversations/{stage.conversation.display_id}")
    await is_ready(old)
    field = old.get_by_role("textbox", name="Mensagem")
    await field.fill("Só para a Maria")
    new = await old.context.new_page()
    await new.goto("/app/profile")
    await new.get_by_role("button", name="Abrir Elsewhere").click()
    dialog = old.get_by_role("dialog", name="Esta página é de outra conta")
    await expect(dialog.get_by_role("link", name="Ir para Elsewhere")).to_be_focused()
    await old.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await field.press("Enter")
    await expect(dialog).to_be_visible()

    await new.goto(f"/app/conversations/{theirs.display_id}")
    await is_ready(new)
    await say(site.database, theirs, "Sou de lá")  # its own news come, though the old tab is open
    await expect(new.get_by_role("log").get_by_text("Sou de lá")).to_be_visible()
    await expect(new.get_by_text("Só para a Maria")).to_have_count(0)
    complaints.heard[:] = [one for one in complaints.heard if "409" not in one and "403" not in one]


async def _also_there(site: Site) -> Conversation:
    """A conversation of the other account, under the same number, where Ana is a member too."""
    other = site.cast.other_account
    async with site.database.transaction() as tx:
        await add_member(tx, other.id, site.cast.ana.user_id, Role.ADMINISTRATOR)
        contact = await a_contact(tx, other, name="Zoé")
        return await a_conversation(tx, site.cast.other_inbox, contact)
