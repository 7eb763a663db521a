"""Writing into a conversation."""

from datetime import UTC, datetime
from typing import Any

from litestar import post
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.response import Redirect, Template

from recado.accounts.doors import MemberRequest, answer, found, is_fragment_wanted, members_only
from recado.conversations.pages.drawing import drawn
from recado.conversations.posting import message_problem
from recado.conversations.reading import choice_from
from recado.conversations.viewing import find_visible, list_view
from recado.conversations.writing import Kind, Written, may_simulate, write
from recado.db.database import Database
from recado.inboxes.models import Inbox


@post("/app/conversations/{number:int}/messages", guards=[members_only], status_code=200)
async def post_into_conversation(
    request: MemberRequest, database: Database, number: int
) -> Template | Redirect:
    form = await request.form()
    content, kind = str(form.get("content", "")), kind_from(str(form.get("kind", Kind.REPLY)))
    echo_id = str(form.get("echo_id", ""))[:100] or None
    problem = message_problem(content)
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        refuse_simulation(request, conversation.inbox, kind)
        if problem is None:
            written = Written(content.strip("\r\n"), kind, echo_id)
            await write(tx, conversation, request.user, written, now=datetime.now(UTC))
        typed = {"content": content if problem else "", "kind": kind}
        template = f"conversations/{'_composed' if is_fragment_wanted(request) else 'show'}.html"
        view = await list_view(tx, request.user, choice_from(request.query_params))
        shown = await drawn(tx, request, conversation, template, problem, view=view, typed=typed)
    if problem:
        return shown
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


def refuse_simulation(request: MemberRequest, inbox: Inbox, kind: Kind) -> None:
    """403 for whoever may not write in the contact's place here."""
    if kind == Kind.CONTACT and not may_simulate(request.user, inbox):
        raise PermissionDeniedException


def kind_from(text: str) -> Kind:
    """What a form says it holds."""
    if text not in set(Kind):
        raise ClientException("There is no such kind of message.")
    return Kind(text)


handlers: list[Any] = [post_into_conversation]
