"""Real processes and a real receiver: from a message by REST to one POST, and what a kill leaves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Running, end_postgres
from tests.faults.program import ALLOWED, Program, set_up
from tests.receiver import Receiver

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("killed worker")]

TEXT = 'He said "hi"\n😀'
SHORT = {"RECADO_DEADLINE_SECONDS": "3", "RECADO_LEASE_SECONDS": "5"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    end_postgres(tmp_path / "data")


async def test_a_message_by_rest_reaches_another_system_exactly_once(
    folder: Path, receiver: Receiver
) -> None:
    token = await asyncio.to_thread(set_up, folder)
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
    token = await asyncio.to_thread(set_up, folder)
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
