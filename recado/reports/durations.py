"""Stretches of time as people read them: "42 s", "2 h 5 min", "3 d 4 h". Pure.

The symbols are the same in all our languages, so there is nothing to translate.
"""

from typing import Final

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def duration_text(seconds: float) -> str:
    """The two largest units of a duration; beside days, minutes say nothing."""
    left = round(seconds)
    for at, (unit, size) in enumerate(_UNITS[:-1]):
        if left >= size:
            smaller, smaller_size = _UNITS[at + 1]
            rest = left % size // smaller_size
            return f"{left // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{left} s"
