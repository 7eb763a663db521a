"""Pages of conversations: the list, the thread, and what stands beside it."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import ClientException
from litestar.response import Redirect, Response, Template

from recado.accounts.doors import (
    MemberRequest,
    answer,
    found,
    go_to,
    gone,
    is_fragment_wanted,
    members_only,
    page,
    spoken,
)
from recado.accounts.meeting import first_meeting, meet
from recado.contacts.attributes import attributes_of, checked_values
from recado.contacts.models import AttributeModel
from recado.contacts.reading import (
    attributes_shown,
    attributes_typed,
    field_labels,
    typed_values,
)
from recado.contacts.saving import find_contact, merged
from recado.conversations.changing import change_conversation
from recado.conversations.changing_many import MOST, change_many
from recado.conversations.finding import Filter, conversations_page, last_messages
from recado.conversations.pages.drawing import drawn_state, drawn_thread, drawn_whole
from recado.conversations.pages.undoing import flash_after, with_choice
from recado.conversations.reading import change_from, choice_from
from recado.conversations.undoing import Done, undo_of
from recado.conversations.viewing import find_visible, list_view
from recado.db.database import Database
from recado.events.causes import Actor, Cause
from recado.lib.numbers import number_in

# --- the list ---

# What the list's bar says for "none": an empty choice leaves things as they are.
_NONE: Final = {"assignee": "nobody", "team": "none", "priority": "none"}


@get("/app/conversations", guards=[members_only])
async def list_conversations(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        view = await list_view(tx, request.user, choice_from(request.query_params))
        flash = await flash_after(tx, request)
    return page(request, "conversations/list.html", view=view, opened=None, flash=flash)


@get("/app/conversations/list", guards=[members_only])
async def show_list(request: MemberRequest, database: Database) -> Template | Redirect:
    """The list alone, for a page that has heard of a change."""
    if not is_fragment_wanted(request):
        return Redirect("/app/conversations")
    query = request.query_params
    opened, is_drawn = number_in(query.get("open")), query.get("drawn") == "1"
    async with database.transaction() as tx:
        view = await list_view(tx, request.user, choice_from(query), is_drawn=is_drawn)
    return page(request, "conversations/_list.html", view=view, opened=opened)


@post("/app/conversations/many", guards=[members_only])
async def change_chosen(request: MemberRequest, database: Database) -> Response[Any]:
    """What the list's bar does to all that were chosen."""
    form, now = await request.form(), datetime.now(UTC)
    numbers = [number_in(str(one)) or 0 for one in form.getall("number", [])]
    given = {name: str(form[name]) for name in form if form[name] != ""}
    given |= {name: "" for name, none in _NONE.items() if given.get(name) == none}
    if "status" in given:  # "snoozed:60": with the preset that says until when
        given["status"], _, given["until"] = given["status"].partition(":")
    async with database.transaction() as tx:
        await change_many(tx, request.user, numbers, given, now=now)
    choice, done = choice_from(request.query_params), Done(now, tuple(numbers[:MOST]))
    return go_to(request, with_choice("/app/conversations", choice, **done.query))


@get("/app/conversations/of", guards=[members_only])
async def conversations_of_contact(request: MemberRequest, database: Database) -> Template:
    """The conversations of one contact, on the contact's page."""
    contact_id = number_in(request.query_params.get("contact"))
    async with database.transaction() as tx:
        contact = found(await find_contact(tx, request.user.account_id, contact_id or 0))
        wanted = Filter(status=None, contact_id=contact.id)
        conversations = await conversations_page(tx, request.user, wanted)
        last = await last_messages(tx, [one.id for one in conversations])
    return page(request, "conversations/_of.html", conversations=conversations, last=last)


# --- one conversation ---

_GONE: Final = "/app/conversations?done=gone"  # for open pages of one that was erased


@get("/app/conversations/{number:int}", guards=[members_only])
async def show_conversation(request: MemberRequest, database: Database, number: int) -> Template:
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        flash = await flash_after(tx, request)
        return await drawn_whole(tx, request, conversation, flash=flash)


