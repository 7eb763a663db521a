"""Numbers that stand in an address or a form, such as ids."""

from collections.abc import Iterable
from typing import Final

_DIGITS: Final = 18  # as many as a bigint always holds


def number_in(text: str | None) -> int | None:
    """The positive number that a text names; None for anything else."""
    is_number = text and text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text or 0) or None if is_number else None


def numbers_in(texts: Iterable[object]) -> set[int]:
    """The numbers that the boxes ticked in a form name."""
    return {number for one in texts if (number := number_in(str(one)))}
