"""Many condition trees tested together: predicates at the bottom, groups of them in layers above.

A group is one bit of a whole number. An all-group holds unless something below it failed, an
any-group when something below it was met; equal groups of different rules are one group, equal
predicates one test. So an event costs one test per distinct predicate and a few operations per
layer, however many rules share them. What a column's value means for all that ask for equality with
it is remembered, so these cost one look-up together, however many values they name.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from recado.automation.predicates import Column, Predicate, Test
from recado.automation.trees import AllOf, Leaf, Tree
from recado.lib.facts import Facts


@dataclass(slots=True)
class _Effect:
    """What an answer means for the groups above: which any-groups it meets, which all-groups it fails."""

    meets: int = 0
    fails: int = 0


@dataclass(slots=True)
class _Source:
    """A predicate without its negation, or a group; and what its two answers mean."""

    when_true: _Effect = field(default_factory=_Effect)
    when_false: _Effect = field(default_factory=_Effect)

    def feed(self, group: int, *, every: bool, is_negated: bool) -> None:
        """Make this a child of the group with that bit."""
        meeting, failing = self.when_true, self.when_false
        if is_negated:
            meeting, failing = failing, meeting
        if every:
            failing.fails |= 1 << group
        else:
            meeting.meets |= 1 << group


@dataclass(slots=True)
class _Layer:
    """Groups whose children are all in the layers below, as bits."""

    every: int = 0
    any: int = 0
    groups: dict[int, _Source] = field(default_factory=dict)  # those that are children themselves


@dataclass(frozen=True, slots=True)
class _Child:
    key: Hashable
    source: _Source
    depth: int
    is_negated: bool = False


_Tested = tuple[Test, int, int, int, int]  # when true: meets, fails; when false: meets, fails
_Added = tuple[Predicate, _Source]
_REMEMBERED: Final = 512  # values of a column
_OTHER: Final = object()  # stands for every value that no condition names


class _Equalities:
    """The predicates of a column that ask for equality, answered together."""

    def __init__(self, added: Sequence[_Added]) -> None:
        self._tests = [_flattened(predicate, source) for predicate, source in added]
        self._named = frozenset().union(*(one.wanted or () for one, _ in added))
        self._remembered: dict[object, tuple[int, int]] = {}

    def answer(self, value: object) -> tuple[int, int]:
        """What they meet and fail for a value."""
        key = value if value in self._named else _OTHER
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = _answer(self._tests, value)
        return found


@dataclass(frozen=True, slots=True)
class _ReadyColumn:
    """A column with its tests; `equalities` are None where there are none."""

    column: Column
    tests: list[_Tested]
    equalities: _Equalities | None


class Network:
    """Trees added once, tested often. Adding after the first test is allowed; rarely worth it."""

    def __init__(self) -> None:
        self._columns: dict[str, tuple[Column, dict[Hashable, _Added]]] = {}
        self._groups: dict[Hashable, int] = {}
        self._depths: list[int] = []
        self._layers: list[_Layer] = []
        self._ready: list[_ReadyColumn] | None = None

    def add(self, tree: Tree, predicates: Iterator[Predicate]) -> int:
        """Wire a tree in whose leaves are `predicates`, in order; the bit that stands for it."""
        self._ready = None
        if isinstance(tree, Leaf):
            return self._group([self._leaf(next(predicates))], every=True)
        return self._wired(tree, predicates)

    def test(self, facts: Facts) -> int:
        """The bits of all groups that hold for what happened."""
        met, failed = self._tested(facts)
        held = 0
        for layer in self._layers:
            now = (layer.every & ~failed) | (layer.any & met)
            held |= now
            digits = f"{now:0{len(self._depths)}b}"[::-1] if layer.groups else ""
            for bit, source in layer.groups.items():
                effect = source.when_true if digits[bit] == "1" else source.when_false
                if effect.meets:
                    met |= effect.meets
                if effect.fails:
                    failed |= effect.fails
        return held

    def _tested(self, facts: Facts) -> tuple[int, int]:
        met = failed = 0
        if self._ready is None:
            self._ready = self._made_ready()
        for one in self._ready:
            value = one.column.value(one.column.raw(facts), facts)
            if one.equalities is not None:
                meets, fails = one.equalities.answer(value)
                met |= meets
                failed |= fails
            if one.tests:
                meets, fails = _answer(one.tests, value)
                met |= meets
                failed |= fails
        return met, failed

    def _made_ready(self) -> list[_ReadyColumn]:
        return [
            _ready_column(column, [*added.values()]) for column, added in self._columns.values()
        ]

    def _wired(self, tree: Tree, predicates: Iterator[Predicate]) -> int:
        children: list[_Child] = []
        for child in () if isinstance(tree, Leaf) else tree.children:
            if isinstance(child, Leaf):
                children.append(self._leaf(next(predicates)))
            else:
                children.append(self._inner(self._wired(child, predicates)))
        return self._group(children, every=isinstance(tree, AllOf))

    def _leaf(self, predicate: Predicate) -> _Child:
        column = predicate.column
        _, tests = self._columns.setdefault(column.key, (column, {}))
        _, source = tests.setdefault(predicate.key, (predicate, _Source()))
        key = (predicate.key, predicate.is_negated)
        return _Child(key, source, depth=0, is_negated=predicate.is_negated)

    def _inner(self, group: int) -> _Child:
        depth = self._depths[group]
        source = self._layers[depth - 1].groups.setdefault(group, _Source())
        return _Child(group, source, depth)

    def _group(self, children: list[_Child], *, every: bool) -> int:
        key = (every, frozenset(child.key for child in children))
        if key not in self._groups:
            depth = 1 + max(child.depth for child in children)
            group = self._groups[key] = len(self._depths)
            self._depths.append(depth)
            self._place(group, depth, every=every)
            for child in children:
                child.source.feed(group, every=every, is_negated=child.is_negated)
        return self._groups[key]

    def _place(self, group: int, depth: int, *, every: bool) -> None:
        while len(self._layers) < depth:
            self._layers.append(_Layer())
        layer = self._layers[depth - 1]
        if every:
            layer.every |= 1 << group
        else:
            layer.any |= 1 << group


def bits_of(number: int) -> Iterator[int]:
    """The positions of the bits that are set, lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def _ready_column(column: Column, added: Sequence[_Added]) -> _ReadyColumn:
    equal = [one for one in added if one[0].wanted is not None]
    tests = [_flattened(*one) for one in added if one[0].wanted is None]
    return _ReadyColumn(column, tests, _Equalities(equal) if equal else None)


def _flattened(predicate: Predicate, source: _Source) -> _Tested:
    yes, no = source.when_true, source.when_false
    return predicate.test, yes.meets, yes.fails, no.meets, no.fails


def _answer(tests: Sequence[_Tested], value: object) -> tuple[int, int]:
    met = failed = 0
    for test, true_meets, true_fails, false_meets, false_fails in tests:
        if test(value):
            met |= true_meets
            failed |= true_fails
        else:
            met |= false_meets
            failed |= false_fails
    return met, failed
