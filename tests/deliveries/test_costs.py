"""What sending costs, counted in statements: many deliveries cost no more than one."""

from datetime import timedelta

import pytest

from recado.db.database import Database, database_now
from recado.deliveries.claiming import Room, claim_due
from recado.deliveries.keeping_pace import keep_pace
from recado.deliveries.recording import record
from recado.worker.sending import begin_recording
from tests.counting import counted
from tests.deliveries.rows import LEASE, a_delivery, answered, tried
from tests.people import NOW, Cast

# Of the claim: the clock and one statement. Of the record: in one the clock, what is still ours and the
# pace of destinations; in another ends, attempts, paces and who is told.
MOST = 4


@pytest.mark.parametrize("number", [1, 40])
async def test_a_batch_of_deliveries_costs_as_many_statements_as_one(
    database: Database, cast: Cast, number: int
) -> None:
    async with database.transaction() as tx:
        for one in range(number):
            await a_delivery(tx, cast.account.id, f"https://host{one % 4}.example/")
    room = Room(limit=100, per_lane=20, in_flight={})
    with counted(database) as statements:
        async with database.transaction() as tx:
            await database_now(tx)
            claimed = (await claim_due(tx, room, lease=LEASE, now=NOW)).claimed
        later = NOW + timedelta(seconds=1)
        async with database.transaction() as tx:
            batch = [tried(one, answered(200)) for one in claimed]
            await begin_recording(tx, batch)
            written = await record(tx, batch, now=later)
            await keep_pace(tx, batch, most=20, now=later)
    assert len(written) == number
    assert len(statements) <= MOST, "\n".join(statements)
