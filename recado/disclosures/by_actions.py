"""What custom actions tell: the variables of their templates, and who sends them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from recado.accounts.keeping_versions import every_version
from recado.actions.saving import actions_of
from recado.actions.versions import KIND
from recado.automation.effect_reading import actions_in
from recado.automation.macros import Visibility, every_macro
from recado.automation.models import AutomationRule, Macro
from recado.automation.saving import rules_of
from recado.db.database import Transaction
from recado.deliveries.filtering import host_of
from recado.disclosures.dating import told_by, told_since
from recado.disclosures.recipients import Disclosure, Means, Trigger
from recado.lib.facts import Variable
from recado.lib.languages import say


async def told_by_actions(
    tx: Transaction, account_id: int, variables: Sequence[Variable]
) -> list[Disclosure]:
    """A disclosure for each custom action."""
    known = [one.name for one in variables]
    versions = await every_version(tx, account_id, KIND)
    triggers = await _triggers(tx, account_id)
    return [
        Disclosure(
            host_of(one.lane), Means.ACTION, one.name, f"/app/actions/{one.id}", one.is_active,
            told_by(one.template, known), told_since(one, versions.get(one.id, []), known),
            tuple(triggers.get(one.id, ())),
        )
        for one in await actions_of(tx, account_id)
    ]  # fmt: skip


async def _triggers(tx: Transaction, account_id: int) -> Mapping[int, list[Trigger]]:
    """By custom action, the rules and macros that send it."""
    found: dict[int, list[Trigger]] = defaultdict(list)
    settings: list[AutomationRule | Macro] = [
        *await rules_of(tx, account_id),
        *await every_macro(tx, account_id),
    ]
    for one in settings:
        for action_id in set(actions_in(one.effects)):
            found[action_id].append(trigger_of(one))
    return found


def trigger_of(setting: AutomationRule | Macro) -> Trigger:
    """A rule or a macro as the record names it; the name of a personal macro is its author's alone."""
    if isinstance(setting, AutomationRule):
        return Trigger(setting.name, f"/app/automation/{setting.id}", setting.is_active)
    if setting.visibility == Visibility.PERSONAL:
        return Trigger(say("A personal macro"), "", is_on=True)
    return Trigger(setting.name, f"/app/macros/{setting.id}/edit", is_on=True)
