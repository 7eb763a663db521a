"""What goes wrong in the campaign: each fault happens once, to real processes."""

import asyncio
import os
import random
import resource
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.desk import LEASE_SECONDS, Desk
from tests.faults.processes import Running, postgres_of

_FLIGHT = "select count(*) from leases"
_FILLING = "filling"
_FULL_SECONDS = 4.0  # for so long there is no room on the disk


@dataclass
class Figures:
    """What happened, to be printed."""

    faults: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0  # deliveries held by a worker at the moment of a fault, summed up
    acknowledged: int = 0
    calls: int = 0
    refused: int = 0
    unheard: int = 0  # attempts whose answer nobody heard
    left: int = 0  # events that only a newer version knows
    lost: int = 0
    duplicates: int = 0

    def __str__(self) -> str:
        kinds = ", ".join(f"{name} {number}" for name, number in sorted(self.faults.items()))
        return (
            f"faults {self.faults.total()} ({kinds}); acknowledged {self.acknowledged}, "
            f"calls {self.calls} ({self.refused} refused), lost {self.lost}, "
            f"duplicates {self.duplicates} of {self.in_flight} in flight at the faults, "
            f"attempts whose answer nobody heard {self.unheard}, "
            f"events left to a newer version {self.left}"
        )


async def kill_worker(desk: Desk, figures: Figures) -> None:
    """kill -9, between any two steps; another one is started."""
    victim = random.choice(desk.workers)  # noqa: S311
    await while_frozen(desk, figures, victim.kill)
    desk.workers.remove(victim)
    await asyncio.to_thread(desk.start_worker)


async def kill_web(desk: Desk, figures: Figures) -> None:
    """kill -9: clients who heard nothing ask again."""
    desk.web.kill()
    await asyncio.to_thread(desk.start_web)


async def kill_postgres(desk: Desk, figures: Figures) -> None:
    """kill -9 of the server, as when the power fails; it starts again on what is on disk."""
    await while_frozen(desk, figures, desk.kill_postgres)


async def kill_connection(desk: Desk, figures: Figures) -> None:
    """kill -9 of a server process: PostgreSQL drops every connection and recovers by itself."""
    await while_frozen(desk, figures, lambda: _kill_a_child(desk))


async def restart_postgres(desk: Desk, figures: Figures) -> None:
    """Stopped and started under load."""
    await while_frozen(desk, figures, lambda: None)
    await asyncio.to_thread(desk.restart_postgres)


async def freeze_worker(desk: Desk, figures: Figures) -> None:
    """SIGSTOP for longer than the lease: others take over, and it must overwrite nothing."""
    sleeper = random.choice(desk.workers)  # noqa: S311
    await while_frozen(desk, figures, lambda: None, but=sleeper)
    await asyncio.sleep(LEASE_SECONDS + 1.5)
    sleeper.process.send_signal(signal.SIGCONT)


async def stop_worker(desk: Desk, figures: Figures) -> None:
    """SIGTERM: what is in flight is finished, the rest given back, and it ends well."""
    leaver = random.choice(desk.workers)  # noqa: S311
    desk.workers.remove(leaver)
    code = await asyncio.to_thread(leaver.stop)
    assert code == 0, leaver.complained
    await asyncio.to_thread(desk.start_worker)


async def fill_disk(desk: Desk, figures: Figures) -> None:
    """No room for a while: PostgreSQL cannot write and may give up; then there is room again.

    A small disk of its own is really full; where that cannot be had, the system refuses the server's
    writes (RLIMIT_FSIZE).
    """
    await while_frozen(desk, figures, lambda: _fill(desk))
    await asyncio.sleep(_FULL_SECONDS)
    await while_frozen(desk, figures, lambda: _make_room(desk), counts_after=True)


def _fill(desk: Desk) -> None:
    if not desk.has_own_disk:
        _let_write(desk, 1 << 16)
        return
    with suppress(OSError), (desk.folder / _FILLING).open("wb", buffering=0) as filling:
        while True:
            filling.write(bytes(1 << 20))


def _make_room(desk: Desk) -> None:
    (desk.folder / _FILLING).unlink(missing_ok=True)
    if not desk.has_own_disk:
        _let_write(desk, resource.RLIM_INFINITY)
    if not desk.server.is_running:
        desk.restart_postgres()


def _let_write(desk: Desk, size: int) -> None:
    """How large a file the database's processes may write."""
    for server in postgres_of(desk.folder / "server"):
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        for pid in (server, *map(int, children)):
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def jump_clock(desk: Desk, figures: Figures) -> None:
    """The database's clock goes a day ahead, the next time a day back: leases end, or wait."""
    await while_frozen(desk, figures, lambda: None, then=desk.jump)


async def share_leases(desk: Desk, figures: Figures) -> None:
    """What is in flight is claimed by another worker as well: only one of the two may record it."""
    await while_frozen(desk, figures, lambda: None, then=desk.end_leases)


async def meet_a_newer_version(desk: Desk, figures: Figures) -> None:
    """A newer Recado has written what this one does not know: events wait, deliveries are sent."""
    await desk.write_of_tomorrow()
    figures.left += 1


Fault = Callable[[Desk, Figures], Awaitable[None]]
FAULTS: Sequence[Fault] = (
    jump_clock, share_leases, meet_a_newer_version, fill_disk, kill_worker, freeze_worker,
    kill_postgres, kill_connection, stop_worker, kill_web, restart_postgres,
)  # fmt: skip
SHORT: Sequence[Fault] = (
    kill_worker, jump_clock, kill_postgres, share_leases, kill_web, meet_a_newer_version,
    freeze_worker, stop_worker,
)  # fmt: skip


async def while_frozen(
    desk: Desk,
    figures: Figures,
    strike: Callable[[], None],
    *,
    but: Running | None = None,
    then: Callable[[], Awaitable[None]] | None = None,
    counts_after: bool = False,
) -> None:
    """Strike while no worker moves, so that what is in flight can be counted exactly.

    `but` is not woken again; `then` is what strikes by way of the database. `counts_after`: the
    database answers again only then.
    """
    for one in desk.workers:
        one.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(0.1)  # a commit that is under way arrives
    if not counts_after:
        figures.in_flight += (await desk.ask(_FLIGHT))[0][0]
    await asyncio.to_thread(strike)
    if counts_after:
        figures.in_flight += (await desk.ask(_FLIGHT))[0][0]
    if then is not None:
        await then()
    for one in desk.workers:
        if one is not but and one.process.poll() is None:
            one.process.send_signal(signal.SIGCONT)


def _kill_a_child(desk: Desk) -> None:
    [server] = postgres_of(desk.folder / "server")
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    os.kill(int(random.choice(children)), signal.SIGKILL)  # noqa: S311
