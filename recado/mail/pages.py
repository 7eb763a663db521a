"""The page of e-mails: what was written, to whom, whether it is sent, and why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    found,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.db.database import Database
from recado.lib.languages import Sentence, say
from recado.lib.mail_servers import has_mail_server, mailable
from recado.lib.numbers import number_in
from recado.mail.explaining import NO_SERVER, why
from recado.mail.finding import email_counts, emails_page, find_email
from recado.mail.models import Email, Kind, Progress
from recado.mail.writing import Asked, Sheet, write_again, write_emails


@dataclass(frozen=True, slots=True)
class Pill:
    """How a state looks: its word, its colour, and whether something still comes."""

    label: Sentence
    kind: str
    is_waiting: bool = False


PILLS: Final[Mapping[str, Pill]] = {
    Progress.PENDING: Pill(say("Waiting"), "warning", True),
    Progress.SENT: Pill(say("Sent"), "success"),
    Progress.FAILED: Pill(say("Failed"), "danger"),
    Progress.SKIPPED: Pill(say("Not sent"), ""),
}
KINDS: Final[Mapping[str, Sentence]] = {
    Kind.TRANSCRIPT: say("Transcript"),
    Kind.TEAM: say("To the team"),
    Kind.TEST: say("Test"),
    Kind.NOTIFICATION: say("Notification"),
    Kind.INVITATION: say("Invitation"),
    Kind.NEW_PASSWORD: say("New password"),
    Kind.ANSWER: say("Answer of an inbox"),
}


@get("/app/emails", guards=[administrators_only])
async def list_emails(request: MemberRequest, database: Database) -> Template:
    return await _list(request, database)


@get("/app/emails/{email_id:int}", guards=[administrators_only])
async def show_email(request: MemberRequest, database: Database, email_id: int) -> Template:
    async with database.transaction() as tx:
        email = found(await find_email(tx, request.user.account_id, email_id))
    return _shown(request, email)


@post("/app/emails/{email_id:int}/again", status_code=200, guards=[administrators_only])
async def send_again(request: MemberRequest, database: Database, email_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        email = await find_email(tx, request.user.account_id, email_id, for_change=True)
        if _may_send_again(found(email)):
            await write_again(tx, found(email), now=datetime.now(UTC))
    return go_to(request, f"/app/emails/{found(email).id}")


@post("/app/emails/test", status_code=200, guards=[administrators_only])
async def send_test(request: MemberRequest, database: Database) -> Response[Any]:
    """An e-mail to whoever asks, to see that the way is open."""
    me = request.user.user
    sheet = Sheet(
        Kind.TEST,
        str(say("Recado can send e-mail")),
        str(say("Whoever reads this knows that the mail server is set up well.")),
    )
    asked = Asked(request.user.account_id, me.name)
    async with database.transaction() as tx:
        recipients = [one for one in [mailable(me.email)] if one]
        await write_emails(tx, sheet, recipients, asked, now=datetime.now(UTC))
    return go_to(request, "/app/emails")


async def _list(request: MemberRequest, database: Database) -> Template:
    state = request.query_params.get("state", "")
    state = state if state in set(Progress) else ""
    before = number_in(request.query_params.get("before"))
    account_id = request.user.account_id
    async with database.transaction() as tx:
        emails, cursor = await emails_page(tx, account_id, state=state or None, before=before)
        counts = await email_counts(tx, account_id)
    return page(
        request,
        "mail/_list.html" if is_fragment_wanted(request) else "mail/list.html",
        emails=emails,
        counts=counts,
        chosen=state,
        here=f"/app/emails?{urlencode({'state': state})}",
        older=f"/app/emails?{urlencode({'state': state, 'before': cursor})}" if cursor else "",
        newest=f"/app/emails?{urlencode({'state': state})}" if before else "",
        pills=PILLS,
        kinds=KINDS,
        why=why,
        no_server=None if has_mail_server() else NO_SERVER,
    )


def _shown(request: MemberRequest, email: Email) -> Template:
    return page(
        request,
        "mail/_email.html" if is_fragment_wanted(request) else "mail/email.html",
        email=email,
        pill=PILLS[email.state],
        kinds=KINDS,
        why=why(email),
        may_send_again=_may_send_again(email),
        no_server=None if _can_be_sent(email) else NO_SERVER,
    )


def _can_be_sent(email: Email) -> bool:
    return has_mail_server() or email.inbox_id is not None


def _may_send_again(email: Email) -> bool:
    """Not where there is nothing left to send: the message was deleted, or what it said was private."""
    is_ended_badly = email.state in {Progress.FAILED, Progress.SKIPPED}
    is_left = bool(email.recipient) and not email.is_private
    return is_ended_badly and is_left and _can_be_sent(email)


handlers: list[Any] = [list_emails, show_email, send_again, send_test]
