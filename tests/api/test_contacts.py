"""Contacts through the API."""

from typing import Any

import pytest

from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.db.database import Database
from tests.api.calling import Program
from tests.people import NOW, Cast


async def test_a_contact_is_made_known_to_an_inbox(api: Program, cast: Cast) -> None:
    made = await api.post(
        "contacts",
        {
            "name": "Maria Souza", "email": "MARIA@example.com", "phone_number": "+55 11 91234-5678",
            "identifier": "c-1", "inbox_id": str(cast.inbox.id), "source_id": "wa:1",
            "custom_attributes": {"plan": "gold"}, "additional_attributes": {"city": "Recife"},
        },
    )  # fmt: skip
    contact = made["payload"]["contact"]
    created_at = contact.pop("created_at")
    inbox = {
        "id": cast.inbox.id, "avatar_url": "", "channel_id": cast.inbox.id, "name": "Site",
        "channel_type": "Channel::Api", "provider": None,
    }  # fmt: skip
    assert isinstance(created_at, int)
    assert contact == {
        "id": 1, "name": "Maria Souza", "email": "maria@example.com",
        "phone_number": "+5511912345678", "identifier": "c-1", "thumbnail": "", "blocked": False,
        "availability_status": "offline", "custom_attributes": {"plan": "gold"},
        "additional_attributes": {"city": "Recife"}, "last_activity_at": 0,
        "contact_inboxes": [{"source_id": "wa:1", "inbox": inbox}],
    }  # fmt: skip
    assert made["payload"]["contact_inbox"] == {"inbox": inbox, "source_id": "wa:1"}
    shown = (await api.get("contacts/1"))["payload"]
    assert shown == {**contact, "created_at": created_at}


async def test_without_an_inbox_nobody_knows_them(api: Program) -> None:
    made = await api.post("contacts", {"name": "M"})
    assert made["payload"]["contact_inbox"] == {"inbox": None, "source_id": None}


async def test_two_contacts_with_blanks_do_not_collide(api: Program) -> None:
    blanks = {
        "name": "M", "email": "", "phone_number": "", "identifier": "", "avatar_url": "",
        "inbox_id": "",
    }  # fmt: skip
    first = await api.post("contacts", blanks)
    await api.post("contacts", blanks)
    assert first["payload"]["contact"]["email"] is None


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_change_merges_attributes(api: Program, method: str) -> None:
    await api.post("contacts", {"name": "M", "email": "m@x.com", "custom_attributes": {"a": 1}})
    change = {"custom_attributes": {"b": 2}, "email": "", "name": "Maria"}
    changed = (await api.call(method, "contacts/1", change)).json()["payload"]
    assert changed["custom_attributes"] == {"a": 1, "b": 2}
    assert (changed["name"], changed["email"]) == ("Maria", "m@x.com")  # "" is as if not sent
    change = {"custom_attributes": {"a": None}, "email": None}
    changed = (await api.call(method, "contacts/1", change)).json()["payload"]
    assert (changed["custom_attributes"], changed["email"]) == ({"b": 2}, None)


async def test_attributes_are_removed(api: Program) -> None:
    await api.post("contacts", {"name": "M", "custom_attributes": {"a": 1, "b": 2}})
    left = await api.post("contacts/1/destroy_custom_attributes", {"custom_attributes": ["a", "z"]})
    assert left["payload"]["custom_attributes"] == {"b": 2}


async def test_contacts_are_listed_15_a_page(api: Program) -> None:
    for number in range(17):
        await api.post("contacts", {"name": f"C{number:02}"})
    first, second = await api.get("contacts"), await api.get("contacts?page=2&sort=name")
    assert first["meta"] == {"count": 17, "current_page": 1}
    assert len(first["payload"]) == 15
    assert [one["name"] for one in second["payload"]] == ["C15", "C16"]
    backwards = await api.get("contacts?sort=-name")
    assert backwards["payload"][0]["name"] == "C16"


