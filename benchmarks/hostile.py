"""Memory under receivers that do everything wrong: `python -m benchmarks.hostile [rounds]`.

Each behaviour of the test receiver is met many times, at once; afterwards the process must not have
grown by more than 50 MiB. The receiver runs in a process of its own, so that only the sender counts.
"""

import asyncio
import multiprocessing
import sys
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.outcomes import Outcome, Request, Response
from recado.lib.sending import Sender
from tests.receiver import BEHAVIOURS, Receiver

AT_ONCE = 20
DEADLINE_SECONDS = 1.5
MOST_GROWTH = 50.0  # MiB


def resident() -> float:
    """MiB of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _receive(told: Connection) -> None:
    async def serve() -> None:
        async with Receiver() as receiver:
            told.send(receiver.url)
            while True:
                await asyncio.sleep(1)
                receiver.clear()

    asyncio.run(serve())


async def _meet(sender: Sender, url: str) -> Outcome:
    request = Request("POST", url, (), '{"a": 1}')
    return await sender.send(request, secrets={}, deadline_seconds=DEADLINE_SECONDS)


async def _rounds(url: str, rounds: int) -> float:
    guard = AddressGuard(parse_networks("127.0.0.0/8"))
    async with Sender(guard=guard, user_agent="hostile") as sender:
        await _meet(sender, f"{url}/echo")
        before = resident()
        _say(f"before                {before:7.1f} MiB")
        for path in sorted(BEHAVIOURS):
            ended: Counter[str] = Counter()
            for _ in range(rounds):
                outcomes = await asyncio.gather(
                    *(_meet(sender, url + path) for _ in range(AT_ONCE))
                )
                ended.update(_word(one) for one in outcomes)
            words = ", ".join(f"{count} {word}" for word, count in ended.most_common(3))
            _say(f"{path:22}{resident():7.1f} MiB  {words}")
        return resident() - before


def _word(outcome: Outcome) -> str:
    return str(outcome.status) if isinstance(outcome, Response) else outcome.trouble


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Print how memory went; 1 if it grew beyond the limit."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("spawn").Process(
        target=_receive, args=(theirs,), daemon=True
    )
    receiver.start()
    growth = asyncio.run(_rounds(ours.recv(), rounds))
    receiver.terminate()
    _say(f"grown by {growth:.1f} MiB; the limit is {MOST_GROWTH:.0f}")
    return int(growth > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
