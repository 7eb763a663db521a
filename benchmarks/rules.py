"""How long a thousand rules take on one event: `python -m benchmarks.rules [--rules N]`.

The reference beside it is a naive interpreter of the same compiled conditions, one rule after the
other, which reads and tests every condition for itself. Three sets: rules that share their predicates, as an account's
do; rules with groups; and the worst case, in which no two conditions are equal.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from recado.automation.conditions import CompiledConditions, RuleSet, compile_rule, parse
from recado.automation.known import CustomAttributeInfo, CustomAttributeType
from recado.automation.predicates import Predicate
from recado.automation.trees import AllOf, Leaf, Tree

_DEFINITIONS = {("contact_attribute", "plan"): CustomAttributeInfo(CustomAttributeType.TEXT)}
_EVENTS = 20  # different ones, in turn
_WORDS = ["pedido", "entrega", "boleto", "troca", "frete", "cancelar", "nota", "atraso", "preço"]
_FACTS: dict[str, Any] = {
    "event": {"name": "message_created", "at": "2026-11-23T12:00:00Z"},
    "inbox": {"id": 3},
    "contact": {"email": "maria@example.com", "custom_attribute": {"plan": "ouro"}},
    "conversation": {"status": "open", "priority": None, "labels": ["vip", "pedido"]},
    "message": {"content": "Olá, quando chega o meu pedido 5531?", "message_type": "incoming"},
    "assignee": {"id": 5},
}


def _shared(dice: random.Random, _number: int) -> list[dict[str, Any]]:
    rows = [
        _row("status", "equal_to", dice.choice(["open", "pending", "resolved", "snoozed"])),
        _row("inbox_id", "equal_to", dice.randint(1, 20)),
        _row("content", "contains", dice.choice(_WORDS)),
        _row("labels", "not_equal_to", dice.choice(_WORDS)),
        _row("message_type", "equal_to", "incoming"),
        _row("assignee_id", "is_present"),
        _row("plan", "equal_to", dice.choice(["ouro", "prata", "bronze"])),
    ]
    return dice.sample(rows, 3)


def _grouped(dice: random.Random, number: int) -> list[dict[str, Any]]:
    first, *others = _shared(dice, number)
    return [first, {"any": others}]


def _distinct(_dice: random.Random, number: int) -> list[dict[str, Any]]:
    return [
        _row("content", "contains", f"palavra {number}"),
        _row("inbox_id", "equal_to", number + 1),
        _row("plan", "equal_to", f"plano {number}"),
    ]


def _row(key: str, operator: str, *values: object) -> dict[str, Any]:
    row = {"attribute_key": key, "filter_operator": operator, "values": list(values)}
    return {**row, "query_operator": "and"}


def main(arguments: list[str]) -> None:
    """Print a line for each set of rules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=200)
    chosen = parser.parse_args(arguments)
    for name, make in (("shared", _shared), ("groups", _grouped), ("distinct", _distinct)):
        print(_line(name, make, chosen.rules, chosen.rounds))  # noqa: T201 - its whole purpose


def _line(name: str, make: Callable[..., list[dict[str, Any]]], count: int, rounds: int) -> str:
    dice = random.Random(1)  # noqa: S311 - the same rules each time
    trees = [parse(make(dice, number)) for number in range(count)]
    rules = {number: compile_rule(tree, _DEFINITIONS) for number, tree in enumerate(trees)}
    started = perf_counter()
    rule_set = RuleSet(rules)
    built = perf_counter() - started
    happened = [_happened(dice) for _ in range(_EVENTS)]
    ours = _seconds(lambda: [rule_set.test(one).matched for one in happened], rounds) / _EVENTS
    theirs = _seconds(lambda: [_naive_matches(rules, one) for one in happened], 2) / _EVENTS
    if any(rule_set.test(one).matched != _naive_matches(rules, one) for one in happened):
        sys.exit("the two evaluators disagree")
    return (
        f"{name:9} {count:,} rules x 3: {ours * 1e6:8,.0f} µs an event, "
        f"{ours / count * 1e6:6.3f} µs a rule, {count / ours:12,.0f} rules/s, "
        f"{theirs / ours:5.0f} x as fast as naive; built in {built * 1e3:.0f} ms"
    )


def _seconds(work: Callable[[], object], rounds: int) -> float:
    """The best of `rounds`, which the machine's other work disturbs least."""
    best = float("inf")
    for _ in range(rounds):
        started = perf_counter()
        work()
        best = min(best, perf_counter() - started)
    return best


def _happened(dice: random.Random) -> dict[str, Any]:
    """Facts that differ from event to event, as an account's do."""
    number = dice.randint(0, 999)
    contact = {**_FACTS["contact"], "custom_attribute": {"plan": f"plano {number}"}}
    message = {**_FACTS["message"], "content": f"Olá, e a palavra {number} do pedido?"}
    return {**_FACTS, "inbox": {"id": number % 40 + 1}, "contact": contact, "message": message}


def _naive_matches(rules: dict[int, CompiledConditions], facts: dict[str, Any]) -> list[int]:
    return [number for number, rule in rules.items() if _naive(rule.tree, rule.predicates(), facts)]


def _naive(tree: Tree, predicates: Iterator[Predicate], facts: dict[str, Any]) -> bool:
    if isinstance(tree, Leaf):
        predicate = next(predicates)
        column = predicate.column
        return predicate.holds(column.value(column.raw(facts), facts))
    answers = [_naive(child, predicates, facts) for child in tree.children]
    return all(answers) if isinstance(tree, AllOf) else any(answers)


if __name__ == "__main__":
    main(sys.argv[1:])
