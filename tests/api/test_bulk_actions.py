"""Many conversations or contacts in one request: all or none, and only what one may."""

from typing import Any

import pytest

from recado.contacts.labels import create_label
from recado.db.database import Database
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation


@pytest.fixture
async def chats(database: Database, cast: Cast) -> None:
    """Conversations 1 and 2 in the inbox where Beto answers, 3 in one where he does not."""
    async with database.transaction() as tx:
        maria = await a_contact(tx, cast.account)
        first = await a_conversation(tx, cast.inbox, maria)
        first.labels = ["old", "vip"]
        await a_conversation(tx, cast.inbox, maria)
        draft = InboxDraft("Elsewhere", Channel.API)
        elsewhere = await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)
        await a_conversation(tx, elsewhere, maria)
        await create_label(tx, cast.account.id, "vip")


async def ticked(api: Program, ids: list[Any], **more: Any) -> Any:
    return await api.call("POST", "bulk_actions", {"type": "Conversation", "ids": ids, **more})


async def field_of(api: Program, number: int, name: str) -> Any:
    return (await api.get(f"conversations/{number}"))[name]


@pytest.mark.usefixtures("chats")
async def test_labels_are_added_and_removed_one_by_one(api: Program) -> None:
    answer = await ticked(api, [1, "2"], labels={"add": ["New "], "remove": ["old"]})
    assert (answer.status_code, answer.content) == (200, b"")
    assert await field_of(api, 1, "labels") == ["new", "vip"]
    assert await field_of(api, 2, "labels") == ["new"]


@pytest.mark.usefixtures("chats")
@pytest.mark.parametrize(
    ("fields", "then"),
    [
        ({"status": "resolved"}, ("resolved", 1)),
        ({"assignee_id": 2}, ("open", 2)),
        ({"assignee_id": "2", "status": "pending"}, ("pending", 2)),
        ({"assignee_id": 0}, ("open", None)),  # nobody
        ({"assignee_id": None}, ("open", 1)),  # stays
        ({}, ("open", 1)),
    ],
)
async def test_fields_are_set(api: Program, fields: Any, then: tuple[str, int | None]) -> None:
    await ticked(api, [1], fields={"assignee_id": 1})
    assert (await ticked(api, [1], fields=fields)).status_code == 200
    one = await api.get("conversations/1")
    assignee = one["meta"].get("assignee")
    assert (one["status"], assignee and assignee["id"]) == then


@pytest.mark.usefixtures("chats")
async def test_a_snooze_has_its_end(api: Program) -> None:
    until = {"status": "snoozed"}
    await ticked(api, [1], fields=until, snoozed_until=1_900_000_000)
    one = await api.get("conversations/1")
    assert (one["status"], one["snoozed_until"]) == ("snoozed", "2030-03-17T17:46:40.000Z")


@pytest.mark.usefixtures("chats")
async def test_an_agent_changes_only_what_they_see(
    api: Program, visitor: Browser, cast: Cast
) -> None:
    _, beto, _ = programs(visitor, cast)
    assert (await ticked(beto, [1, 3, 99], fields={"status": "resolved"})).status_code == 200
    assert await field_of(api, 1, "status") == "resolved"
    assert await field_of(api, 3, "status") == "open"


@pytest.mark.usefixtures("chats")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ids": [1]}, 422),  # of what?
        ({"type": "Message", "ids": [1]}, 422),
        ({"type": "Conversation"}, 422),
        ({"type": "Conversation", "ids": []}, 422),
        ({"type": "Conversation", "ids": list(range(1, 102))}, 422),
        ({"type": "Conversation", "ids": ["one"]}, 422),
        ({"type": "Conversation", "ids": [1], "fields": {"status": "gone"}}, 422),
        ({"type": "Conversation", "ids": [1], "fields": {"status": "resolved", "assignee_id": 3}}, 404),
        ({"type": "Conversation", "ids": [1], "fields": {"status": "resolved", "team_id": 99}}, 422),
        ({"type": "Conversation", "ids": [1], "labels": {"add": ["x" * 300]}}, 422),
        ({"type": "Conversation", "ids": [1], "fields": "all"}, 422),
    ],
)  # fmt: skip
async def test_what_is_wrong_changes_nothing(api: Program, body: Any, status: int) -> None:
    answer = await api.call("POST", "bulk_actions", body)
    assert answer.status_code == status, answer.text
    one = await api.get("conversations/1")
    assert (one["status"], one["labels"]) == ("open", ["old", "vip"])


@pytest.mark.usefixtures("chats")
async def test_contacts_are_labelled_and_only_administrators_delete_them(
    api: Program, visitor: Browser, cast: Cast
) -> None:
    _, beto, _ = programs(visitor, cast)
    many = {"type": "Contact", "ids": [1, 99]}
    await beto.post("bulk_actions", {**many, "labels": {"add": ["vip"]}})
    assert (await api.get("contacts/1/labels"))["payload"] == ["vip"]
    deleting = {**many, "action_name": "delete"}
    assert (await beto.call("POST", "bulk_actions", deleting)).status_code == 401
    assert (await api.call("GET", "contacts/1")).status_code == 200
    await api.post("bulk_actions", deleting)
    assert (await api.call("GET", "contacts/1")).status_code == 404


@pytest.mark.usefixtures("chats")
async def test_who_follows_a_conversation_finds_it_among_theirs(
    api: Program, visitor: Browser, cast: Cast
) -> None:
    _, beto, _ = programs(visitor, cast)
    theirs = "conversations?conversation_type=participating&status=all"
    assert (await beto.get(theirs))["data"]["payload"] == []
    await api.post("conversations/2/participants", {"user_ids": [2]})
    await ticked(api, [1], fields={"assignee_id": 2})
    found = (await beto.get(theirs))["data"]["payload"]
    assert {one["id"] for one in found} == {1, 2}


@pytest.mark.usefixtures("chats")
@pytest.mark.parametrize("ids", [[3], [99], [2, 99]])  # Célia, nobody, and one of both
@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_only_who_sees_the_inbox_follows(api: Program, method: str, ids: list[int]) -> None:
    answer = await api.call(method, "conversations/1/participants", {"user_ids": ids})
    assert (answer.status_code, answer.json()["attributes"]) == (422, ["user_ids"])
    assert await api.get("conversations/1/participants") == []
    elsewhere = await api.call(method, "conversations/3/participants", {"user_ids": [2]})
    assert elsewhere.status_code == 422


@pytest.mark.usefixtures("chats")
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_nobody_named_is_told(api: Program, method: str) -> None:
    answer = await api.call(method, "conversations/1/participants", {})
    assert (answer.status_code, answer.json()["attributes"]) == (422, ["user_ids"])
