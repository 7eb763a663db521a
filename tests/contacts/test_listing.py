"""The list of contacts: page by page in every order, filtered, as a segment."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from litestar.datastructures import MultiDict

from recado.contacts.attributes import AttributeDraft, create_attribute, update_attribute
from recado.contacts.filter_rows import RowDraft, drafts_of, filter_of, pairs_of, redrawn
from recado.contacts.labels import create_label
from recado.contacts.listing import PAGE, SORTS, ListChoice, list_contacts
from recado.contacts.models import AttributeKind, AttributeModel, Contact
from recado.contacts.saving import ContactDraft, add_contact
from recado.contacts.searching import asked_contacts
from recado.db.database import Database, Transaction
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact

EVERYBODY_QUERY: MultiDict[str] = MultiDict()


async def _fill(tx: Transaction, account_id: int, count: int) -> list[Contact]:
    """Several of the same name, moment and activity, and some who never wrote."""
    made = []
    for number in range(count):
        draft = ContactDraft(name=f"Name {number // 3}", email=f"p{number:02}@example.com")
        moment = NOW + timedelta(hours=number // 4)
        contact = await add_contact(tx, account_id, draft, now=moment)
        contact.last_activity_at = moment if number % 5 else None
        made.append(contact)
    await tx.flush()
    return made


@pytest.mark.parametrize("sort", SORTS)
async def test_every_contact_stands_on_one_page_in_every_order(
    tx: Transaction, here: Cast, sort: str
) -> None:
    made = await _fill(tx, here.account.id, 2 * PAGE + 7)
    await _fill(tx, here.other_account.id, 3)
    asked = await asked_contacts(tx, here.ana, EVERYBODY_QUERY, now=NOW)
    seen, pages, after = [], [], None
    while True:
        choice = ListChoice(sort=sort, after=after)
        page = await list_contacts(tx, here.account.id, choice, asked.condition)
        pages.append([one.id for one in page.contacts])
        seen += pages[-1]
        if page.older is None:
            break
        after = page.older
    assert sorted(seen) == sorted(one.id for one in made)
    assert [len(one) for one in pages] == [PAGE, PAGE, 7]
    back = ListChoice(sort=sort, before=pages[2][0])
    before = await list_contacts(tx, here.account.id, back, asked.condition)
    assert [one.id for one in before.contacts] == pages[1]
    first = ListChoice(sort=sort, before=pages[1][0])
    begin = await list_contacts(tx, here.account.id, first, asked.condition)
    assert ([one.id for one in begin.contacts], begin.newer) == (pages[0], None)


async def test_pages_are_linked_and_keep_what_was_asked(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await _fill(tx, cast.account.id, PAGE + 1)
    page = (await ana.get("/app/contacts?q=example&sort=email")).text
    [more] = re.findall(r'href="\?(q=example&amp;sort=email&amp;after=\d+)"', page)
    second = (await ana.get(f"/app/contacts?{more.replace('&amp;', '&')}")).text
    assert f"p{PAGE:02}@example.com" in second
    assert "p00@example.com" not in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second
    assert "No contacts yet" not in (await ana.get("/app/contacts?after=999999")).text


async def test_conditions_are_combined(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await create_label(tx, cast.account.id, "vip")
        draft = AttributeDraft("Points", "points", AttributeKind.NUMBER, AttributeModel.CONTACT)
        await create_attribute(tx, cast.account.id, draft, now=NOW)
        await a_contact(tx, cast.account, custom_attributes={"points": 70})
        joao = await a_contact(
            tx, cast.account, name="João", email="j@x.example", phone_number=None
        )
        joao.labels = ["vip"]
    points = "f-0-key=points&f-0-operator=is_greater_than&f-0-value=50"
    found = (await ana.get(f"/app/contacts?{points}")).text
    assert "Maria Souza" in found
    assert "João" not in found
    typed = (await ana.get(f"/app/contacts?{points.replace('=50', '=69,5')}")).text
    assert "Maria Souza" in typed  # 69.5, as most of our readers type it
    assert "Maria Souza" not in (await ana.get(f"/app/contacts?{points[:-2]}70,5")).text
    labelled = "f-1-joiner=or&f-1-key=labels&f-1-operator=equal_to&f-1-value=vip"
    both = (await ana.get(f"/app/contacts?{points}&{labelled}")).text
    assert "Maria Souza" in both
    assert "João" in both
    neither = (await ana.get(f"/app/contacts?{points}&{labelled.replace('=or', '=and')}")).text
    assert "No contact fits these conditions." in neither
    unfinished = (await ana.get("/app/contacts?f-0-key=points&f-0-value=many")).text
    assert "Maria Souza" in unfinished  # a row that makes no sense yet is not applied
    assert "Enter a number." in unfinished  # and says so, where it can be seen
    assert '<details class="fold" open>' in unfinished
    begun = (await ana.get("/app/contacts?f-0-key=points&redraw=rows")).text
    assert "Enter a number." not in begun  # somebody is still at it
    searched = (await ana.get("/app/contacts?q=maria&f-0-key=")).text
    assert "Choose what it is about." not in searched
    assert '<details class="fold">' in searched


async def test_a_segment_keeps_a_choice_that_is_no_longer_offered(
    ana: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        draft = AttributeDraft(
            "Plan", "plan", AttributeKind.LIST, AttributeModel.CONTACT, choices=["Basic", "Gold"]
        )
        plan = await create_attribute(tx, cast.account.id, draft, now=NOW)
        await a_contact(tx, cast.account, custom_attributes={"plan": "Gold"})
    form = {"kind": "contact", "name": "Golden", "f-0-key": "plan",
            "f-0-operator": "equal_to", "f-0-value": "Gold"}  # fmt: skip
    assert (await ana.post("/app/views", form)).status_code == 303
    async with database.transaction() as tx:
        plan = await tx.merge(plan)
        await update_attribute(tx, plan, replace(draft, choices=["Basic"]), now=NOW)
    assert "Gold (deleted)" in (await ana.get("/app/views/1")).text
    kept = await ana.post("/app/views/1", {**form, "name": "Renamed", "f-0-was": "plan"})
    assert kept.status_code == 303
    assert "Maria Souza" in (await ana.get("/app/contacts?view=1")).text
    other = {**form, "f-0-was": "name"}  # the values of another field stray nowhere
    assert (await ana.post("/app/views/1", other)).status_code == 422


@pytest.mark.parametrize(
    ("operator", "day", "is_found"),
    [
        ("equal_to", "2026-11-24", True),
        ("equal_to", "2026-11-23", False),
        ("is_greater_than", "2026-11-23", True),
        ("is_greater_than", "2026-11-24", False),  # after that day
        ("is_less_than", "2026-11-25", True),
        ("is_less_than", "2026-11-24", False),
    ],
)
async def test_days_are_those_of_the_account(
    ana: Browser, database: Database, cast: Cast, operator: str, day: str, is_found: bool
) -> None:
    async with database.transaction() as tx:
        account = await tx.merge(cast.account)
        account.time_zone = "Asia/Tokyo"
        contact = await a_contact(tx, cast.account)
        contact.created_at = datetime(2026, 11, 23, 16, tzinfo=UTC)  # one in the morning there
    asked = f"f-0-key=created_at&f-0-operator={operator}&f-0-value={day}"
    assert ("Maria Souza" in (await ana.get(f"/app/contacts?{asked}")).text) is is_found
    row = {"attribute_key": "created_at", "filter_operator": operator, "values": [day]}
    path = f"/api/v1/accounts/{cast.account.id}/contacts/filter"
    answer = await ana.api("POST", path, cast.ana_token, {"payload": [row]})
    assert bool(answer.json()["payload"]) is is_found


async def test_a_segment_is_saved_opened_and_listed_by_the_api(
    ana: Browser, beto: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        await a_contact(tx, cast.account)
        await a_contact(tx, cast.account, name="João", email=None, phone_number=None)
    form = {"kind": "contact", "name": "With phone", "f-0-key": "phone_number",
            "f-0-operator": "contains", "f-0-value": "+5511"}  # fmt: skip
    assert (await ana.post("/app/views", form)).headers["location"] == "/app/contacts?view=1"
    page = (await ana.get("/app/contacts?view=1")).text
    assert "Maria Souza" in page
    assert "João" not in page
    path = f"/api/v1/accounts/{cast.account.id}/custom_filters?filter_type=contact"
    assert [one["name"] for one in (await ana.api("GET", path, cast.ana_token)).json()] == [
        "With phone"
    ]
    theirs = (await beto.get("/app/contacts?view=1")).text
    assert "This segment is not there any more." in theirs
    assert "Maria Souza" not in theirs


async def test_a_row_is_added_to_the_form(ana: Browser, database: Database, cast: Cast) -> None:
    async with database.transaction() as tx:
        await a_contact(tx, cast.account)
    page = await ana.get("/app/contacts?f-0-key=name&f-0-value=Mar&redraw=add")
    assert 'value="Mar"' in page.text
    assert 'name="f-1-key"' in page.text


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("rows", ["name", "email"]),
        ("add", ["name", "email", ""]),
        ("remove-0", ["email"]),
        ("remove-7", ["name", "email"]),
        ("remove-x", ["name", "email"]),
    ],
)
def test_rows_come_and_go(command: str, names: list[str]) -> None:
    rows = [RowDraft("name"), RowDraft("email")]
    assert [one.key for one in redrawn(rows, command)] == names


async def test_a_filter_survives_form_and_address(tx: Transaction, here: Cast) -> None:
    asked = await asked_contacts(tx, here.ana, EVERYBODY_QUERY, now=NOW)
    rows = [
        {"attribute_key": "name", "filter_operator": "contains", "values": ["a", "b"],
         "query_operator": "or"},
        {"attribute_key": "blocked", "filter_operator": "equal_to", "values": ["true"],
         "query_operator": "and"},
        {"attribute_key": "email", "filter_operator": "is_present", "values": [],
         "query_operator": None},
    ]  # fmt: skip
    drafts = drafts_of(rows, asked.fields)
    assert filter_of(drafts, asked.fields) == rows
    assert ("f-1-joiner", "or") in pairs_of(drafts)
    assert drafts_of("nonsense", asked.fields) == []
    assert filter_of([], asked.fields) == []
