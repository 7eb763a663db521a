"""SIGTERM, and a key that is changed: real processes, a real receiver, nothing lost on the way."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recado.worker.sending import FINISH_SECONDS
from tests.faults.processes import Running, end_postgres
from tests.faults.program import ALLOWED, Program, set_up
from tests.faults.ready import fork_recado
from tests.receiver import Receiver

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stopping worker")]

TWO_AT_ONCE = {
    "RECADO_CONCURRENCY": "2", "RECADO_DEADLINE_SECONDS": "40", "RECADO_LEASE_SECONDS": "50",
}  # fmt: skip
OLD, NEW = "o" * 40, "n" * 40
SECRET = "s3cret-of-the-crm"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    end_postgres(tmp_path / "data")


async def test_a_worker_told_to_stop_ends_what_it_can_and_gives_back_the_rest(
    folder: Path, receiver: Receiver, record_property: Callable[[str, object], None]
) -> None:
    token = await asyncio.to_thread(set_up, folder)
    receiver.answer_once(200, delay=3.0)
    receiver.answer_once(200, delay=3_600.0)  # nobody waits that long
    with Running(folder, "web", **ALLOWED, **TWO_AT_ONCE) as web:
        await asyncio.to_thread(web.until_ready)
        program = Program(web, token)
        number = await asyncio.to_thread(program.configure, receiver.url + "/crm")
        with Running(folder, "worker", name="first", **ALLOWED, **TWO_AT_ONCE) as first:
            await asyncio.to_thread(first.until_ready)
            for text in ("one", "two", "three"):
                await asyncio.to_thread(program.say, number, text)
            await receiver.wait_for(2, timeout=60)
            began = time.monotonic()
            assert await asyncio.to_thread(first.stop) == 0, first.complained
            record_property(
                "the stop took",
                f"{time.monotonic() - began:.0f} s (at most {FINISH_SECONDS:.0f} and a little)",
            )
            assert "Traceback" not in first.complained
        assert len(receiver.received) == 2  # the third was not begun any more
        left = await asyncio.to_thread(program.deliveries)
        assert sorted(one["state"] for one in left) == ["delivered", "pending", "pending"]
        assert [len(one["attempts"]) for one in left if one["state"] == "pending"] == [0, 0]
        with Running(folder, "worker", name="second", **ALLOWED, **TWO_AT_ONCE) as second:
            await receiver.wait_for(4, timeout=60)  # at once: no lease to wait for
            assert await asyncio.to_thread(second.stop) == 0, second.complained
        ends = [one["state"] for one in await asyncio.to_thread(program.deliveries)]
        assert ends == ["delivered"] * 3
        assert await asyncio.to_thread(web.stop) == 0
    ids = [one.headers["webhook-id"] for one in receiver.received]
    assert len(set(ids)) == 3
    assert ids[1] in ids[2:]  # the one that was cut off came again, as itself


async def test_a_key_is_changed_while_calls_go_out_with_its_secrets(
    folder: Path, receiver: Receiver
) -> None:
    both_ways = {"RECADO_SECRET_KEY": OLD, "RECADO_SECRET_KEY_PREVIOUS": NEW}
    turned = {"RECADO_SECRET_KEY": NEW, "RECADO_SECRET_KEY_PREVIOUS": OLD}
    alone = {"RECADO_SECRET_KEY": NEW}
    token = await asyncio.to_thread(set_up, folder, RECADO_SECRET_KEY=OLD)
    with Running(folder, "web", **ALLOWED, **both_ways) as web:
        await asyncio.to_thread(web.until_ready)
        program = Program(web, token)
        header = {"name": "X-Key", "value": SECRET, "secret": True}
        number = await asyncio.to_thread(program.configure, receiver.url, headers=[header])
        stop = asyncio.Event()
        talking = asyncio.create_task(_talk(program, number, stop))
        for name, keys in (("before", both_ways), ("turned", turned), ("alone", alone)):
            with Running(folder, "worker", name=name, **ALLOWED, **keys) as worker:
                await asyncio.to_thread(worker.until_ready)
                if keys is turned:
                    done = await asyncio.to_thread(fork_recado, folder, "secrets", "rotate", **keys)
                    assert done.returncode == 0, done.stderr
                so_far = len(receiver.received)
                await receiver.wait_for(so_far + 3, timeout=60)
                if keys is alone:
                    stop.set()
                    said = await talking
                    await receiver.wait_for(said, timeout=60)
                assert await asyncio.to_thread(worker.stop) == 0, worker.complained
        states = {one["state"] for one in await asyncio.to_thread(program.deliveries)}
        assert await asyncio.to_thread(web.stop) == 0
    assert states == {"delivered"}
    assert {one.headers["x-key"] for one in receiver.received} == {SECRET}
    assert len(receiver.received) == said


async def _talk(program: Program, number: int, stop: asyncio.Event) -> int:
    """A message every fifth of a second until `stop`; how many there were."""
    said = 0
    while not stop.is_set():
        await asyncio.to_thread(program.say, number, f"message {said}")
        said += 1
        await asyncio.sleep(0.2)
    return said
