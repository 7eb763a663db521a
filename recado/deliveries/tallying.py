"""Counting attempts for the metrics: in memory, added to the database every second.

Each worker adds to a share of its own, so that workers never wait for each other; a worker that is
killed loses the counts of its last second, and nothing else.
"""

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text

from recado.db.database import Transaction
from recado.deliveries.delivering import Tried
from recado.lib.outcomes import Outcome, Response

BUCKETS: Final = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 15_000)  # milliseconds
_SHARES: Final = 64

_ADD = text("""
    insert into attempt_totals (share, result, bucket, count, milliseconds)
    values (:share, :result, :bucket, :count, :milliseconds)
    on conflict (share, result, bucket) do update set
        count = attempt_totals.count + excluded.count,
        milliseconds = attempt_totals.milliseconds + excluded.milliseconds
""")


@dataclass(slots=True)
class Tally:
    """What was counted and is not yet in the database."""

    share: int = field(default_factory=lambda: random.randrange(_SHARES))  # noqa: S311 - no secret
    _counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    _milliseconds: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, tried: Iterable[Tried]) -> None:
        """Count attempts by their result and by how long they took."""
        for one in tried:
            total = one.outcome.timing.total
            key = result_of(one.outcome), bisect_left(BUCKETS, total)
            self._counts[key] += 1
            self._milliseconds[key] += round(total)

    async def flush(self, tx: Transaction) -> bool:
        """Add what was counted to the database; whether there was anything."""
        if not self._counts:
            return False
        rows = [
            {
                "share": self.share,
                "result": result,
                "bucket": bucket,
                "count": count,
                "milliseconds": self._milliseconds[result, bucket],
            }
            for (result, bucket), count in sorted(self._counts.items())
        ]
        await tx.execute(_ADD, rows)
        self._counts.clear()
        self._milliseconds.clear()
        return True


def result_of(outcome: Outcome) -> str:
    """An outcome in a word: the class of the answer's status, or why there was none."""
    if isinstance(outcome, Response):
        return f"{outcome.status // 100}xx"
    return str(outcome.trouble)
