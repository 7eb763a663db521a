"""Lists of HTTP statuses as people write them: "200-299, 409" or "5xx". Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

MOST_WORDS: Final = 20
USUAL_SUCCESS: Final = ("200-299",)
USUALLY_AGAIN: Final = ("408", "425", "429", "500-999")  # some invent statuses beyond 599
_WORD: Final = re.compile(r"([1-5])xx|([1-5]\d\d)(?:-([1-5]\d\d))?", re.ASCII | re.IGNORECASE)


def words_in(text: str) -> list[str]:
    """What stands in a field, one word a status or span."""
    return [word for word in re.split(r"[\s,;]+", re.sub(r"\s*[-–]\s*", "-", text)) if word]


def tidy_statuses(words: Iterable[object]) -> tuple[str, ...] | None:
    """Statuses as they are kept ("409", "500-599"), each once; None where one makes no sense."""
    found = [_tidy(str(word)) for word in words]
    if None in found or len(found) > MOST_WORDS:
        return None
    return tuple(dict.fromkeys(one for one in found if one))


def holds(statuses: Sequence[str], status: int) -> bool:
    """Whether a status is one of those that `tidy_statuses` made."""
    for word in statuses:
        first, _, last = word.partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False


def _tidy(word: str) -> str | None:
    match = _WORD.fullmatch(word.strip())
    if match is None:
        return None
    hundred, first, last = match.groups()
    if hundred:
        return f"{hundred}00-{hundred}99"
    if last is None or first == last:
        return str(first)
    return f"{first}-{last}" if first < last else None
