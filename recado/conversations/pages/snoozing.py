"""Putting a conversation aside until a time, and going on with the next one."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from litestar import get, post
from litestar.response import Redirect, Response, Template

from recado.accounts.doors import MemberRequest, answer, found, go_to, members_only, page, spoken
from recado.conversations.changing import change_conversation
from recado.conversations.models import Conversation, Status
from recado.conversations.pages.drawing import drawn_state
from recado.conversations.pages.undoing import with_choice
from recado.conversations.reading import choice_from
from recado.conversations.snoozing import OWN, chosen_end
from recado.conversations.undoing import Done, undo_of
from recado.conversations.viewing import Choice, find_visible, following, list_view
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.lib.languages import Sentence


@get("/app/conversations/{number:int}/snooze", guards=[members_only])
async def ask_until_when(request: MemberRequest, database: Database, number: int) -> Template:
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
    return _form_page(request, conversation, "")


@post("/app/conversations/{number:int}/snooze", guards=[members_only], status_code=200)
async def snooze(request: MemberRequest, database: Database, number: int) -> Template | Redirect:
    form, now = await request.form(), datetime.now(UTC)
    wanted, typed = str(form.get("until", "")), str(form.get("time", ""))
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        zone = conversation.account.time_zone
        end = chosen_end(wanted, typed, now=now, zone=zone)
        if isinstance(end, Sentence):
            return _form_page(request, conversation, typed, {"time": end})
        by = Cause(Actor.PERSON, request.user.user_id)
        changes = await change_conversation(
            tx, conversation, {"status": Status.SNOOZED, "snoozed_until": end}, cause=by, now=now
        )
        undo = None if "undone" in request.query_params else undo_of(conversation, changes)
        shown = await drawn_state(tx, request, conversation, undo=undo)
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


@post("/app/conversations/{number:int}/resolve-and-next", guards=[members_only])
async def resolve_and_go_on(
    request: MemberRequest, database: Database, number: int
) -> Response[Any]:
    """Resolve, and open what stands below it in the list that this person is looking at."""
    choice, by = _looked_at(request), Cause(Actor.PERSON, request.user.user_id)
    done = Done(datetime.now(UTC), (number,))
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        onward, next_one = await following(tx, request.user, choice, number)
        await change_conversation(
            tx, conversation, {"status": Status.RESOLVED}, cause=by, now=done.at
        )
        if onward.page > choice.page and await _is_listed(tx, request, choice, next_one):
            onward = choice  # it moved up into the place of the one that is resolved
    path = f"/app/conversations/{next_one}" if next_one else "/app/conversations"
    return go_to(request, with_choice(path, onward, **done.query))


async def _is_listed(
    tx: Transaction, request: MemberRequest, choice: Choice, number: int | None
) -> bool:
    view = await list_view(tx, request.user, choice, is_drawn=True)
    return number in [one.display_id for one in view.conversations]


def _looked_at(request: MemberRequest) -> Choice:
    """The list beside the thread: htmx says the page's address, a bare form carries its query."""
    current = request.headers.get("hx-current-url")
    query = dict(parse_qsl(urlsplit(current).query)) if current else request.query_params
    return choice_from(query)


def _form_page(
    request: MemberRequest,
    conversation: Conversation,
    typed: str,
    problems: dict[str, Sentence] | None = None,
) -> Template:
    return page(
        request, "conversations/snooze.html", status_code=422 if problems else 200,
        conversation=conversation, typed=typed, own=OWN, errors=spoken(problems or {}),
        zone=conversation.account.time_zone,
    )  # fmt: skip


handlers: list[Any] = [ask_until_when, snooze, resolve_and_go_on]
