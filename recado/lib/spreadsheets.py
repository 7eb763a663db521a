"""CSV as spreadsheets write and read it: encodings, separators, and cells that look like formulas. Pure."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

_SEPARATORS: Final = (";", ",", "\t", "|")
_SAMPLE: Final = 20  # lines by which the separator is told
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARDED: Final = re.compile(r"'(?=[=+\-@\t\r])")
_UNREADABLE: Final = re.compile(r"[\x01-\x08\x0e-\x19\x1b-\x1f]")
_BEGINNING: Final = 2_000  # characters
BOM: Final = "\ufeff"  # tells Excel that a file is UTF-8


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says: its text, and how it was written."""

    text: str
    encoding: str
    separator: str

    @property
    def is_text(self) -> bool:
        """False for a workbook, a picture and the like."""
        return not _UNREADABLE.search(self.text, 0, _BEGINNING)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that has anything, with the line of the file where it ends; `csv.Error` where there is
        none.
        """
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator)
        for cells in reader:
            if any(one.strip() for one in cells):
                yield reader.line_num, [unguarded(one.strip()) for one in cells]


def read_sheet(content: bytes) -> Sheet:
    """A CSV file of whatever program: UTF-8 or UTF-16 with their marks, UTF-8, else Windows-1252."""
    text, encoding = _decoded(content)
    text = text.replace("\0", "")
    separator, text = _declared(text)
    return Sheet(text, encoding, separator or _separator_of(text))


def separator_for(language: str) -> str:
    """What Excel expects where people write numbers with a comma."""
    return "," if language == "en" else ";"


def csv_line(values: Iterable[object], separator: str = ",") -> str:
    """A row; what a spreadsheet would take for a formula gets an apostrophe."""
    line = io.StringIO()
    csv.writer(line, delimiter=separator).writerow([guarded(value) for value in values])
    return line.getvalue()


def moment_cell(moment: datetime | None, zone: ZoneInfo) -> str:
    """A time as spreadsheets take it for one, whatever their language; an ISO time stays a text there."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def zoned(headings: Iterable[str], moments: Collection[str], zone: ZoneInfo) -> list[str]:
    """The headings, those of `moments` with the time zone that their cells are in."""
    return [f"{one} ({zone.key})" if one in moments else one for one in headings]


def guarded(value: object) -> object:
    """A cell that no spreadsheet calculates."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def unguarded(cell: str) -> str:
    """What a guarded cell says."""
    return _GUARDED.sub("", cell, count=1) if cell.startswith("'") else cell


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
    ):  # fmt: skip
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), encoding.removesuffix("-sig")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "windows-1252"


def _declared(text: str) -> tuple[str, str]:
    """Excel's own first line, `sep=;`, says the separator."""
    first, _, rest = text.partition("\n")
    told = first.strip().lower()
    if told.startswith("sep=") and len(told) == 5:
        return told[4], rest
    return "", text


def _separator_of(text: str) -> str:
    """The one that cuts the first lines into most columns, as many in each."""
    return max(_SEPARATORS, key=lambda one: _evenness(text, one))


def _evenness(text: str, separator: str) -> tuple[float, int]:
    rows: list[Sequence[str]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(cells)
            if len(rows) == _SAMPLE:
                break
    except csv.Error:
        return 0, 0
    if not rows or len(rows[0]) < 2:
        return 0, 0
    as_many = sum(len(one) == len(rows[0]) for one in rows)
    return as_many / len(rows), len(rows[0])
