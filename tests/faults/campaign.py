"""Faults at random under load, and the oracle that says whether a promise was broken.

`python -m tests.faults.campaign --minutes 5` (`make faults`) prints its figures; a short form is a
test. The oracle: every acknowledged message is told to the receiver; its delivery ends once; calls
that were accepted twice are no more than were in flight at the kills, and carry the same webhook-id;
what only a newer version knows is still there.
"""

import argparse
import asyncio
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.desk import OF_TOMORROW, Desk, open_desk
from tests.faults.striking import FAULTS, Fault, Figures, while_frozen

SETTLE_SECONDS = 180.0
_DISK = "1500m"


async def campaign(
    folder: Path,
    faults: Sequence[Fault] = (),
    *,
    minutes: float = 0.0,
    clients: int = 8,
    pause: float = 0.02,
) -> Figures:
    """Let clients post while these faults happen, then random ones; then judge.

    A client pauses so many seconds after each post.
    """
    figures = Figures()
    async with open_desk(folder) as desk:
        done = asyncio.Event()
        posting = [asyncio.create_task(_client(desk, one, pause, done)) for one in range(clients)]
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


async def _client(desk: Desk, name: int, pause: float, done: asyncio.Event) -> None:
    for number in itertools.count():
        if done.is_set():
            return
        await desk.post(f"message {name} {number}")
        await asyncio.sleep(pause)


_OPEN = f"""
    select (select count(*) from deliveries where state = 'pending')
         + (select count(*) from events where processed_at is null and name <> '{OF_TOMORROW}')
"""  # noqa: S608 - our own name
_LEFT = f"select count(*) from events where processed_at is null and name = '{OF_TOMORROW}'"  # noqa: S608
_ENDS = """
    select facts #>> '{message,content}' as text, count(distinct events.id) as events,
        count(deliveries.id) as deliveries, count(*) filter (where state = 'delivered') as delivered,
        min(webhook_id) as webhook_id
    from events left join deliveries on deliveries.event_id = events.id
    where name = 'message_created' group by 1
"""
# An attempt whose answer nobody heard: only these may have arrived and be made again.
_UNHEARD = """
    select count(*) from attempts where trouble in ('interrupted', 'timeout', 'reset')
"""
_GAPS = """
    select id from deliveries left join lateral (
        select count(*) as written, coalesce(max(number), 0) as last
        from attempts where delivery_id = deliveries.id
    ) as kept on true
    where written <> attempts_count or last <> attempts_count or (finished_at is null)
"""


async def _judge(desk: Desk, figures: Figures) -> None:
    await while_frozen(desk, figures, lambda: None, then=desk.jump_far)  # the day after, all is due
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
    figures.unheard = (await desk.ask(_UNHEARD))[0][0]
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
    assert figures.duplicates <= figures.unheard, "a duplicate that no attempt explains"
    assert figures.duplicates <= figures.in_flight
    assert (await desk.ask(_LEFT))[0][0] == figures.left, "an event of a newer version is lost"


@contextmanager
def _small_disk() -> Iterator[Path]:
    """A disk of its own where that can be had, otherwise a folder."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        mount = ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=755", "tmpfs", place]
        is_own = os.geteuid() == 0 and Path(mount[0]).exists()
        is_own = is_own and not subprocess.run(mount, check=False, capture_output=True).returncode  # noqa: S603
        try:
            yield Path(place)
        finally:
            if is_own:
                subprocess.run(["/usr/bin/umount", "-l", place], check=True)  # noqa: S603


def main() -> None:
    """The long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=8, help="who post at the same time")
    options = parser.parse_args()
    with _small_disk() as folder:
        figures = asyncio.run(
            campaign(folder, FAULTS, minutes=options.minutes, clients=options.clients)
        )
    sys.stdout.write(f"{figures}\n")


if __name__ == "__main__":
    main()
