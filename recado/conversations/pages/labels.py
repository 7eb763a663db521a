"""Pages of labels: the list, a form for each, and what deleting one would leave."""

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
    LabelDraft,
    delete_label,
    find_label,
    keep_label,
    label_problems,
    labels_of,
)
from recado.contacts.models import Label
from recado.conversations.labelling import change_label, uses_of
from recado.db.database import Database
from recado.lib.languages import Sentence

_HERE = "/app/labels"


@get(_HERE, guards=[members_only])
async def list_labels(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        labels = await labels_of(tx, request.user.account_id)
    return page(request, "conversations/labels.html", labels=labels)


@get(f"{_HERE}/new", guards=[administrators_only], sync_to_thread=False)
def new_label(request: MemberRequest) -> Template:
    return _form_page(request, None, LabelDraft(""))


@post(_HERE, guards=[administrators_only])
async def add_label(request: MemberRequest, database: Database) -> Template | Response[Any]:
    draft, account_id = await _typed(request), request.user.account_id
    async with database.transaction() as tx:
        if problems := await label_problems(tx, account_id, draft.title, draft.color):
            return _form_page(request, None, draft, problems)
        await keep_label(tx, account_id, draft)
    return go_to(request, _HERE)


@get(f"{_HERE}/{{label_id:int}}", guards=[administrators_only])
async def show_label(request: MemberRequest, database: Database, label_id: int) -> Template:
    async with database.transaction() as tx:
        label = found(await find_label(tx, request.user.account_id, label_id))
    draft = LabelDraft(label.title, label.color, label.description or "", label.show_on_sidebar)
    return _form_page(request, label, draft)


@post(f"{_HERE}/{{label_id:int}}", guards=[administrators_only])
async def save_label(
    request: MemberRequest, database: Database, label_id: int
) -> Template | Response[Any]:
    draft, account_id = await _typed(request), request.user.account_id
    async with database.transaction() as tx:
        label = found(await find_label(tx, account_id, label_id))
        if problems := await label_problems(tx, account_id, draft.title, draft.color, but=label.id):
            return _form_page(request, label, draft, problems)
        await change_label(tx, label, draft)
    return go_to(request, _HERE)


@get(f"{_HERE}/{{label_id:int}}/delete", guards=[administrators_only])
async def ask_to_delete_label(
    request: MemberRequest, database: Database, label_id: int
) -> Template:
    async with database.transaction() as tx:
        label = found(await find_label(tx, request.user.account_id, label_id))
        uses = await uses_of(tx, label)
    return page(request, "conversations/label_delete.html", label=label, uses=uses)


@post(f"{_HERE}/{{label_id:int}}/delete", guards=[administrators_only])
async def remove_label(request: MemberRequest, database: Database, label_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        await delete_label(tx, found(await find_label(tx, request.user.account_id, label_id)))
    return go_to(request, _HERE)


async def _typed(request: MemberRequest) -> LabelDraft:
    form = await request.form()
    title, color, description = (
        str(form.get(name, "")) for name in ("title", "color", "description")
    )
    return LabelDraft(title, color, description, "show_on_sidebar" in form)


def _form_page(
    request: MemberRequest,
    label: Label | None,
    draft: LabelDraft,
    problems: dict[str, Sentence] | None = None,
) -> Template:
    return page(
        request, "conversations/label.html", status_code=422 if problems else 200,
        label=label, draft=draft, errors=spoken(problems or {}),
    )  # fmt: skip


handlers: list[Any] = [
    list_labels, new_label, add_label, show_label, save_label, ask_to_delete_label, remove_label,
]  # fmt: skip
