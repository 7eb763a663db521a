"""Pages that copy custom actions: duplicate one, take it along as a document, bring one in."""

import re
from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page
from recado.actions.copying import copy_of, document_of, draft_from
from recado.actions.doors.editing import about_form
from recado.actions.forms import TypedForm
from recado.actions.saving import actions_of, create_action, draft_of, find_action
from recado.actions.versions import keep_action_version
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.languages import Sentence


@post("/app/actions/{action_id:int}/duplicate", guards=[administrators_only])
async def duplicate_action(
    request: MemberRequest, database: Database, outbound: Outbound, action_id: int
) -> Response[Any]:
    """A draft like it, secrets included: they stay bound to their host."""
    account_id = request.user.account_id
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        action = found(await find_action(tx, account_id, action_id))
        names = [one.name for one in await actions_of(tx, account_id)]
        draft = copy_of(draft_of(action), names)
        copy = await create_action(tx, account_id, draft, vault=outbound.vault, now=now)
        await keep_action_version(tx, copy, by=request.user.user_id, now=now)
    return go_to(request, f"/app/actions/{copy.id}/edit")


@get("/app/actions/{action_id:int}/export", guards=[administrators_only])
async def export_action(
    request: MemberRequest, database: Database, action_id: int
) -> Response[bytes]:
    """The action as a file."""
    async with database.transaction() as tx:
        action = found(await find_action(tx, request.user.account_id, action_id))
        document = document_of(draft_of(action))
    name = re.sub(r"[^a-z0-9]+", "-", action.name.lower()).strip("-") or "action"
    headers = {"content-disposition": f'attachment; filename="{name}.json"'}
    return Response(document, media_type="application/json", headers=headers)


@get("/app/actions/import", guards=[administrators_only], sync_to_thread=False)
def ask_for_document(request: MemberRequest) -> Template:
    """Where a document is pasted or chosen."""
    return page(request, "actions/import.html", document="", errors={})


@post("/app/actions/import", guards=[administrators_only], status_code=200)
async def import_action(request: MemberRequest, database: Database) -> Template:
    """The form of a new action, filled in; nothing is saved before somebody has looked at it."""
    form = await request.form()
    document = await _document(form)
    draft = draft_from(document)
    if isinstance(draft, Sentence):
        return page(
            request, "actions/import.html", status_code=422,
            document=document, errors={"document": str(draft)},
        )  # fmt: skip
    async with database.transaction() as tx:
        names = [one.name for one in await actions_of(tx, request.user.account_id)]
        typed = TypedForm(copy_of(draft, names), {})
        context = await about_form(tx, request, None, typed)
    return page(request, "actions/form.html", **context)


async def _document(form: Any) -> str:  # Litestar's form
    file = form.get("file")
    if isinstance(file, UploadFile) and (content := await file.read()):
        return content.decode("utf-8", "replace")
    return str(form.get("document", ""))


handlers: list[Any] = [duplicate_action, export_action, ask_for_document, import_action]
