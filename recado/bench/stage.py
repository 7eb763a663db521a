"""What the benchmarks need in an account: hosts, their actions and rules, and conversations."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from recado.bench.desk import BenchFailed, Desk

BODY_BYTES: Final = 600
CONVERSATIONS: Final = 50
_TEMPLATE: Final = (
    '{"sent": "{{ message.content | split: " " | first }}", "host": "%(host)s",'
    ' "number": "{{ message.content | split: " " | last }}",'
    ' "contact": {"name": "{{ contact.name }}", "email": "{{ contact.email }}"},'
    ' "conversation": {{ conversation.id }}, "status": "{{ conversation.status }}",'
    ' "inbox": "{{ inbox.name }}", "filler": "%(filler)s"}'
)


@dataclass
class Stage:
    """An inbox with its conversations; messages are numbered."""

    desk: Desk
    inbox_id: int = 0
    conversations: list[int] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    posted: int = 0

    async def post(self, host: str) -> None:
        """Post a message that the rule of this host answers."""
        number = next(self.numbers)
        path = f"conversations/{self.conversations[number % len(self.conversations)]}/messages"
        text = f"{time.monotonic():.6f} {host} {number}"
        message = {"content": text, "message_type": "incoming", "echo_id": f"bench-{number}"}
        while not await self._is_acknowledged(path, message):  # noqa: ASYNC110 - it asks again
            await asyncio.sleep(0.1)
        self.posted += 1

    async def _is_acknowledged(self, path: str, message: dict[str, str]) -> bool:
        """Clients ask again after a 503; the `echo_id` keeps it one message."""
        status, told = await self.desk.call(path, message)
        if status not in {200, 503}:
            raise BenchFailed(f"A message was answered {status}: {told[:200]!r}")
        return status == 200


async def set_stage(desk: Desk) -> Stage:
    """Open an inbox with some conversations."""
    inbox = await desk.create("inboxes", {"name": "Bench", "channel": {"type": "api"}})
    stage = Stage(desk, inbox["id"])
    for number in range(CONVERSATIONS):
        stage.conversations.append(await _conversation(desk, inbox["id"], number))
    return stage


async def _conversation(desk: Desk, inbox_id: int, number: int) -> int:
    """One of a contact of its own."""
    person = {"name": f"Maria {number}", "email": f"m{number}@b.example", "inbox_id": inbox_id}
    made = await desk.create("contacts", person)
    who = {"contact_id": made["payload"]["contact"]["id"], "inbox_id": inbox_id}
    return int((await desk.create("conversations", who))["id"])


async def add_host(desk: Desk, name: str, url: str) -> None:
    """An action that calls the host, and the rule with three conditions that sends it."""
    filler = "x" * (BODY_BYTES - 250)
    action = await desk.create(
        "custom_actions",
        {
            "name": name, "method": "POST", "url": f"{url}/{name}", "body_kind": "json",
            "body": _TEMPLATE % {"host": name, "filler": filler}, "state": "active",
        },
    )  # fmt: skip
    await add_rule(desk, name, action["id"])


async def add_rule(desk: Desk, word: str, action_id: int) -> None:
    """A rule with three conditions: incoming, open, and the word is in the message."""
    conditions = [
        _row("message_type", "equal_to", "incoming", "and"),
        _row("status", "equal_to", "open", "and"),
        _row("content", "contains", f" {word} ", None),
    ]
    effects = [{"action_name": "send_custom_action", "action_params": [action_id]}]
    rule = {"name": word, "event_name": "message_created", "conditions": conditions}
    await desk.create("automation_rules", rule | {"actions": effects})


def _row(key: str, operator: str, value: str, then: str | None) -> dict[str, Any]:
    return {
        "attribute_key": key, "filter_operator": operator, "values": [value],
        "query_operator": then,
    }  # fmt: skip


async def post_steadily(stage: Stage, hosts: list[str], *, rate: float, seconds: float) -> None:
    """An open loop: so many messages a second, to the hosts in turn, whatever the answers take."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
            group.create_task(stage.post(hosts[number % len(hosts)]))


async def post_flat_out(stage: Stage, host: str, *, clients: int, seconds: float) -> list[float]:
    """A closed loop: each client posts its next message when the last one was answered; the seconds
    that each took.
    """
    end = time.monotonic() + seconds
    times: list[float] = []

    async def client() -> None:
        while (began := time.monotonic()) < end:
            await stage.post(host)
            times.append(time.monotonic() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(client())
    return times
