"""Pages of contacts."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    flash_of,
    form_page,
    found,
    go_to,
    gone,
    is_fragment_wanted,
    members_only,
    page,
    spoken,
)
from recado.accounts.meeting import Met, first_meeting, meet
from recado.contacts.attributes import attributes_of
from recado.contacts.labels import label_choices
from recado.contacts.models import AttributeModel, CustomAttribute
from recado.contacts.reading import (
    contact_draft,
    field_labels,
    nameless_problem,
    shown_values,
    typed_again,
    typed_fields,
    values_of,
)
from recado.contacts.saving import (
    ContactDraft,
    contact_problems,
    create_contact,
    find_contact,
    label_contact,
    update_contact,
)
from recado.db.database import Database
from recado.events.causes import Actor, Cause
from recado.lib.languages import say

_GONE: Final = "/app/contacts?done=gone"  # for open pages of one that was erased
_SAID: Final = {  # by what the address says was done
    "contact": say("The contact is saved."),
    "beside": say("The contact is saved, and what others saved of it meanwhile stays."),
    "merged": say("The two contacts are one now."),
}


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
async def show_contact(
    request: MemberRequest, database: Database, contact_id: int
) -> Template | Response[Any]:
    """A page; one that is open asks whether the contact is still there."""
    if is_fragment_wanted(request):
        async with database.transaction() as tx:
            is_there = await find_contact(tx, request.user.account_id, contact_id) is not None
        return Response(b"", status_code=204) if is_there else gone(request, _GONE)
    flash = flash_of(_SAID.get(request.query_params.get("saved", "")))
    return await _contact_view(request, database, contact_id, "contacts/show.html", flash=flash)


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
    saved = await _save_contact(request, database, contact_id, "contacts/show.html")
    if isinstance(saved, Template):
        return saved
    done = "beside" if saved.is_beside else "contact"
    return go_to(request, f"/app/contacts/{contact_id}?saved={done}")


@post("/app/contacts/{contact_id:int}/card", guards=[members_only], status_code=200)
async def change_card(
    request: MemberRequest, database: Database, contact_id: int
) -> Template | Response[Any]:
    saved = await _save_contact(request, database, contact_id, "contacts/_card_form.html")
    if isinstance(saved, Template):
        return saved
    if is_fragment_wanted(request):
        return await _contact_view(
            request, database, contact_id, "contacts/_card.html", is_beside=saved.is_beside
        )
    return go_to(request, f"/app/contacts/{contact_id}")


@post("/app/contacts/{contact_id:int}/block", guards=[members_only])
async def block_contact(
    request: MemberRequest, database: Database, contact_id: int
) -> Response[Any]:
    """Block, or with `blocked=false` let write again."""
    is_blocked = str((await request.form()).get("blocked", "true")) != "false"
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id))
        draft = ContactDraft(blocked=is_blocked)
        await update_contact(tx, contact, draft, now=datetime.now(UTC), cause=_cause(request))
    return go_to(request, f"/app/contacts/{contact_id}")


async def _contact_view(
    request: MemberRequest, database: Database, contact_id: int, template: str, **more: Any
) -> Template:
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id))
        definitions = await attributes_of(tx, contact.account_id, AttributeModel.CONTACT)
        labels = await label_choices(tx, contact.account_id)
    return form_page(
        request, template, meeting=first_meeting(shown_values(contact, definitions)),
        contact=contact, definitions=definitions, labels=labels, values=values_of(contact), **more,
    )  # fmt: skip


async def _save_contact(
    request: MemberRequest, database: Database, contact_id: int, template: str
) -> Template | Met:
    """Save what was changed in the form; or the template again with what is wrong, or what others
    have saved of the same.
    """
    form, account_id = await request.form(), request.user.account_id
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, account_id, contact_id, for_change=True))
        definitions = await attributes_of(tx, account_id, AttributeModel.CONTACT)
        met = meet(form, _typed(form, definitions), shown_values(contact, definitions))
        draft = contact_draft(met.meant, definitions)
        problems = nameless_problem(draft)
        problems |= await contact_problems(tx, account_id, draft, but=contact.id)
        if problems or met.overlapping:
            values = typed_again(met.meant, definitions, contact)
            again = met.again(field_labels(definitions), problems, contact.updated_at)
            labels = await label_choices(tx, account_id)
            return form_page(
                request, template, problems, again,
                contact=contact, definitions=definitions, labels=labels, values=values,
            )  # fmt: skip
        now = datetime.now(UTC)
        await update_contact(tx, contact, draft, now=now, cause=_cause(request))
        if "labels" in met.meant:
            await label_contact(tx, contact, list(met.meant["labels"]), now=now)
    return met


def _typed(form: FormMultiDict, definitions: list[CustomAttribute]) -> dict[str, Any]:
    typed = typed_fields(form, definitions)
    if "has_labels" in form:
        typed["labels"] = {str(one) for one in form.getall("labels", [])}
    return typed


def _cause(request: MemberRequest) -> Cause:
    return Cause(Actor.PERSON, request.user.user_id)


handlers: list[Any] = [
    new_contact, add_contact, show_contact, show_card, edit_card,
    change_contact, change_card, block_contact,
]  # fmt: skip
