"""What this version of Recado knows of rules and events, while a newer one works beside it.

During an update both share the database. What only the newer one knows, the older one leaves to it: an
event that is left waits, one that is tested without a rule that was meant for it would be lost.
"""

from typing import Final

from recado.automation.catalogue import Operator
from recado.automation.effect_names import EffectName
from recado.automation.models import AutomationRule
from recado.automation.trees import leaves, parse
from recado.events.names import EventName, NoticeName

EVENTS: Final = sorted({*EventName, *NoticeName})  # that this version can test rules on

_EVENTS: Final = frozenset(EventName)
_EFFECTS: Final = frozenset(EffectName)
_OPERATORS: Final = frozenset({*Operator, ""})  # one that is missing is told as the rule's error


def is_understood(rule: AutomationRule) -> bool:
    """Whether this version knows what a rule waits for, how it compares, and what it does."""
    return (
        rule.event_name in _EVENTS
        and all(one.get("action_name") in _EFFECTS for one in rule.effects)
        and all(leaf.operator in _OPERATORS for leaf in leaves(parse(rule.conditions)))
    )
