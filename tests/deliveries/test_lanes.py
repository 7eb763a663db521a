"""Destinations in the claim: each with its own pace, and none while its breaker is open."""

from datetime import datetime, timedelta

from recado.db.database import Transaction
from recado.deliveries.keeping_pace import keep_pace
from recado.deliveries.models import Lane
from recado.deliveries.pacing import FIRST_CONCURRENCY, FIRST_PAUSE
from recado.deliveries.recording import record
from recado.lib.outcomes import Outcome, Trouble
from tests.deliveries.rows import LEASE, a_delivery, answered, claim, failed, tried
from tests.people import NOW, Cast, gather

LANE = "https://crm.example:443"
REFUSED = failed(Trouble.CONNECT)


async def send_all(tx: Transaction, outcome: Outcome, *, now: datetime = NOW) -> int:
    """Claim what may be claimed, and have each end so; how many there were."""
    claimed = await claim(tx, now=now)
    sent = [tried(one, outcome, now=now) for one in claimed]
    await record(tx, sent, now=now, dice=0.5)
    await keep_pace(tx, sent, most=100, now=now)
    return len(claimed)


async def open_the_breaker(tx: Transaction, cast: Cast) -> None:
    for _ in range(int(FIRST_CONCURRENCY)):
        await a_delivery(tx, cast.account.id)
    assert await send_all(tx, REFUSED) == FIRST_CONCURRENCY


async def test_a_new_lane_takes_ten_at_once(tx: Transaction) -> None:
    cast = await gather(tx)
    for _ in range(15):
        await a_delivery(tx, cast.account.id)
    assert await send_all(tx, answered(200)) == 10
    assert await send_all(tx, answered(200)) == 5


async def test_an_open_breaker_keeps_deliveries_and_costs_no_attempt(tx: Transaction) -> None:
    cast = await gather(tx)
    await open_the_breaker(tx, cast)
    late = await a_delivery(tx, cast.account.id)
    assert await claim(tx) == []
    assert await claim(tx, now=NOW + FIRST_PAUSE - timedelta(seconds=1)) == []
    await tx.refresh(late)
    assert (late.state, late.attempts_count) == ("pending", 0)


async def test_other_lanes_go_on_beside_an_open_breaker(tx: Transaction) -> None:
    cast = await gather(tx)
    await open_the_breaker(tx, cast)
    await a_delivery(tx, cast.account.id, "https://other.example/")
    assert [one.lane for one in await claim(tx)] == ["https://other.example:443"]


async def test_after_the_pause_one_probe_goes_out(tx: Transaction) -> None:
    cast = await gather(tx)
    await open_the_breaker(tx, cast)
    for _ in range(5):
        await a_delivery(tx, cast.account.id)
    after = NOW + FIRST_PAUSE
    assert len(await claim(tx, now=after)) == 1
    assert await claim(tx, now=after) == []  # another worker, while the probe is under way


async def test_a_probe_that_gets_through_closes_the_breaker(tx: Transaction) -> None:
    cast = await gather(tx)
    await open_the_breaker(tx, cast)
    after = NOW + FIRST_PAUSE
    assert await send_all(tx, answered(200), now=after) == 1
    lane = await tx.get(Lane, LANE)
    assert lane is not None
    assert (lane.open_until, lane.is_probing) == (None, False)
    assert len(await claim(tx, now=after + timedelta(minutes=1))) == 1  # slowly at first


async def test_a_probe_that_fails_doubles_the_pause(tx: Transaction) -> None:
    cast = await gather(tx)
    await open_the_breaker(tx, cast)
    after = NOW + FIRST_PAUSE
    assert await send_all(tx, REFUSED, now=after) == 1
    lane = await tx.get(Lane, LANE)
    assert lane is not None
    assert lane.open_until == after + 2 * FIRST_PAUSE


async def test_a_probe_whose_worker_died_is_followed_by_another(tx: Transaction) -> None:
    cast = await gather(tx)
    await open_the_breaker(tx, cast)
    after = NOW + FIRST_PAUSE
    assert len(await claim(tx, now=after)) == 1
    assert len(await claim(tx, now=after + LEASE)) == 1
