"""How PostgreSQL finds what waits: never by walking through what was done long ago."""

from typing import Any

import pytest
from sqlalchemy import insert, text

from recado.automation.running import _WAITING
from recado.automation.understanding import EVENTS
from recado.db.database import Database, Transaction
from recado.events.models import LANES, Event
from tests.people import NOW, Cast

DONE = 4_000
WAITING = 3


async def _fill(tx: Transaction, cast: Cast, number: int) -> None:
    told: dict[str, Any] = {
        "account_id": cast.account.id, "name": "message_created", "conversation_id": None,
        "facts": {"account": {"id": cast.account.id}, "filler": "x" * 400}, "cause": {},
        "created_at": NOW, "processed_at": None, "trouble": None,
    }  # fmt: skip
    await tx.execute(insert(Event), [told | {"lane": one % LANES} for one in range(number)])


async def _set(database: Database, cast: Cast) -> None:
    """Many waited when the planner last looked; all of them are done since, and a few wait now."""
    async with database.transaction() as tx:
        await _fill(tx, cast, DONE)
        await tx.execute(text("analyze events"))
        await tx.execute(text("update events set processed_at = now()"))
        await _fill(tx, cast, WAITING)


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("lanes", [[0], [0, 1, 2], list(range(LANES))])
async def test_waiting_events_are_found_without_walking_through_the_others(
    database: Database, cast: Cast, mode: str, lanes: list[int]
) -> None:
    await _set(database, cast)
    async with database.transaction() as tx:
        await tx.execute(text(f"set local plan_cache_mode = {mode}"))
        driver = (await (await tx.connection()).get_raw_connection()).driver_connection
        assert driver is not None
        asked = f"explain (analyze, buffers, format json) {_WAITING.sql}"
        values = {"lanes": lanes, "known": list(EVENTS), "strange": [], "batch": 200}
        told = await driver.fetchval(asked, *[values[one] for one in _WAITING.names])
    plan = told[0]["Plan"]
    assert plan["Actual Rows"] == len([one for one in range(WAITING) if one in lanes])
    assert _removed(plan) < DONE / 2, told


def _removed(plan: dict[str, Any]) -> float:
    """Rows that were read and thrown away."""
    own = plan.get("Rows Removed by Filter", 0) * plan.get("Actual Loops", 1)
    return float(own + sum(_removed(one) for one in plan.get("Plans", ())))
