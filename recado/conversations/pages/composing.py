"""Writing into a conversation."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.response import Redirect, Template

from recado.accounts.doors import (
    MemberRequest,
    answer,
    found,
    is_fragment_wanted,
    members_only,
    page,
    spoken,
)
from recado.conversations.addressing import BCC, CC, others_from
from recado.conversations.mailing import reach_of
from recado.conversations.mailing_again import mail_again
from recado.conversations.pages.drawing import drawn_sent, drawn_thread, drawn_whole
from recado.conversations.pages.files import LARGEST_UPLOAD, files_of, keep_files
from recado.conversations.posting import message_problem
from recado.conversations.viewing import find_visible
from recado.conversations.writing import Kind, Written, may_simulate, write
from recado.db.database import Database
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Inbox
from recado.lib.files import MOST
from recado.lib.languages import Sentence, say
from recado.lib.storing import FileStore

# Says of an answer that what it has changed is told to open pages, once, and shown in it: whoever asked need not
# ask again when told of it (static/js/live-updates.js).
_TOLD: Final = "recado-told"


@post(
    "/app/conversations/{number:int}/messages", guards=[members_only], status_code=200,
    request_max_body_size=LARGEST_UPLOAD,
)  # fmt: skip
async def post_into_conversation(
    request: MemberRequest, database: Database, store: FileStore, number: int
) -> Template | Redirect:
    form = await request.form()
    content, kind = str(form.get("content", "")), kind_from(str(form.get("kind", Kind.REPLY)))
    files = files_of(form)
    others, wrong = others_from(form.get(CC), form.get(BCC))
    problems = _problems(content, files) | (wrong if kind == Kind.REPLY else {})
    if problems or files:  # first: nobody fills the store from outside
        async with database.transaction() as tx:
            conversation = found(await find_visible(tx, request.user, number))
            refuse_simulation(request, conversation.inbox, kind)
    if problems:
        typed = {name: str(form.get(name, "")) for name in (CC, BCC) if name in form}
        typed |= {"content": content, "kind": kind}
        return await _refused(request, database, number, typed, problems)
    kept = await keep_files(store, files)
    written = Written(
        content.strip("\r\n"), kind, str(form.get("echo_id", ""))[:100] or None, kept,
        others if CC in form else None,
    )  # fmt: skip
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        refuse_simulation(request, conversation.inbox, kind)
        message = await write(tx, conversation, request.user, written, now=now)
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        sent = await drawn_sent(tx, request, conversation)
    if message.created_at == now:  # not the second time
        sent.headers[_TOLD] = "once"
    return answer(request, sent, otherwise=f"/app/conversations/{number}")


def _problems(content: str, files: list[UploadFile]) -> dict[str, Sentence]:
    problems = {}
    if problem := message_problem(content, has_files=bool(files)):
        problems["content"] = problem
    if len(files) > MOST:
        problems["attachments"] = say("Attach at most %(number)s files.", number=MOST)
    return problems


async def _refused(
    request: MemberRequest,
    database: Database,
    number: int,
    typed: dict[str, str],
    problems: dict[str, Sentence],
) -> Template:
    """Why, for a page that shows the message itself; the whole page for a browser without scripts."""
    if is_fragment_wanted(request):
        refused = "conversations/_refused.html"
        return page(request, refused, status_code=422, errors=spoken(problems))
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        return await drawn_whole(tx, request, conversation, problems, typed=typed)


def refuse_simulation(request: MemberRequest, inbox: Inbox, kind: Kind) -> None:
    """403 for whoever may not write in the contact's place here."""
    if kind == Kind.CONTACT and not may_simulate(request.user, inbox):
        raise PermissionDeniedException


def kind_from(text: str) -> Kind:
    """What a form says it holds."""
    if text not in set(Kind):
        raise ClientException("There is no such kind of message.")
    return Kind(text)


@post(
    "/app/conversations/{number:int}/messages/{message_id:int}/again", guards=[members_only],
    status_code=200,
)  # fmt: skip
async def send_again(
    request: MemberRequest, database: Database, number: int, message_id: int
) -> Template | Redirect:
    """Try the e-mail of a message again that could not be sent."""
    by = Cause(Actor.PERSON, request.user.user_id)
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        found(await mail_again(tx, conversation, message_id, cause=by, now=datetime.now(UTC)))
        shown = await drawn_thread(tx, request, conversation)
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


@get("/app/conversations/{number:int}/reach", guards=[members_only])
async def show_reach(
    request: MemberRequest, database: Database, number: int
) -> Template | Redirect:
    """Whom a reply reaches by now; a letter may have come in since it was begun."""
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        reach = found(await reach_of(tx, conversation))
        shown = page(request, "conversations/_reach.html", reach=reach, typed={}, errors={})
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


handlers: list[Any] = [post_into_conversation, send_again, show_reach]
