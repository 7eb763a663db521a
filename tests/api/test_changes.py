"""What happens to conversations and messages afterwards, and what an account's people keep."""

from typing import Any

import pytest

from recado.conversations.models import Conversation
from recado.db.database import Database
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.api.calling import Program
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation, a_message


@pytest.fixture
async def chat(database: Database, cast: Cast) -> Conversation:
    """A conversation with one message of its contact."""
    async with database.transaction() as tx:
        conversation = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, conversation, "Hello")
    return conversation


async def test_a_deleted_message_stays_and_says_so(api: Program, chat: Conversation) -> None:
    assert await api.call("DELETE", "conversations/1/messages/1") is not None
    [kept] = (await api.get("conversations/1/messages"))["payload"]
    assert kept["content"] == "This message was deleted."
    assert kept["content_attributes"]["deleted"] is True
    assert (await api.call("DELETE", "conversations/1/messages/99")).status_code == 404


async def test_whoever_delivers_says_how_far_a_message_has_come(
    api: Program, chat: Conversation
) -> None:
    path = "conversations/1/messages/1"
    failed = await api.patch(path, {"status": "failed", "external_error": "No such number"})
    assert (failed["status"], failed["content_attributes"]) == (
        "failed", {"external_error": "No such number"},
    )  # fmt: skip
    read = await api.patch(path, {"status": "read"})
    assert (read["status"], read["content_attributes"]) == ("read", {})
    assert (await api.call("PATCH", path, {"status": "lost"})).status_code == 422


async def test_in_a_web_inbox_nobody_else_delivers(
    api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        draft = InboxDraft("Web", Channel.WEB_WIDGET, {"website_url": "https://a.example"})
        inbox = await open_inbox(tx, cast.account.id, draft, vault=VAULT, now=NOW)
        conversation = await a_conversation(tx, inbox, await a_contact(tx, cast.account))
        await a_message(tx, conversation)
    answer = await api.call("PATCH", "conversations/1/messages/1", {"status": "read"})
    assert answer.status_code == 403


async def test_a_conversation_is_seen_and_unread_again(api: Program, chat: Conversation) -> None:
    assert (await api.get("conversations/1"))["unread_count"] == 1
    assert (await api.post("conversations/1/update_last_seen"))["unread_count"] == 0
    assert (await api.post("conversations/1/unread"))["unread_count"] == 1


async def test_a_muted_conversation_stays_resolved(api: Program, chat: Conversation) -> None:
    assert await api.post("conversations/1/mute") is None
    await api.post("conversations/1/messages", {"content": "x", "message_type": "incoming"})
    muted = await api.get("conversations/1")
    assert (muted["muted"], muted["status"]) == (True, "resolved")
    await api.post("conversations/1/unmute")
    await api.post("conversations/1/messages", {"content": "x", "message_type": "incoming"})
    assert (await api.get("conversations/1"))["status"] == "open"


async def test_typing_is_on_or_off(api: Program, chat: Conversation) -> None:
    path = "conversations/1/toggle_typing_status"
    for status in ("on", "off"):
        assert await api.post(path, {"typing_status": status, "is_private": "false"}) is None
    assert (await api.call("POST", path, {"typing_status": "maybe"})).status_code == 422


@pytest.mark.parametrize("wrapped", [True, False])
async def test_canned_responses_come_bare_and_are_searched(api: Program, wrapped: bool) -> None:
    body: Any = {"short_code": "Oi", "content": "Olá, tudo bem?"}
    made = await api.post("canned_responses", {"canned_response": body} if wrapped else body)
    assert (made["short_code"], made["content"]) == ("Oi", "Olá, tudo bem?")
    assert made["created_at"].endswith("Z")
    assert await api.get("canned_responses?search=TUDO") == [made]
    assert await api.get("canned_responses?search=100%") == []
    changed = await api.patch(f"canned_responses/{made['id']}", {"content": "Bom dia"})
    assert (changed["short_code"], changed["content"]) == ("Oi", "Bom dia")
    again = await api.call("POST", "canned_responses", body)
    assert (again.status_code, again.json()["attributes"]) == (422, ["short_code"])
    assert (await api.call("DELETE", f"canned_responses/{made['id']}")).content == b""
    assert await api.get("canned_responses") == []


async def test_filters_belong_to_one_person(api: Program, agent_api: Program) -> None:
    query = {"payload": [{"attribute_key": "status", "values": ["open"]}]}
    body = {"custom_filter": {"name": "Mine", "filter_type": 1, "query": query}}
    made = await api.post("custom_filters", body)
    assert (made["filter_type"], made["query"]) == ("contact", query)
    assert await api.get("custom_filters?filter_type=contact") == [made]
    assert await api.get("custom_filters?filter_type=0") == []
    assert await agent_api.get("custom_filters") == []
    path = f"custom_filters/{made['id']}"
    assert (await agent_api.call("GET", path)).status_code == 404
    assert (await api.patch(path, {"name": "Renamed"}))["query"] == query
    assert (await api.call("POST", "custom_filters", {"name": ""})).status_code == 422
    gone = await api.call("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")


async def test_agents_change_and_leave(api: Program, agent_api: Program, cast: Cast) -> None:
    path = f"agents/{cast.beto.user_id}"
    assert (await api.get(path))["role"] == "agent"
    changed = await api.patch(path, {"agent": {"role": "administrator", "name": "Beto R."}})
    assert (changed["role"], changed["name"]) == ("administrator", "Beto R.")
    await agent_api.patch(f"agents/{cast.ana.user_id}", {"role": "agent"})
    last = await agent_api.call("PATCH", path, {"role": "agent"})
    assert (last.status_code, last.json()["attributes"]) == (422, ["role"])
    assert (await agent_api.call("DELETE", f"agents/{cast.ana.user_id}")).content == b""
    assert (await agent_api.call("DELETE", path)).status_code == 422
    assert (await api.call("GET", "agents")).status_code == 404
