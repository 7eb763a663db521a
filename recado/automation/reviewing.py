"""The doubts about an account's rules, saved ones and one that is being written."""

from collections.abc import Collection, Sequence

from recado.automation.doubting import Doubt, Watched, warnings_among, warnings_of
from recado.automation.known import Known
from recado.automation.models import AutomationRule
from recado.automation.saving import RuleDraft, rules_of
from recado.db.database import Transaction


def doubts_of_rules(
    rules: Sequence[AutomationRule], known: Known, *, only: Collection[int] | None = None
) -> dict[int, list[Doubt]]:
    """What is probably not meant, of every rule of an account or of those of these ids."""
    return warnings_among([watched(one) for one in rules], known, only=only)


async def doubts_of_draft(
    tx: Transaction, account_id: int, draft: RuleDraft, rule: AutomationRule | None, known: Known
) -> list[Doubt]:
    """The same of a rule as somebody writes it; `rule` is its saved self, if there is one."""
    rules = [watched(one) for one in await rules_of(tx, account_id)]
    return warnings_of(_watched_draft(draft, rule), rules, known)


def watched(rule: AutomationRule) -> Watched:
    """A saved rule as doubts need it."""
    return Watched(
        rule.id,
        rule.name,
        rule.event_name,
        rule.conditions,
        rule.effects,
        rule.control,
        rule.is_active,
    )


def _watched_draft(draft: RuleDraft, rule: AutomationRule | None) -> Watched:
    return Watched(
        rule.id if rule else 0,
        draft.name,
        draft.event_name,
        draft.conditions,
        draft.effects,
        {},  # as typed it may make no sense; what it restrains concerns others
        is_active=True,
    )
