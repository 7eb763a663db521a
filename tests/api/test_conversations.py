"""Contacts, conversations and messages through the API, in Chatwoot's envelopes."""

from typing import Any

from recado.accounts.teams import create_team
from recado.conversations.starting import introduce
from recado.db.database import Database
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.api.calling import Program
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation, a_message


async def _started(api: Program, cast: Cast, **more: Any) -> Any:
    made = await api.post("contacts", {"name": "Maria Souza", "inbox_id": cast.inbox.id})
    contact = made["payload"]["contact"]
    return await api.post(
        "conversations", {"contact_id": contact["id"], "inbox_id": cast.inbox.id, **more}
    )


async def test_a_conversation_is_started_with_a_first_message(api: Program, cast: Cast) -> None:
    made = await _started(api, cast, message={"content": "Hello"})
    assert (made["id"], made["status"], made["inbox_id"]) == (1, "open", cast.inbox.id)
    assert made["account_id"] == cast.account.id
    assert made["meta"]["sender"]["name"] == "Maria Souza"
    assert made["meta"]["channel"] == "Channel::Api"
    assert made["messages"][0]["content"] == "Hello"
    assert made["messages"][0]["message_type"] == 1
    assert made["messages"][0]["sender"] == {
        "id": cast.ana.user_id, "name": "Ana Lima", "available_name": "Ana Lima", "avatar_url": "",
        "availability_status": "offline", "thumbnail": "", "type": "user",
    }  # fmt: skip
    known = made["last_non_activity_message"]["conversation"]["contact_inbox"]
    assert known["source_id"]
    assert await api.get("conversations/1") == made


async def test_a_conversation_is_found_by_source_id_alone(api: Program, cast: Cast) -> None:
    await api.post("contacts", {"name": "M", "inbox_id": cast.inbox.id, "source_id": "wa:1"})
    made = await api.post("conversations", {"source_id": "wa:1"})
    assert made["meta"]["sender"]["name"] == "M"
    assert (await api.call("POST", "conversations", {"source_id": "wa:2"})).status_code == 404


async def test_times_are_unix_numbers_and_never_is_zero(api: Program, cast: Cast) -> None:
    made = await _started(api, cast)
    assert isinstance(made["created_at"], int)
    assert isinstance(made["updated_at"], float)
    assert made["agent_last_seen_at"] == made["first_reply_created_at"] == 0
    assert made["meta"]["sender"]["last_activity_at"] == 0
    assert made["messages"] == []
    assert made["last_non_activity_message"] is None


async def test_conversations_are_listed_with_counts(api: Program, cast: Cast) -> None:
    await _started(api, cast, assignee_id=str(cast.ana.user_id))
    await _started(api, cast)
    listed = await api.get("conversations")
    assert [one["id"] for one in listed["data"]["payload"]] == [2, 1]
    assert listed["data"]["meta"] == {
        "mine_count": 1, "assigned_count": 1, "unassigned_count": 1, "all_count": 2,
    }  # fmt: skip
    assert await api.get("conversations/meta") == {"meta": listed["data"]["meta"]}


async def test_a_list_is_filtered(api: Program, cast: Cast) -> None:
    await _started(api, cast, assignee_id=cast.ana.user_id)
    await _started(api, cast, status="pending")
    await api.post("conversations/1/labels", {"labels": ["vip"]})
    cases = {
        "": [1],
        "?status=all": [2, 1],
        "?status=pending": [2],
        "?assignee_type=me": [1],
        "?assignee_type=unassigned&status=all": [2],
        "?labels[]=vip&status=all": [1],
        "?labels[0]=other&status=all": [],
        "?inbox_id=0&team_id=0&q=&labels=[null]": [1],  # what n8n sends when left alone
        f"?inbox_id={cast.inbox.id}&status=all&page=2": [],
    }
    for query, expected in cases.items():
        listed = await api.get(f"conversations{query}")
        found = sorted((one["id"] for one in listed["data"]["payload"]), reverse=True)
        assert found == expected, query


