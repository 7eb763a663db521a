"""Processor time of processes, as Linux counts it."""

import os
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """What a process and its children that have ended have used; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICK  # utime, stime, cutime, cstime


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def family_seconds(pid: int) -> float:
    """What a process, its children and those of theirs that have ended have used."""
    return processor_seconds(pid) + sum(map(processor_seconds, children(pid)))


def memory_mib(pid: int) -> float:
    """What a process holds in memory."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
