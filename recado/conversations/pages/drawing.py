"""Drawing one conversation: everything that any part of the desk shows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from litestar.response import Template

from recado.accounts.doors import MemberRequest, framing, page, spoken
from recado.accounts.models import PRESENCE_NAMES, Availability, User
from recado.accounts.people import Colleague
from recado.contacts.attributes import attributes_of
from recado.contacts.models import AttributeModel
from recado.conversations.mailing import reach_of
from recado.conversations.models import Conversation
from recado.conversations.participating import people_following
from recado.conversations.reading import choice_from, choices_for
from recado.conversations.snoozing import PRESETS
from recado.conversations.stretching import Asked
from recado.conversations.threads import Reader, thread_of
from recado.conversations.viewing import ListView, list_view
from recado.conversations.watching import watchers_of
from recado.conversations.writing import Kind, may_simulate
from recado.dashboards.saving import apps_of
from recado.db.database import Transaction
from recado.lib.files import LARGEST, MOST
from recado.lib.languages import Sentence
from recado.lib.numbers import number_in


async def drawn_whole(
    tx: Transaction,
    request: MemberRequest,
    conversation: Conversation,
    problems: Mapping[str, Sentence] | None = None,
    **more: Any,
) -> Template:
    """The page of a conversation: the only one that may frame the account's dashboard apps."""
    view = await list_view(tx, request.user, choice_from(request.query_params))
    apps = await apps_of(tx, conversation.account_id)
    definitions = await attributes_of(tx, conversation.account_id)
    shown = {
        **_of(conversation), **await _thread(tx, request, conversation),
        **await _state(tx, conversation, view),
        "view": view, "apps": apps, "watchers": await others_looking(tx, request, conversation),
        "definitions": [one for one in definitions if one.model == AttributeModel.CONTACT],
        "own_definitions": [one for one in definitions if one.model != AttributeModel.CONTACT],
        "reach": await reach_of(tx, conversation),  # the composer's
        "may_simulate": may_simulate(request.user, conversation.inbox),
        "typed": {"content": "", "kind": Kind.REPLY}, "errors": spoken(dict(problems or {})),
        "echo_id": str(uuid4()), "most_files": MOST, "most_bytes": LARGEST,
    }  # fmt: skip
    status = 422 if problems else 200
    whole = page(request, "conversations/show.html", status_code=status, **{**shown, **more})
    return framing(request, whole, (origin for app in apps for origin in app.origins))


async def drawn_thread(
    tx: Transaction, request: MemberRequest, conversation: Conversation
) -> Template:
    """The thread alone, for an open page: it asks for nothing that a thread does not show."""
    shown = await _thread(tx, request, conversation)
    return page(request, "conversations/_messages.html", **_of(conversation), **shown)


async def drawn_sent(
    tx: Transaction, request: MemberRequest, conversation: Conversation
) -> Template:
    """The thread, and the head above it: everything that a message has changed for who wrote it."""
    shown = await _thread(tx, request, conversation)
    return page(request, "conversations/_sent.html", **_of(conversation), **shown)


async def drawn_state(
    tx: Transaction,
    request: MemberRequest,
    conversation: Conversation,
    template: str = "conversations/_changed.html",
    **more: Any,
) -> Template:
    """Who takes care of it and how it stands, with the head above the thread or without."""
    shown = await _state(tx, conversation)
    return page(request, template, **_of(conversation), **shown, **more)


async def others_looking(
    tx: Transaction, request: MemberRequest, conversation: Conversation
) -> list[User]:
    """Who looks at it, but for whom it is drawn."""
    watchers = await watchers_of(tx, conversation, now=datetime.now(UTC))
    return [one for one in watchers if one.id != request.user.user_id]


def _of(conversation: Conversation) -> dict[str, Any]:
    """What every part of a page shows."""
    return {
        "conversation": conversation, "contact": conversation.contact,
        "opened": conversation.display_id, "now": datetime.now(UTC), "snoozes": PRESETS,
    }  # fmt: skip


async def _thread(
    tx: Transaction, request: MemberRequest, conversation: Conversation
) -> dict[str, Any]:
    query = request.query_params
    reader = Reader(request.user.user_id, number_in(query.get("new")))
    asked, today = Asked.from_query(query), datetime.now(UTC)
    return {"thread": await thread_of(tx, conversation, asked, today=today, reader=reader)}


async def _state(
    tx: Transaction, conversation: Conversation, view: ListView | None = None
) -> dict[str, Any]:
    members, teams, labels = await choices_for(tx, conversation, view)
    return {
        "assignees": _assignees(conversation, members, now=datetime.now(UTC)),
        "able_ids": {one.user_id for one in members},
        "teams": [(one.id, one.name) for one in teams],
        "left": [(one.title, one.title) for one in labels if one.title not in conversation.labels],
        "followers": await people_following(tx, conversation),
    }


def _assignees(
    conversation: Conversation, members: Sequence[Colleague], *, now: datetime
) -> list[tuple[int, str]]:
    """Who can have it, and who has it though they no longer could, by id; with whether they are there."""
    able = [(one.user_id, _as_seen(one, now)) for one in members]
    has_it = conversation.assignee
    if has_it and has_it.id not in dict(able):
        able.append((has_it.id, has_it.name))
    return able


def _as_seen(one: Colleague, now: datetime) -> str:
    state = one.availability_at(now)
    return one.name if state == Availability.ONLINE else f"{one.name} ({PRESENCE_NAMES[state]})"
