"""Faults at random under load, and the oracle that says whether a promise was broken.

`python -m tests.faults.campaign --minutes 5` (`make faults`) prints its figures; a short form is a
test. The oracle: every acknowledged message is told to the receiver; its delivery ends once; calls
that were accepted twice are no more than were in flight at the kills, and carry the same webhook-id.
"""

import argparse
import asyncio
import itertools
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.desk import LEASE_SECONDS, Desk, open_desk
from tests.faults.processes import Running, postgres_of

SETTLE_SECONDS = 180.0
_FLIGHT = "select count(*) from deliveries where claim is not null"


@dataclass
class Figures:
    """What happened, to be printed."""

    faults: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0  # deliveries held by a worker at the moment of a fault, summed up
    acknowledged: int = 0
    calls: int = 0
    refused: int = 0
    interrupted: int = 0
    lost: int = 0
    duplicates: int = 0

    def __str__(self) -> str:
        kinds = ", ".join(f"{name} {number}" for name, number in sorted(self.faults.items()))
        return (
            f"faults {self.faults.total()} ({kinds}); acknowledged {self.acknowledged}, "
            f"calls {self.calls} ({self.refused} refused), lost {self.lost}, "
            f"duplicates {self.duplicates} of {self.in_flight} in flight at the faults, "
            f"attempts marked interrupted {self.interrupted}"
        )


# --- faults ---------------------------------------------------------------------------------------


async def kill_worker(desk: Desk, figures: Figures) -> None:
    """kill -9, between any two steps; another one is started."""
    victim = random.choice(desk.workers)  # noqa: S311
    await _while_frozen(desk, figures, victim.kill)
    desk.workers.remove(victim)
    await asyncio.to_thread(desk.start_worker)


async def kill_web(desk: Desk, figures: Figures) -> None:
    """kill -9: clients who heard nothing ask again."""
    desk.web.kill()
    await asyncio.to_thread(desk.start_web)


async def kill_postgres(desk: Desk, figures: Figures) -> None:
    """kill -9 of the server, as when the power fails; it starts again on what is on disk."""
    await _while_frozen(desk, figures, desk.kill_postgres)


async def kill_connection(desk: Desk, figures: Figures) -> None:
    """kill -9 of a server process: PostgreSQL drops every connection and recovers by itself."""
    await _while_frozen(desk, figures, lambda: _kill_a_child(desk))


async def restart_postgres(desk: Desk, figures: Figures) -> None:
    """Stopped and started under load."""
    await _while_frozen(desk, figures, lambda: None)
    await asyncio.to_thread(desk.restart_postgres)


async def freeze_worker(desk: Desk, figures: Figures) -> None:
    """SIGSTOP for longer than the lease: others take over, and it must overwrite nothing."""
    sleeper = random.choice(desk.workers)  # noqa: S311
    await _while_frozen(desk, figures, lambda: None, but=sleeper)
    await asyncio.sleep(LEASE_SECONDS + 1.5)
    sleeper.process.send_signal(signal.SIGCONT)


async def stop_worker(desk: Desk, figures: Figures) -> None:
    """SIGTERM: what is in flight is finished, the rest given back, and it ends well."""
    leaver = random.choice(desk.workers)  # noqa: S311
    desk.workers.remove(leaver)
    code = await asyncio.to_thread(leaver.stop)
    assert code == 0, leaver.complained
    await asyncio.to_thread(desk.start_worker)


Fault = Callable[[Desk, Figures], Awaitable[None]]
FAULTS: Sequence[Fault] = (
    kill_worker, kill_postgres, kill_web, freeze_worker, stop_worker, kill_connection,
    restart_postgres,
)  # fmt: skip
SHORT = FAULTS[:5]


async def _while_frozen(
    desk: Desk, figures: Figures, strike: Callable[[], None], *, but: Running | None = None
) -> None:
    """Strike while no worker moves, so that what is in flight can be counted exactly.

    `but` is not woken again.
    """
    for one in desk.workers:
        one.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(0.1)  # a commit that is under way arrives
    figures.in_flight += (await desk.ask(_FLIGHT))[0][0]
    await asyncio.to_thread(strike)
    for one in desk.workers:
        if one is not but and one.process.poll() is None:
            one.process.send_signal(signal.SIGCONT)


