"""Automation rules: checking, creating, changing, ordering, deleting."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from recado.accounts.people import outdate_rules
from recado.automation.catalogue import has_conversation
from recado.automation.checking import event_problems, problems_in
from recado.automation.effect_checking import effect_problems
from recado.automation.effect_reading import actions_in
from recado.automation.known import Known, Problem, problem
from recado.automation.models import AutomationRule
from recado.automation.restraining import cleaned, control_problems
from recado.automation.timing import IDLE, disarm
from recado.automation.values import as_id
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import Listing
from recado.events.names import EventName
from recado.lib.languages import say
from recado.lib.names import name_problem

LONGEST_DELAY: Final = 30 * 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as somebody wrote it, conditions and effects in the API's shapes, unchecked."""

    name: str
    event_name: str
    conditions: list[Any] = field(default_factory=list)
    effects: list[Any] = field(default_factory=list)
    description: str = ""
    is_active: bool = True
    control: dict[str, Any] = field(default_factory=dict)  # see restraining.py
    delay_minutes: object = None  # after the event; for an idle event, how long nobody replied


def rule_problems(
    draft: RuleDraft, known: Known, *, kept_actions: Collection[int] = ()
) -> list[Problem]:
    """Everything wrong with a rule, each by its field. An empty list: it may be saved.

    `kept_actions` are custom actions that the saved rule uses already: these may be off.
    """
    unnamed = name_problem(draft.name)
    problems = [problem("name", unnamed)] if unnamed else []
    events = event_problems(draft.event_name)
    problems += events
    if not events:
        problems += problems_in(draft.event_name, draft.conditions, known)
    problems += _delay_problems(draft) + control_problems(draft.control)
    return problems + effect_problems(
        draft.effects,
        known,
        already_used=kept_actions,
        has_conversation=bool(events) or has_conversation(EventName(draft.event_name)),
    )


def _delay_problems(draft: RuleDraft) -> list[Problem]:
    minutes = as_id(draft.delay_minutes)
    if draft.delay_minutes in (None, "") and draft.event_name not in IDLE:
        return []
    if minutes is None or minutes > LONGEST_DELAY:
        sentence = say("Enter how long: from a minute to %(number)s days.", number=30)
    elif draft.event_name in set(EventName) and not has_conversation(EventName(draft.event_name)):
        sentence = say("A rule about a contact alone cannot wait.")
    else:
        return []
    return [problem("execution_delay", sentence)]


async def create_rule(
    tx: Transaction, account_id: int, draft: RuleDraft, *, now: datetime
) -> AutomationRule:
    """Add a rule without problems, after all others."""
    last = await tx.scalar(
        select(func.max(AutomationRule.position)).where(AutomationRule.account_id == account_id)
    )
    rule = AutomationRule(
        account_id=account_id,
        name=draft.name.strip(),
        description=draft.description.strip(),
        event_name=draft.event_name,
        conditions=draft.conditions,
        effects=draft.effects,
        control=cleaned(draft.control),
        is_active=draft.is_active,
        delay_minutes=as_id(draft.delay_minutes),
        position=(last or 0) + 1,
        created_at=now,
        updated_at=now,
    )
    tx.add(rule)
    await tx.flush()
    await outdate_rules(tx, account_id)
    return rule


async def update_rule(
    tx: Transaction, rule: AutomationRule, draft: RuleDraft, *, now: datetime
) -> None:
    """Change a rule to a draft without problems."""
    rule.name = draft.name.strip()
    rule.description = draft.description.strip()
    rule.event_name = draft.event_name
    rule.conditions = draft.conditions
    rule.effects = draft.effects
    rule.control = cleaned(draft.control)
    rule.is_active = draft.is_active
    rule.delay_minutes = as_id(draft.delay_minutes)
    rule.updated_at = now
    await tx.flush()
    await disarm(tx, rule.id)
    await outdate_rules(tx, rule.account_id)


async def switch_rule(
    tx: Transaction, rule: AutomationRule, *, is_active: bool, now: datetime
) -> None:
    """Switch a rule on or off."""
    rule.is_active = is_active
    rule.updated_at = now
    await tx.flush()
    await disarm(tx, rule.id)
    await outdate_rules(tx, rule.account_id)


async def move_rule(tx: Transaction, rule: AutomationRule, *, to: int) -> None:
    """Put a rule at a place in the order, counted from 0; beyond the end is the end."""
    others = [one for one in await rules_of(tx, rule.account_id) if one.id != rule.id]
    others.insert(min(max(to, 0), len(others)), rule)
    for number, one in enumerate(others, start=1):
        one.position = number
    await tx.flush()
    await outdate_rules(tx, rule.account_id)


async def clone_rule(tx: Transaction, rule: AutomationRule, *, now: datetime) -> AutomationRule:
    """A copy with the same name and switch, as the API has it."""
    draft = draft_of(rule)
    return await create_rule(tx, rule.account_id, draft, now=now)


async def delete_rule(tx: Transaction, rule: AutomationRule) -> None:
    """Remove a rule; what it decided and sent stays readable."""
    await tx.delete(rule)
    await tx.flush()
    await outdate_rules(tx, rule.account_id)


async def rules_of(tx: Transaction, account_id: int) -> list[AutomationRule]:
    """An account's rules, in the order in which they are tested."""
    return await _OF_ACCOUNT.all(tx, account_id=account_id)


_OF_ACCOUNT: Final = Listing(
    AutomationRule, "automation_rules where account_id = :account_id order by position, id"
)


async def rule_ids_of(tx: Transaction, account_id: int) -> set[int]:
    """The ids of an account's rules."""
    return {id_ for (id_,) in await _IDS.rows(tx, account_id=account_id)}


_IDS: Final = Direct("select id from automation_rules where account_id = :account_id")


async def find_rule(
    tx: Transaction, account_id: int, rule_id: int, *, for_change: bool = False
) -> AutomationRule | None:
    """A rule of this account."""
    query = select(AutomationRule).where(
        AutomationRule.account_id == account_id, AutomationRule.id == rule_id
    )
    return await tx.scalar(query.with_for_update() if for_change else query)


def draft_of(rule: AutomationRule) -> RuleDraft:
    """A rule as its form shows it."""
    return RuleDraft(
        rule.name,
        rule.event_name,
        rule.conditions,
        rule.effects,
        rule.description,
        rule.is_active,
        dict(rule.control),
        rule.delay_minutes,
    )


def actions_used(rule: AutomationRule) -> set[int]:
    """Which custom actions a rule sends."""
    return set(actions_in(rule.effects))


async def rules_using(tx: Transaction, account_id: int, action_id: int) -> list[AutomationRule]:
    """The rules that send a custom action, in order."""
    return [rule for rule in await rules_of(tx, account_id) if action_id in actions_used(rule)]
