"""How far a rule was from firing: how many more conditions would have had to hold. Pure."""

from collections.abc import Iterable, Iterator

from recado.automation.trees import AllOf, Leaf, Tree


def short_by(tree: Tree, results: Iterable[bool | None]) -> int:
    """How many conditions were missing; 0 when the tree holds.

    `results` are those of the tree's leaves, in its order. Of alternatives the nearest counts.
    """
    return _short_by(tree, iter(results))


def _short_by(tree: Tree, results: Iterator[bool | None]) -> int:
    if isinstance(tree, Leaf):
        return 0 if next(results, None) else 1
    missing = [_short_by(child, results) for child in tree.children]
    if not missing:
        return 1  # an empty tree matches nothing
    return sum(missing) if isinstance(tree, AllOf) else min(missing)
