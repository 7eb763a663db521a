"""Views of the delivery log: kept from the filter, opened, renamed, deleted; of one person."""

from typing import Any

import pytest

from recado.contacts.keeping_filters import filters_of
from recado.contacts.models import CustomFilter
from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast

HERE = "/app/deliveries/views"
FAILED = {"name": "Failed at the CRM", "state": "failed", "host": "crm.example"}
ADDRESS = "/app/deliveries?host=crm.example&amp;state=failed"


async def kept(database: Database, cast: Cast) -> list[CustomFilter]:
    async with database.transaction() as tx:
        return await filters_of(tx, cast.account.id, cast.ana.user_id)


async def test_the_filter_is_kept_and_leads_back_to_what_it_said(
    ana: Browser, database: Database, cast: Cast
) -> None:
    saved = await ana.post(HERE, {**FAILED, "ids": "1,2", "nonsense": "x"})
    assert saved.headers["location"] == "/app/deliveries?host=crm.example&state=failed"
    [one] = await kept(database, cast)
    assert (one.name, one.kind) == ("Failed at the CRM", "delivery")
    assert one.query == {"payload": {"state": "failed", "host": "crm.example"}}
    menu = (
        await ana.get(f"{HERE}?state=failed&host=crm.example", headers={"hx-request": "true"})
    ).text
    assert f'<a href="{ADDRESS}" aria-current="page" data-theirs>Failed at the CRM</a>' in menu
    assert (
        "aria-current"
        not in (await ana.get(f"{HERE}?state=failed", headers={"hx-request": "true"})).text
    )


async def test_the_log_offers_to_keep_what_it_shows(ana: Browser) -> None:
    assert (
        'hx-get="/app/deliveries/views?state=failed"'
        in (await ana.get("/app/deliveries?state=failed")).text
    )
    assert (
        "Save as a view…"
        in (await ana.get(f"{HERE}?state=failed", headers={"hx-request": "true"})).text
    )
    assert (
        "Save as a view…" not in (await ana.get(HERE, headers={"hx-request": "true"})).text
    )  # nothing is chosen
    assert 'name="state" value="failed"' in (await ana.get(f"{HERE}?state=failed")).text


async def test_a_view_is_renamed_and_deleted(ana: Browser, database: Database, cast: Cast) -> None:
    await ana.post(HERE, FAILED)
    assert (await ana.post(f"{HERE}/1", {"name": "CRM"})).headers["location"] == HERE
    [one] = await kept(database, cast)
    assert (one.name, one.query["payload"]["state"]) == ("CRM", "failed")
    assert f'href="{HERE}/1/delete"' in (await ana.get(HERE)).text
    assert "Yes, delete " in (await ana.get(f"{HERE}/1/delete")).text
    assert (await ana.post(f"{HERE}/1/delete")).headers["location"] == HERE
    assert await kept(database, cast) == []
    assert "No saved views yet" in (await ana.get(HERE)).text


@pytest.mark.parametrize(
    ("name", "problem"),
    [(" ", "Please enter a name."), ("x" * 101, "Use at most 100 characters.")],
)
async def test_a_name_is_refused_beside_it(
    ana: Browser, database: Database, cast: Cast, name: str, problem: str
) -> None:
    refused = await ana.post(HERE, {**FAILED, "name": name})
    assert refused.status_code == 422
    assert problem in refused.text
    assert 'name="host" value="crm.example"' in refused.text
    assert await kept(database, cast) == []
    await ana.post(HERE, FAILED)
    again = await ana.post(f"{HERE}/1", {"name": name})
    assert again.status_code == 422
    assert problem in again.text
    assert [one.name for one in await kept(database, cast)] == ["Failed at the CRM"]


async def test_views_are_of_one_person(ana: Browser, beto: Browser, celia: Browser) -> None:
    await ana.post(HERE, FAILED)
    for other, refusal in ((beto, 403), (celia, 404)):  # he does not administer, she is a stranger
        assert (await other.post(f"{HERE}/1", FAILED)).status_code == refusal
        assert (await other.get(f"{HERE}/1/delete")).status_code == refusal
        assert (await other.post(f"{HERE}/1/delete")).status_code == refusal
    assert "Failed at the CRM" not in (await celia.get(HERE)).text
    assert "Failed at the CRM" in (await ana.get(HERE)).text


async def test_a_view_of_conversations_is_none_of_the_log(ana: Browser) -> None:
    row = {"f-0-key": "priority", "f-0-operator": "equal_to", "f-0-value": "urgent"}
    await ana.post("/app/views", {"kind": "conversation", "name": "Urgent", **row})
    await ana.post(HERE, FAILED)
    assert (await ana.post(f"{HERE}/1/delete")).status_code == 404
    assert (await ana.get("/app/views/2")).status_code == 404
    assert "Urgent" not in (await ana.get(HERE)).text


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ({"payload": {"state": "failed", "page": "7"}}, "/app/deliveries?state=failed"),
        ({"payload": {"state": "no such state"}}, "/app/deliveries"),
        ({"payload": [{"attribute_key": "status"}]}, "/app/deliveries"),
        ({}, "/app/deliveries"),
    ],
    ids=["a word too many", "no such state", "as of conversations", "nothing"],
)
async def test_a_filter_of_the_api_is_a_view_of_the_log(
    ana: Browser, cast: Cast, query: dict[str, Any], address: str
) -> None:
    body = {"name": "From a program", "filter_type": 3, "query": query}
    path = f"/api/v1/accounts/{cast.account.id}/custom_filters"
    made = (await ana.api("POST", path, cast.ana_token, body)).json()
    assert made["filter_type"] == "delivery"
    assert f'<a class="strong" href="{address}" data-theirs>' in (await ana.get(HERE)).text


async def test_two_views_of_the_log_do_not_bear_one_name(ana: Browser) -> None:
    assert (await ana.post(HERE, {"name": "Failed", "state": "failed"})).status_code == 303
    again = await ana.post(HERE, {"name": "failed", "state": "expired"})
    assert again.status_code == 422
    assert "You have one of this name already" in again.text
