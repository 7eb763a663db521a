"""Saved views: from what is chosen on the desk to a filter that the API lists, and back."""

import re
from typing import Any

import pytest

from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.filter_rows import RowDraft
from recado.contacts.keeping_filters import filters_of
from recado.contacts.models import AttributeKind, AttributeModel, CustomFilter
from recado.conversations.viewing import Choice, drafts_of_choice
from recado.db.database import Database
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation

URGENT = {
    "kind": "conversation",
    "name": "Urgent",
    "f-0-key": "priority",
    "f-0-operator": "equal_to",
    "f-0-value": "urgent",
}


@pytest.fixture
async def talks(database: Database, cast: Cast) -> None:
    """Two open conversations: Maria's is urgent, João's is not."""
    async with database.transaction() as tx:
        maria = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        maria.priority = "urgent"
        other = await a_contact(tx, cast.account, name="João", email=None, phone_number=None)
        await a_conversation(tx, cast.inbox, other)


async def _kept(database: Database, cast: Cast) -> list[CustomFilter]:
    async with database.transaction() as tx:
        return await filters_of(tx, cast.account.id, cast.ana.user_id)


def _row(key: str, *values: Any, operator: str = "equal_to") -> dict[str, Any]:
    return {
        "attribute_key": key,
        "filter_operator": operator,
        "values": list(values),
        "query_operator": None,
    }


async def test_a_view_of_the_page_is_a_filter_of_the_api(
    ana: Browser, cast: Cast, talks: None
) -> None:
    saved = await ana.post("/app/views", URGENT)
    assert saved.headers["location"] == "/app/conversations?view=1"
    page = (await ana.get("/app/conversations?view=1")).text
    assert "Maria Souza" in page
    assert "João" not in page
    [listed] = (
        await ana.api("GET", f"/api/v1/accounts/{cast.account.id}/custom_filters", cast.ana_token)
    ).json()
    assert (listed["name"], listed["filter_type"]) == ("Urgent", "conversation")
    assert listed["query"] == {"payload": [_row("priority", "urgent")]}


async def test_a_filter_of_the_api_is_a_view_of_the_page(
    ana: Browser, cast: Cast, talks: None
) -> None:
    rows = [
        {**_row("priority", "low"), "query_operator": "OR"},
        _row("status", {"id": "open", "name": "Open"}),
    ]
    body = {"name": "From a program", "filter_type": 0, "query": {"payload": rows}}
    path = f"/api/v1/accounts/{cast.account.id}/custom_filters"
    made = (await ana.api("POST", path, cast.ana_token, body)).json()
    page = (await ana.get(f"/app/conversations?view={made['id']}")).text
    assert "From a program" in page
    assert "Maria Souza" in page
    assert "João" in page
    form = (await ana.get(f"/app/views/{made['id']}")).text
    assert re.search(r'name="f-0-value" value="low" checked', form)
    assert re.search(r'<option value="or" selected>', form)


async def test_views_are_of_one_person(
    ana: Browser, beto: Browser, celia: Browser, talks: None
) -> None:
    await ana.post("/app/views", URGENT)
    assert "Urgent</a>" in (await ana.get("/app/conversations")).text
    for other in (beto, celia):
        assert (await other.get("/app/views/1")).status_code == 404
        assert (await other.post("/app/views/1", URGENT)).status_code == 404
        assert (await other.get("/app/views/1/delete")).status_code == 404
        assert (await other.post("/app/views/1/delete")).status_code == 404
        page = (await other.get("/app/conversations?view=1")).text
        assert "This view is not there any more." in page
        assert "Urgent</a>" not in page


async def test_a_view_is_renamed_changed_and_deleted(
    ana: Browser, database: Database, cast: Cast, talks: None
) -> None:
    await ana.post("/app/views", URGENT)
    changed = {**URGENT, "name": "Not urgent", "f-0-operator": "not_equal_to"}
    assert (await ana.post("/app/views/1", changed)).status_code == 303
    [kept] = await _kept(database, cast)
    assert kept.name == "Not urgent"
    assert "João" in (await ana.get("/app/conversations?view=1")).text
    assert 'href="/app/views/1/delete"' in (await ana.get("/app/views/1")).text
    assert "Delete the view “Not urgent”?" in (await ana.get("/app/views/1/delete")).text
    assert len(await _kept(database, cast)) == 1  # asked, not done
    assert (await ana.post("/app/views/1/delete")).headers["location"] == "/app/conversations"
    assert await _kept(database, cast) == []


