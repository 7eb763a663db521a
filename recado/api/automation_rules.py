"""Automation rules: event, conditions, and what to do (`actions`, as the API calls effects)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.door import ROOT, ApiError, ApiRequest, administrators, nothing, now, unix
from recado.api.fields import UNSET, Flag, Json, Short, UnsetType, Words, text_or
from recado.api.reading import is_given, read
from recado.api.uploads import FileJson, file_json
from recado.automation.attaching import files_of, with_file_ids
from recado.automation.doubting import Doubt
from recado.automation.effect_checking import INVALID_ATTACHMENT
from recado.automation.knowing import known_of
from recado.automation.known import Known
from recado.automation.models import AutomationRule
from recado.automation.reviewing import doubts_of_rules
from recado.automation.saving import (
    RuleDraft,
    actions_used,
    clone_rule,
    create_rule,
    delete_rule,
    draft_of,
    find_rule,
    rule_problems,
    rules_of,
    switch_rule,
    update_rule,
)
from recado.automation.versions import keep_rule_version
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.languages import speaking


class RuleWarning(Struct):
    """Something that is probably not meant; `rule_id` is the other rule, if there is one."""

    code: str
    text: str
    rule_id: int | None


class Rule(Struct, kw_only=True):
    """A rule; `created_on` in Unix seconds."""

    id: int
    account_id: int
    name: str
    description: str | None
    event_name: str
    conditions: list[Json]
    actions: list[Json]
    control: Json
    position: int
    warnings: list[RuleWarning]
    created_on: int
    active: bool
    execution_delay: int | None
    files: list[FileJson] | UnsetType = UNSET


class Rules(Struct):
    """All rules, in the order in which they are tested."""

    payload: list[Rule]


class OneRule(Struct):
    """One rule."""

    payload: Rule


class RuleBody(Struct):
    """A rule to make or to change.

    A condition is `{"attribute_key", "filter_operator", "values", "query_operator"}`, joined with
    the next by its `query_operator` AND or OR; an action is `{"action_name", "action_params"}`,
    such as `{"action_name": "send_custom_action", "action_params": [3]}`. `control` may hold `stops`,
    `once`, `cool_down` in minutes and `hours`. `execution_delay` is in minutes: how long after the
    event, or how long nobody replied.
    """

    name: Short = UNSET
    description: Words = UNSET
    event_name: Words = UNSET
    conditions: Any = UNSET
    actions: Any = UNSET
    control: Any = UNSET
    active: Flag = UNSET
    execution_delay: Any = UNSET


_RULE = f"{ROOT}/automation_rules/{{rule_id:int}}"


@get(f"{ROOT}/automation_rules", guards=[administrators])
async def list_rules(request: ApiRequest, database: Database) -> Rules:
    """List the rules."""
    async with database.transaction() as tx:
        account_id = request.user.account_id
        rules = await rules_of(tx, account_id)
        doubts = doubts_of_rules(rules, await known_of(tx, account_id))
        return Rules([await _rule_json(tx, one, doubts[one.id]) for one in rules])


@get(_RULE, guards=[administrators])
async def show_rule(request: ApiRequest, database: Database, rule_id: int) -> OneRule:
    """Show a rule."""
    async with database.transaction() as tx:
        return OneRule(await _rule(tx, await the_rule(tx, request, rule_id)))


@post(f"{ROOT}/automation_rules", status_code=200, guards=[administrators], opt={"takes": RuleBody})
async def add_rule(request: ApiRequest, database: Database, outbound: Outbound) -> Rule:
    """Create a rule; it is active unless told otherwise."""
    body = await read(request, RuleBody, wrapped="automation_rule")
    draft = changed_by(RuleDraft("", ""), body)
    async with database.transaction() as tx:
        draft = await _with_files(tx, request.user.account_id, draft)
        known = await known_of(tx, request.user.account_id, outbound.sender.is_surely_refused)
        check_draft(draft, known)
        rule = await create_rule(tx, request.user.account_id, draft, now=now())
        await keep_rule_version(tx, rule, by=request.user.user_id, now=now())
        return await _rule(tx, rule)


@patch(_RULE, guards=[administrators], opt={"takes": RuleBody})
async def patch_rule(
    request: ApiRequest, database: Database, outbound: Outbound, rule_id: int
) -> OneRule:
    """Change a rule, or switch it on or off with `active`."""
    return await _change(request, database, outbound, rule_id)


@put(_RULE, guards=[administrators], opt={"takes": RuleBody})
async def put_rule(
    request: ApiRequest, database: Database, outbound: Outbound, rule_id: int
) -> OneRule:
    """Change a rule; what is not sent stays."""
    return await _change(request, database, outbound, rule_id)


@delete(_RULE, status_code=200, guards=[administrators])
async def remove_rule(request: ApiRequest, database: Database, rule_id: int) -> Response[bytes]:
    """Delete a rule; what it decided and sent stays readable."""
    async with database.transaction() as tx:
        await delete_rule(tx, await the_rule(tx, request, rule_id))
    return nothing()


@post(f"{_RULE}/clone", status_code=200, guards=[administrators])
async def copy_rule(request: ApiRequest, database: Database, rule_id: int) -> OneRule:
    """Copy a rule, with its name and its switch."""
    async with database.transaction() as tx:
        rule = await the_rule(tx, request, rule_id)
        copy = await clone_rule(tx, rule, now=now())
        await keep_rule_version(tx, copy, by=request.user.user_id, now=now())
        return OneRule(await _rule(tx, copy))


async def _change(
    request: ApiRequest, database: Database, outbound: Outbound, rule_id: int
) -> OneRule:
    body = await read(request, RuleBody, wrapped="automation_rule")
    refuses = outbound.sender.is_surely_refused if is_given(body.actions) else None
    async with database.transaction() as tx:
        rule = await the_rule(tx, request, rule_id)
        if _is_only_switched(body):
            await switch_rule(tx, rule, is_active=body.active is True, now=now())
        else:
            draft = changed_by(draft_of(rule), body)
            draft = await _with_files(tx, rule.account_id, draft)
            known = await known_of(tx, rule.account_id, refuses)
            check_draft(draft, known, kept_actions=actions_used(rule))
            await update_rule(tx, rule, draft, now=now())
            await keep_rule_version(tx, rule, by=request.user.user_id, now=now())
        return OneRule(await _rule(tx, rule))


def _is_only_switched(body: RuleBody) -> bool:
    """A rule whose action is gone can still be switched off."""
    rest = (
        body.name, body.description, body.event_name, body.conditions, body.actions, body.control,
        body.execution_delay,
    )  # fmt: skip
    return is_given(body.active) and not any(is_given(one) for one in rest)


def changed_by(draft: RuleDraft, body: RuleBody) -> RuleDraft:
    """The draft with what the body says instead."""
    return RuleDraft(
        name=text_or(body.name, draft.name),
        event_name=text_or(body.event_name, draft.event_name),
        conditions=_given(body.conditions, draft.conditions),
        effects=_given(body.actions, draft.effects),
        description=text_or(body.description, draft.description),
        is_active=body.active if isinstance(body.active, bool) else draft.is_active,
        control=_given(body.control, draft.control),
        delay_minutes=draft.delay_minutes
        if isinstance(body.execution_delay, UnsetType)
        else body.execution_delay,
    )


def _given(value: Any, otherwise: Any) -> Any:
    """Whatever JSON it is: checking says what is wrong with it."""
    return otherwise if isinstance(value, UnsetType) else value


def check_draft(draft: RuleDraft, known: Known, *, kept_actions: Collection[int] = ()) -> None:
    """`error` names the part of the rule, as Chatwoot does; `errors` the exact place."""
    problems = rule_problems(draft, known, kept_actions=kept_actions)
    if not problems:
        return
    error: dict[str, list[str]] = {}
    for one in problems:
        error.setdefault(one.field.partition(".")[0], []).append(one.api_text)
    told: Any = error
    if all(one.api_text == INVALID_ATTACHMENT for one in problems):
        told = INVALID_ATTACHMENT
    raise ApiError(422, {"error": told, "errors": {one.field: one.api_text for one in problems}})


async def _with_files(tx: Transaction, account_id: int, draft: RuleDraft) -> RuleDraft:
    return replace(draft, effects=await with_file_ids(tx, account_id, draft.effects))


async def the_rule(tx: Transaction, request: ApiRequest, rule_id: int) -> AutomationRule:
    """A rule of the account; a stranger's is absent."""
    return found(await find_rule(tx, request.user.account_id, rule_id))


async def _rule(tx: Transaction, rule: AutomationRule) -> Rule:
    every, known = await rules_of(tx, rule.account_id), await known_of(tx, rule.account_id)
    doubts = doubts_of_rules(every, known, only={rule.id})
    return await _rule_json(tx, rule, doubts[rule.id])


async def _rule_json(tx: Transaction, rule: AutomationRule, doubts: Sequence[Doubt]) -> Rule:
    files = await files_of(tx, rule.account_id, rule.effects)
    with speaking("en"):
        warnings = [RuleWarning(one.code, str(one.sentence), one.other_id) for one in doubts]
    return Rule(
        id=rule.id, account_id=rule.account_id, name=rule.name,
        description=rule.description or None, event_name=rule.event_name,
        conditions=rule.conditions, actions=rule.effects, created_on=unix(rule.created_at),
        active=rule.is_active, control=rule.control, position=rule.position, warnings=warnings,
        execution_delay=rule.delay_minutes,
        files=[file_json(one, rule.id) for one in files] or UNSET,
    )  # fmt: skip


handlers: list[Any] = [
    list_rules, show_rule, add_rule, patch_rule, put_rule, remove_rule, copy_rule,
]  # fmt: skip
