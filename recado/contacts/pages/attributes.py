"""Pages of custom attributes."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import ClientException
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    form_page,
    found,
    found_for_change,
    go_to,
    page,
)
from recado.accounts.meeting import Meeting, first_meeting, meet
from recado.accounts.pages.deleting import Deletable, deleting
from recado.contacts.attributes import (
    attribute_problems,
    attributes_of,
    create_attribute,
    delete_attribute,
    find_attribute,
    update_attribute,
)
from recado.contacts.models import AttributeKind, AttributeModel, CustomAttribute
from recado.contacts.reading import attribute_draft
from recado.db.database import Database
from recado.lib.languages import Sentence, say


@get("/app/attributes", guards=[administrators_only])
async def list_attributes(request: MemberRequest, database: Database) -> Template:
    model = _model(request.query_params.get("model", AttributeModel.CONTACT))
    async with database.transaction() as tx:
        attributes = await attributes_of(tx, request.user.account_id)
    counts = {one: sum(a.model == one for a in attributes) for one in AttributeModel}
    shown = [one for one in attributes if one.model == model]
    return page(request, "contacts/attributes.html", model=model, attributes=shown, counts=counts)


@get("/app/attributes/new", guards=[administrators_only], sync_to_thread=False)
def new_attribute(request: MemberRequest) -> Template:
    model = _model(request.query_params.get("model", AttributeModel.CONTACT))
    return _attribute_page(request, None, {"model": model, "kind": AttributeKind.TEXT})


@post("/app/attributes", guards=[administrators_only])
async def add_attribute(request: MemberRequest, database: Database) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    _model(str(form.get("model", ""))), _kind(str(form.get("kind", "")))
    draft = attribute_draft(form)
    async with database.transaction() as tx:
        if problems := await attribute_problems(tx, account_id, draft):
            return _attribute_page(request, None, dict(form), problems)
        await create_attribute(tx, account_id, draft, now=datetime.now(UTC))
    return go_to(request, f"/app/attributes?model={draft.model}", "saved")


@get("/app/attributes/{attribute_id:int}", guards=[administrators_only])
async def show_attribute(request: MemberRequest, database: Database, attribute_id: int) -> Template:
    async with database.transaction() as tx:
        saved = found(await find_attribute(tx, request.user.account_id, attribute_id))
    return _attribute_page(request, saved, {}, meeting=first_meeting(_changeable(saved)))


@post("/app/attributes/{attribute_id:int}", guards=[administrators_only])
async def change_attribute(
    request: MemberRequest, database: Database, attribute_id: int
) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    async with database.transaction() as tx:
        saved = await found_for_change(tx, await find_attribute(tx, account_id, attribute_id))
        shown = _changeable(saved)
        met = meet(form, {name: str(form[name]) for name in shown if name in form}, shown)
        draft = attribute_draft(met.meant, saved)
        problems = await attribute_problems(tx, account_id, draft, but=saved.id)
        if problems or met.overlapping:
            again = met.again(_LABELS, problems, saved.updated_at)
            return _attribute_page(request, saved, met.meant, problems, again)
        await update_attribute(tx, saved, draft, now=datetime.now(UTC))
    return go_to(request, f"/app/attributes?model={saved.model}", "saved")


def _attribute_page(
    request: MemberRequest,
    saved: CustomAttribute | None,
    typed: dict[str, Any],
    problems: dict[str, Sentence] | None = None,
    meeting: Meeting | None = None,
) -> Template:
    fixed = {name: getattr(saved, name, "") for name in ("key", "kind", "model")}
    values = {**_changeable(saved), **fixed}
    values |= {name: str(value) for name, value in typed.items() if name in values}
    return form_page(
        request, "contacts/attribute.html", problems, meeting, saved=saved, values=values
    )


def _changeable(saved: CustomAttribute | None) -> dict[str, str]:
    """What the form shows of what may be changed once it is saved."""
    texts = {name: getattr(saved, name, None) or "" for name in _LABELS if name != "choices"}
    return {**texts, "choices": "\n".join(map(str, saved.choices)) if saved else ""}


_LABELS: Final = {
    "name": say("Name"), "description": say("Description"), "regex_pattern": say("Pattern"),
    "regex_cue": say("Hint"), "choices": say("Values to choose from"),
}  # fmt: skip


def _model(text: str) -> AttributeModel:
    if text not in set(AttributeModel):
        raise ClientException("There is no such model.")
    return AttributeModel(text)


def _kind(text: str) -> AttributeKind:
    if text not in set(AttributeKind):
        raise ClientException("There is no such kind.")
    return AttributeKind(text)


_DELETABLE: Final = Deletable(
    "attribute",
    "contacts/attribute_delete.html",
    find_attribute,
    delete_attribute,
    lambda one: f"/app/attributes?model={one.model}",
)

handlers: list[Any] = [
    list_attributes, new_attribute, add_attribute, show_attribute, change_attribute,
    *deleting("/app/attributes", _DELETABLE),
]  # fmt: skip
