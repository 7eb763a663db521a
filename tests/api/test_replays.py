"""Replays by the API."""

from recado.db.database import Database
from tests.api.calling import Program
from tests.deliveries.rows import answered
from tests.deliveries.test_pages import ended
from tests.people import Cast


async def test_programs_replay_too(api: Program, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await ended(tx, cast, answered(404))
    started = await api.post("replays", {"state": "failed", "per_minute": 120})
    assert (started["state"], started["total"], started["per_minute"]) == ("running", 1, 120)
    shown = await api.get(f"replays/{started['id']}")
    assert shown == started
    stopped = await api.post(f"replays/{started['id']}/cancel")
    assert stopped["state"] == "cancelled"
    assert [one["id"] for one in (await api.get("replays"))["payload"]] == [started["id"]]
    for wrong in ({"mode": "odd"}, {"per_minute": 0}, {"state": "great"}):
        assert (await api.call("POST", "replays", wrong)).status_code == 422
