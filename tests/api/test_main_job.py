"""The main job by REST alone: a message arrives, a rule matches, another system hears of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import orjson
import pytest

from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.worker.sending import Limits
from recado.worker.working import work
from tests.api.calling import Program
from tests.receiver import Receiver

LIMITS = Limits(concurrency=10, lane_concurrency=5, lease=timedelta(seconds=30))
TEXT = 'He said "hi"\n😀'


@asynccontextmanager
async def a_worker(database: Database, outbound: Outbound) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = asyncio.create_task(work(database, outbound, LIMITS, stop))
    yield
    stop.set()
    await worker


@pytest.fixture
async def configured(api: Program, receiver: Receiver) -> dict[str, int]:
    """A custom action, a rule that sends it, an inbox, a contact and a conversation."""
    action = await api.post(
        "custom_actions",
        {
            "name": "CRM", "method": "POST", "url": receiver.url + "/c/{{ contact.id }}",
            "headers": [{"name": "X-Key", "value": "s3cret-of-acme", "secret": True}],
            "body_kind": "json", "body": '{"text": "{{ message.content }}"}', "state": "active",
        },
    )  # fmt: skip
    rule = await api.post(
        "automation_rules",
        {
            "name": "Tell the CRM", "event_name": "message_created",
            "conditions": [
                {
                    "attribute_key": "message_type", "filter_operator": "equal_to",
                    "values": ["incoming"], "query_operator": None,
                }
            ],
            "actions": [{"action_name": "send_custom_action", "action_params": [action["id"]]}],
        },
    )  # fmt: skip
    inbox = await api.post("inboxes", {"name": "Site", "channel": {"type": "api"}})
    made = await api.post("contacts", {"name": "John Doe", "inbox_id": inbox["id"]})
    contact = made["payload"]["contact"]
    conversation = await api.post(
        "conversations", {"contact_id": contact["id"], "inbox_id": inbox["id"]}
    )
    return {
        "action": action["id"], "rule": rule["id"], "contact": contact["id"],
        "conversation": conversation["id"],
    }  # fmt: skip


async def test_a_message_by_rest_becomes_exactly_one_valid_post(
    api: Program,
    configured: dict[str, int],
    receiver: Receiver,
    database: Database,
    outbound: Outbound,
) -> None:
    async with a_worker(database, outbound):
        path = f"conversations/{configured['conversation']}/messages"
        await api.post(path, {"content": TEXT, "message_type": "incoming"})
        await receiver.wait_for(1)
        await asyncio.sleep(0.3)
    [received] = receiver.received
    assert received.method == "POST"
    assert received.path == f"/c/{configured['contact']}"
    assert orjson.loads(received.body) == {"text": TEXT}
    assert received.headers["x-key"] == "s3cret-of-acme"
    listed = await api.get(f"deliveries?custom_action_id={configured['action']}")
    [delivery] = listed["payload"]
    assert delivery["state"] == "delivered"
    assert delivery["rule_id"] == configured["rule"]
    assert delivery["conversation_id"] == configured["conversation"]
    assert delivery["webhook_id"] == received.headers["webhook-id"]
    [attempt] = delivery["attempts"]
    assert (attempt["number"], attempt["status"], attempt["trouble"]) == (1, 200, None)
    assert "s3cret-of-acme" not in orjson.dumps(listed).decode()


async def test_the_verdict_says_why_the_rule_fired(
    api: Program,
    configured: dict[str, int],
    receiver: Receiver,
    database: Database,
    outbound: Outbound,
) -> None:
    async with a_worker(database, outbound):
        path = f"conversations/{configured['conversation']}/messages"
        await api.post(path, {"content": "x", "message_type": "incoming"})
        await receiver.wait_for(1)
    listed = await api.get(f"rule_verdicts?rule_id={configured['rule']}&conversation_id=1")
    [verdict] = listed["payload"]
    assert (verdict["result"], verdict["event_name"]) == ("matched", "message_created")
    assert verdict["conditions"][0]["actual"] == "incoming"
    assert verdict["actions"][0]["action_name"] == "send_custom_action"
    assert listed["meta"] == {"next_cursor": None}
    assert (await api.get("rule_verdicts?result=error"))["payload"] == []
