"""Pages of labels: the list, a form for each, and what deleting one would leave."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    form_page,
    found,
    found_for_change,
    go_to,
    members_only,
    page,
)
from recado.accounts.meeting import Meeting, first_meeting, meet
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
from recado.lib.languages import Sentence, say
from recado.lib.long_lists import list_page

_HERE = "/app/labels"
_LABELS: Final = {
    "title": say("Label"), "color": say("Colour"), "description": say("Description"),
    "show_on_sidebar": say("Offer it among the filters of conversations"),
}  # fmt: skip


@get(_HERE, guards=[members_only])
async def list_labels(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        labels = await labels_of(tx, request.user.account_id)
    shown = list_page(labels, request.query_params, _searched)
    return page(request, "conversations/labels.html", labels=shown)


def _searched(label: Label) -> str:
    return f"{label.title} {label.description or ''}"


@get(f"{_HERE}/new", guards=[administrators_only], sync_to_thread=False)
def new_label(request: MemberRequest) -> Template:
    return _form_page(request, None, LabelDraft(""))


@post(_HERE, guards=[administrators_only])
async def add_label(request: MemberRequest, database: Database) -> Template | Response[Any]:
    draft, account_id = LabelDraft(**_typed(await request.form())), request.user.account_id
    async with database.transaction() as tx:
        if problems := await label_problems(tx, account_id, draft.title, draft.color):
            return _form_page(request, None, draft, problems)
        await keep_label(tx, account_id, draft)
    return go_to(request, _HERE, "saved")


@get(f"{_HERE}/{{label_id:int}}", guards=[administrators_only])
async def show_label(request: MemberRequest, database: Database, label_id: int) -> Template:
    async with database.transaction() as tx:
        label = found(await find_label(tx, request.user.account_id, label_id))
    shown = _values(label)
    return _form_page(request, label, LabelDraft(**shown), meeting=first_meeting(shown))


@post(f"{_HERE}/{{label_id:int}}", guards=[administrators_only])
async def save_label(
    request: MemberRequest, database: Database, label_id: int
) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    async with database.transaction() as tx:
        label = await found_for_change(tx, await find_label(tx, account_id, label_id))
        met = meet(form, _typed(form), _values(label))
        draft = LabelDraft(**met.meant)
        problems = await label_problems(tx, account_id, draft.title, draft.color, but=label.id)
        if problems or met.overlapping:
            return _form_page(request, label, draft, problems, met.again(_LABELS, problems))
        await change_label(tx, label, draft)
    return go_to(request, _HERE, "saved")


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
    return go_to(request, _HERE, "deleted")


def _values(label: Label) -> dict[str, Any]:
    shown = LabelDraft(label.title, label.color, label.description or "", label.show_on_sidebar)
    return asdict(shown)


def _typed(form: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: str(form.get(name, "")) for name in ("title", "color", "description")}
    return {**texts, "show_on_sidebar": "show_on_sidebar" in form}


def _form_page(
    request: MemberRequest,
    label: Label | None,
    draft: LabelDraft,
    problems: dict[str, Sentence] | None = None,
    meeting: Meeting | None = None,
) -> Template:
    return form_page(
        request, "conversations/label.html", problems, meeting, label=label, draft=draft
    )


handlers: list[Any] = [
    list_labels, new_label, add_label, show_label, save_label, ask_to_delete_label, remove_label,
]  # fmt: skip
