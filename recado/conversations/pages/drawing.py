"""Drawing one conversation: everything that any part of the desk shows."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from litestar.response import Template

from recado.accounts.doors import MemberRequest, page
from recado.contacts.attributes import attributes_of
from recado.contacts.models import AttributeModel
from recado.conversations.models import Conversation
from recado.conversations.reading import choices_for, number_from
from recado.conversations.viewing import thread_of
from recado.conversations.writing import Kind, may_simulate
from recado.db.database import Transaction
from recado.lib.languages import Sentence


async def drawn(
    tx: Transaction,
    request: MemberRequest,
    conversation: Conversation,
    template: str,
    problem: Sentence | None = None,
    **more: Any,
) -> Template:
    """A template about one conversation, with all that any of them shows."""
    members, teams, labels = await choices_for(tx, conversation)
    definitions = await attributes_of(tx, conversation.account_id)
    query = request.query_params
    shown = {
        "conversation": conversation,
        "contact": conversation.contact,
        "opened": conversation.display_id,
        "thread": await thread_of(
            tx, conversation, oldest=number_from(query.get("from", "")),
            before=number_from(query.get("before", "")), today=datetime.now(UTC),
        ),
        "members": members, "teams": teams, "labels": labels,
        "definitions": [one for one in definitions if one.model == AttributeModel.CONTACT],
        "own_definitions": [one for one in definitions if one.model != AttributeModel.CONTACT],
        "may_simulate": may_simulate(request.user, conversation.inbox),
        "typed": {"content": "", "kind": Kind.REPLY},
        "errors": {"content": str(problem)} if problem else {},
        "echo_id": str(uuid4()),
    }  # fmt: skip
    return page(request, template, status_code=422 if problem else 200, **{**shown, **more})
