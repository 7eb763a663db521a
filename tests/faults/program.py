"""A program that calls the REST interface of a running Recado, and how one is set up for it."""

import asyncio
import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.processes import SETUP, Running
from tests.faults.ready import copy_what_is_set_up, fork_recado

ALLOWED = {"RECADO_ALLOWED_NETWORKS": "127.0.0.1/32"}
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

    def configure(self, url: str, *, headers: Sequence[Mapping[str, object]] = ()) -> int:
        """An action, a rule that sends it, an inbox, a contact; the number of their conversation."""
        action = self.call(
            "POST", "custom_actions",
            {"name": "CRM", "method": "POST", "url": url, "headers": list(headers),
             "body_kind": "json", "body": '{"text": "{{ message.content }}"}', "state": "active"},
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

    def deliveries(self) -> list[dict[str, Any]]:
        """All of them, newest first, with their attempts."""
        return list(self.call("GET", "deliveries")["payload"])

    async def ended(self) -> dict[str, Any]:
        """The only delivery, as soon as it has ended."""
        while True:
            found = await asyncio.to_thread(self.deliveries)
            assert len(found) < 2
            if found and found[0]["finished_at"]:
                return dict(found[0])
            await asyncio.sleep(0.1)


def set_up(folder: Path, **values: str) -> str:
    """Make an account in this data folder; the token of its administrator."""
    if not values:
        return copy_what_is_set_up(folder)
    done = fork_recado(folder, *SETUP, **values)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout.splitlines()[-1])["token"])
