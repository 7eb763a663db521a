"""The page of business hours: what it keeps, what it refuses, and copying a day."""

import re

import pytest

from recado.accounts.models import Account
from recado.db.database import Database
from recado.inboxes.keeping_hours import hours_of
from recado.inboxes.opening import find_inbox
from tests.browser import Browser
from tests.people import Cast

PAGE = "/app/inboxes/1/hours"
WEEK = {
    f"days-{day}-{part}": value
    for day in range(7)
    for part, value in (("kind", "closed" if day in {0, 6} else "hours"), ("from", "09:00"), ("to", "18:00"))
}  # fmt: skip
FORM = {"has_hours": "true", "time_zone": "Europe/Lisbon", "out_of_office": "", **WEEK}


async def kept(database: Database, cast: Cast) -> object:
    async with database.transaction() as tx:
        inbox = await find_inbox(tx, cast.account.id, cast.inbox.id)
        assert inbox is not None
        return hours_of(inbox)


async def test_hours_are_kept_and_shown(ana: Browser) -> None:
    holidays = {
        "holidays-0-day": "2026-12-25", "holidays-0-name": "Natal", "holidays-0-yearly": "true",
        "holidays-3-day": "2027-02-09",
        "holidays-4-day": "", "holidays-4-name": " ",  # a row left empty
    }  # fmt: skip
    changed = {"days-1-to": "00:00", "days-6-kind": "all", "out_of_office": "Até amanhã"}
    answer = await ana.post(PAGE, {**FORM, **holidays, **changed})
    assert answer.headers["location"] == "/app/inboxes/1"
    page = (await ana.get(PAGE)).text
    assert page.count('value="hours" selected') == 5
    assert page.count('value="all" selected') == 1
    assert 'name="days-1-to" value="00:00"' in page  # midnight
    assert re.findall(r'name="holidays-(\d)-day"[^>]*value="([^"]+)"', page) == [
        ("0", "2026-12-25"),
        ("1", "2027-02-09"),
    ]
    assert "Até amanhã" in page
    assert re.search(
        r"(Open|Closed) now\. (Opens|Closes): \w+", (await ana.get("/app/inboxes/1")).text
    )


@pytest.mark.parametrize(("zone", "is_named"), [("Asia/Kolkata", True), ("Europe/Lisbon", False)])
async def test_the_inbox_says_in_which_zone_it_opens_where_the_account_has_another(
    ana: Browser, database: Database, cast: Cast, zone: str, is_named: bool
) -> None:
    async with database.transaction() as tx:
        (await tx.get_one(Account, cast.account.id)).time_zone = "Europe/Lisbon"
    assert (await ana.post(PAGE, {**FORM, "time_zone": zone})).status_code == 303
    shown = (await ana.get("/app/inboxes/1")).text
    assert (f'<span class="soft">({zone})</span>' in shown) is is_named
    assert re.search(r"(Opens|Closes): \w+, \d\d?:\d\d", shown)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"time_zone": "Mars/Olympus"}, "Choose a time zone."),
        ({"days-2-to": "08:00"}, "It must close after it opens."),
        ({"days-2-from": ""}, "Enter a time such as 09:00."),
        ({"days-2-from": "9h"}, "Enter a time such as 09:00."),
        ({"holidays-0-day": "", "holidays-0-name": "Natal"}, "Enter a date as 2026-12-31."),
        ({"out_of_office": "Olá {{ contact.nome }}"}, "Did you mean “contact.name”?"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_all_that_was_typed(
    ana: Browser, database: Database, cast: Cast, changed: dict[str, str], sentence: str
) -> None:
    before = await kept(database, cast)
    answer = await ana.post(PAGE, {**FORM, "days-3-from": "07:45", **changed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="07:45"' in answer.text
    assert await kept(database, cast) == before


async def test_a_day_is_copied_to_the_others_that_are_open(
    ana: Browser, database: Database, cast: Cast
) -> None:
    before = await kept(database, cast)
    form = {**FORM, "days-1-from": "08:30", "step": "copy-1"}
    page = (await ana.post(f"{PAGE}/draft", form)).text
    assert page.count('value="08:30"') == 5
    assert page.count('value="closed" selected') == 2  # the weekend stays closed
    assert await kept(database, cast) == before
    nothing = (await ana.post(f"{PAGE}/draft", {**form, "step": "copy-9"})).text
    assert nothing.count('value="08:30"') == 1


async def test_an_inbox_without_hours_does_not_call_itself_open_below_its_switch(
    ana: Browser,
) -> None:
    assert (await ana.post(PAGE, {**FORM, "has_hours": ""})).status_code == 303
    assert "Always open." not in (await ana.get(PAGE)).text  # it would stay while one switches on


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        ({f"days-{day}-kind": "closed" for day in range(7)}, "It never opens."),
        ({f"days-{day}-kind": "all" for day in range(7)}, "Always open."),
    ],
)
async def test_hours_that_never_turn_say_so(
    ana: Browser, week: dict[str, str], sentence: str
) -> None:
    assert (await ana.post(PAGE, {**FORM, **week})).status_code == 303
    assert sentence in (await ana.get(PAGE)).text


async def test_only_administrators_see_and_change_them(ana: Browser, beto: Browser) -> None:
    assert (await beto.get(PAGE)).status_code == 403
    for path in (PAGE, f"{PAGE}/draft"):
        assert (await beto.post(path, FORM)).status_code == 403
    assert (await ana.get(PAGE)).status_code == 200
