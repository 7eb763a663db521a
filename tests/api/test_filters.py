"""Filters, labels of contacts, merging: what finds and joins contacts and conversations."""

from typing import Any

import pytest

from recado.accounts.teams import create_team
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.db.database import Database
from tests.api.calling import Program
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

Rows = list[dict[str, Any]]


def row(key: str, operator: str, *values: Any, then: str | None = None) -> dict[str, Any]:
    return {
        "attribute_key": key, "filter_operator": operator, "values": list(values),
        "query_operator": then,
    }  # fmt: skip


@pytest.fixture
async def contacts(database: Database, cast: Cast) -> None:
    """Maria, João without a phone, and somebody of whom only the identifier is known."""
    async with database.transaction() as tx:
        for key, kind in (("plan", AttributeKind.TEXT), ("age", AttributeKind.NUMBER)):
            draft = AttributeDraft(key, key, kind, AttributeModel.CONTACT)
            await create_attribute(tx, cast.account.id, draft, now=NOW)
        await a_contact(tx, cast.account, custom_attributes={"plan": "Gold", "age": 41})
        await a_contact(
            tx, cast.account, name="João", email="joao@example.com", phone_number=None,
            custom_attributes={"age": 7}, additional_attributes={"city": "Recife"},
        )  # fmt: skip
        await a_contact(tx, cast.account, name="", email=None, phone_number=None, identifier="X-1")
        await a_contact(tx, cast.other_account, name="Maria Souza")


@pytest.mark.usefixtures("contacts")
@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], ["", "João", "Maria Souza"]),
        ([row("name", "equal_to", "maria souza")], ["Maria Souza"]),  # ignoring case
        ([row("name", "contains", "JO")], ["João"]),
        ([row("name", "does_not_contain", "jo")], ["", "Maria Souza"]),
        ([row("phone_number", "equal_to", "5511912345678")], ["Maria Souza"]),  # without +
        ([row("phone_number", "equal_to", "+5511912345678")], ["Maria Souza"]),
        ([row("phone_number", "starts_with", "55119")], ["Maria Souza"]),
        ([row("phone_number", "is_not_present")], ["", "João"]),
        ([row("email", "is_present")], ["João", "Maria Souza"]),
        ([row("identifier", "equal_to", "x-1")], [""]),
        ([row("city", "equal_to", "recife")], ["João"]),
        ([row("plan", "equal_to", "gold")], ["Maria Souza"]),
        ([row("plan", "not_equal_to", "gold")], ["", "João"]),
        ([row("age", "is_greater_than", "10")], ["Maria Souza"]),
        ([row("age", "is_less_than", 10)], ["João"]),
        ([row("age", "equal_to", 7, 41)], ["João", "Maria Souza"]),
        ([row("created_at", "is_less_than", "2026-11-24")], ["", "João", "Maria Souza"]),
        ([row("created_at", "is_greater_than", "2026-11-24")], []),
        ([row("created_at", "equal_to", "2026-11-23")], ["", "João", "Maria Souza"]),
        ([row("labels", "equal_to", "vip")], []),
        ([row("name", "equal_to", "João", then="OR"), row("age", "equal_to", 41)],
         ["João", "Maria Souza"]),
        ([row("name", "contains", "o", then="and"), row("age", "equal_to", 41)], ["Maria Souza"]),
        (  # AND binds closer than OR
            [row("identifier", "is_present", then="or"), row("age", "equal_to", 7, then="AND"),
             row("plan", "is_present")],
            [""],
        ),
        ([row("name", "contains", "%")], []),
        ([row("name", "equal_to", "' or 1=1 --")], []),
    ],
)  # fmt: skip
async def test_contacts_are_found_by_conditions(api: Program, rows: Rows, found: list[str]) -> None:
    answer = await api.post("contacts/filter", {"payload": rows})
    assert [one["name"] for one in answer["payload"]] == found
    assert answer["meta"] == {"count": len(found), "current_page": 1}
    assert (await api.post("contacts/filter?page=2", {"payload": rows}))["payload"] == []


@pytest.mark.parametrize(
    "rows",
    [
        "x",
        [1],
        [row("name", "sounds_like", "x")],
        [row("name", "equal_to")],
        [row("no_such_thing", "equal_to", "x")],
        [row("custom_attributes->>'x'", "equal_to", "x")],
        [row("name", "equal_to", "x", then="nil")],
        [row("name", "equal_to", {"a": 1})],
        [row("name", "equal_to", *"x" * 101)],
        [row("created_at", "is_less_than", "yesterday")],
        [row("created_at", "days_before", "-1")],
        [row("name", "is_greater_than", "1")],
        [row("name", "equal_to", "x")] * 51,
    ],
)
async def test_a_filter_that_makes_no_sense_is_refused(api: Program, rows: Any) -> None:
    for path in ("contacts/filter", "conversations/filter"):
        answer = await api.call("POST", path, {"payload": rows})
        assert answer.status_code == 422, (path, answer.text)
        assert isinstance(answer.json()["error"], str)


