"""The versions of a rule: what each save changed, and going back to one."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page
from recado.automation.knowing import known_of
from recado.automation.models import AutomationRule
from recado.automation.saving import actions_used, find_rule, rule_problems, update_rule
from recado.automation.versions import draft_of_version, keep_rule_version, rule_versions
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound


@get("/app/automation/{rule_id:int}/versions", guards=[administrators_only])
async def show_versions(request: MemberRequest, database: Database, rule_id: int) -> Template:
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, request.user.account_id, rule_id))
        return await _page(tx, request, rule)


@post(
    "/app/automation/{rule_id:int}/versions/{number:int}/restore",
    status_code=200,
    guards=[administrators_only],
)
async def restore_version(
    request: MemberRequest, database: Database, outbound: Outbound, rule_id: int, number: int
) -> Template | Response[Any]:
    """Save a rule as it was: that is a version of its own."""
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, request.user.account_id, rule_id))
        draft = found(await draft_of_version(tx, rule, number))
        known = await known_of(tx, rule.account_id, outbound.sender.is_surely_refused)
        if problems := rule_problems(draft, known, kept_actions=actions_used(rule)):
            return await _page(tx, request, rule, [str(one.sentence) for one in problems])
        await update_rule(tx, rule, draft, now=now)
        await keep_rule_version(tx, rule, by=request.user.user_id, now=now)
    return go_to(request, f"/app/automation/{rule_id}/versions")


async def _page(
    tx: Transaction, request: MemberRequest, rule: AutomationRule, problems: list[str] | None = None
) -> Template:
    return page(
        request,
        "accounts/versions.html",
        status_code=422 if problems else 200,
        name=rule.name,
        here=f"/app/automation/{rule.id}",
        versions=await rule_versions(tx, rule, await known_of(tx, rule.account_id)),
        problems=problems or [],
    )


handlers: list[Any] = [show_versions, restore_version]
