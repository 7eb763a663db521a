"""What a tested rule comes to: it fires, or something keeps it back, and what. Pure.

Rules of one event are decided in their order, so that one can stop those after it; events in theirs,
so that a firing is remembered by the next. What is remembered of before comes from `remembering.py`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from recado.automation.conditions import Verdicts
from recado.automation.models import AutomationRule, Result
from recado.automation.restraining import Control, Held, control_from, held_back
from recado.db.tables import Json
from recado.events.causes import DEEPEST, Cause, cause_from
from recado.events.models import Event
from recado.events.names import NoticeName

FAN_OUT: Final = 100  # firings that one cause may lead to, over all rules and conversations


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule's result, and for what was kept back a reason that `recounting.py` says."""

    result: Result
    reason: Json | None = None


def waits(rule: AutomationRule, event: Event) -> bool:
    """Whether a rule that matched this event is tested again later, before it has its effects."""
    has_place = event.conversation_id is not None and event.name != NoticeName.RULE_DUE
    return rule.delay_minutes is not None and has_place


@dataclass(slots=True)
class Memory:
    """When rules last fired in conversations, and how many firings came of each beginning.

    What this batch adds is in it too, and apart, to be written down.
    """

    fired: dict[tuple[int, int], datetime] = field(default_factory=dict)  # (rule, conversation)
    firings: Counter[int] = field(default_factory=Counter)  # by the event at the beginning
    new_fired: dict[tuple[int, int], datetime] = field(default_factory=dict)
    new_firings: Counter[int] = field(default_factory=Counter)

    def add(self, rule: AutomationRule, control: Control, event: Event, cause: Cause) -> None:
        """A rule fires."""
        if control.remembers and event.conversation_id is not None:
            key = (rule.id, event.conversation_id)
            self.fired[key] = self.new_fired[key] = event.created_at
        if cause.root is not None:
            self.firings[cause.root] += 1
            self.new_firings[cause.root] += 1


@dataclass(slots=True)
class Round:
    """The rules tested on one event."""

    event: Event
    rules: Mapping[int, AutomationRule]
    memory: Memory
    stopped_by: AutomationRule | None = None

    def decide(self, rule: AutomationRule, verdicts: Verdicts) -> Decision:
        """What the rule comes to. One that fires is remembered, and may stop those after it."""
        if verdicts.error_of(rule.id) is not None:
            return Decision(Result.ERROR)
        if not verdicts.holds(rule.id):
            return Decision(Result.NOT_MATCHED)
        control, cause = control_from(rule.control), cause_from(self.event.cause)
        if waits(rule, self.event):
            return self._looping(rule, cause) or Decision(Result.WAITING)
        kept_back = self._held_back(rule, control) or self._looping(rule, cause)
        if kept_back:
            return kept_back
        self.memory.add(rule, control, self.event, cause)
        self.stopped_by = rule if control.stops else None
        return Decision(Result.MATCHED)

    def _held_back(self, rule: AutomationRule, control: Control) -> Decision | None:
        if self.stopped_by is not None:
            reason = {"code": Held.PASSED_OVER, "rule": self.stopped_by.name}
            return Decision(Result.HELD_BACK, reason)
        last = self.memory.fired.get((rule.id, self.event.conversation_id or 0))
        held = held_back(control, at=self.event.created_at, last=last)
        return Decision(Result.HELD_BACK, {"code": held}) if held else None

    def _looping(self, rule: AutomationRule, cause: Cause) -> Decision | None:
        """Rules that answer each other, here or through another system: the chain ends, and says so."""
        if cause.comes_back_to(rule.id) or cause.depth >= DEEPEST:
            return Decision(Result.STOPPED, self._drawn(rule, cause))
        if cause.root is not None and self.memory.firings[cause.root] >= FAN_OUT:
            return Decision(Result.STOPPED, {"code": "fan_out", "number": FAN_OUT})
        return None

    def _drawn(self, rule: AutomationRule, cause: Cause) -> Json:
        path: list[dict[str, Any]] = [
            {"id": rule_id, "name": self._name(rule_id), "via": how}
            for rule_id, how in zip(cause.chain, cause.via, strict=True)
        ]
        began = cause.began_at or self.event.created_at
        return {
            "code": "loop",
            "path": [*path, {"id": rule.id, "name": rule.name, "via": ""}],
            "seconds": max(round((self.event.created_at - began).total_seconds()), 0),
        }

    def _name(self, rule_id: int) -> str:
        rule = self.rules.get(rule_id)
        return rule.name if rule else f"#{rule_id}"
