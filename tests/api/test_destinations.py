"""Destinations by the API."""

from recado.db.database import Database
from tests.api.calling import Program
from tests.deliveries.rows import a_delivery
from tests.people import Cast

LANE = "https://crm.example:443"


async def test_programs_see_and_limit_destinations(
    api: Program, stranger_api: Program, database: Database, cast: Cast
) -> None:
    assert (await api.get("destinations"))["payload"] == []
    async with database.transaction() as tx:
        await a_delivery(tx, cast.account.id)
    [one] = (await api.get("destinations"))["payload"]
    assert (one["destination"], one["state"], one["waiting"]) == (LANE, "free", 1)
    wanted = {"destination": LANE, "most_calls": 9, "most_calls_per": "second"}
    answer = await api.call("PUT", "destinations", wanted)
    assert (answer.json()["most_calls"], answer.json()["most_calls_per"]) == (9, "second")
    answer = await api.call("PUT", "destinations", {"destination": LANE, "most_calls": None})
    assert answer.json()["most_calls"] is None
    for wrong in ({"most_calls": 0}, {"most_calls": 1, "most_calls_per": "week"}):
        answer = await api.call("PUT", "destinations", {"destination": LANE, **wrong})
        assert answer.status_code == 422
    assert (await stranger_api.call("PUT", "destinations", wanted)).status_code == 404