def _kill_a_child(desk: Desk) -> None:
    [server] = postgres_of(desk.folder / "server")
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    os.kill(int(random.choice(children)), signal.SIGKILL)  # noqa: S311


# --- the campaign ---------------------------------------------------------------------------------


async def campaign(
    folder: Path, faults: Sequence[Fault] = (), *, minutes: float = 0.0, clients: int = 8
) -> Figures:
    """Let clients post while these faults happen, then random ones; then judge."""
    figures = Figures()
    async with open_desk(folder) as desk:
        done = asyncio.Event()
        posting = [asyncio.create_task(_client(desk, one, done)) for one in range(clients)]
        end = time.monotonic() + minutes * 60
        try:
            for fault in faults:
                await _happen(fault, desk, figures)
            while time.monotonic() < end:
                await _happen(random.choice(FAULTS), desk, figures)  # noqa: S311
        finally:
            done.set()
            await asyncio.gather(*posting)
        await _judge(desk, figures)
    return figures


async def _happen(fault: Fault, desk: Desk, figures: Figures) -> None:
    await asyncio.sleep(random.uniform(0.5, 2.0))  # noqa: S311
    figures.faults[fault.__name__.replace("_", " ")] += 1
    await fault(desk, figures)


async def _client(desk: Desk, name: int, done: asyncio.Event) -> None:
    for number in itertools.count():
        if done.is_set():
            return
        await desk.post(f"message {name} {number}")
        await asyncio.sleep(0.02)


_OPEN = """
    select (select count(*) from deliveries where state = 'pending')
         + (select count(*) from events where processed_at is null)
"""
_ENDS = """
    select facts #>> '{message,content}' as text, count(distinct events.id) as events,
        count(deliveries.id) as deliveries, count(*) filter (where state = 'delivered') as delivered,
        min(webhook_id) as webhook_id
    from events left join deliveries on deliveries.event_id = events.id
    where name = 'message_created' group by 1
"""
_INTERRUPTED = "select count(*) from attempts where trouble = 'interrupted'"
_GAPS = """
    select id from deliveries left join lateral (
        select count(*) as written, coalesce(max(number), 0) as last
        from attempts where delivery_id = deliveries.id
    ) as kept on true
    where written <> attempts_count or last <> attempts_count or (finished_at is null)
"""


async def _judge(desk: Desk, figures: Figures) -> None:
    end = time.monotonic() + SETTLE_SECONDS
    while waiting := (await desk.ask(_OPEN))[0][0]:
        assert time.monotonic() < end, f"{waiting} events or deliveries never came to an end"
        await asyncio.sleep(0.5)
    accepted = desk.receiver.accepted
    told = {text for texts in accepted.values() for text in texts}
    figures.acknowledged, figures.calls = len(desk.acknowledged), desk.receiver.calls
    figures.refused = figures.calls - sum(map(len, accepted.values()))
    figures.lost = len(desk.acknowledged - told)
    figures.duplicates = sum(len(texts) - 1 for texts in accepted.values())
    figures.interrupted = (await desk.ask(_INTERRUPTED))[0][0]
    await _hold_to_the_promises(desk, figures, told)


async def _hold_to_the_promises(desk: Desk, figures: Figures, told: set[str]) -> None:
    rows = {row["text"]: row for row in await desk.ask(_ENDS)}
    once = {
        text
        for text, row in rows.items()
        if (row["events"], row["deliveries"], row["delivered"]) == (1, 1, 1)
        and set(desk.receiver.accepted[row["webhook_id"]]) == {text}
    }
    assert figures.lost == 0, sorted(desk.acknowledged - told)
    assert desk.acknowledged <= once, sorted(desk.acknowledged - once)
    assert told <= desk.tried, "a call that nobody asked for"
    assert len(desk.receiver.accepted) == len(told), "one message, two webhook-ids"
    assert await desk.ask(_GAPS) == []
    assert figures.duplicates <= figures.interrupted, "a duplicate that no attempt explains"
    assert figures.duplicates <= figures.in_flight


def main() -> None:
    """The long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=8, help="who post at the same time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        figures = asyncio.run(
            campaign(Path(folder), FAULTS, minutes=options.minutes, clients=options.clients)
        )
    sys.stdout.write(f"{figures}\n")


if __name__ == "__main__":
    main()
