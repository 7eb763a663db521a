"""The whole of it, with real processes: a Chatwoot, Recado beside it, and a CRM that a rule calls."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.processes import Running, end_postgres
from tests.faults.ready import copy_what_is_set_up, fork_recado
from tests.receiver import Receiver
from tests.standin.server import TOKEN, StandIn

LOCAL = {"RECADO_ALLOWED_NETWORKS": "127.0.0.0/8"}


def what_is_done(crm: str) -> dict[str, Any]:
    """A file for `recado rules apply`: whoever asks for help is told to the CRM, and labelled."""
    row = {"attribute_key": "content", "filter_operator": "contains", "values": ["help"],
           "query_operator": None, "custom_attribute_type": ""}  # fmt: skip
    return {
        "custom_actions": [{
            "name": "CRM", "method": "POST", "url": f"{crm}/contacts", "state": "active",
            "headers": [], "body": '{"email": "{{ contact.email }}"}',
        }],
        "automation_rules": [{
            "name": "Help", "event_name": "message_created", "conditions": [row], "active": True,
            "actions": [
                {"action_name": "send_custom_action", "action_params": ["CRM"]},
                {"action_name": "add_label", "action_params": ["vip"]},
            ],
        }],
    }  # fmt: skip


@pytest.mark.faults
@pytest.mark.timeout(600)  # six processes, on machines that do much else
async def test_what_is_said_while_recado_is_dead_still_calls_the_crm(
    chatwoot: StandIn, receiver: Receiver, tmp_path: Path
) -> None:
    home, file = tmp_path / "data", tmp_path / "rules.json"
    inbox = chatwoot.desk.add_inbox("Zap", "Channel::Whatsapp")
    chatwoot.desk.add_label("vip")
    maria = chatwoot.desk.add_contact("Maria", inbox, email="maria@example.com")
    file.write_text(json.dumps(what_is_done(receiver.url)))
    try:
        copy_what_is_set_up(home)
        with Running(home, "up", **LOCAL) as server:
            await asyncio.to_thread(server.until_ready)
            address = {"RECADO_PUBLIC_URL": f"http://127.0.0.1:{server.port}"}
            order = ("connect", "chatwoot", "--url", chatwoot.url, "--token", TOKEN)
            told = await _run(home, *order, **LOCAL, **address)
            assert "Connected to Loja Antiga" in told
            await _until(chatwoot, "/labels")  # it reads what the desk is set up with
            await _applied(home, file)
            conversation = chatwoot.begin(maria, inbox)
            chatwoot.contact_writes(conversation, "help!")
            await receiver.wait_for(1, timeout=100)
            server.kill()
        chatwoot.contact_writes(conversation, "help, again!")  # to nobody
        await chatwoot.settled()
        assert chatwoot.told[-1] == ("message_created", 0)
        with Running(home, "up", name="again", **LOCAL) as server:
            called = await receiver.wait_for(2, timeout=100)
            assert [one.json for one in called] == [{"email": "maria@example.com"}] * 2
            assert "Removed" in await _run(home, "connect", "remove", **LOCAL)
            assert chatwoot.desk.webhooks == []
            assert await asyncio.to_thread(server.stop) == 0
        assert conversation["labels"] == ["vip"]
    finally:
        end_postgres(home)


async def _run(home: Path, *order: str, **values: str) -> str:
    done = await asyncio.to_thread(fork_recado, home, *order, **values)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def _applied(home: Path, file: Path) -> None:
    """The rule names a label, which is there as soon as the first look has been written down."""
    async with asyncio.timeout(100):
        while True:
            order = ("rules", "apply", "--file", str(file))
            done = await asyncio.to_thread(fork_recado, home, *order)
            if done.returncode == 0:
                return
            assert "refuse" in done.stdout, done.stderr


async def _until(chatwoot: StandIn, part: str) -> None:
    async with asyncio.timeout(100):
        while not chatwoot.gets(part):  # noqa: ASYNC110 - another process asks
            await asyncio.sleep(0.05)
