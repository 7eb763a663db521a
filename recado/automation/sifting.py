"""Which conditions let events through, and which stood alone in the way. Pure.

Says of a rule that fires never or seldom what to look at, without opening one event after another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from recado.automation.nearness import short_by
from recado.automation.trees import Leaf, Tree, leaves


@dataclass(frozen=True, slots=True)
class Sifted:
    """What a condition did to the events.

    `held`: on how many it held. `alone`: how many it kept from the rule while all else was met.
    """

    leaf: Leaf
    held: int
    alone: int


class Sieve:
    """Counts for each condition of a tree, in its order."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._leaves = list(leaves(tree))
        self._held = [0] * len(self._leaves)
        self._alone = [0] * len(self._leaves)

    def add(self, results: Sequence[bool | None]) -> None:
        """Count an event by what its conditions came to, in the tree's order."""
        for at, result in enumerate(results):
            self._held[at] += result is True
        if short_by(self._tree, results) == 1:
            for at, result in enumerate(results):
                self._alone[at] += result is not True and self._would_hold(results, at)

    def sifted(self) -> list[Sifted]:
        """Every condition with its counts."""
        return [
            Sifted(leaf, held, alone)
            for leaf, held, alone in zip(self._leaves, self._held, self._alone, strict=True)
        ]

    def _would_hold(self, results: Sequence[bool | None], at: int) -> bool:
        return short_by(self._tree, [*results[:at], True, *results[at + 1 :]]) == 0
