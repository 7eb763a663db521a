"""E-mails: sending the transcript of a conversation, and what became of each e-mail."""

from typing import Any

from litestar import get, post
from litestar.response import Response
from msgspec import Struct

from recado.api.conversations import CONVERSATION
from recado.api.door import (
    ROOT,
    ApiRequest,
    administrators,
    invalid,
    iso,
    nothing,
    now,
    unacceptable,
)
from recado.api.fields import UNSET, MaybeId, Words, id_or_none, text_or
from recado.api.reading import asked, read
from recado.api.seeing import visible_conversation
from recado.conversations.transcribing import send_transcript
from recado.db.database import Database
from recado.lib.languages import say, speaking
from recado.lib.mail_servers import has_mail_server, mailable
from recado.mail.explaining import NO_SERVER, why
from recado.mail.finding import emails_page
from recado.mail.models import Email, Progress
from recado.mail.writing import Asked

_MOST_ADDRESSES = 20  # of one call


class TranscriptBody(Struct):
    """Who gets the transcript: an address, or several with commas."""

    email: Words = UNSET


class EmailJson(Struct, kw_only=True):
    """An e-mail; `state` is pending, sent, failed or skipped, `reason` why it is not sent.

    `conversation_id` is the number of the conversation, `said` what the mail server said.
    """

    id: int
    kind: str
    recipient: str
    subject: str
    conversation_id: int | None
    automation_rule_id: int | None
    state: str
    reason: str | None
    said: str
    tries: int
    created_at: str | None
    finished_at: str | None


class EmailsMeta(Struct):
    """`next_cursor` leads to the next page; null: there is none."""

    next_cursor: int | None


class Emails(Struct):
    """A page of e-mails, newest first."""

    payload: list[EmailJson]
    meta: EmailsMeta


class EmailQuery(Struct):
    """Which e-mails; `cursor` is the page before's `next_cursor`."""

    state: Words = UNSET
    cursor: MaybeId = UNSET


@post(f"{CONVERSATION}/transcript", status_code=200, opt={"takes": TranscriptBody})
async def post_transcript(
    request: ApiRequest, database: Database, conversation_id: int
) -> Response[bytes]:
    """Send the transcript of a conversation by e-mail: public messages, no notes."""
    body = await read(request, TranscriptBody)
    recipients = _recipients(text_or(body.email))
    async with database.transaction() as tx:
        conversation = await visible_conversation(
            tx, request.user, conversation_id, for_change=True
        )
        if not has_mail_server():
            with speaking("en"):
                raise unacceptable(str(NO_SERVER))
        me = request.user.user
        by = Asked(conversation.account_id, me.name, None, conversation.display_id)
        await send_transcript(tx, conversation, recipients, by, now=now())
    return nothing()


def _recipients(written: str) -> list[str]:
    addresses = [one.strip() for one in written.split(",") if one.strip()]
    if not addresses or len(addresses) > _MOST_ADDRESSES:
        number = _MOST_ADDRESSES
        raise invalid({"email": say("Enter from 1 to %(number)s addresses.", number=number)})
    for one in addresses:
        if mailable(one) is None:
            raise invalid({"email": say("“%(address)s” is no e-mail address.", address=one)})
    return [one for one in map(mailable, addresses) if one]


@get(f"{ROOT}/emails", guards=[administrators], opt={"asks": EmailQuery})
async def list_emails(request: ApiRequest, database: Database) -> Emails:
    """List e-mails, newest first."""
    query = await asked(request, EmailQuery)
    state = text_or(query.state) or None
    if state not in {None, *Progress}:
        raise invalid({"state": f"Choose one of: {', '.join(Progress)}."})
    async with database.transaction() as tx:
        found, cursor = await emails_page(
            tx, request.user.account_id, state=state, before=id_or_none(query.cursor)
        )
    with speaking("en"):
        return Emails([_json(one) for one in found], EmailsMeta(cursor))


def _json(email: Email) -> EmailJson:
    reason = why(email)
    return EmailJson(
        id=email.id, kind=email.kind, recipient=email.recipient, subject=email.subject,
        conversation_id=email.conversation_id, automation_rule_id=email.rule_id,
        state=email.state, reason=str(reason) if reason else None, said=email.said,
        tries=email.tries, created_at=iso(email.created_at), finished_at=iso(email.finished_at),
    )  # fmt: skip


handlers: list[Any] = [post_transcript, list_emails]
