"""What the fields of a form say: texts, and rows by number."""

import re
from collections.abc import Iterable, Mapping
from typing import Any


def text_in(form: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    """A field's text. Browsers send line breaks as two characters; no text holds NUL."""
    return str(form.get(name, otherwise)).replace("\r\n", "\n").replace("\0", "")


def row_numbers(names: Iterable[str], pattern: re.Pattern[str]) -> list[int]:
    """The numbers, in order, of the rows whose names match a pattern that has them in its group."""
    return sorted({int(found[1]) for name in names if (found := pattern.fullmatch(name))})
