"""The page from which somebody sends the transcript of a conversation by e-mail."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, found, go_to, members_only, page
from recado.conversations.models import Conversation
from recado.conversations.transcribing import send_transcript
from recado.conversations.viewing import find_visible
from recado.db.database import Database
from recado.lib.languages import Sentence, say
from recado.lib.mail_servers import has_mail_server, mailable
from recado.mail.explaining import NO_SERVER
from recado.mail.writing import Asked


@get("/app/conversations/{number:int}/transcript", guards=[members_only])
async def ask_for_transcript(request: MemberRequest, database: Database, number: int) -> Template:
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        return _form(request, conversation, conversation.contact.email or "")


@post("/app/conversations/{number:int}/transcript", guards=[members_only])
async def email_transcript(
    request: MemberRequest, database: Database, number: int
) -> Template | Response[Any]:
    address = str((await request.form()).get("email", "")).strip()
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        recipient = mailable(address)
        if recipient is None:
            return _form(request, conversation, address, say("This is not an e-mail address."))
        by = Asked(conversation.account_id, request.user.user.name, None, number)
        if has_mail_server():
            await send_transcript(tx, conversation, [recipient], by, now=datetime.now(UTC))
    return go_to(request, f"/app/conversations/{number}")


def _form(
    request: MemberRequest, conversation: Conversation, address: str, wrong: Sentence | None = None
) -> Template:
    return page(
        request, "conversations/transcript.html", status_code=422 if wrong else 200,
        conversation=conversation, address=address, errors={"email": str(wrong)} if wrong else {},
        no_server=None if has_mail_server() else NO_SERVER,
    )  # fmt: skip


handlers: list[Any] = [ask_for_transcript, email_transcript]
