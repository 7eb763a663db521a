"""Files in the forms of rules and macros: kept as soon as they are chosen, then the form is drawn again."""

import re
from datetime import UTC, datetime
from typing import Any, Final

from litestar import post
from litestar.datastructures import UploadFile
from litestar.response import Template

from recado.accounts.doors import MemberRequest, administrators_only, members_only
from recado.automation.doors.editing import redrawn, sent_by
from recado.automation.doors.macros import redrawn_macro
from recado.conversations.pages.files import LARGEST_UPLOAD, keep_files
from recado.conversations.uploading import keep_upload
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.storing import FileStore

_FIELD: Final = re.compile(r"(actions-[0-9]{1,4})-file")


@post(
    "/app/automation/draft/file", status_code=200, guards=[administrators_only],
    request_max_body_size=LARGEST_UPLOAD,
)  # fmt: skip
async def attach_to_rule(
    request: MemberRequest, database: Database, outbound: Outbound, store: FileStore
) -> Template:
    sent = await _sent_with_files(request, database, store)
    return await redrawn(request, database, outbound, sent)


@post(
    "/app/macros/draft/file", status_code=200, guards=[members_only],
    request_max_body_size=LARGEST_UPLOAD,
)  # fmt: skip
async def attach_to_macro(request: MemberRequest, database: Database, store: FileStore) -> Template:
    return await redrawn_macro(request, database, await _sent_with_files(request, database, store))


async def _sent_with_files(
    request: MemberRequest, database: Database, store: FileStore
) -> dict[str, list[str]]:
    """What the form sent, each new file among the files that its action sends."""
    sent, form = await sent_by(request), await request.form()
    for name in set(form):
        field = _FIELD.fullmatch(name)
        for one in form.getall(name) if field else []:
            if field and isinstance(one, UploadFile) and one.filename:
                number = await _kept(request, database, store, one)
                sent.setdefault(f"{field[1]}-params", []).append(str(number))
    return sent


async def _kept(
    request: MemberRequest, database: Database, store: FileStore, file: UploadFile
) -> int:
    [stored] = await keep_files(store, [file])
    async with database.transaction() as tx:
        upload = await keep_upload(tx, request.user.account_id, stored, now=datetime.now(UTC))
        return upload.id


handlers: list[Any] = [attach_to_rule, attach_to_macro]
