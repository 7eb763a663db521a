"""docs/ui-checklist.md: every expectation has its mark, and every name in it is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "ui-checklist.md"
LAST = 73

_ROW = re.compile(r"\| (\d+) \| (.+?) \| (.+?) \| (.+) \|")
_NAME = re.compile(r"`((?:tests|recado|docs)/[^`]*|STYLE\.md)`")


def _rows() -> list[tuple[int, str, str]]:
    """Number, mark, and what stands last, of every row."""
    lines = DOCUMENT.read_text().splitlines()
    found = [_ROW.fullmatch(line) for line in lines]
    return [(int(row[1]), row[3], row[4]) for row in found if row]


ROWS = _rows()


def _is_there(told: str) -> bool:
    """Whether the file is there, and the function that stands after it."""
    file, _, name = told.partition("::")
    path = ROOT / file
    if not path.is_file():
        return False
    return not name or re.search(rf"^(?:async )?def {name}\(", path.read_text(), re.M) is not None


def test_every_expectation_has_its_row() -> None:
    assert [number for number, _, _ in ROWS] == list(range(1, LAST + 1))


@pytest.mark.parametrize(("number", "mark", "shown"), ROWS, ids=[str(one[0]) for one in ROWS])
def test_a_row_has_a_mark_and_names_what_shows_it(number: int, mark: str, shown: str) -> None:
    names = _NAME.findall(shown)
    said = _NAME.sub("", shown).strip(" ,.")
    assert mark in {"yes", "in part", "no"}
    assert names or mark == "no", "a mark is shown by something"
    assert said or mark == "yes", "what is missing is said"


def test_every_name_in_it_is_there() -> None:
    names = set(_NAME.findall(DOCUMENT.read_text()))
    assert len(names) > LAST
    assert [one for one in names if not _is_there(one)] == []


@pytest.mark.parametrize(
    ("told", "is_there"),
    [
        ("tests/test_ui_checklist.py::test_every_name_in_it_is_there", True),
        ("tests/test_ui_checklist.py", True),
        ("tests/test_ui_checklist.py::test_every_name", False),  # only the beginning of one
        ("tests/test_ui_checklist.py:test_every_name_in_it_is_there", False),
        ("tests/test_nothing.py", False),
    ],
)
def test_a_name_is_looked_for_whole(told: str, is_there: bool) -> None:
    assert _is_there(told) is is_there
