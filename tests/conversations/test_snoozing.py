"""Until when a snooze lasts, and going on with the next conversation."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select

from recado.accounts.models import Account
from recado.accounts.profiles import choose_language
from recado.conversations.finding import PAGE
from recado.conversations.models import Conversation, Status
from recado.conversations.snoozing import OWN, PRESETS, chosen_end, snoozed_until
from recado.conversations.viewing import next_number
from recado.db.database import Database
from recado.lib.languages import Sentence
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # nine in the morning in São Paulo


@pytest.mark.parametrize(
    ("wanted", "now", "until"),
    [
        ("", MONDAY, None),
        ("60", MONDAY, "2026-11-23T13:00:00+00:00"),
        ("tomorrow", MONDAY, "2026-11-24T12:00:00+00:00"),
        # already Tuesday in London, still Monday there
        ("tomorrow", datetime(2026, 11, 24, 1, tzinfo=UTC), "2026-11-24T12:00:00+00:00"),
        ("next_week", MONDAY, "2026-11-30T12:00:00+00:00"),
        ("next_week", datetime(2026, 11, 29, 12, tzinfo=UTC), "2026-11-30T12:00:00+00:00"),
    ],
)
def test_a_snooze_ends(wanted: str, now: datetime, until: str | None) -> None:
    found = snoozed_until(wanted, now=now, zone="America/Sao_Paulo")
    assert (found.astimezone(UTC).isoformat() if found else None) == until


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("2026-11-23T09:30", "2026-11-23T12:30:00+00:00"),  # on the clock of the account's wall
        (" 2026-11-23T09:30 ", "2026-11-23T12:30:00+00:00"),
        ("2026-11-23T12:30Z", "2026-11-23T12:30:00+00:00"),
        ("2026-11-23T08:59", "This is over already. Choose a time to come."),
        ("2026-11-23T09:00", "This is over already. Choose a time to come."),  # now
        ("2028-01-01T09:00", "Choose a time within a year."),
        ("", "Choose a day and a time."),
        ("tomorrow", "Choose a day and a time."),
        ("2026-02-30T09:00", "Choose a day and a time."),
    ],
)
def test_a_time_that_somebody_types(typed: str, found: str) -> None:
    end = chosen_end(OWN, typed, now=MONDAY, zone="America/Sao_Paulo")
    assert (end.text if isinstance(end, Sentence) else end and end.isoformat()) == found


@pytest.mark.parametrize(
    ("numbers", "current", "found"),
    [
        ([3, 2, 1], 3, 2),
        ([3, 2, 1], 1, 3),  # the last: from the top again
        ([3, 2, 1], 9, 3),  # on another page of the list
        ([3], 3, None),
        ([], 3, None),
    ],
)
def test_what_stands_below(numbers: list[int], current: int, found: int | None) -> None:
    assert next_number(numbers, current) == found


async def _snoozed(database: Database, number: int) -> tuple[str, datetime | None]:
    async with database.transaction() as tx:
        query = select(Conversation).where(Conversation.display_id == number)
        one = (await tx.scalars(query)).one()
    return one.status, one.snoozed_until


@pytest.mark.parametrize("until", PRESETS)
@pytest.mark.parametrize("htmx", [True, False])
async def test_presets_put_a_conversation_aside(
    beto: Browser, number: int, database: Database, until: str, htmx: bool
) -> None:
    path = f"/app/conversations/{number}/snooze"
    answer = await beto.post(path, {"until": until}, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    status, end = await _snoozed(database, number)
    assert status == Status.SNOOZED
    assert (end is None) is (until == "")
    head = (await beto.get(f"/app/conversations/{number}")).text.split("</h1>")[1]
    shown = "until the contact writes" if end is None else f"until {end:%Y-%m-%d %H:%M} UTC"
    assert shown in head.split("</header>")[0]


async def test_the_choices_name_the_account_s_zone_and_another_state_offers_to_reopen(
    beto: Browser, cast: Cast, number: int, database: Database
) -> None:
    async with database.transaction() as tx:
        await choose_language(tx, cast.beto.user_id, "pt_BR")
        (await tx.get_one(Account, cast.account.id)).time_zone = "Asia/Kolkata"
    path = f"/app/conversations/{number}"
    head = (await beto.get(path)).text.partition('id="head"')[2].partition("</header>")[0]
    assert head.count("Fuso horário da conta: Asia/Kolkata") == 2  # in the menu, and on a phone
    assert (head.count("Resolver</span>"), head.count("Reabrir</span>")) == (2, 0)
    await beto.post(f"{path}/snooze", {"until": "tomorrow"})
    head = (await beto.get(path)).text.partition('id="head"')[2].partition("</header>")[0]
    assert (head.count("Resolver</span>"), head.count("Reabrir</span>")) == (1, 2)


async def test_an_own_time_that_is_over_is_refused_with_what_was_typed(
    beto: Browser, number: int, database: Database
) -> None:
    path = f"/app/conversations/{number}/snooze"
    assert "Day and time" in (await beto.get(path)).text
    refused = await beto.post(path, {"until": OWN, "time": "2020-01-01T09:00"})
    assert refused.status_code == 422
    assert "This is over already." in refused.text
    assert 'value="2020-01-01T09:00"' in refused.text
    ahead = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert (await beto.post(path, {"until": OWN, "time": ahead})).status_code == 303
    assert (await _snoozed(database, number))[0] == Status.SNOOZED


async def test_resolving_goes_on_with_the_next_of_the_list(
    beto: Browser, cast: Cast, number: int, database: Database
) -> None:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account, name="João", email=None, phone_number=None)
        other = (await a_conversation(tx, cast.inbox, contact)).display_id
    path = f"/app/conversations/{number}/resolve-and-next"
    gone_on = await beto.post(f"{path}?tab=all&sort=oldest")
    address = gone_on.headers["location"].split("&did=")[0]
    assert address == f"/app/conversations/{other}?tab=all&sort=oldest"
    assert (await _snoozed(database, number))[0] == Status.RESOLVED
    last = await beto.post(f"/app/conversations/{other}/resolve-and-next?tab=mine")
    assert last.headers["location"].startswith("/app/conversations?tab=mine&did=")


@pytest.fixture
async def long_list(cast: Cast, number: int, database: Database) -> list[int]:
    """A list of two pages, the second with two: what stands in it, from the top of the oldest first."""
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account, name="João", email=None, phone_number=None)
        more = [await a_conversation(tx, cast.inbox, contact) for _ in range(PAGE + 1)]
        for at, one in enumerate(more):
            one.last_activity_at = datetime.now(UTC) + timedelta(minutes=at)
    return [number, *(one.display_id for one in more)]


async def _goes_on(beto: Browser, number: int, query: str) -> tuple[str, str]:
    """Where resolving leads to: the path, and the page of the list beside it."""
    answer = await beto.post(f"/app/conversations/{number}/resolve-and-next?{query}")
    parts = urlsplit(answer.headers["location"])
    return parts.path, dict(parse_qsl(parts.query)).get("page", "1")


async def test_after_the_last_of_a_page_comes_the_first_of_the_next(
    beto: Browser, long_list: list[int]
) -> None:
    last, following = long_list[PAGE - 1 : PAGE + 1]
    place = f"/app/conversations/{following}"
    assert await _goes_on(beto, last, "tab=all&sort=oldest") == (place, "1")  # moved up
    page = (await beto.get(f"{place}?tab=all&sort=oldest")).text
    assert f'/app/conversations/{following}?tab=all&amp;sort=oldest" aria-current="true"' in page
    # Where those that are resolved stay in the list, so does the place of what comes after.
    kept = "tab=all&sort=created&status=all"
    assert await _goes_on(beto, long_list[2], kept) == (f"/app/conversations/{long_list[1]}", "2")


async def test_after_the_very_last_comes_the_first_of_the_list(
    beto: Browser, long_list: list[int]
) -> None:
    query = "tab=all&sort=oldest&page=2"
    first = f"/app/conversations/{long_list[0]}"
    assert await _goes_on(beto, long_list[-1], query) == (first, "1")
    assert await _goes_on(beto, long_list[-2], query) == (first, "1")  # alone on its page


async def test_a_page_that_ran_empty_is_the_first(beto: Browser, long_list: list[int]) -> None:
    page = (await beto.get("/app/conversations?tab=all&sort=oldest&page=9")).text
    assert "No conversations here." not in page
    assert f"/app/conversations/{long_list[0]}?" in page
    assert "page=8" not in page


@pytest.mark.parametrize("path", ["snooze", "resolve-and-next"])
async def test_strangers_put_nothing_aside(
    celia: Browser, number: int, database: Database, path: str
) -> None:
    assert (await celia.post(f"/app/conversations/{number}/{path}")).status_code == 404
    assert (await _snoozed(database, number))[0] == Status.OPEN
