"""What people call their things."""

from typing import Final

from recado.lib.languages import Sentence, say

_LONGEST: Final = 255  # characters


def name_problem(name: str) -> Sentence | None:
    """Why nothing can be called so."""
    if not name.strip():
        return say("Please enter a name.")
    if len(name) > _LONGEST:
        return say("Use at most %(number)s characters.", number=_LONGEST)
    return None