async def test_conversations_are_found_by_conditions(
    api: Program, agent_api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        team = await create_team(tx, cast.account.id, "sales")
        contact = await a_contact(tx, cast.account)
        for _ in range(3):
            await a_conversation(tx, cast.inbox, contact)
    await api.patch("conversations/1", {"priority": "urgent"})
    await api.post("conversations/2/assignments", {"team_id": team.id})
    await api.post("conversations/2/assignments", {"assignee_id": cast.beto.user_id})
    await api.post("conversations/3/labels", {"labels": ["vip"]})
    await api.post("conversations/3/toggle_status", {"status": "resolved"})
    cases: list[tuple[Rows, list[int]]] = [
        ([row("status", "equal_to", "open")], [1, 2]),
        ([row("status", "equal_to", "all")], [1, 2, 3]),
        ([row("status", "not_equal_to", "open")], [3]),
        ([row("priority", "equal_to", "urgent")], [1]),
        ([row("assignee_id", "equal_to", cast.beto.user_id)], [2]),
        ([row("assignee_id", "is_not_present")], [1, 3]),
        ([row("team_id", "equal_to", {"id": team.id, "name": "sales"})], [2]),
        ([row("labels", "equal_to", "VIP")], [3]),
        ([row("labels", "is_not_present")], [1, 2]),
        ([row("display_id", "contains", "2")], [2]),
        ([row("last_activity_at", "days_before", 3650)], []),
    ]
    for rows, expected in cases:
        answer = await api.post("conversations/filter", {"payload": rows})
        assert sorted(one["id"] for one in answer["payload"]) == expected, rows
        assert answer["meta"]["all_count"] == len(expected)
        assert "data" not in answer
    assert (await agent_api.post("conversations/filter", {"payload": []}))["meta"]["all_count"] == 3


async def test_labels_of_a_contact_are_replaced(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        await a_contact(tx, cast.account)
    assert await api.get("contacts/1/labels") == {"payload": []}
    assert await api.post("contacts/1/labels", {"labels": ["VIP", "b"]}) == {
        "payload": ["b", "vip"]
    }
    assert await api.post("contacts/1/labels", {"labels": ["late"]}) == {"payload": ["late"]}
    found = await api.post("contacts/filter", {"payload": [row("labels", "equal_to", "late")]})
    assert found["meta"]["count"] == 1


async def test_where_a_contact_can_be_written_to(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        contact = await a_contact(tx, cast.account)
    [fresh] = (await api.get("contacts/1/contactable_inboxes"))["payload"]
    assert fresh["inbox"]["id"] == cast.inbox.id
    assert fresh["source_id"]
    async with database.transaction() as tx:
        conversation = await a_conversation(tx, cast.inbox, contact)
    [known] = (await api.get("contacts/1/contactable_inboxes"))["payload"]
    assert known["source_id"] == conversation.contact_inbox.source_id


async def test_two_contacts_become_one(api: Program, cast: Cast, database: Database) -> None:
    async with database.transaction() as tx:
        await a_contact(tx, cast.account, phone_number=None, custom_attributes={"a": "1"})
        other = await a_contact(
            tx, cast.account, name="M", email=None, custom_attributes={"a": "2", "b": "3"}
        )
        await a_message(tx, await a_conversation(tx, cast.inbox, other), "Oi")
    body = {"base_contact_id": "1", "mergee_contact_id": 2}
    kept = await api.post("actions/contact_merge", body)
    assert (kept["id"], kept["name"], kept["phone_number"]) == (1, "Maria Souza", "+5511912345678")
    assert kept["custom_attributes"] == {"a": "1", "b": "3"}
    assert len(kept["contact_inboxes"]) == 1
    assert (await api.call("GET", "contacts/2")).status_code == 404
    shown = await api.get("conversations/1")
    assert shown["meta"]["sender"]["id"] == 1
    assert shown["messages"][0]["sender"]["id"] == 1
    same = {"base_contact_id": 1, "mergee_contact_id": 1}
    assert (await api.call("POST", "actions/contact_merge", same)).status_code == 422
