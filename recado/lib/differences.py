"""What differs between two texts, in words and lines. Pure."""

import difflib
from dataclasses import dataclass

from recado.lib.languages import Sentence


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence, and for texts the lines that went and came."""

    sentence: Sentence
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()


def line_difference(sentence: Sentence, before: str, after: str) -> Difference:
    """The sentence, with the lines that went and came."""
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    lines = list(told)[2:]  # after the two that name files
    return Difference(
        sentence,
        tuple(line[1:] for line in lines if line.startswith("-")),
        tuple(line[1:] for line in lines if line.startswith("+")),
    )
