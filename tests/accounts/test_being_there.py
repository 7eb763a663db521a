"""Who is there, and what that makes of what they say of themselves."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from recado.accounts.being_there import are_there, say_availability
from recado.accounts.models import PRESENT, Availability, Membership
from recado.db.database import Database, Transaction
from tests.api.calling import programs
from tests.browser import Browser
from tests.people import NOW, Cast, gather

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


@pytest.mark.parametrize("says", list(Availability))
async def test_a_person_says_it_in_the_menu(
    beto: Browser, ana: Browser, says: Availability
) -> None:
    shown = await beto.post("/app/profile/availability", {"availability": says}, htmx=True)
    pressed = re.findall(r'name="availability" value="(\w+)" aria-pressed="true"', shown.text)
    assert pressed == [says]
    assert f'class="presence" data-state="{says}"' in (await beto.get("/app/profile")).text
    agents = (await ana.get("/app/agents")).text
    assert agents.count('data-state="offline" title') == 2  # no page of theirs is open


async def test_nobody_says_something_else(beto: Browser) -> None:
    answer = await beto.post("/app/profile/availability", {"availability": "asleep"})
    assert answer.status_code == 400


async def test_a_program_says_and_reads_it(
    visitor: Browser, cast: Cast, database: Database
) -> None:
    ana, beto, _ = programs(visitor, cast)
    path = f"agents/{cast.beto.user_id}"
    assert (await beto.get(path))["availability_status"] == "offline"
    async with database.transaction() as tx:
        await are_there(tx, [(cast.account.id, cast.beto.user_id)], now=datetime.now(UTC))
    assert (await beto.get(path))["availability_status"] == "online"
    told = await ana.patch(path, {"availability": "busy", "auto_offline": False})
    assert (told["availability_status"], told["auto_offline"]) == ("busy", False)
    answer = await ana.call("PATCH", path, {"availability": "asleep"})
    assert (answer.status_code, answer.json()["attributes"]) == (422, ["availability"])
