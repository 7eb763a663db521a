"""Writing verdicts down: one statement for all rules on all events of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, SMALLINT, TEXT

from recado.automation.conditions import Verdicts
from recado.automation.deciding import Decision
from recado.automation.models import AutomationRule, Result
from recado.automation.scenes import Done
from recado.automation.tallying import Sample
from recado.db.database import Transaction
from recado.events.models import Event

_TYPES: Final = {
    "account_id": BIGINT, "rule_id": BIGINT, "rule_name": TEXT, "rule_version": BIGINT, "event_id": BIGINT,
    "event_name": TEXT, "conversation_id": BIGINT, "result": TEXT, "conditions": TEXT,
    "short_by": SMALLINT, "effects": TEXT, "reason": TEXT,
}  # fmt: skip
_KEEP = text(f"""
    insert into rule_verdicts ({", ".join(_TYPES)}, created_at)
    select account_id, rule_id, rule_name, rule_version, event_id, event_name, conversation_id, result,
        cast(conditions as jsonb), short_by, cast(effects as jsonb), cast(reason as jsonb), :now
    from unnest({", ".join(f":{name}" for name in _TYPES)}) as kept({", ".join(_TYPES)})
""").bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _TYPES.items()))  # noqa: S608 - our own names


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

    def is_kept(self, sample: Sample, now: datetime) -> bool:
        """Whether it is written down: of those that do not match, a sample."""
        return self.result != Result.NOT_MATCHED or sample.takes(self.rule.id, now)


async def keep_verdicts(
    tx: Transaction, rulings: Sequence[tuple[Ruling, Sequence[Done]]], *, now: datetime
) -> None:
    """Write each ruling with what its effects did; the deliveries among them have their ids."""
    if not rulings:
        return
    rows = [_values(ruling, done) for ruling, done in rulings]
    columns = dict(zip(_TYPES, map(list, zip(*rows, strict=True)), strict=True))
    await tx.execute(_KEEP, {**columns, "now": now})


def _values(ruling: Ruling, done: Sequence[Done]) -> tuple[Any, ...]:
    event, rule = ruling.event, ruling.rule
    verdict = ruling.verdicts.verdict(rule.id)
    return (
        event.account_id,
        rule.id,
        rule.name,
        rule.version,
        event.id,
        rule.event_name,
        (event.facts.get("conversation") or {}).get("id"),
        ruling.result,
        orjson.dumps(verdict.trace).decode(),
        verdict.short_by,
        orjson.dumps([one.as_json() for one in done]).decode(),
        orjson.dumps(ruling.decision.reason).decode() if ruling.decision.reason else None,
    )