@get("/app/conversations/{number:int}/messages", guards=[members_only])
async def show_messages(
    request: MemberRequest, database: Database, number: int
) -> Template | Response[Any]:
    async with database.transaction() as tx:
        conversation = await find_visible(tx, request.user, number)
        if conversation is None:
            return gone(request, _GONE)
        shown = await drawn_thread(tx, request, conversation)
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


@get("/app/conversations/{number:int}/state", guards=[members_only])
async def show_state(
    request: MemberRequest, database: Database, number: int
) -> Template | Response[Any]:
    """Head and state, when somebody else has changed them."""
    async with database.transaction() as tx:
        conversation = await find_visible(tx, request.user, number)
        if conversation is None:
            return gone(request, _GONE)
        shown = await drawn_state(tx, request, conversation)
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


@post("/app/conversations/{number:int}/change", guards=[members_only], status_code=200)
async def change_state(
    request: MemberRequest, database: Database, number: int
) -> Template | Redirect:
    form = await request.form()
    by = Cause(Actor.PERSON, request.user.user_id)
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        change = await change_from(tx, conversation, form)
        if change is None:
            raise ClientException("There is nothing of this name.")
        changes = await change_conversation(
            tx, conversation, change, cause=by, now=datetime.now(UTC)
        )
        undo = None if "undone" in request.query_params else undo_of(conversation, changes)
        shown = await drawn_state(tx, request, conversation, undo=undo)
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


# --- its custom attributes ---


@get("/app/conversations/{number:int}/attributes", guards=[members_only])
async def show_attributes(request: MemberRequest, database: Database, number: int) -> Template:
    return await _attributes(request, database, number, "conversations/_attributes.html")


@get("/app/conversations/{number:int}/attributes/edit", guards=[members_only])
async def edit_attributes(request: MemberRequest, database: Database, number: int) -> Template:
    name = "form" if is_fragment_wanted(request) else "page"
    return await _attributes(request, database, number, f"conversations/_attributes_{name}.html")


async def _attributes(
    request: MemberRequest, database: Database, number: int, template: str
) -> Template:
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        definitions = await attributes_of(tx, conversation.account_id, AttributeModel.CONVERSATION)
    return page(
        request, template, conversation=conversation, own_definitions=definitions,
        values=conversation.custom_attributes, errors={}, is_beside=False,
        meeting=first_meeting(attributes_shown(conversation.custom_attributes, definitions)),
    )  # fmt: skip


@post("/app/conversations/{number:int}/attributes", guards=[members_only], status_code=200)
async def save_attributes(
    request: MemberRequest, database: Database, number: int
) -> Template | Redirect:
    form = await request.form()
    is_fragment = is_fragment_wanted(request)
    by = Cause(Actor.PERSON, request.user.user_id)
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        definitions = await attributes_of(tx, conversation.account_id, AttributeModel.CONVERSATION)
        current = attributes_shown(conversation.custom_attributes, definitions)
        met = meet(form, attributes_typed(form, definitions), current)
        typed = typed_values(met.meant, definitions)
        values, wrong = checked_values(definitions, typed, request.user.account.time_zone)
        problems = {f"custom_attributes.{key}": one for key, one in wrong.items()}
        stored = merged(conversation.custom_attributes, values)
        is_refused = bool(problems or met.overlapping)
        if not is_refused:
            await change_conversation(
                tx, conversation, {"custom_attributes": stored}, cause=by, now=datetime.now(UTC)
            )
    name = f"_attributes_{'form' if is_fragment else 'page'}" if is_refused else "_attributes"
    shown = page(
        request, f"conversations/{name}.html", status_code=422 if is_refused else 200,
        conversation=conversation, own_definitions=definitions,
        values={**conversation.custom_attributes, **typed} if is_refused else stored,
        meeting=met.again(field_labels(definitions), problems),
        errors=spoken(problems), is_beside=met.is_beside,
    )  # fmt: skip
    return shown if is_refused else answer(request, shown, otherwise=f"/app/conversations/{number}")


handlers: list[Any] = [
    list_conversations, show_list, change_chosen, conversations_of_contact, show_conversation, show_messages,
    show_state, change_state,
    show_attributes, edit_attributes, save_attributes,
]  # fmt: skip
