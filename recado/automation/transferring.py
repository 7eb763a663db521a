"""Rules and custom actions as a file: written, compared with an account, and made so.

Things are known by their names, so a file fits another account. Secrets are never in it: a header says
`secret: true`, keeps the secret it has, and of a new action it is left out until somebody enters it.
Also reads what Chatwoot's API lists as automation rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from recado.actions.differences import action_differences
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import (
    ActionDraft,
    HeaderDraft,
    action_problems,
    actions_of,
    create_action,
    update_action,
)
from recado.actions.saving import draft_of as action_draft_of
from recado.actions.urls import address_problem
from recado.actions.versions import keep_action_version
from recado.actions.versions import snapshot_of as action_snapshot
from recado.automation.differences import rule_differences
from recado.automation.knowing import known_of
from recado.automation.known import Known
from recado.automation.models import AutomationRule
from recado.automation.naming import NamedRule, with_ids, with_names
from recado.automation.saving import (
    RuleDraft,
    actions_used,
    create_rule,
    draft_of,
    rule_problems,
    rules_of,
    update_rule,
)
from recado.automation.versions import keep_rule_version
from recado.automation.versions import snapshot_of as rule_snapshot
from recado.automation.wording import rule_sentence
from recado.db.database import Transaction
from recado.lib.addresses import Refuses
from recado.lib.languages import say
from recado.lib.secrets import Vault

FORMAT: Final = 1
_PLAIN: Final = ("name", "description", "method", "url", "body_kind", "body", "policy", "answers")


class NotReadable(Exception):
    """A file is no such document; the text says why."""


@dataclass(frozen=True, slots=True)
class By:
    """Who applies a file, when, what keeps the secrets of actions, and where nothing may be sent."""

    vault: Vault
    now: datetime
    refuses: Refuses
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What applying a file does with one thing: create, change, same or refuse, and why.

    `sentence` is a rule in words, with the names that its numbers have here; `changes` what is
    different from now.
    """

    verb: str
    kind: str
    name: str
    notes: list[str] = field(default_factory=list)
    sentence: str = ""
    changes: list[str] = field(default_factory=list)


async def exported(tx: Transaction, account_id: int) -> dict[str, Any]:
    """Everything that rules do in an account, by name and without secrets."""
    known = await known_of(tx, account_id)
    rules = []
    for rule in await rules_of(tx, account_id):
        named = with_names(NamedRule(rule.conditions, rule.effects), known)
        rules.append({
            "name": rule.name, "description": rule.description, "event_name": rule.event_name,
            "conditions": named.conditions, "actions": named.effects, "control": rule.control,
            "active": rule.is_active, "delay_minutes": draft_of(rule).delay_minutes,
        })  # fmt: skip
    actions = [_action_json(one) for one in await actions_of(tx, account_id)]
    return {"recado": FORMAT, "custom_actions": actions, "automation_rules": rules}


def document_from(parsed: Any) -> dict[str, list[Any]]:
    """A file's actions and rules; a list of rules, or Chatwoot's `{"payload": […]}`, is one too."""
    if isinstance(parsed, dict) and isinstance(parsed.get("payload"), list):
        parsed = parsed["payload"]
    if isinstance(parsed, list):
        parsed = {"automation_rules": parsed}
    if not isinstance(parsed, dict) or "payload" in parsed:
        raise NotReadable(str(say("The file holds neither rules nor custom actions.")))
    found = {key: parsed.get(key) or [] for key in ("custom_actions", "automation_rules")}
    for key, items in found.items():
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise NotReadable(str(say("%(part)s must be a list of objects.", part=key)))
        names = [one.get("name") for one in items]
        if not all(isinstance(one, str) and one.strip() for one in names):
            raise NotReadable(str(say("Everything in %(part)s needs a name.", part=key)))
        if len(set(names)) < len(names):
            raise NotReadable(str(say("In %(part)s two have the same name.", part=key)))
    return found


_READ: Final = frozenset({"recado", "custom_actions", "automation_rules", "payload", "meta"})
_BOOKKEEPING: Final = frozenset({"id", "account_id", "created_on", "files", "position", "warnings"})
_OF_RULES: Final = frozenset(
    {"name", "description", "event_name", "conditions", "actions", "control", "active"}
    | {"delay_minutes", "execution_delay"}
)
_OF_ACTIONS: Final = frozenset({*_PLAIN, "headers", "state"})


def unread_parts(parsed: Any) -> list[str]:
    """What stands in a file beside rules and custom actions, and is not looked at."""
    return sorted(set(map(str, parsed)) - _READ) if isinstance(parsed, dict) else []


def has_foreign_numbers(document: Mapping[str, list[Any]]) -> bool:
    """Whether the rules come from an API, where inboxes, agents and teams are numbers."""
    return any("account_id" in one for one in document["automation_rules"])


def _unread(item: Mapping[str, Any], known: frozenset[str]) -> list[str]:
    left = sorted(set(map(str, item)) - known - _BOOKKEEPING)
    return [str(say("“%(part)s” is not read here.", part=one)) for one in left]


async def carry_out(
    tx: Transaction, account_id: int, document: Mapping[str, list[Any]], by: By, *, is_plan: bool
) -> list[Step]:
    """Apply a file as a whole, or not at all: nothing is kept of a plan, or if anything is refused."""
    point = await tx.begin_nested()
    steps = await apply(tx, account_id, document, by)
    if is_plan or any(one.verb == "refuse" for one in steps):
        await point.rollback()
    else:
        await point.commit()
    return steps


