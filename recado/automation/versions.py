"""Versions of rules: one for each save that changed something, with what it changed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, Final

from recado.accounts.colliding import Collision, saved_meanwhile
from recado.accounts.keeping_versions import Subject, find_version, keep_version, versions_of
from recado.accounts.versions import ShownVersion, shown_versions
from recado.automation.differences import rule_differences
from recado.automation.known import Known
from recado.automation.models import AutomationRule
from recado.automation.restraining import cleaned
from recado.automation.saving import RuleDraft, draft_of
from recado.db.database import Transaction
from recado.db.tables import Json

KIND: Final = "rule"


def snapshot_of(rule: AutomationRule) -> Json:
    """Everything a save can change; its switch is not part of it."""
    whole = asdict(draft_of(rule))
    return {name: value for name, value in whole.items() if name != "is_active"}


async def keep_rule_version(
    tx: Transaction, rule: AutomationRule, *, by: int | None, now: datetime
) -> None:
    """Write down how a rule was saved; every door that saves one calls this."""
    rule.version = await keep_version(tx, _subject(rule), snapshot_of(rule), by=by, now=now)
    await tx.flush()


async def rule_versions(tx: Transaction, rule: AutomationRule, known: Known) -> list[ShownVersion]:
    """The versions of a rule, newest first, each with what it changed."""
    kept = await versions_of(tx, _subject(rule))
    return shown_versions(kept, rule.version, partial(rule_differences, known=known))


async def draft_of_version(tx: Transaction, rule: AutomationRule, number: int) -> RuleDraft | None:
    """A rule as it was once saved, its switch as it is now."""
    version = await find_version(tx, _subject(rule), number)
    return RuleDraft(**version.snapshot, is_active=rule.is_active) if version else None


async def rule_collision(
    tx: Transaction, rule: AutomationRule, form: Mapping[str, Any], draft: RuleDraft, known: Known
) -> Collision | None:
    """What somebody else has saved since this form was opened, beside what stands in it."""
    saved = await saved_meanwhile(tx, _subject(rule), form, rule.version)
    if saved is None:
        return None
    before, mine = saved.opened or saved.current, asdict(draft)
    return Collision(
        saved.author,
        saved.saved_at,
        rule_differences(before, saved.current, known),
        rule_differences(before, {**mine, "control": cleaned(draft.control)}, known),
    )


def _subject(rule: AutomationRule) -> Subject:
    return Subject(rule.account_id, KIND, rule.id)