async def test_the_palette_offers_ones_own_views(ana: Browser, beto: Browser, talks: None) -> None:
    await ana.post("/app/views", URGENT)
    assert 'href="/app/conversations?view=1"' in (await ana.get("/app/palette")).text
    assert "view=1" not in (await beto.get("/app/palette")).text


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"name": " "}, "Please enter a name."),
        ({"name": "x" * 101}, "Use at most 100 characters."),
        ({"f-0-key": ""}, "Choose what it is about."),
        ({"f-0-value": ""}, "Enter a value."),
        ({"f-0-value": "no such priority"}, "Enter a value."),
        ({"f-0-key": "created_at", "f-0-operator": "days_before"}, "Enter a number of days."),
        ({"f-0-key": "created_at", "f-0-operator": "is_less_than"}, "Choose a day."),
    ],
)
async def test_a_refused_view_stays_typed(
    ana: Browser, database: Database, cast: Cast, changed: dict[str, str], problem: str
) -> None:
    answer = await ana.post("/app/views", {**URGENT, **changed})
    assert answer.status_code == 422
    assert problem in answer.text
    assert await _kept(database, cast) == []


async def test_rows_come_and_go_without_saving(
    ana: Browser, database: Database, cast: Cast
) -> None:
    more = await ana.post("/app/views", {**URGENT, "redraw": "add"}, htmx=True)
    assert 'name="f-1-key"' in more.text
    assert 'value="urgent" checked' in more.text
    fewer = await ana.post("/app/views", {**URGENT, "redraw": "remove-0"}, htmx=True)
    assert "f-0-key" not in fewer.text
    assert await _kept(database, cast) == []


async def test_a_custom_attribute_is_filtered_by_and_missed_when_it_is_gone(
    ana: Browser, database: Database, cast: Cast, talks: None
) -> None:
    async with database.transaction() as tx:
        draft = AttributeDraft("Plan", "plan", AttributeKind.TEXT, AttributeModel.CONVERSATION)
        attribute = await create_attribute(tx, cast.account.id, draft, now=NOW)
    form = {**URGENT, "f-0-key": "plan", "f-0-operator": "is_not_present", "f-0-value": ""}
    await ana.post("/app/views", form)
    assert "Maria Souza" in (await ana.get("/app/conversations?view=1")).text
    async with database.transaction() as tx:
        await tx.delete(attribute)
    page = (await ana.get("/app/conversations?view=1")).text
    assert "This view asks for what is not there any more" in page
    assert "Maria Souza" not in page
    assert 'value="plan"' in (await ana.get("/app/views/1")).text


@pytest.mark.parametrize(
    ("choice", "rows"),
    [
        (Choice(), [("status", "equal_to", ("open",))]),
        (Choice(status="all"), []),
        (Choice(status="all", tab="mine"), [("assignee_id", "equal_to", ("7",))]),
        (Choice(status="all", tab="unassigned"), [("assignee_id", "is_not_present", ())]),
        (
            Choice(status="all", inbox_id=2, team_id=3, label="vip", priority="high"),
            [
                ("inbox_id", "equal_to", ("2",)),
                ("team_id", "equal_to", ("3",)),
                ("labels", "equal_to", ("vip",)),
                ("priority", "equal_to", ("high",)),
            ],
        ),
    ],
    ids=["as it opens", "everything", "mine", "unassigned", "narrowed"],
)
def test_a_choice_becomes_rows(
    choice: Choice, rows: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert drafts_of_choice(choice, 7) == [RowDraft(*one) for one in rows]


async def test_no_two_views_of_one_person_bear_one_name(
    ana: Browser, beto: Browser, database: Database, cast: Cast
) -> None:
    await ana.post("/app/views", URGENT)
    again = await ana.post("/app/views", URGENT | {"name": "urgent "})
    assert again.status_code == 422
    assert "You have one of this name already" in again.text
    assert 'value="urgent"' in again.text  # nothing that was typed is lost
    contacts = URGENT | {"kind": "contact", "f-0-key": "name", "f-0-value": "Maria"}
    assert (await ana.post("/app/views", contacts)).status_code == 303  # a segment is no view
    assert (await beto.post("/app/views", URGENT)).status_code == 303
    await ana.post("/app/views", URGENT | {"name": "Other"})
    other = max(one.id for one in await _kept(database, cast))
    assert (await ana.post(f"/app/views/{other}", URGENT)).status_code == 422
    assert (await ana.post("/app/views/1", URGENT)).status_code == 303  # it keeps its own


async def test_what_programs_named_twice_may_keep_its_name(
    ana: Browser, database: Database, cast: Cast
) -> None:
    path = f"/api/v1/accounts/{cast.account.id}/custom_filters"
    body = {"name": "Urgent", "filter_type": "conversation", "query": {"payload": []}}
    for _ in range(2):
        assert (await ana.api("POST", path, cast.ana_token, body)).status_code == 200
    assert (await ana.post("/app/views/2", URGENT)).status_code == 303
    assert [one.name for one in await _kept(database, cast)] == ["Urgent", "Urgent"]