async def apply(
    tx: Transaction, account_id: int, document: Mapping[str, list[Any]], by: By
) -> list[Step]:
    """Make an account as the file says; what the file does not name stays. What is wrong is refused."""
    actions = {one.name.lower(): one for one in await actions_of(tx, account_id)}
    steps = [
        await _apply_action(tx, account_id, item, actions.get(item["name"].strip().lower()), by)
        for item in document["custom_actions"]
    ]
    known = await known_of(tx, account_id, by.refuses)
    rules = {one.name: one for one in await rules_of(tx, account_id)}
    steps += [
        await _apply_rule(tx, account_id, known, item, rules.get(item["name"].strip()), by)
        for item in document["automation_rules"]
    ]
    return steps


async def _apply_action(
    tx: Transaction, account_id: int, item: Any, action: CustomAction | None, by: By
) -> Step:
    draft, left_out = _action_draft(item, action)
    verb = "create" if action is None else "change"
    step = Step(verb, "custom action", draft.name, [*left_out, *_unread(item, _OF_ACTIONS)])
    if action is not None and draft == action_draft_of(action):
        return replace(step, verb="same")
    problems = await action_problems(tx, account_id, draft, but=action.id if action else None)
    if problems:
        said = [f"{name}: {sentence}" for name, sentence in problems.items()]
        return replace(step, verb="refuse", notes=said)
    if inside := address_problem(draft.url.strip(), by.refuses):
        step.notes.append(f"url: {inside}")
    if action is None:
        state = ActionState.DRAFT if left_out else _state(item)
        action = await create_action(tx, account_id, draft, vault=by.vault, now=by.now, state=state)
    else:
        before = action_snapshot(action)
        await update_action(tx, action, draft, vault=by.vault, now=by.now)
        found = action_differences(before, action_snapshot(action))
        step = replace(step, changes=[str(one.sentence) for one in found])
    await keep_action_version(tx, action, by=by.user_id, now=by.now)
    return step


def _action_draft(item: Any, action: CustomAction | None) -> tuple[ActionDraft, list[str]]:
    """The draft, and a note for each secret header that nobody has entered yet."""
    before = action_draft_of(action) if action else ActionDraft()
    secrets = {one.name.lower(): one for one in before.headers if one.is_secret}
    headers, notes = [], []
    given = item.get("headers")
    for one in given if isinstance(given, list) else []:
        name = str(one.get("name", "")) if isinstance(one, dict) else ""
        if not name or not one.get("secret"):
            headers.append(HeaderDraft(name, str(one.get("value", "")) if name else ""))
        elif name.lower() in secrets:
            headers.append(secrets[name.lower()])
        else:
            said = say(
                "Enter the secret header %(name)s by hand; until then it is a draft.", name=name
            )
            notes.append(str(said))
    plain = {key: item[key] for key in _PLAIN if key in item}
    if "headers" in item:
        plain["headers"] = tuple(headers)
    return replace(before, **plain), notes


def _state(item: Any) -> ActionState:
    written = item.get("state", ActionState.ACTIVE)
    return ActionState(written) if written in set(ActionState) else ActionState.DRAFT


async def _apply_rule(
    tx: Transaction, account_id: int, known: Known, item: Any, rule: AutomationRule | None, by: By
) -> Step:
    draft = _rule_draft(item, rule)
    named = with_ids(NamedRule(draft.conditions, draft.effects), known)
    draft = replace(draft, conditions=named.conditions, effects=named.effects)
    words = rule_sentence(
        draft.event_name, draft.conditions, draft.effects, known, delay=draft.delay_minutes
    )
    verb = "create" if rule is None else "change"
    step = Step(verb, "rule", draft.name, _unread(item, _OF_RULES), str(words))
    if rule is not None and draft == draft_of(rule):
        return replace(step, verb="same")
    if rule is not None and draft.effects == rule.effects:
        known = replace(known, refuses=None)  # what was saved before stays
    problems = rule_problems(draft, known, kept_actions=actions_used(rule) if rule else ())
    if problems:
        return replace(
            step,
            verb="refuse",
            notes=[*(f"{one.field}: {one.sentence}" for one in problems), *step.notes],
        )
    if rule is None:
        rule = await create_rule(tx, account_id, draft, now=by.now)
    else:
        before = rule_snapshot(rule)
        await update_rule(tx, rule, draft, now=by.now)
        found = rule_differences(before, rule_snapshot(rule), known)
        step = replace(step, changes=[str(one) for one in found])
    await keep_rule_version(tx, rule, by=by.user_id, now=by.now)
    return step


def _rule_draft(item: Any, rule: AutomationRule | None) -> RuleDraft:
    before = draft_of(rule) if rule else RuleDraft("", "")
    active = item.get("active", before.is_active)
    return replace(
        before,
        name=item["name"].strip(),
        event_name=str(item.get("event_name", before.event_name)),
        conditions=item.get("conditions", before.conditions),
        effects=item.get("actions", before.effects),
        description=str(item.get("description") or ""),
        is_active=active if isinstance(active, bool) else True,
        control=item.get("control", before.control),
        delay_minutes=item.get("delay_minutes", item.get("execution_delay", before.delay_minutes)),
    )


def _action_json(action: CustomAction) -> dict[str, Any]:
    draft = action_draft_of(action)
    headers = [
        {"name": one.name, "secret": True} if one.is_secret
        else {"name": one.name, "value": one.value}
        for one in draft.headers
    ]  # fmt: skip
    plain = {key: getattr(draft, key) for key in _PLAIN}
    return {**plain, "headers": headers, "state": str(action.state)}
