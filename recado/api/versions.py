"""Versions of rules and custom actions: what each save changed, and going back to one."""

from collections.abc import Sequence
from typing import Any

from litestar import get, post
from msgspec import Struct

from recado.accounts.doors import found
from recado.accounts.versions import ShownVersion
from recado.actions.saving import action_problems, update_action
from recado.actions.versions import action_versions, keep_action_version
from recado.actions.versions import draft_of_version as action_draft_of_version
from recado.api.automation_rules import check_draft, the_rule
from recado.api.custom_actions import the_action
from recado.api.door import ROOT, ApiRequest, administrators, invalid, iso, now
from recado.automation.knowing import known_of
from recado.automation.models import AutomationRule
from recado.automation.saving import actions_used, update_rule
from recado.automation.versions import draft_of_version, keep_rule_version, rule_versions
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.differences import Difference
from recado.lib.languages import speaking


class VersionChange(Struct):
    """One difference to the version before; for texts also the lines that went and came."""

    text: str
    removed: list[str]
    added: list[str]


class Version(Struct):
    """A save that changed something."""

    number: int
    author: str | None
    created_at: str | None
    current: bool
    changes: list[VersionChange]


class Versions(Struct):
    """The newest 50 versions, newest first."""

    payload: list[Version]


_RULE = f"{ROOT}/automation_rules/{{rule_id:int}}/versions"
_ACTION = f"{ROOT}/custom_actions/{{action_id:int}}/versions"


@get(_RULE, guards=[administrators])
async def list_rule_versions(request: ApiRequest, database: Database, rule_id: int) -> Versions:
    """List the versions of a rule."""
    async with database.transaction() as tx:
        return await _of_rule(tx, await the_rule(tx, request, rule_id))


@post(f"{_RULE}/{{number:int}}/restore", status_code=200, guards=[administrators])
async def restore_rule_version(
    request: ApiRequest, database: Database, outbound: Outbound, rule_id: int, number: int
) -> Versions:
    """Go back to a version of a rule; that is a version of its own."""
    async with database.transaction() as tx:
        rule = await the_rule(tx, request, rule_id)
        draft = found(await draft_of_version(tx, rule, number))
        known = await known_of(tx, rule.account_id, outbound.sender.is_surely_refused)
        check_draft(draft, known, kept_actions=actions_used(rule))
        await update_rule(tx, rule, draft, now=now())
        await keep_rule_version(tx, rule, by=request.user.user_id, now=now())
        return await _of_rule(tx, rule)


@get(_ACTION, guards=[administrators])
async def list_action_versions(request: ApiRequest, database: Database, action_id: int) -> Versions:
    """List the versions of a custom action."""
    async with database.transaction() as tx:
        return _shown(await action_versions(tx, await the_action(tx, request, action_id)))


@post(f"{_ACTION}/{{number:int}}/restore", status_code=200, guards=[administrators])
async def restore_action_version(
    request: ApiRequest, database: Database, outbound: Outbound, action_id: int, number: int
) -> Versions:
    """Go back to a version of a custom action; that is a version of its own."""
    async with database.transaction() as tx:
        action = await the_action(tx, request, action_id, for_change=True)
        draft = found(await action_draft_of_version(tx, action, number))
        if problems := await action_problems(tx, action.account_id, draft, but=action.id):
            raise invalid(problems)
        await update_action(tx, action, draft, vault=outbound.vault, now=now())
        await keep_action_version(tx, action, by=request.user.user_id, now=now())
        return _shown(await action_versions(tx, action))


async def _of_rule(tx: Transaction, rule: AutomationRule) -> Versions:
    return _shown(await rule_versions(tx, rule, await known_of(tx, rule.account_id)))


def _shown(versions: Sequence[ShownVersion]) -> Versions:
    with speaking("en"):
        return Versions([_version(one) for one in versions])


def _version(one: ShownVersion) -> Version:
    changes = [_change(change) for change in one.changes]
    return Version(one.number, one.author, iso(one.saved_at), one.is_current, changes)


def _change(change: Any) -> VersionChange:  # a Difference, or words
    if isinstance(change, Difference):
        return VersionChange(str(change.sentence), list(change.gone), list(change.come))
    return VersionChange(str(change), [], [])


handlers: list[Any] = [
    list_rule_versions, restore_rule_version, list_action_versions, restore_action_version,
]  # fmt: skip
