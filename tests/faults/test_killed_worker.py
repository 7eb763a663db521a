"""Real processes and a real receiver: from a message by REST to one POST, and what a kill leaves."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.processes import SETUP, Running, end_postgres, recado
from tests.receiver import Receiver

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("killed worker")]

TEXT = 'He said "hi"\n😀'
ALLOWED = {"RECADO_ALLOWED_NETWORKS": "127.0.0.1/32"}
SHORT = {"RECADO_DEADLINE_SECONDS": "3", "RECADO_LEASE_SECONDS": "5"}
_INCOMING = {
    "attribute_key": "message_type", "filter_operator": "equal_to",
    "values": ["incoming"], "query_operator": None,
}  # fmt: skip


@dataclass(frozen=True)
class Program:
    """Calls the REST interface of a running server."""

    server: Running
    token: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        headers = {"api_access_token": self.token, "content-type": "application/json"}
        connection.request(method, f"/api/v1/accounts/1/{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        assert answer.status == 200, told
        return told

    def configure(self, url: str) -> int:
        """An action, a rule that sends it, an inbox, a contact; the number of their conversation."""
        action = self.call(
            "POST", "custom_actions",
            {"name": "CRM", "method": "POST", "url": url, "body_kind": "json",
             "body": '{"text": "{{ message.content }}"}', "state": "active"},
        )  # fmt: skip
        send = {"action_name": "send_custom_action", "action_params": [action["id"]]}
        self.call(
            "POST", "automation_rules",
            {"name": "Tell the CRM", "event_name": "message_created",
             "conditions": [_INCOMING], "actions": [send]},
        )  # fmt: skip
        inbox = self.call("POST", "inboxes", {"name": "Site", "channel": {"type": "api"}})
        made = self.call("POST", "contacts", {"name": "John Doe", "inbox_id": inbox["id"]})
        whose = {"contact_id": made["payload"]["contact"]["id"], "inbox_id": inbox["id"]}
        return int(self.call("POST", "conversations", whose)["id"])

    def say(self, conversation: int, content: str) -> None:
        message = {"content": content, "message_type": "incoming"}
        self.call("POST", f"conversations/{conversation}/messages", message)

    async def ended(self) -> dict[str, Any]:
        """The only delivery, as soon as it has ended."""
        while True:
            found = (await asyncio.to_thread(self.call, "GET", "deliveries"))["payload"]
            assert len(found) < 2
            if found and found[0]["finished_at"]:
                return dict(found[0])
            await asyncio.sleep(0.1)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    end_postgres(tmp_path / "data")


def _set_up(folder: Path) -> str:
    done = recado(folder, *SETUP)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout.splitlines()[-1])["token"])


async def test_a_message_by_rest_reaches_another_system_exactly_once(
    folder: Path, receiver: Receiver
) -> None:
    token = await asyncio.to_thread(_set_up, folder)
    with Running(folder, "up", **ALLOWED) as server:
        await asyncio.to_thread(server.until_ready)
        program = Program(server, token)
        number = await asyncio.to_thread(program.configure, receiver.url + "/crm")
        await asyncio.to_thread(program.say, number, TEXT)
        delivery = await program.ended()
        assert await asyncio.to_thread(server.stop) == 0
    [received] = receiver.received
    assert (received.method, received.path) == ("POST", "/crm")
    assert received.json == {"text": TEXT}
    assert delivery["state"] == "delivered"
    assert [one["status"] for one in delivery["attempts"]] == [200]
    assert delivery["webhook_id"] == received.headers["webhook-id"]


async def test_a_worker_killed_before_it_records_is_made_good(
    folder: Path, receiver: Receiver
) -> None:
    token = await asyncio.to_thread(_set_up, folder)
    with Running(folder, "web", **ALLOWED, **SHORT) as web:
        await asyncio.to_thread(web.until_ready)
        program = Program(web, token)
        number = await asyncio.to_thread(program.configure, receiver.url + "/crm")
        receiver.answer_once(200, delay=3.0)  # the killed worker never hears it
        with Running(folder, "worker", name="first", **ALLOWED, **SHORT) as first:
            await asyncio.to_thread(first.until_ready)
            await asyncio.to_thread(program.say, number, TEXT)
            await receiver.wait_for(1, timeout=60)
            first.kill()
        with Running(folder, "worker", name="second", **ALLOWED, **SHORT) as second:
            delivery = await program.ended()
            assert await asyncio.to_thread(second.stop) == 0
        assert await asyncio.to_thread(web.stop) == 0
    assert [one.json for one in receiver.received] == [{"text": TEXT}] * 2
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    assert delivery["state"] == "delivered"
    assert [(one["status"], one["trouble"]) for one in delivery["attempts"]] == [
        (None, "interrupted"),
        (200, None),
    ]
