"""Whether conditions can hold at all. Pure, and careful: it says no only where it is sure.

A tree becomes alternatives, each a list of conditions that must hold together. An alternative is
impossible when some attribute has no value that passes all conditions on it, tried on a list of
values that the conditions themselves suggest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any, Final

from recado.automation.catalogue import ALL, NONE, Attribute, Kind, Operator, find_attribute
from recado.automation.known import Definitions
from recado.automation.predicates import Misfit, Predicate, predicate_of
from recado.automation.trees import AllOf, Leaf, Tree
from recado.automation.values import READERS
from recado.events.names import EventName

_MOST: Final = 128  # alternatives looked at; a larger tree is believed
_FIXED: Final[Mapping[tuple[str, str], str]] = {  # what an event says by itself
    (EventName.CONVERSATION_RESOLVED, "status"): "resolved",
    (EventName.CONVERSATION_OPENED, "status"): "open",
}
_COMPARED: Final = frozenset(Operator) - {
    Operator.MATCHES, Operator.DAYS_BEFORE, Operator.ATTRIBUTE_CHANGED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition of an alternative, made ready."""

    leaf: Leaf
    attribute: Attribute
    predicate: Predicate

    @property
    def key(self) -> tuple[object, bool]:
        """The same for conditions that mean the same."""
        return self.predicate.key, self.predicate.is_negated


def alternatives(tree: Tree, definitions: Definitions) -> list[list[Literal]] | None:
    """The ways in which a tree can hold; None where there are too many, or it makes no sense."""
    if isinstance(tree, Leaf):
        attribute = find_attribute(tree.attribute_key, tree.model, definitions)
        predicate = predicate_of(tree, definitions)
        if attribute is None or isinstance(predicate, Misfit):
            return None
        return [[Literal(tree, attribute, predicate)]]
    parts = [alternatives(child, definitions) for child in tree.children]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not parts:
        return None
    if not isinstance(tree, AllOf):
        return [one for part in known for one in part][: _MOST + 1]
    count = 1
    for part in known:
        count *= len(part)
    if count > _MOST:
        return None
    return [[literal for part in chosen for literal in part] for chosen in product(*known)]


def conflict(event_name: str, literals: Iterable[Literal]) -> list[Literal] | None:
    """The conditions of an alternative that exclude each other; None where it may hold."""
    by_column: dict[str, list[Literal]] = {}
    for one in literals:
        if one.leaf.operator in _COMPARED:
            by_column.setdefault(one.predicate.column.key, []).append(one)
    for together in by_column.values():
        values = _candidates(event_name, together)
        if not any(_passes(value, together) for value in values):
            return together
    return None


def _passes(value: object, together: Iterable[Literal]) -> bool:
    return all(one.predicate.holds(one.predicate.column.value(value, {})) for one in together)


def _candidates(event_name: str, together: list[Literal]) -> list[Any]:
    """Values worth trying; always one that no condition mentions, and nothing at all."""
    attribute = together[0].attribute
    fixed = _FIXED.get((event_name, attribute.key)) if attribute.model is None else None
    if fixed:
        return [fixed]
    written = list(dict.fromkeys(_written(together)))
    nothing: list[Any] = [None] if attribute.is_optional or attribute.has_none else []
    match attribute.kind:
        case Kind.CHECKBOX:
            return [True, False, *nothing]
        case Kind.CHOICE if attribute.choices:
            return [*attribute.choices, *nothing]
        case Kind.NUMBER:
            return [*_numbers(written), *nothing]
        case Kind.DATE:
            return [*_days(written), *nothing]
        case Kind.LABELS:
            return [[], [*written], *([one] for one in written), ["\0other"]]
        case Kind.ID:
            return [*written, 2**62, *nothing]
        case _:
            return [*_texts(written), *nothing]


def _written(together: Iterable[Literal]) -> Iterator[str]:
    for one in together:
        values = one.leaf.values if isinstance(one.leaf.values, list) else []
        yield from (str(value) for value in values if value not in (None, "", NONE, ALL))


def _numbers(written: Iterable[str]) -> Iterator[str]:
    found = [READERS[Kind.NUMBER](one) for one in written]
    known = sorted(one for one in found if one is not None)
    yield from (str(one + step) for one in known for step in (-1, 0, 1))
    yield from (str((low + high) / 2) for low, high in pairwise(known))
    yield "7"


def _days(written: Iterable[str]) -> Iterator[str]:
    found = [READERS[Kind.DATE](one) for one in written]
    for day in (one for one in found if isinstance(one, date)):
        yield from ((day + timedelta(days=step)).isoformat() for step in (-1, 0, 1))
    yield "2000-01-01"


def _texts(written: list[str]) -> Iterator[str]:
    yield from written[:50]
    yield from (f"{one} {other}" for one in written[:20] for other in written[:20])
    yield " ".join(written)
    yield "~"
