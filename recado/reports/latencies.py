"""Latencies in buckets, each a tenth longer than the one before: percentiles to 5 %. Pure."""

from collections.abc import Mapping
from typing import Final

GROWTH: Final = 1.1
NO_ANSWER: Final = -1  # the bucket of calls that nobody answered
LONGEST: Final = 200  # more than a year


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The latency, in milliseconds, that `share` of the calls in these buckets do not exceed."""
    answered = sorted((bucket, count) for bucket, count in counts.items() if bucket >= 0)
    wanted = share * sum(count for _, count in answered)
    reached = 0
    for bucket, count in answered:
        reached += count
        if reached >= wanted:
            return float(GROWTH ** (bucket + 0.5))
    return None
