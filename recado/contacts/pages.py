"""Pages of contacts, custom attributes and labels."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.exceptions import ClientException
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    is_fragment_wanted,
    members_only,
    page,
    spoken,
)
from recado.contacts.attributes import (
    attribute_problems,
    attributes_of,
    create_attribute,
    delete_attribute,
    find_attribute,
    update_attribute,
)
from recado.contacts.labels import (
    create_label,
    delete_label,
    find_label,
    label_problems,
    labels_of,
)
from recado.contacts.models import AttributeKind, AttributeModel, CustomAttribute
from recado.contacts.reading import (
    attribute_draft,
    contact_draft,
    nameless_problem,
    typed_again,
    values_of,
)
from recado.contacts.saving import (
    PAGE,
    contact_problems,
    contacts_page,
    create_contact,
    delete_contact,
    find_contact,
    update_contact,
)
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.lib.languages import Sentence

# --- contacts ---


@get("/app/contacts", guards=[members_only])
async def list_contacts(request: MemberRequest, database: Database, q: str = "") -> Template:
    number = _page_number(request)
    async with database.transaction() as tx:
        contacts, total = await contacts_page(tx, request.user.account_id, q=q, page=number)
    return page(
        request, "contacts/list.html", contacts=contacts, total=total, q=q, number=number,
        has_more=number * PAGE < total,
    )  # fmt: skip


@get("/app/contacts/new", guards=[members_only])
async def new_contact(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        definitions = await attributes_of(tx, request.user.account_id, AttributeModel.CONTACT)
    return page(
        request, "contacts/new.html", definitions=definitions, values=values_of(None), errors={}
    )


@post("/app/contacts", guards=[members_only])
async def add_contact(request: MemberRequest, database: Database) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    async with database.transaction() as tx:
        definitions = await attributes_of(tx, account_id, AttributeModel.CONTACT)
        draft = contact_draft(form, definitions)
        problems = nameless_problem(draft) | await contact_problems(tx, account_id, draft)
        if problems:
            return page(
                request, "contacts/new.html", status_code=422, definitions=definitions,
                values=typed_again(form, definitions), errors=spoken(problems),
            )  # fmt: skip
        contact = await create_contact(
            tx, account_id, draft, now=datetime.now(UTC), cause=_cause(request)
        )
    return go_to(request, f"/app/contacts/{contact.id}")


@get("/app/contacts/{contact_id:int}", guards=[members_only])
async def show_contact(request: MemberRequest, database: Database, contact_id: int) -> Template:
    return await _contact_view(request, database, contact_id, "contacts/show.html")


@get("/app/contacts/{contact_id:int}/card", guards=[members_only])
async def show_card(request: MemberRequest, database: Database, contact_id: int) -> Template:
    """The contact beside a conversation."""
    return await _contact_view(request, database, contact_id, "contacts/_card.html")


@get("/app/contacts/{contact_id:int}/card/edit", guards=[members_only])
async def edit_card(request: MemberRequest, database: Database, contact_id: int) -> Template:
    return await _contact_view(request, database, contact_id, "contacts/_card_form.html")


@post("/app/contacts/{contact_id:int}", guards=[members_only])
async def change_contact(
    request: MemberRequest, database: Database, contact_id: int
) -> Template | Response[Any]:
    refused = await _save_contact(request, database, contact_id, "contacts/show.html")
    return refused or go_to(request, f"/app/contacts/{contact_id}?saved=contact")


@post("/app/contacts/{contact_id:int}/card", guards=[members_only], status_code=200)
async def change_card(
    request: MemberRequest, database: Database, contact_id: int
) -> Template | Response[Any]:
    refused = await _save_contact(request, database, contact_id, "contacts/_card_form.html")
    if refused or is_fragment_wanted(request):
        return refused or await _contact_view(request, database, contact_id, "contacts/_card.html")
    return go_to(request, f"/app/contacts/{contact_id}")


async def _contact_view(
    request: MemberRequest, database: Database, contact_id: int, template: str
) -> Template:
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id))
        definitions = await attributes_of(tx, contact.account_id, AttributeModel.CONTACT)
    return page(
        request, template, contact=contact, definitions=definitions,
        values=values_of(contact), errors={},
    )  # fmt: skip


async def _save_contact(
    request: MemberRequest, database: Database, contact_id: int, template: str
) -> Template | None:
    """Save what was typed, or the template again with what is wrong."""
    form, account_id = await request.form(), request.user.account_id
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, account_id, contact_id))
        definitions = await attributes_of(tx, account_id, AttributeModel.CONTACT)
        draft = contact_draft(form, definitions)
        problems = nameless_problem(draft)
        problems |= await contact_problems(tx, account_id, draft, but=contact.id)
        if problems:
            return page(
                request, template, status_code=422, contact=contact, definitions=definitions,
                values=typed_again(form, definitions, contact), errors=spoken(problems),
            )  # fmt: skip
        await update_contact(tx, contact, draft, now=datetime.now(UTC), cause=_cause(request))
    return None


@get("/app/contacts/{contact_id:int}/delete", guards=[administrators_only])
async def ask_to_delete_contact(
    request: MemberRequest, database: Database, contact_id: int
) -> Template:
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id))
    return page(request, "contacts/delete.html", contact=contact)


@post("/app/contacts/{contact_id:int}/delete", guards=[administrators_only])
async def remove_contact(
    request: MemberRequest, database: Database, contact_id: int
) -> Template | Response[Any]:
    typed = str((await request.form()).get("name", ""))
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id))
        if typed != contact.shown_name:
            return page(request, "contacts/delete.html", status_code=422, contact=contact)
        await delete_contact(tx, contact)
    return go_to(request, "/app/contacts")


def _page_number(request: MemberRequest) -> int:
    given = request.query_params.get("page", "1")
    return max(1, int(given)) if given.isdecimal() and len(given) < 7 else 1


# --- labels ---


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


# --- custom attributes ---


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
    return go_to(request, f"/app/attributes?model={draft.model}")


@get("/app/attributes/{attribute_id:int}", guards=[administrators_only])
async def show_attribute(request: MemberRequest, database: Database, attribute_id: int) -> Template:
    async with database.transaction() as tx:
        saved = found(await find_attribute(tx, request.user.account_id, attribute_id))
    return _attribute_page(request, saved, {})


@post("/app/attributes/{attribute_id:int}", guards=[administrators_only])
async def change_attribute(
    request: MemberRequest, database: Database, attribute_id: int
) -> Template | Response[Any]:
    form, account_id = await request.form(), request.user.account_id
    async with database.transaction() as tx:
        saved = found(await find_attribute(tx, account_id, attribute_id))
        draft = attribute_draft(form, saved)
        if problems := await attribute_problems(tx, account_id, draft, but=saved.id):
            return _attribute_page(request, saved, dict(form), problems)
        await update_attribute(tx, saved, draft, now=datetime.now(UTC))
    return go_to(request, f"/app/attributes?model={saved.model}")


@get("/app/attributes/{attribute_id:int}/delete", guards=[administrators_only])
async def ask_to_delete_attribute(
    request: MemberRequest, database: Database, attribute_id: int
) -> Template:
    async with database.transaction() as tx:
        saved = found(await find_attribute(tx, request.user.account_id, attribute_id))
    return page(request, "contacts/attribute_delete.html", attribute=saved)


@post("/app/attributes/{attribute_id:int}/delete", guards=[administrators_only])
async def remove_attribute(
    request: MemberRequest, database: Database, attribute_id: int
) -> Template | Response[Any]:
    typed = str((await request.form()).get("name", ""))
    async with database.transaction() as tx:
        saved = found(await find_attribute(tx, request.user.account_id, attribute_id))
        if typed != saved.name:
            return page(request, "contacts/attribute_delete.html", status_code=422, attribute=saved)
        await delete_attribute(tx, saved)
    return go_to(request, f"/app/attributes?model={saved.model}")


def _attribute_page(
    request: MemberRequest,
    saved: CustomAttribute | None,
    typed: dict[str, Any],
    problems: dict[str, Sentence] | None = None,
) -> Template:
    values = {name: getattr(saved, name, None) or "" for name in _ATTRIBUTE_FIELDS}
    values["choices"] = "\n".join(map(str, saved.choices)) if saved else ""
    values |= {name: str(value) for name, value in typed.items() if name in values}
    return page(
        request, "contacts/attribute.html", status_code=422 if problems else 200,
        saved=saved, values=values, errors=spoken(problems or {}),
    )  # fmt: skip


_ATTRIBUTE_FIELDS = (
    "name", "key", "kind", "model", "description", "regex_pattern", "regex_cue", "choices",
)  # fmt: skip


def _cause(request: MemberRequest) -> Cause:
    return Cause(Actor.PERSON, request.user.user_id)


def _model(text: str) -> AttributeModel:
    if text not in set(AttributeModel):
        raise ClientException("There is no such model.")
    return AttributeModel(text)


def _kind(text: str) -> AttributeKind:
    if text not in set(AttributeKind):
        raise ClientException("There is no such kind.")
    return AttributeKind(text)


handlers: list[Any] = [
    list_contacts, new_contact, add_contact, show_contact, show_card, edit_card,
    change_contact, change_card, ask_to_delete_contact, remove_contact,
    list_labels, add_label, remove_label,
    list_attributes, new_attribute, add_attribute, show_attribute, change_attribute,
    ask_to_delete_attribute, remove_attribute,
]  # fmt: skip
