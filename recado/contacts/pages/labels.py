"""Pages of labels."""

from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    members_only,
    page,
    spoken,
)
from recado.contacts.labels import (
    create_label,
    delete_label,
    find_label,
    label_problems,
    labels_of,
)
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence


@get("/app/labels", guards=[members_only])
async def list_labels(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        return await _labels_page(tx, request)


@post("/app/labels", guards=[administrators_only])
async def add_label(request: MemberRequest, database: Database) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    values = {name: str(form.get(name, "")) for name in ("title", "color", "description")}
    async with database.transaction() as tx:
        problems = await label_problems(tx, account_id, values["title"], values["color"])
        if problems:
            return await _labels_page(tx, request, values=values, problems=problems)
        await create_label(
            tx, account_id, values["title"],
            color=values["color"], description=values["description"],
        )  # fmt: skip
    return go_to(request, "/app/labels")


@post("/app/labels/{label_id:int}/delete", guards=[administrators_only])
async def remove_label(request: MemberRequest, database: Database, label_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        await delete_label(tx, found(await find_label(tx, request.user.account_id, label_id)))
    return go_to(request, "/app/labels")


async def _labels_page(
    tx: Transaction,
    request: MemberRequest,
    *,
    values: dict[str, str] | None = None,
    problems: dict[str, Sentence] | None = None,
) -> Template:
    return page(
        request, "contacts/labels.html", status_code=422 if problems else 200,
        labels=await labels_of(tx, request.user.account_id),
        values=values or {"title": "", "color": "#1f93ff", "description": ""},
        errors=spoken(problems or {}),
    )  # fmt: skip


handlers: list[Any] = [list_labels, add_label, remove_label]
