"""Who is there, and what that makes of what they say of themselves."""

from datetime import timedelta

import pytest

from recado.accounts.being_there import are_there, say_availability
from recado.accounts.models import PRESENT, Availability, Membership
from recado.db.database import Transaction
from tests.people import NOW, gather

ONLINE, BUSY, OFFLINE = Availability.ONLINE, Availability.BUSY, Availability.OFFLINE
JUST, LATE = PRESENT, PRESENT + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("says", "auto_offline", "seen_before", "shown"),
    [
        (ONLINE, True, JUST, ONLINE),
        (ONLINE, True, LATE, OFFLINE),
        (ONLINE, True, None, OFFLINE),
        (BUSY, True, JUST, BUSY),
        (BUSY, True, LATE, OFFLINE),
        (OFFLINE, True, JUST, OFFLINE),
        (ONLINE, False, None, ONLINE),
        (BUSY, False, LATE, BUSY),
    ],
)
def test_somebody_counts_as(
    says: Availability, auto_offline: bool, seen_before: timedelta | None, shown: Availability
) -> None:
    member = Membership(
        account_id=1, user_id=1, role="agent", availability=says, auto_offline=auto_offline,
        seen_at=NOW - seen_before if seen_before is not None else None,
    )  # fmt: skip
    assert member.availability_at(NOW) == shown


async def test_whoever_comes_is_news_once(tx: Transaction) -> None:
    cast = await gather(tx)
    whom = [(one.account_id, one.user_id) for one in (cast.ana, cast.beto)]
    assert sorted(await are_there(tx, whom[:1], now=NOW)) == whom[:1]
    assert await are_there(tx, whom, now=NOW + JUST) == whom[1:]
    assert await are_there(tx, whom, now=NOW + JUST + JUST) == []
    assert sorted(await are_there(tx, whom, now=NOW + JUST + JUST + LATE)) == whom
    await tx.refresh(cast.celia, ["seen_at"])
    assert cast.celia.seen_at is None


async def test_a_person_says_whether_they_are_available(tx: Transaction) -> None:
    cast = await gather(tx)
    await say_availability(tx, cast.beto, BUSY)
    await say_availability(tx, cast.beto, auto_offline=False)
    for one in (cast.ana, cast.beto):
        await tx.refresh(one, ["availability", "auto_offline"])
    assert (cast.beto.availability, cast.beto.auto_offline) == (BUSY, False)
    assert (cast.ana.availability, cast.ana.auto_offline) == (ONLINE, True)
