"""A report as rows and columns: what the page shows, the chart draws and the file holds is the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from babel.numbers import format_decimal, format_percent

from recado.lib.languages import Sentence, language
from recado.lib.spreadsheets import BOM, csv_line
from recado.reports.durations import duration_text

Value = float | None


class Kind(StrEnum):
    """What the numbers of a column are."""

    COUNT = "count"
    SHARE = "share"  # 0 to 1
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"


@dataclass(frozen=True, slots=True)
class Column:
    """`tone`: the chart above the table has a line for it, of this colour."""

    label: Sentence
    kind: Kind = Kind.COUNT
    tone: str = ""  # ink, success or danger


@dataclass(frozen=True, slots=True)
class Line:
    """A row: whose it is, and its values in the order of the columns. `mark`: how a file names it.

    `hrefs`: where values lead to, by the number of their column.
    """

    name: str
    values: Sequence[Value]
    mark: str = ""
    href: str = ""
    hrefs: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: `name` is what its lines are, `key` how addresses call it."""

    key: str
    title: Sentence
    name: Sentence
    columns: Sequence[Column]
    lines: Sequence[Line] = field(default_factory=list)

    @property
    def is_drawn(self) -> bool:
        """Whether it has a chart."""
        return any(one.tone for one in self.columns)


def shown(value: Value, kind: Kind) -> str:
    """A value as the reader writes it."""
    if value is None:
        return "–"
    match kind:
        case Kind.COUNT:
            return str(format_decimal(round(value), locale=language()))
        case Kind.SHARE:
            digits = "#,##0.0%" if 0.95 <= value < 1 else "#,##0%"
            return str(format_percent(value, digits, locale=language()))
        case Kind.SECONDS:
            return duration_text(value)
        case Kind.MILLISECONDS:
            return f"{format_decimal(round(value), locale=language())} ms"


def csv_of(grid: Grid, separator: str = ",") -> Iterator[str]:
    """The table as a CSV file: plain numbers, their unit in the heading.

    Where a semicolon separates, spreadsheets read a number's decimals after a comma.
    """
    point = "." if separator == "," else ","
    headings = [str(grid.name), *(_heading(one) for one in grid.columns)]
    yield BOM + csv_line(headings, separator)
    for line in grid.lines:
        cells = [_plain(*one) for one in zip(line.values, grid.columns, strict=True)]
        yield csv_line(
            [line.mark or line.name, *(one.replace(".", point) for one in cells)], separator
        )


_UNITS: Final = {
    Kind.COUNT: "",
    Kind.SHARE: " (%)",
    Kind.SECONDS: " (s)",
    Kind.MILLISECONDS: " (ms)",
}


def _heading(column: Column) -> str:
    return f"{column.label}{_UNITS[column.kind]}"


def _plain(value: Value, column: Column) -> str:
    """A number without separators of thousands; empty where there is none."""
    if value is None:
        return ""
    return f"{value * 100:.1f}" if column.kind == Kind.SHARE else f"{value:.0f}"
