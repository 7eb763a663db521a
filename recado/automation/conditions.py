"""Whether a rule's conditions hold for what happened, and why.

Rules are compiled once and tested against facts in memory: nothing is looked up, nothing raises.
`evaluate` tests one rule; a RuleSet tests many against one event, each distinct predicate once.
Benchmark: `recado bench rules`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypedDict

from recado.automation.known import Definitions
from recado.automation.nearness import short_by
from recado.automation.network import Network, bits_of
from recado.automation.predicates import Column, Misfit, Predicate, predicate_of
from recado.automation.trees import Leaf, Tree, leaves
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say

_LONGEST_SHOWN: Final = 500  # characters of an actual value kept in a trace


class TraceLine(TypedDict):
    """What one condition asked and found. JSON; `result` is None where it could not be tested.

    `place` is the condition's path in the rule ("conditions.0", "conditions.1.any.0"), `actual`
    what stood in the facts: for a change [before, after], or None where nothing changed.
    """

    place: str
    attribute_key: str
    custom_attribute_type: str
    operator: str
    expected: object
    actual: object
    result: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule's conditions held. With an `error` it did not match, whatever the rest says."""

    matched: bool
    trace: list[TraceLine]
    error: Sentence | None = None
    short_by: int = 0  # how many more conditions would have had to hold


@dataclass(frozen=True, slots=True)
class _Condition:
    predicate: Predicate | Misfit
    line: TraceLine  # what is known before anything happens


@dataclass(frozen=True, slots=True)
class CompiledConditions:
    """A rule's conditions made ready. `error` says why the rule can never match as it stands."""

    tree: Tree
    conditions: tuple[_Condition, ...]
    error: Sentence | None

    def predicates(self) -> Iterator[Predicate]:
        """Those of its conditions that can be tested, in the tree's order."""
        return (one.predicate for one in self.conditions if isinstance(one.predicate, Predicate))


def compile_rule(tree: Tree, definitions: Definitions) -> CompiledConditions:
    """Make a rule's conditions ready for `evaluate` and RuleSet.

    `definitions` are the account's custom attributes now; a condition on one that was deleted, or
    one that makes no sense, becomes the rule's error and is named in it.
    """
    conditions = tuple(
        _Condition(predicate_of(leaf, definitions), _line_of(leaf)) for leaf in leaves(tree)
    )
    misfit = next((one.predicate for one in conditions if isinstance(one.predicate, Misfit)), None)
    if not conditions:
        return CompiledConditions(tree, (), say("This rule has no conditions."))
    return CompiledConditions(tree, conditions, misfit.sentence if misfit else None)


def _line_of(leaf: Leaf) -> TraceLine:
    return {
        "place": leaf.place,
        "attribute_key": leaf.attribute_key,
        "custom_attribute_type": leaf.model,
        "operator": leaf.operator,
        "expected": leaf.values,
        "actual": None,
        "result": None,
    }


def evaluate(compiled: CompiledConditions, facts: Facts) -> Verdict:
    """Test one rule against what happened, with the actual value of every condition."""
    return RuleSet({0: compiled}).test(facts).verdict(0)


class RuleSet:
    """Many rules made ready to be tested together, in the order in which they were given.

    Every distinct predicate is tested once per event and every value read once; which rules hold
    then follows from a few operations on whole numbers with one bit per group of conditions.
    A rule with an error never matches. Immutable once built; safe to share between tasks.
    """

    def __init__(self, rules: Mapping[int, CompiledConditions]) -> None:
        self.rules = dict(rules)
        self._order = {rule_id: number for number, rule_id in enumerate(self.rules)}
        self._network = Network()
        self._roots: dict[int, list[int]] = {}
        for rule_id, compiled in self.rules.items():
            if compiled.error is None:
                root = self._network.add(compiled.tree, compiled.predicates())
                self._roots.setdefault(root, []).append(rule_id)
        self._root_bits = sum(1 << root for root in self._roots)
        self._broken = [one for one, compiled in self.rules.items() if compiled.error is not None]

    def test(self, facts: Facts) -> "Verdicts":
        """Test every rule against what happened."""
        held = self._network.test(facts) & self._root_bits
        matched = [rule_id for root in bits_of(held) for rule_id in self._roots[root]]
        matched.sort(key=self._order.__getitem__)
        telling = sorted([*matched, *self._broken], key=self._order.__getitem__)
        return Verdicts(self.rules, facts, matched, telling)


class Verdicts:
    """What a RuleSet found for one event. `matched` are the ids of rules that hold, in order; `telling`
    those and the ones that could not be tested.

    Traces are made only when a verdict is asked for, from the same facts.
    """

    def __init__(
        self, rules: Mapping[int, CompiledConditions], facts: Facts, matched: list[int],
        telling: list[int],
    ) -> None:  # fmt: skip
        self.matched = matched
        self.telling = telling
        self._held = frozenset(matched)
        self._rules = rules
        self._facts = facts
        self._seen: dict[str, tuple[object, object]] = {}

    def verdict(self, rule_id: int) -> Verdict:
        """The verdict on one rule of the set, with its trace."""
        compiled = self._rules[rule_id]
        trace = [self._line(one) for one in compiled.conditions]
        missing = short_by(compiled.tree, (line["result"] for line in trace))
        return Verdict(rule_id in self._held, trace, compiled.error, missing)

    def holds(self, rule_id: int) -> bool:
        """Whether a rule's conditions hold."""
        return rule_id in self._held

    def error_of(self, rule_id: int) -> Sentence | None:
        """Why a rule could not be tested at all, if so."""
        return self._rules[rule_id].error

    def __iter__(self) -> Iterator[tuple[int, Verdict]]:
        """Every rule with its verdict, in order."""
        return ((rule_id, self.verdict(rule_id)) for rule_id in self._rules)

    def _line(self, one: _Condition) -> TraceLine:
        line, predicate = one.line.copy(), one.predicate
        if isinstance(predicate, Predicate):
            column = predicate.column
            seen = self._seen.get(column.key) or self._read(column)
            line["actual"], line["result"] = seen[0], predicate.holds(seen[1])
        return line

    def _read(self, column: Column) -> tuple[object, object]:
        raw = column.raw(self._facts)
        self._seen[column.key] = seen = _shown(raw), column.value(raw, self._facts)
        return seen


def _shown(raw: object) -> object:
    if isinstance(raw, str) and len(raw) > _LONGEST_SHOWN:
        return raw[:_LONGEST_SHOWN] + "…"
    return raw
