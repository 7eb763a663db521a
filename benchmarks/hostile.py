"""Memory under receivers that do everything wrong: `python -m benchmarks.hostile [rounds]`.

Each receiver of the tests' list (tests/hostile.py) is met many times, at once; the process must at no
time have grown by more than 50 MiB. The receivers run in a process of their own, so that only the sender
counts.
"""

import asyncio
import multiprocessing
import sys
import tempfile
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.outcomes import Outcome, Request, Response
from recado.lib.sending import Sender
from tests.hostile import HOST, HOSTILE, Met, hostile_receivers
from tests.receiver import Receiver

AT_ONCE = 20
DEADLINE_SECONDS = 1.5
MOST_GROWTH = 50.0  # MiB


def resident() -> float:
    """MiB of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _receive(told: Connection, folder: str) -> None:
    async def serve() -> None:
        async with Receiver() as plain, hostile_receivers(Path(folder), plain) as met:
            told.send(met)
            while True:
                await asyncio.sleep(1)
                plain.clear()

    asyncio.run(serve())


async def _meet(sender: Sender, url: str) -> Outcome:
    request = Request("POST", url, (), '{"a": 1}')
    return await sender.send(request, secrets={}, deadline_seconds=DEADLINE_SECONDS)


async def _rounds(met: Met, rounds: int) -> float:
    guard = AddressGuard(parse_networks("127.0.0.0/8"))
    async with Sender(
        guard=guard, user_agent="hostile", ca_file=met.ca_file, lookup=lambda *_: ["127.0.0.1"]
    ) as sender:
        await _meet(sender, f"http://{HOST}:{met.ports['']}/echo")
        before = most = resident()
        _say(f"{'before':36}{before:7.1f} MiB")
        for one in HOSTILE:
            ended: Counter[str] = Counter()
            for _ in range(rounds):
                calls = (_meet(sender, met.url(one)) for _ in range(AT_ONCE))
                ended.update(_word(outcome) for outcome in await asyncio.gather(*calls))
                most = max(most, resident())
            words = ", ".join(f"{count} {word}" for word, count in ended.most_common(3))
            _say(f"{one.name:36}{resident():7.1f} MiB  {words}")
        return most - before


def _word(outcome: Outcome) -> str:
    return str(outcome.status) if isinstance(outcome, Response) else outcome.trouble


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Print how memory went; 1 if it grew beyond the limit."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    ours, theirs = multiprocessing.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        receiver = multiprocessing.get_context("spawn").Process(
            target=_receive, args=(theirs, folder), daemon=True
        )
        receiver.start()
        growth = asyncio.run(_rounds(ours.recv(), rounds))
        receiver.terminate()
        receiver.join()
    _say(f"grown by at most {growth:.1f} MiB; the limit is {MOST_GROWTH:.0f}")
    return int(growth > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
