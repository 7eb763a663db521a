"""Writing verdicts down: one statement for all rules on all events of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recado.automation.conditions import Verdicts
from recado.automation.deciding import Decision
from recado.automation.models import AutomationRule, Result, RuleVerdict
from recado.automation.scenes import Done
from recado.db.database import Transaction
from recado.db.direct import Insertion
from recado.events.models import Event

_KEEP: Final = Insertion(
    RuleVerdict.__table__,
    (
        "account_id", "rule_id", "rule_name", "rule_version", "event_id", "event_name",
        "conversation_id", "result", "conditions", "short_by", "effects", "reason", "created_at",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Ruling:
    """What one rule says of one event, before any effect."""

    event: Event
    rule: AutomationRule
    decision: Decision
    verdicts: Verdicts  # of all rules on this event

    @property
    def result(self) -> Result:
        """What the rule came to."""
        return self.decision.result

    @property
    def acts(self) -> bool:
        """Whether the rule's effects are to be had."""
        return self.result == Result.MATCHED


async def keep_verdicts(
    tx: Transaction, rulings: Sequence[tuple[Ruling, Sequence[Done]]], *, now: datetime
) -> None:
    """Write each ruling with what its effects did; the deliveries among them have their ids."""
    if rulings:
        await _KEEP.later(tx, [_values(ruling, done, now) for ruling, done in rulings])


def _values(ruling: Ruling, done: Sequence[Done], now: datetime) -> dict[str, Any]:
    event, rule = ruling.event, ruling.rule
    verdict = ruling.verdicts.verdict(rule.id)
    return {
        "account_id": event.account_id,
        "rule_id": rule.id,
        "rule_name": rule.name,
        "rule_version": rule.version,
        "event_id": event.id,
        "event_name": rule.event_name,
        "conversation_id": (event.facts.get("conversation") or {}).get("id"),
        "result": ruling.result,
        "conditions": verdict.trace,
        "short_by": verdict.short_by,
        "effects": [one.as_json() for one in done],
        "reason": ruling.decision.reason or None,
        "created_at": now,
    }
