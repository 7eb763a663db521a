"""Finding words in a text the way people search, and showing the place where they stand, or its beginning.

Case and accents do not count, and a word is found by its beginning: "pedid" finds "Pedidos". The
database indexes texts folded the same way (`SEARCH_FROM`, `SEARCH_TO`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# One character becomes one character, so that places in the folded text are places in the text.
SEARCH_FROM: Final = (
    "ÁÀÂÃÄÅáàâãäåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÕÖóòôõöÚÙÛÜúùûüÇçÑñÝýÿ-_/"  # what separates, too
)
SEARCH_TO: Final = "aaaaaaaaaaaaeeeeeeeeiiiiiiiioooooooooouuuuuuuuccnnyyy   "
# Accents alone: what is compared as it stands but for case and accents.
ACCENTED: Final = SEARCH_FROM[:-3]
PLAIN: Final = SEARCH_TO[:-3]
MOST_WORDS: Final = 10  # of a search; the rest is ignored

_FOLDING: Final = str.maketrans(SEARCH_FROM, SEARCH_TO)
_UNACCENTING: Final = str.maketrans(ACCENTED, PLAIN)
_WORD: Final = re.compile(r"[^\W_]+(?:[@.+][^\W_]+)*")
_BEFORE: Final = 40  # characters shown before the first place
_LONGEST: Final = 160  # characters of an excerpt


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an excerpt; `is_match` where it is what was searched for."""

    text: str
    is_match: bool = False


def folded(text: str) -> str:
    """The text as it is searched, of the same length."""
    # ASCII only in lower(): "İ" would become two characters
    return "".join(c.lower() if c.isascii() else c for c in text.translate(_FOLDING))


def unaccented(text: str) -> str:
    """The text with its accented letters as plain small ones."""
    return text.translate(_UNACCENTING)


def search_words(typed: str) -> list[str]:
    """What somebody searches for, word by word, folded."""
    return list(dict.fromkeys(_WORD.findall(folded(typed))))[:MOST_WORDS]


def excerpt(text: str, words: Sequence[str]) -> list[Piece]:
    """The stretch of the text around the first of the words, every match marked."""
    flat = " ".join(text.split())
    places = _places(folded(flat), words)
    start = max(0, places[0][0] - _BEFORE) if places else 0
    end = min(len(flat), start + _LONGEST)
    pieces, at = [Piece("…")] if start else [], start
    for begin, stop in places:
        if begin >= end:
            break
        pieces += [Piece(flat[at:begin]), Piece(flat[begin:stop], is_match=True)]
        at = stop
    pieces += [Piece(flat[at:end]), *([Piece("…")] if max(at, end) < len(flat) else [])]
    return [piece for piece in pieces if piece.text]


def shortened(text: str, longest: int) -> str:
    """The beginning of a text, on one line of so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _places(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    if not words:
        return []
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile(r"(?<![^\W_])(?:" + "|".join(map(re.escape, longest_first)) + ")")
    return [match.span() for match in pattern.finditer(text)]
