"""How the chat looks on a website, and what it asks first: a form with a preview beside it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page, spoken
from recado.contacts.attributes import attributes_of
from recado.contacts.models import CustomAttribute
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.embedding import colour_of, is_colour
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import find_inbox, update_inbox
from recado.inboxes.pre_chat import PreChat, pre_chat_of, settings_with
from recado.lib.languages import Sentence, say
from recado.widget.asking import choices_of

_LONGEST: Final = {"welcome_title": 80, "welcome_tagline": 250, "pre_chat_message": 250}
_OWN: Final = ("widget_color", "widget_position", "welcome_title", "welcome_tagline")
SIDES: Final = [("right", say("Right")), ("left", say("Left"))]
ASKED: Final = [("", say("Not asked")), ("asked", say("Asked")), ("required", say("Required"))]


@get("/app/inboxes/{inbox_id:int}/widget", guards=[administrators_only])
async def show_look(request: MemberRequest, database: Database, inbox_id: int) -> Template:
    async with database.transaction() as tx:
        inbox = await _website(tx, request, inbox_id)
        attributes = await attributes_of(tx, inbox.account_id)
    return _look_page(request, inbox, _values(inbox), pre_chat_of(inbox), attributes)


@post("/app/inboxes/{inbox_id:int}/widget", guards=[administrators_only])
async def change_look(
    request: MemberRequest, database: Database, inbox_id: int
) -> Template | Response[Any]:
    sent = {name: str(value).strip() for name, value in (await request.form()).items()}
    async with database.transaction() as tx:
        inbox = await _website(tx, request, inbox_id)
        attributes = await attributes_of(tx, inbox.account_id)
        pre_chat = _pre_chat_sent(sent, attributes)
        if problems := _problems(sent):
            return _look_page(request, inbox, sent, pre_chat, attributes, problems)
        look = {name: sent.get(name, "") for name in _OWN}
        settings = settings_with({**inbox.settings, **look}, pre_chat)
        cause = Cause(Actor.PERSON, request.user.user_id)
        await update_inbox(tx, inbox, inbox.name, settings, now=datetime.now(UTC), cause=cause)
    return go_to(request, f"/app/inboxes/{inbox_id}")


def _values(inbox: Inbox) -> dict[str, str]:
    return {
        "widget_color": colour_of(inbox),
        "widget_position": "left" if inbox.settings.get("widget_position") == "left" else "right",
        "welcome_title": inbox.settings.get("welcome_title") or "",
        "welcome_tagline": inbox.settings.get("welcome_tagline") or "",
        "pre_chat_message": pre_chat_of(inbox).message,
    }


def _problems(sent: Mapping[str, str]) -> dict[str, Sentence]:
    problems = {
        name: say("Use at most %(number)s characters.", number=most)
        for name, most in _LONGEST.items()
        if len(sent.get(name, "")) > most
    }
    if not is_colour(sent.get("widget_color", "")):
        problems["widget_color"] = say("Choose a colour, such as #4f46c8.")
    return problems


def _pre_chat_sent(sent: Mapping[str, str], attributes: list[CustomAttribute]) -> PreChat:
    asked = [
        replace(one, is_required=answer == "required")
        for one, _, _ in choices_of(PreChat(), attributes)
        if (answer := sent.get(f"ask-{one.belongs}-{one.name}")) in {"asked", "required"}
    ]
    return PreChat(tuple(asked), sent.get("pre_chat_message", ""))


async def _website(tx: Transaction, request: MemberRequest, inbox_id: int) -> Inbox:
    inbox = found(await find_inbox(tx, request.user.account_id, inbox_id))
    return found(inbox if inbox.channel == Channel.WEB_WIDGET else None)


def _look_page(
    request: MemberRequest,
    inbox: Inbox,
    values: Mapping[str, str],
    pre_chat: PreChat,
    attributes: list[CustomAttribute],
    problems: Mapping[str, Sentence] | None = None,
) -> Template:
    return page(
        request,
        "widget/look.html",
        status_code=422 if problems else 200,
        inbox=inbox,
        values={**_values(inbox), **values},
        questions=choices_of(pre_chat, attributes),
        sides=SIDES,
        asked=ASKED,
        longest=_LONGEST,
        errors=spoken(dict(problems or {})),
    )


handlers: list[Any] = [show_look, change_look]
