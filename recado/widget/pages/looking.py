"""How the chat looks on a website, and what it asks first: a form with a preview beside it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
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
)
from recado.accounts.meeting import Meeting, Words, first_meeting, meet
from recado.contacts.attributes import attributes_of
from recado.contacts.models import CustomAttribute
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.embedding import colour_of, is_colour
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import find_inbox, update_inbox
from recado.inboxes.pre_chat import (
    PreChat,
    Question,
    message_of,
    order_of,
    pre_chat_of,
    settings_with,
)
from recado.lib.languages import Sentence, say
from recado.widget.asking import choices_of

_LONGEST: Final = {"welcome_title": 80, "welcome_tagline": 250, "pre_chat_message": 250}
_OWN: Final = ("widget_color", "widget_position", "welcome_title", "welcome_tagline")
_LABELS: Final = {
    "widget_color": say("Colour"), "widget_position": say("Side of the bubble"),
    "welcome_title": say("Title"), "welcome_tagline": say("Greeting"),
    "pre_chat_message": say("Sentence above the questions"),
}  # fmt: skip
SIDES: Final = [("right", say("Right")), ("left", say("Left"))]
ASKED: Final = [("", say("Not asked")), ("asked", say("Asked")), ("required", say("Required"))]


@get("/app/inboxes/{inbox_id:int}/widget", guards=[administrators_only])
async def show_look(request: MemberRequest, database: Database, inbox_id: int) -> Template:
    async with database.transaction() as tx:
        inbox = await _website(tx, request, inbox_id)
        attributes = await attributes_of(tx, inbox.account_id)
    shown = _shown(inbox, attributes)
    return _look_page(request, inbox, shown, attributes, meeting=first_meeting(shown))


@post("/app/inboxes/{inbox_id:int}/widget", guards=[administrators_only])
async def change_look(
    request: MemberRequest, database: Database, inbox_id: int
) -> Template | Response[Any]:
    sent = {name: str(value).strip() for name, value in (await request.form()).items()}
    async with database.transaction() as tx:
        inbox = await found_for_change(tx, await _website(tx, request, inbox_id))
        attributes = await attributes_of(tx, inbox.account_id)
        shown = _shown(inbox, attributes)
        met = meet(sent, {name: sent.get(name, "") for name in shown}, shown)
        problems = _problems(met.meant)
        if problems or met.overlapping:
            again = met.again(_labels(attributes), problems, words=_words(shown))
            return _look_page(request, inbox, met.meant, attributes, problems, again)
        look = {name: met.meant[name] for name in _OWN}
        settings = settings_with(
            {**inbox.settings, **look},
            _pre_chat(met.meant, attributes),
            offered=[one.key for one, _, _ in choices_of(PreChat(), attributes)],
        )
        cause = Cause(Actor.PERSON, request.user.user_id)
        await update_inbox(tx, inbox, inbox.name, settings, now=datetime.now(UTC), cause=cause)
    return go_to(request, f"/app/inboxes/{inbox_id}")


def _values(inbox: Inbox) -> dict[str, str]:
    return {
        "widget_color": colour_of(inbox),
        "widget_position": "left" if inbox.settings.get("widget_position") == "left" else "right",
        "welcome_title": inbox.settings.get("welcome_title") or "",
        "welcome_tagline": inbox.settings.get("welcome_tagline") or "",
        "pre_chat_message": message_of(inbox),
    }


def _shown(inbox: Inbox, attributes: list[CustomAttribute]) -> dict[str, str]:
    """What every field of the form shows, by its name."""
    asked = choices_of(pre_chat_of(inbox), attributes)
    return _values(inbox) | {_ask(one): answer for one, _, answer in asked}


def _ask(question: Question) -> str:
    return f"ask-{question.belongs}-{question.name}"


def _labels(attributes: list[CustomAttribute]) -> dict[str, object]:
    return {**_LABELS, **{_ask(one): label for one, label, _ in choices_of(PreChat(), attributes)}}


def _words(shown: Mapping[str, str]) -> Words:
    asks = {name: dict(ASKED) for name in shown if name.startswith("ask-")}
    return {"widget_position": dict(SIDES), **asks}


def _problems(sent: Mapping[str, str]) -> dict[str, Sentence]:
    problems = {
        name: say("Use at most %(number)s characters.", number=most)
        for name, most in _LONGEST.items()
        if len(sent.get(name, "")) > most
    }
    if not is_colour(sent.get("widget_color", "")):
        problems["widget_color"] = say("Choose a colour, such as #4f46c8.")
    return problems


def _pre_chat(values: Mapping[str, str], attributes: list[CustomAttribute]) -> PreChat:
    asked = [
        replace(one, is_required=answer == "required")
        for one, _, _ in choices_of(PreChat(), attributes)
        if (answer := values.get(_ask(one))) in {"asked", "required"}
    ]
    return PreChat(tuple(asked), values.get("pre_chat_message", ""))


async def _website(tx: Transaction, request: MemberRequest, inbox_id: int) -> Inbox:
    inbox = found(await find_inbox(tx, request.user.account_id, inbox_id))
    return found(inbox if inbox.channel == Channel.WEB_WIDGET else None)


def _look_page(
    request: MemberRequest,
    inbox: Inbox,
    values: Mapping[str, str],
    attributes: list[CustomAttribute],
    problems: Mapping[str, Sentence] | None = None,
    meeting: Meeting | None = None,
) -> Template:
    return form_page(
        request,
        "widget/look.html",
        problems,
        meeting,
        inbox=inbox,
        values={**_values(inbox), **values},
        questions=choices_of(_pre_chat(values, attributes), attributes, order_of(inbox)),
        sides=SIDES,
        asked=ASKED,
        longest=_LONGEST,
    )


handlers: list[Any] = [show_look, change_look]
