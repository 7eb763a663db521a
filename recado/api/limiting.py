"""How many requests one program may make: a bucket for each, refilled all the time.

Counted in this process: with several, each counts for itself. Whoever is over it hears 429 and how
many seconds to wait; nothing of the request has been done.
"""

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from typing import Final

_MOST_KEPT: Final = 10_000  # buckets; the ones unused longest are forgotten, and so are full


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Allowance:
    """So many requests a minute for each key; all of them at once if somebody likes. 0: no limit."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def seconds_to_wait(self, key: str, at: float) -> int:
        """0, and one request is taken; or how long until there is another, `at` in seconds."""
        if not self._most:
            return 0
        bucket = self._buckets.pop(key, None) or _Bucket(self._most, at)
        per_second = self._most / 60
        bucket.left = min(self._most, bucket.left + (at - bucket.at) * per_second)
        bucket.at = at
        self._buckets[key] = bucket
        if len(self._buckets) > _MOST_KEPT:
            self._buckets.popitem(last=False)
        if bucket.left < 1:
            return ceil((1 - bucket.left) / per_second)
        bucket.left -= 1
        return 0