async def test_without_a_status_it_flips(api: Program, cast: Cast) -> None:
    await _started(api, cast)
    done = await api.post("conversations/1/toggle_status")
    assert done == {
        "meta": {},
        "payload": {
            "success": True, "conversation_id": 1, "current_status": "resolved",
            "snoozed_until": None,
        },
    }  # fmt: skip
    done = await api.post("conversations/1/toggle_status")
    assert done["payload"]["current_status"] == "open"
    done = await api.post(
        "conversations/1/toggle_status", {"status": "snoozed", "snoozed_until": 1_800_000_000}
    )
    assert done["payload"]["snoozed_until"] == "2027-01-15T08:00:00.000Z"
    done = await api.post("conversations/1/toggle_status")
    assert done["payload"]["current_status"] == "open"


async def test_priority_is_set_and_cleared(api: Program, cast: Cast) -> None:
    await _started(api, cast)
    assert (await api.patch("conversations/1", {"priority": "high"}))["priority"] == "high"
    assert await api.post("conversations/1/toggle_priority", {"priority": "urgent"}) is None
    assert (await api.get("conversations/1"))["priority"] == "urgent"
    await api.post("conversations/1/toggle_priority", {"priority": None})
    assert (await api.get("conversations/1"))["priority"] is None


async def test_labels_are_replaced(api: Program, cast: Cast) -> None:
    await _started(api, cast)
    assert await api.post("conversations/1/labels", {"labels": ["VIP", "order"]}) == {
        "payload": ["order", "vip"]
    }
    await api.post("conversations/1/labels", {"labels": ["late"]})
    assert await api.get("conversations/1/labels") == {"payload": ["late"]}
    assert await api.post("conversations/1/labels", {"labels": []}) == {"payload": []}


