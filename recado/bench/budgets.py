"""Every budget with what was measured beside it: each benchmark in turn, then one table.

The budgets are the design's, for a quiet machine of two cores. A figure means little without the
reference in its benchmark's own table.
"""

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from recado.bench.backlog import backlog
from recado.bench.ingest import ingest
from recado.bench.isolation import isolation
from recado.bench.live import live
from recado.bench.pages import pages
from recado.bench.pipeline import pipeline
from recado.bench.printing import Report, Row
from recado.bench.rules import rules
from recado.bench.starting import starting

_AT_LEAST: Final = "≥"


@dataclass(frozen=True, slots=True)
class Budget:
    """A promise in numbers, and where its benchmark's rows have the figure."""

    what: str
    column: str
    limit: float
    unit: str
    sense: str = "≤"  # or at least
    rows: Mapping[str, object] | None = None  # those that count; all if None

    def row(self, report: Report) -> Row:
        """The worst of the rows that count, beside the limit."""
        figures = [float(one[self.column] or 0) for one in report.rows if self._counts(one)]
        is_least = self.sense == _AT_LEAST
        worst = (min if is_least else max)(figures, default=math.nan)
        is_met = worst >= self.limit if is_least else worst <= self.limit
        return {
            "budget": self.what,
            "wanted": f"{self.sense} {self.limit:,g} {self.unit}",
            "measured": f"{worst:,g} {self.unit}",
            "": "met" if is_met else "missed",
            "shown by": f"recado bench {report.name}",
        }

    def _counts(self, row: Row) -> bool:
        return all(row[name] == value for name, value in (self.rows or {}).items())


Bench = Callable[[float, float], Awaitable[Report]]
_CLOSED: Final = {"loop": "closed"}
_OPEN: Final = {"loop": "open"}
BUDGETS: Final[Mapping[Bench, tuple[Budget, ...]]] = {
    pipeline: (
        Budget("actions, ingest to arrival", "delivered_per_s", 2_500, "/s", _AT_LEAST, _CLOSED),
        Budget("processor time of Recado an action", "recado_us", 350, "us", rows=_CLOSED),
        Budget("processor time of PostgreSQL an action", "postgres_us", 180, "us", rows=_CLOSED),
        Budget("latency at half of it, p50", "p50_ms", 8, "ms", rows=_OPEN),
        Budget("latency at half of it, p99", "p99_ms", 40, "ms", rows=_OPEN),
        Budget("lost", "lost", 0, "calls"),
        Budget("doubled", "doubled", 0, "calls"),
    ),
    ingest: (
        Budget(
            "messages over REST, a process", "posted_per_s", 3_000, "/s", _AT_LEAST, {"clients": 64}
        ),
    ),
    rules: (Budget("1,000 rules on one event", "event_us", 1_000, "us", rows={"rules": 1_000}),),
    isolation: (Budget("p99 beside dead or hanging hosts", "p99_ratio", 1.2, "x"),),
    backlog: (
        Budget(
            "claim with a million waiting", "claim_p50_ms", 20, "ms", rows={"waiting": 1_000_000}
        ),
    ),
    starting: (
        Budget("a start, to the first answer", "seconds", 4, "s"),
        Budget("memory without PostgreSQL", "memory_mib", 150, "MiB"),
    ),
    pages: (Budget("a page, to its HTML", "p50_ms", 50, "ms"),),
    live: (Budget("a message told to 5,000 pages", "last_ms", 200, "ms", rows={"streams": 5_000}),),
}


async def budgets(seconds: float, rate: float) -> Report:
    """Run them all; their own tables stand in the notes."""
    rows: list[Row] = []
    tables: list[str] = []
    for bench, promised in BUDGETS.items():
        report = await bench(seconds, rate)
        tables += ["", report.table()]
        rows += [one.row(report) for one in promised]
    return Report("budgets", rows, tables)
