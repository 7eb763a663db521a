"""Drawing one conversation: everything that any part of the desk shows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from litestar.response import Template

from recado.accounts.doors import MemberRequest, framing, page, spoken
from recado.accounts.models import User
from recado.contacts.attributes import attributes_of
from recado.contacts.models import AttributeModel
from recado.conversations.mailing import reach_of
from recado.conversations.models import Conversation
from recado.conversations.participating import people_following
from recado.conversations.reading import choice_from, choices_for, number_from
from recado.conversations.snoozing import PRESETS
from recado.conversations.stretching import Asked
from recado.conversations.threads import Reader, thread_of
from recado.conversations.viewing import list_view
from recado.conversations.watching import watchers_of
from recado.conversations.writing import Kind, may_simulate
from recado.dashboards.saving import apps_of
from recado.db.database import Transaction
from recado.lib.files import LARGEST, MOST
from recado.lib.languages import Sentence


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
    whole = "conversations/show.html"
    more |= {
        "view": view, "apps": apps, "watchers": await others_looking(tx, request, conversation),
        "reach": await reach_of(tx, conversation),  # the composer's
    }  # fmt: skip
    shown = await drawn(tx, request, conversation, whole, problems, **more)
    return framing(request, shown, (origin for app in apps for origin in app.origins))


async def others_looking(
    tx: Transaction, request: MemberRequest, conversation: Conversation
) -> list[User]:
    """Who looks at it, but for whom it is drawn."""
    watchers = await watchers_of(tx, conversation, now=datetime.now(UTC))
    return [one for one in watchers if one.id != request.user.user_id]


async def drawn(
    tx: Transaction,
    request: MemberRequest,
    conversation: Conversation,
    template: str,
    problems: Mapping[str, Sentence] | None = None,
    **more: Any,
) -> Template:
    """A template about one conversation, with all that any of them shows."""
    members, teams, labels = await choices_for(tx, conversation, more.get("view"))
    definitions = await attributes_of(tx, conversation.account_id)
    query = request.query_params
    shown = {
        "conversation": conversation,
        "contact": conversation.contact,
        "opened": conversation.display_id,
        "thread": await thread_of(
            tx, conversation, Asked.from_query(query), today=datetime.now(UTC),
            reader=Reader(request.user.user_id, number_from(query.get("new", ""))),
        ),
        "followers": await people_following(tx, conversation),
        "members": members, "teams": teams, "labels": labels,
        "definitions": [one for one in definitions if one.model == AttributeModel.CONTACT],
        "own_definitions": [one for one in definitions if one.model != AttributeModel.CONTACT],
        "may_simulate": may_simulate(request.user, conversation.inbox),
        "typed": {"content": "", "kind": Kind.REPLY},
        "errors": spoken(dict(problems or {})),
        "echo_id": str(uuid4()),
        "now": datetime.now(UTC), "snoozes": PRESETS, "most_files": MOST, "most_bytes": LARGEST,
    }  # fmt: skip
    return page(request, template, status_code=422 if problems else 200, **{**shown, **more})
