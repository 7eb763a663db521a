"""A rule as the list shows it: in words, with what it waits for and what it has lost. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recado.automation.doubting import Code, Doubt
from recado.automation.effect_names import EffectName
from recado.automation.known import Known, Problem
from recado.automation.models import AutomationRule
from recado.automation.saving import actions_used, draft_of, rule_problems
from recado.automation.wording import rule_sentence
from recado.lib.languages import Sentence, say

_TOLD_AS_PILLS: Final = {Code.ACTION_OFF, Code.ACTION_MISSING}
_EFFECT: Final = re.compile(r"actions\.([0-9]+)\b")


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule in the list: its sentence, the custom actions that it waits for, and what it lost.

    `lost` says what the rule names that is no longer there: until that is put right, it cannot fire
    or one of its actions cannot be done.
    """

    rule: AutomationRule
    sentence: Sentence
    waits_for: list[str]
    lost: Sentence | None
    doubts: Sequence[Doubt]


def shown_rule(rule: AutomationRule, known: Known, doubts: Sequence[Doubt]) -> ShownRule:
    """A saved rule, with the doubts about it that nothing else says."""
    sentence = rule_sentence(
        rule.event_name, rule.conditions, rule.effects, known, delay=rule.delay_minutes
    )
    problems = rule_problems(draft_of(rule), known, kept_actions=actions_used(rule))
    lost = next((one.sentence for one in problems if not _is_waited_for(rule, one)), None)
    told = [one for one in doubts if one.code not in _TOLD_AS_PILLS]
    return ShownRule(rule, sentence, _waited_for(rule, known), lost, told)


def _waited_for(rule: AutomationRule, known: Known) -> list[str]:
    """The custom actions that are off, by name, and those that are gone."""
    used = [known.custom_actions.get(one) for one in sorted(actions_used(rule))]
    return [
        one.name if one else str(say("a deleted action"))
        for one in used
        if one is None or not one.is_active
    ]


def _is_waited_for(rule: AutomationRule, wrong: Problem) -> bool:
    """Whether a problem is a custom action, which the rule is said to wait for already."""
    found = _EFFECT.match(wrong.field)
    name = rule.effects[int(found[1])]["action_name"] if found else ""
    return bool(name == EffectName.SEND_CUSTOM_ACTION)
