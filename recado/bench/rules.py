"""How long 1, 10, 100 and 1,000 rules take on one event.

The reference beside it is a naive interpreter of the same compiled conditions, one rule after the
other, which reads and tests every condition for itself. Three sets: rules that share their predicates, as an account's
do; rules with groups; and the worst case, in which no two conditions are equal.
"""

import random
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from recado.automation.conditions import CompiledConditions, RuleSet, compile_rule
from recado.automation.known import CustomAttributeInfo
from recado.automation.predicates import Predicate
from recado.automation.trees import AllOf, Leaf, Tree, parse
from recado.bench.desk import BenchFailed
from recado.bench.printing import Report, Row
from recado.contacts.kinds import AttributeKind

_DEFINITIONS = {("contact_attribute", "plan"): CustomAttributeInfo(AttributeKind.TEXT)}
_COUNTS = (1, 10, 100, 1_000)
_ROUNDS = 100
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


async def rules(_seconds: float, _rate: float) -> Report:
    """A line for each set of rules and each number of them."""
    sets = (("shared", _shared), ("groups", _grouped), ("distinct", _distinct))
    rows = [_line(name, make, count) for name, make in sets for count in _COUNTS]
    return Report("rules", rows, ["Three conditions each; naive tests them one after the other."])


def _line(name: str, make: Callable[..., list[dict[str, Any]]], count: int) -> Row:
    dice = random.Random(1)  # noqa: S311 - the same rules each time
    trees = [parse(make(dice, number)) for number in range(count)]
    compiled = {number: compile_rule(tree, _DEFINITIONS) for number, tree in enumerate(trees)}
    started = perf_counter()
    rule_set = RuleSet(compiled)
    built = perf_counter() - started
    happened = [_happened(dice) for _ in range(_EVENTS)]
    ours = _best(lambda: [rule_set.test(one).matched for one in happened], _ROUNDS) / _EVENTS
    theirs = _best(lambda: [_naive_matches(compiled, one) for one in happened], 2) / _EVENTS
    if any(rule_set.test(one).matched != _naive_matches(compiled, one) for one in happened):
        raise BenchFailed("The two evaluators disagree.")
    return {
        "set": name,
        "rules": count,
        "event_us": round(ours * 1e6, 1),
        "rule_us": round(ours / count * 1e6, 3),
        "naive_us": round(theirs * 1e6, 1),
        "built_ms": round(built * 1e3, 1),
    }


def _best(work: Callable[[], object], rounds: int) -> float:
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
