"""What was done just now, with the form that puts it back: a toast with a button."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recado.lib.languages import Sentence, say


@dataclass(frozen=True, slots=True)
class Undo:
    """`text` says what was done; sending `values` to `path` puts it back and draws `target` anew.

    What has followed meanwhile stays: calls that were skipped, what rules have done.
    """

    text: Sentence
    path: str
    target: str  # a CSS selector
    values: Mapping[str, str] = field(default_factory=dict)
    swap: str = "outerHTML"


def undo_switch(name: str, path: str, target: str, *, is_on: bool, on: str = "on") -> Undo:
    """For a switch at `path` that stands as told now; `on` is what the path calls it."""
    if is_on:
        told, back = say("“%(name)s” is switched on.", name=name), "off"
    else:
        told, back = say("“%(name)s” is switched off.", name=name), on
    return Undo(told, f"{path}?to={back}&undone=1", target)
