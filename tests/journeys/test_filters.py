"""The filters above lists: their fields stand on one line, and the search has room."""

import pytest

from recado.actions.saving import ActionDraft, create_action
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.people import NOW

pytestmark = pytest.mark.journey

_TOPS = "(form) => [...form.querySelectorAll('.input')].filter((one) => one.checkVisibility()).map((one) => Math.round(one.getBoundingClientRect().top))"
_LEAST = 250  # pixels for the words that say what is looked through


async def test_the_fields_of_the_audit_log_stand_on_one_line(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(site.cast.ana)
    await page.goto("/app/audit")
    await is_ready(page)
    tops = await page.locator(".audit-filter").evaluate(_TOPS)
    assert len(tops) >= 4
    assert max(tops) - min(tops) <= 1


@pytest.mark.parametrize("width", [1280, 375])
async def test_the_search_for_actions_has_room_for_what_it_says(
    site: Site, open_page: OpenPage, width: int
) -> None:
    async with site.database.transaction() as tx:
        for number in range(5):  # from then on there is a search
            draft = ActionDraft(f"CRM {number}", url="https://crm.example/", body="{}")
            await create_action(tx, site.cast.account.id, draft, vault=site.outbound.vault, now=NOW)
    page = await open_page(site.cast.ana, Look(width=width))
    await page.goto("/app/actions")
    await is_ready(page)
    place = await page.locator(".filters [name=q]").bounding_box()
    assert place is not None
    assert place["width"] >= _LEAST
