"""Agent bots: what their tokens open, and how a conversation passes from bot to people."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.api.calling import Program
from tests.people import Cast, a_contact
from tests.receiver import Receiver

LIMITS = Limits(concurrency=10, lane_concurrency=5, lease=timedelta(seconds=30))


@pytest.fixture
async def bot(api: Program, cast: Cast, receiver: Receiver, database: Database) -> Program:
    """A bot in the inbox, with its token; Maria is a contact."""
    async with database.transaction() as tx:
        await a_contact(tx, cast.account)
    body = {"agent_bot": {"name": "Greeter", "outgoing_url": f"{receiver.url}/bot"}}
    made = await api.post("agent_bots", body)
    await api.post(f"inboxes/{cast.inbox.id}/set_agent_bot", {"agent_bot": made["id"]})
    assert await api.get(f"inboxes/{cast.inbox.id}/agent_bot") == {"agent_bot": made}
    return Program(api.browser, made["access_token"], api.account_id)


async def started(api: Program, cast: Cast) -> Any:
    return await api.post("conversations", {"contact_id": 1, "inbox_id": cast.inbox.id})


async def test_a_bot_answers_first_and_hands_over(api: Program, bot: Program, cast: Cast) -> None:
    assert (await started(api, cast))["status"] == "pending"
    said = await bot.post("conversations/1/messages", {"content": "Hi, I am a bot"})
    assert said["sender"] == {"type": "agent_bot", "id": 1, "name": "Greeter", "avatar_url": ""}
    await bot.post("conversations/1/toggle_typing_status", {"typing_status": "on"})
    await bot.post("conversations/1/custom_attributes", {"custom_attributes": {"order": "1"}})
    await bot.post("conversations/1/toggle_priority", {"priority": "high"})
    await bot.post("conversations/1/assignments", {"assignee_id": cast.beto.user_id})
    handed = await bot.post("conversations/1/toggle_status", {"status": "open"})
    assert handed["payload"]["current_status"] == "open"
    lines = [one["content"] for one in (await api.get("conversations/1/messages"))["payload"]]
    assert "Greeter opened the conversation." in lines
    await api.post("conversations/1/toggle_status", {"status": "resolved"})
    await api.post("conversations/1/messages", {"content": "x", "message_type": "incoming"})
    assert (await api.get("conversations/1"))["status"] == "pending"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "conversations"), ("GET", "contacts"), ("GET", "agents"), ("POST", "webhooks"),
        ("GET", "agent_bots"), ("DELETE", "contacts/1"), ("GET", "conversations/1/messages"),
    ],
)  # fmt: skip
async def test_a_bots_token_opens_nothing_else(bot: Program, method: str, path: str) -> None:
    answer = await bot.call(method, path)
    assert answer.status_code == 401
    assert answer.json() == {"error": "You are not authorized to do this action"}


async def test_a_bots_token_opens_no_other_account(
    bot: Program, stranger_api: Program, api: Program
) -> None:
    intruder = Program(bot.browser, bot.token, stranger_api.account_id)
    answer = await intruder.call("POST", "conversations/1/messages", {"content": "x"})
    assert answer.status_code == 401
    fresh = await api.post("agent_bots/1/reset_access_token")
    assert fresh["access_token"] != bot.token
    assert (await bot.call("POST", "conversations/1/messages", {})).status_code == 401


async def test_a_bot_that_is_not_there_leaves_the_conversation_to_people(
    api: Program, bot: Program, cast: Cast, database: Database, outbound: Outbound,
    receiver: Receiver,
) -> None:  # fmt: skip
    await started(api, cast)
    await api.post("conversations/1/messages", {"content": "Oi", "message_type": "incoming"})
    receiver.answer(404)  # an end at once: tried no more
    stop = asyncio.Event()
    worker = asyncio.create_task(work(database, outbound, LIMITS, stop))
    async with asyncio.timeout(30):
        while True:
            if (await api.get("conversations/1"))["status"] == "open":
                break
            await asyncio.sleep(0.1)
    stop.set()
    await worker
    told = orjson.loads(receiver.received[0].body)
    assert (told["event"], told["message_type"]) == ("message_created", "incoming")
    assert told["account"]["id"] == api.account_id


async def test_a_bot_without_a_name_is_refused(api: Program) -> None:
    for body, wrong in (({}, "name"), ({"name": "a", "outgoing_url": "x"}, "outgoing_url")):
        answer = await api.call("POST", "agent_bots", body)
        assert (answer.status_code, answer.json()["attributes"]) == (422, [wrong])
