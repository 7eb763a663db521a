"""The list of actions says which calls are late, and leads to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recado.db.database import Database
from tests.actions.test_switching import an_action
from tests.browser import Browser
from tests.people import Cast
from tests.reports.conftest import a_call


@pytest.mark.parametrize(
    ("seconds", "is_told"), [(600, True), (5, False)], ids=["ten minutes", "only just"]
)
async def test_an_action_whose_calls_are_late_leads_to_the_oldest(
    ana: Browser, cast: Cast, database: Database, seconds: int, *, is_told: bool
) -> None:
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    about: dict[str, Any] = {"state": "pending", "finished_at": None, "due_at": at}
    async with database.transaction() as tx:
        action = await an_action(tx, cast)
        await a_call(tx, cast, at, action=action.id, milliseconds=None, **about)
    for path in ("/app/actions", "/app/actions/results"):
        shown = (await ana.get(path)).text
        assert ("Oldest that waits:" in shown) == is_told
        assert ('href="/app/deliveries/1"' in shown) == is_told
