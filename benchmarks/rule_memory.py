"""What a worker's rule book weighs: accounts with ten rules of three conditions each.

`python -m benchmarks.rule_memory [accounts]`; 200 unless told otherwise. Beside it, as a reference, what the same
conditions weigh as the JSON that is stored of them.
"""

import json
import random
import sys
import tracemalloc
from datetime import UTC, datetime
from typing import Any

from recado.automation.conditions import RuleSet, compile_rule
from recado.automation.models import AutomationRule
from recado.automation.rule_book import CompiledRules
from recado.automation.trees import parse

_RULES = 10
_WORDS = ["pedido", "entrega", "boleto", "troca", "frete", "cancelar", "nota", "atraso"]


def main() -> None:
    """Compile the rules of so many accounts, and print what they hold."""
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    tracemalloc.start()
    kept = [_compiled(account_id) for account_id in range(accounts)]
    held = tracemalloc.get_traced_memory()[0] / 1024
    stored = sum(len(json.dumps(one.conditions)) for book in kept for one in book.rules.values())
    sys.stdout.write(
        f"{held / accounts:.0f} KiB an account, {held / accounts / _RULES:.1f} KiB a rule\n"
    )
    sys.stdout.write(
        f"Reference: {stored / 1024 / accounts / _RULES:.1f} KiB of stored conditions a rule\n"
    )


def _compiled(account_id: int) -> CompiledRules:
    dice = random.Random(account_id)  # noqa: S311 - the same rules each time
    rules = {number: _rule(account_id, number, dice) for number in range(_RULES)}
    compiled = {one.id: compile_rule(parse(one.conditions), {}) for one in rules.values()}
    return CompiledRules(1, rules, {"message_created": RuleSet(compiled)})


def _rule(account_id: int, number: int, dice: random.Random) -> AutomationRule:
    now = datetime.now(UTC)
    rule = AutomationRule(
        account_id=account_id, name=f"rule {number}", description="", event_name="message_created",
        conditions=[
            _row("status", "equal_to", dice.choice(["open", "pending"])),
            _row("inbox_id", "equal_to", dice.randint(1, 20)),
            _row("content", "contains", dice.choice(_WORDS)),
        ],
        effects=[{"action_name": "send_custom_action", "action_params": [number]}],
        created_at=now, updated_at=now,
    )  # fmt: skip
    rule.id = number
    return rule


def _row(key: str, operator: str, value: object) -> dict[str, Any]:
    row = {"attribute_key": key, "filter_operator": operator, "values": [value]}
    return {**row, "query_operator": "and"}


if __name__ == "__main__":
    main()
