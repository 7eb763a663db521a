"""The versions of a custom action: what each save changed, and going back to one."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page
from recado.actions.models import CustomAction
from recado.actions.saving import action_problems, find_action, update_action
from recado.actions.versions import action_versions, draft_of_version, keep_action_version
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound


@get("/app/actions/{action_id:int}/versions", guards=[administrators_only])
async def show_versions(request: MemberRequest, database: Database, action_id: int) -> Template:
    async with database.transaction() as tx:
        action = found(await find_action(tx, request.user.account_id, action_id))
        return await _page(tx, request, action)


@post(
    "/app/actions/{action_id:int}/versions/{number:int}/restore",
    status_code=200,
    guards=[administrators_only],
)
async def restore_version(
    request: MemberRequest, database: Database, outbound: Outbound, action_id: int, number: int
) -> Template | Response[Any]:
    """Save an action as it was: that is a version of its own."""
    now, account_id = datetime.now(UTC), request.user.account_id
    async with database.transaction() as tx:
        action = found(await find_action(tx, account_id, action_id, for_change=True))
        draft = found(await draft_of_version(tx, action, number))
        if problems := await action_problems(tx, account_id, draft, but=action.id):
            return await _page(tx, request, action, [str(one) for one in problems.values()])
        await update_action(tx, action, draft, vault=outbound.vault, now=now)
        await keep_action_version(tx, action, by=request.user.user_id, now=now)
    return go_to(request, f"/app/actions/{action_id}/versions")


async def _page(
    tx: Transaction, request: MemberRequest, action: CustomAction, problems: list[str] | None = None
) -> Template:
    return page(
        request,
        "accounts/versions.html",
        status_code=422 if problems else 200,
        name=action.name,
        here=f"/app/actions/{action.id}",
        versions=await action_versions(tx, action),
        problems=problems or [],
    )


handlers: list[Any] = [show_versions, restore_version]
