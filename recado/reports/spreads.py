"""How long things took, kept as counts and sums by size: percentiles to 5 % however many there are. Pure.

Each size is a twentieth longer than the one before, the first is of what took less than a second. A
size is read as its average, so what was alone in it is exact.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from math import floor
from typing import Final

GROWTH: Final = 1.05
LONGEST: Final = 400  # more than nine years


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in seconds: half took at most `median`, nine of ten at most `high`."""

    count: int
    median: float
    high: float


def spread_of(sizes: Iterable[tuple[int, int, float]]) -> Spread:
    """What these sizes say, each with its count and the sum of its seconds."""
    ordered = sorted(sizes)
    reached = list(accumulate(count for _, count, _ in ordered))
    averages = [seconds / count for _, count, seconds in ordered]

    def value(position: float) -> float:
        """Between the two that stand around a position, as PostgreSQL's percentile_cont."""
        lower = floor(position)
        low = averages[bisect_right(reached, lower)]
        if lower == position:
            return low
        return low + (averages[bisect_right(reached, lower + 1)] - low) * (position - lower)

    last = reached[-1] - 1
    return Spread(reached[-1], value(0.5 * last), value(0.9 * last))