async def test_an_assignment_answers_with_the_assignee(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        team = await create_team(tx, cast.account.id, "Sales")
    await _started(api, cast)
    path = "conversations/1/assignments"
    given = await api.post(path, {"assignee_id": str(cast.beto.user_id)})
    assert (given["name"], given["role"]) == ("Beto Reis", "agent")
    assert (await api.get("conversations/1"))["meta"]["assignee"]["id"] == cast.beto.user_id
    assert (await api.post(path, {"assignee_id": "", "team_id": team.id}))["name"] == "sales"
    assert await api.post(path, {"assignee_id": None}) is None
    shown = await api.get("conversations/1")
    assert "assignee" not in shown["meta"]
    assert shown["meta"]["team"]["name"] == "sales"
    stranger = await api.call("POST", path, {"assignee_id": cast.celia.user_id})
    assert stranger.status_code == 404


async def test_custom_attributes_are_replaced(api: Program, cast: Cast) -> None:
    await _started(api, cast, custom_attributes={"order": "1"})
    path = "conversations/1/custom_attributes"
    assert await api.post(path, {"custom_attributes": {"plan": "gold"}}) == {
        "custom_attributes": {"plan": "gold"}
    }
    wrong = await api.call("POST", path, {"custom_attributes": {"n": 10**10, "t": "x" * 1501}})
    assert wrong.status_code == 422
    assert wrong.json()["attributes"] == ["custom_attributes.n", "custom_attributes.t"]


async def test_an_incoming_message_comes_from_the_contact(api: Program, cast: Cast) -> None:
    await _started(api, cast)
    made = await api.post(
        "conversations/1/messages",
        {
            "content": "Hi", "message_type": "incoming", "source_id": "WAID:1", "echo_id": 77,
            "content_attributes": {"in_reply_to": 3},
        },
    )  # fmt: skip
    assert made["message_type"] == 0
    assert made["sender"]["type"] == "contact"
    assert (made["source_id"], made["echo_id"]) == ("WAID:1", "77")
    assert made["content_attributes"] == {"in_reply_to": 3}
    assert (made["conversation_id"], made["private"], made["status"]) == (1, False, "sent")
    assert isinstance(made["created_at"], int)
    assert (await api.get("conversations/1"))["unread_count"] == 1


async def test_a_repeated_echo_id_is_one_message(api: Program, cast: Cast) -> None:
    await _started(api, cast)
    body = {"content": "Hi", "message_type": "incoming", "echo_id": "e1"}
    first = await api.post("conversations/1/messages", body)
    assert await api.post("conversations/1/messages", body) == first
    assert len((await api.get("conversations/1/messages"))["payload"]) == 1


async def test_incoming_messages_are_for_api_inboxes(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        draft = InboxDraft("Web", Channel.WEB_WIDGET, {"website_url": "https://a.example"})
        inbox = await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)
        await a_conversation(tx, inbox, await a_contact(tx, cast.account))
    refused = await api.call(
        "POST", "conversations/1/messages", {"content": "x", "message_type": "incoming"}
    )
    assert refused.status_code == 422
    assert refused.json() == {"error": "Incoming messages are only allowed in Api inboxes"}


async def test_messages_come_oldest_first_by_stretches(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        conversation = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        ids = [(await a_message(tx, conversation, f"m{n}")).id for n in range(25)]
    thread = await api.get("conversations/1/messages")
    assert [one["id"] for one in thread["payload"]] == ids[5:]
    assert thread["meta"]["contact"]["name"] == "Maria Souza"
    assert thread["meta"]["labels"] == []
    before = await api.get(f"conversations/1/messages?before={ids[5]}")
    assert [one["id"] for one in before["payload"]] == ids[:5]
    after = await api.get(f"conversations/1/messages?after={ids[0]}")
    assert [one["id"] for one in after["payload"]] == ids[1:]
    between = await api.get(f"conversations/1/messages?after={ids[0]}&before={ids[3]}")
    assert [one["id"] for one in between["payload"]] == ids[1:3]


async def test_a_message_has_a_length(api: Program, cast: Cast) -> None:
    await _started(api, cast)
    path = "conversations/1/messages"
    assert len((await api.post(path, {"content": "é" * 150_000}))["content"]) == 150_000
    for content in ("x" * 150_001, "", "   ", None):
        assert (await api.call("POST", path, {"content": content})).status_code == 422


async def test_a_private_note_is_private(api: Program, cast: Cast) -> None:
    await _started(api, cast)
    made = await api.post("conversations/1/messages", {"content": "n", "private": "true"})
    assert made["private"] is True


async def test_agents_see_their_inboxes_only(
    api: Program, agent_api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        other = await open_inbox(
            tx, cast.account.id, InboxDraft("VIP", Channel.API), vault=VAULT, now=NOW
        )
        contact = await a_contact(tx, cast.account)
        await a_conversation(tx, cast.inbox, contact)
        await a_conversation(tx, other, contact)
    listed = await agent_api.get("conversations")
    assert [one["id"] for one in listed["data"]["payload"]] == [1]
    assert listed["data"]["meta"]["all_count"] == 1
    of_contact = await agent_api.get(f"contacts/{contact.id}/conversations")
    assert [one["id"] for one in of_contact["payload"]] == [1]
    for path in ("conversations/2", "conversations/2/messages", "conversations/2/labels"):
        assert (await agent_api.call("GET", path)).status_code == 404
    body = {"contact_id": contact.id, "inbox_id": other.id}
    assert (await agent_api.call("POST", "conversations", body)).status_code == 404
    assert (await agent_api.call("GET", f"inboxes/{other.id}")).status_code == 404
    assert len((await api.get("conversations"))["data"]["payload"]) == 2


async def test_a_source_id_is_looked_for_in_the_inboxes_one_sees(
    api: Program, agent_api: Program, stranger_api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        draft = InboxDraft("Closed to Beto", Channel.API)
        inbox = await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)
        contact = await a_contact(tx, cast.account)
        for one in (cast.inbox, inbox):
            await introduce(tx, contact, one, source_id="both", now=NOW)
        await introduce(tx, contact, inbox, source_id="hidden", now=NOW)
    assert (await api.post("conversations", {"source_id": "both"}))["inbox_id"] == cast.inbox.id
    named = {"source_id": "both", "inbox_id": inbox.id}
    assert (await api.post("conversations", named))["inbox_id"] == inbox.id
    assert (await api.post("conversations", {"source_id": "hidden"}))["inbox_id"] == inbox.id
    for body, program in (
        ({"source_id": "hidden"}, agent_api),
        (named, agent_api),
        ({"source_id": "both"}, stranger_api),
        ({"source_id": "both", "contact_id": 2**40}, api),
    ):
        assert (await program.call("POST", "conversations", body)).status_code == 404, body
