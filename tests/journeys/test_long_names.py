"""A name without a space, as long as names may be: on a phone no page gets wider for it."""

import pytest

from recado.accounts.teams import create_team
from recado.contacts.labels import create_label
from recado.conversations.canning import create_canned_response
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.people import NOW

pytestmark = pytest.mark.journey

_LONG = "x" * 255
_PATHS = (
    "/app/labels", "/app/labels/{label}", "/app/labels/{label}/delete",
    "/app/teams", "/app/teams/{team}", "/app/teams/{team}/delete",
    "/app/canned", "/app/canned/{canned}",
)  # fmt: skip


async def test_a_long_name_breaks_into_lines(site: Site, open_page: OpenPage) -> None:
    async with site.database.transaction() as tx:
        account_id = site.cast.account.id
        label = await create_label(tx, account_id, _LONG)
        team = await create_team(tx, account_id, _LONG)
        canned = await create_canned_response(tx, account_id, _LONG, _LONG, now=NOW)
    page = await open_page(site.cast.ana, Look(width=360, height=740))
    wide = []
    for path in _PATHS:
        await page.goto(path.format(label=label.id, team=team.id, canned=canned.id))
        await is_ready(page)
        assert _LONG in await page.content(), path
        if await page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    assert wide == []