async def test_contacts_are_found_by_a_part_of_them(api: Program) -> None:
    await api.post(
        "contacts", {"name": "Maria", "email": "m@x.com", "phone_number": "+5511912345678"}
    )
    await api.post("contacts", {"name": "João", "identifier": "100%"})
    cases = {"q=MARI": 1, "q=x.com": 1, "q=91234": 1, "q=100%25": 1, "q=%25": 1, "q=nobody": 0}
    for query, count in cases.items():
        found = await api.get(f"contacts/search?{query}")
        assert found["meta"] == {"count": count, "current_page": 1, "has_more": False}, query
    by_body = await api.call("GET", "contacts/search", {"q": "joão", "sort": "name"})
    assert [one["name"] for one in by_body.json()["payload"]] == ["João"]
    nothing = await api.call("GET", "contacts/search")
    assert nothing.status_code == 422
    assert nothing.json() == {"error": "Specify search string with parameter q"}


async def test_a_contacts_conversations_are_listed_newest_first(api: Program, cast: Cast) -> None:
    await api.post("contacts", {"name": "M"})
    for _ in range(2):
        await api.post("conversations", {"contact_id": 1, "inbox_id": cast.inbox.id})
    await api.post("conversations/1/messages", {"content": "late"})
    listed = await api.get("contacts/1/conversations")
    assert [one["id"] for one in listed["payload"]] == [1, 2]
    assert listed["payload"][0]["messages"][0]["inbox_id"] == cast.inbox.id


async def test_a_contact_can_be_introduced_later(api: Program, cast: Cast) -> None:
    await api.post("contacts", {"name": "M"})
    await api.post("contacts", {"name": "N"})
    path = "contacts/1/contact_inboxes"
    known = await api.post(path, {"inbox_id": cast.inbox.id, "source_id": "s"})
    assert (known["source_id"], known["inbox"]["id"]) == ("s", cast.inbox.id)
    taken = await api.call(
        "POST", "contacts/2/contact_inboxes", {"inbox_id": cast.inbox.id, "source_id": "s"}
    )
    assert taken.status_code == 422
    assert taken.json()["attributes"] == ["source_id"]


async def test_a_contact_is_deleted(api: Program) -> None:
    await api.post("contacts", {"name": "M"})
    answer = await api.call("DELETE", "contacts/1")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await api.call("GET", "contacts/1")).status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"phone_number": "12345"}, ["phone_number"]),
        ({"email": "nobody"}, ["email"]),
        ({"email": "nobody", "phone_number": "1"}, ["email", "phone_number"]),
        ({"email": "taken@x.com"}, ["email"]),
        ({"identifier": "taken"}, ["identifier"]),
        ({"identifier": "x" * 256}, ["identifier"]),
        ({"custom_attributes": {"born": "yesterday"}}, ["custom_attributes.born"]),
        ({"custom_attributes": 5}, ["custom_attributes"]),
        ({"name": ["a"]}, ["name"]),
        ({"inbox_id": "one"}, ["inbox_id"]),
        ({"blocked": "perhaps"}, ["blocked"]),
    ],
)
async def test_every_mistake_is_told_at_its_field(
    api: Program, cast: Cast, database: Database, body: dict[str, Any], fields: list[str]
) -> None:
    async with database.transaction() as tx:
        born = AttributeDraft("Born", "born", AttributeKind.DATE, AttributeModel.CONTACT)
        await create_attribute(tx, cast.account.id, born, now=NOW)
    await api.post("contacts", {"email": "taken@x.com", "identifier": "taken"})
    answer = await api.call("POST", "contacts", body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["attributes"] == fields
    assert answer.json()["message"].startswith(f"{fields[0]}: ")


async def test_a_moment_is_the_day_that_it_is_where_the_account_is(
    api: Program, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        for model in AttributeModel:
            due = AttributeDraft("Due", "due", AttributeKind.DATE, model)
            await create_attribute(tx, cast.account.id, due, now=NOW)
    given = {"custom_attributes": {"due": "2026-03-15T02:00:00Z"}}
    made = await api.post("contacts", {"name": "M", "inbox_id": cast.inbox.id, **given})
    contact = made["payload"]["contact"]
    assert contact["custom_attributes"] == {"due": "2026-03-14"}  # in São Paulo
    body = {"inbox_id": cast.inbox.id, "contact_id": contact["id"]}
    opened = await api.post("conversations", body | given)
    assert opened["custom_attributes"] == {"due": "2026-03-14"}
