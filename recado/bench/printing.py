"""Figures as people and programs read them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Row = Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a benchmark measured: rows with the same keys, and what they mean."""

    name: str
    rows: Sequence[Row]
    notes: Sequence[str] = field(default_factory=tuple)

    def table(self) -> str:
        """For people."""
        names = list(self.rows[0])
        cells = [names, *([_shown(row[name]) for name in names] for row in self.rows)]
        widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
        lines = ["  ".join(map(str.rjust, line, widths)) for line in cells]
        return "\n".join([f"# {self.name}", *lines, *self.notes])

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {"bench": self.name, "rows": list(self.rows), "notes": list(self.notes)}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed; not a number of none."""
    if not values:
        return math.nan
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def milliseconds(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 of seconds, in milliseconds."""
    return {
        f"p{round(share * 100)}_ms": round(percentile(values, share) * 1000, 1)
        for share in (0.5, 0.95, 0.99)
    }


def _shown(value: float | str | None) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
