"""Pages of an inbox's mailbox: setting it up, trying it, and how it is going."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.response import Redirect, Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    answer,
    found,
    go_to,
    is_fragment_wanted,
    page,
    spoken,
)
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import find_inbox
from recado.lib.imap import MailboxTrouble
from recado.lib.languages import Sentence, say
from recado.mailboxes.explaining import why_unread, why_unsent
from recado.mailboxes.models import Mailbox
from recado.mailboxes.setting_up import (
    MailboxDraft,
    draft_of,
    fetch_now,
    find_mailbox,
    keep_mailbox,
    mailbox_problems,
    servers_of_draft,
    stored_for,
    taken_problem,
)
from recado.mailboxes.trying import try_both

_SAFE: Final = [("tls", say("TLS")), ("starttls", say("STARTTLS"))]
_ANY: Final = [*_SAFE, ("none", say("Not encrypted"))]


@get("/app/inboxes/{inbox_id:int}/mailbox", guards=[administrators_only])
async def show_mailbox(request: MemberRequest, database: Database, inbox_id: int) -> Template:
    async with database.transaction() as tx:
        inbox = await _found(tx, request, inbox_id)
        mailbox = await find_mailbox(tx, inbox)
    return _form(request, inbox, mailbox, draft_of(mailbox))


@post("/app/inboxes/{inbox_id:int}/mailbox", guards=[administrators_only])
async def change_mailbox(
    request: MemberRequest, database: Database, outbound: Outbound, inbox_id: int
) -> Template | Response[Any]:
    draft = draft_from(await request.form())
    by = Cause(Actor.PERSON, request.user.user_id)
    async with database.transaction() as tx:
        inbox = await _found(tx, request, inbox_id)
        mailbox = await find_mailbox(tx, inbox)
        problems = mailbox_problems(draft, stored_for(mailbox, draft))
        if taken := await taken_problem(tx, inbox, draft):
            problems["address"] = taken
        if problems:
            return _form(request, inbox, mailbox, draft, problems)
        await keep_mailbox(tx, inbox, draft, vault=outbound.vault, cause=by, now=datetime.now(UTC))
    return go_to(request, f"/app/inboxes/{inbox_id}")


@post("/app/inboxes/{inbox_id:int}/mailbox/try", status_code=200, guards=[administrators_only])
async def try_mailbox(
    request: MemberRequest, database: Database, outbound: Outbound, inbox_id: int
) -> Template:
    """Sign in at both servers as typed; saves nothing."""
    draft = draft_from(await request.form())
    async with database.transaction() as tx:
        inbox = await _found(tx, request, inbox_id)
        mailbox = await find_mailbox(tx, inbox)
        problems = mailbox_problems(draft, stored_for(mailbox, draft))
        if problems:
            return _form(request, inbox, mailbox, draft, problems)
        imap, smtp = await servers_of_draft(tx, inbox, draft, outbound.vault)
    tried = await try_both(outbound.sender.dialer, imap, smtp)
    return _form(
        request, inbox, mailbox, draft,
        tried={
            "has_imap": tried.has_imap,
            "imap": why_unread(tried.imap.trouble) if tried.imap else None,
            "imap_said": tried.imap.said if tried.imap else "",
            "has_smtp": tried.smtp is not None,
            "smtp": why_unsent(tried.smtp.trouble) if tried.smtp and tried.smtp.trouble else None,
            "smtp_said": tried.smtp.said if tried.smtp else "",
        },
    )  # fmt: skip


@get("/app/inboxes/{inbox_id:int}/mailbox/state", guards=[administrators_only])
async def show_state(
    request: MemberRequest, database: Database, inbox_id: int
) -> Template | Redirect:
    """How it is going, for the inbox's page."""
    async with database.transaction() as tx:
        inbox = await _found(tx, request, inbox_id)
        mailbox = await find_mailbox(tx, inbox)
    shown = _state(request, inbox, mailbox)
    return answer(request, shown, otherwise=f"/app/inboxes/{inbox_id}")


@post("/app/inboxes/{inbox_id:int}/mailbox/fetch", status_code=200, guards=[administrators_only])
async def fetch(request: MemberRequest, database: Database, inbox_id: int) -> Template | Redirect:
    """Look at once."""
    async with database.transaction() as tx:
        inbox = await _found(tx, request, inbox_id)
        mailbox = found(await find_mailbox(tx, inbox))
        await fetch_now(tx, mailbox, now=datetime.now(UTC))
    shown = _state(request, inbox, mailbox)
    return answer(request, shown, otherwise=f"/app/inboxes/{inbox_id}")


def draft_from(form: FormMultiDict) -> MailboxDraft:
    """What the form says, however incomplete; spaces around it are nobody's wish but in passwords."""
    typed: dict[str, Any] = {}
    for field in fields(MailboxDraft):
        value = str(form.get(field.name, field.default))
        if field.name == "is_active":
            typed[field.name] = field.name in form
        elif field.name.endswith("_port"):
            is_number = value.strip().isascii() and value.strip().isdigit() and len(value) < 8
            typed[field.name] = int(value) if is_number else 0
        else:
            typed[field.name] = value if field.name.endswith("_password") else value.strip()
    typed["folder"] = typed["folder"] or "INBOX"
    return MailboxDraft(**typed)


async def _found(tx: Transaction, request: MemberRequest, inbox_id: int) -> Inbox:
    inbox = found(await find_inbox(tx, request.user.account_id, inbox_id))
    if inbox.channel != Channel.EMAIL:
        raise NotFoundException
    return inbox


def _state(request: MemberRequest, inbox: Inbox, mailbox: Mailbox | None) -> Template:
    return page(request, "mailboxes/_state.html", inbox=inbox, mailbox=mailbox, why=_why(mailbox))


def _why(mailbox: Mailbox | None) -> Sentence | None:
    trouble = mailbox.trouble if mailbox else None
    return why_unread(MailboxTrouble(trouble)) if trouble else None


def _form(
    request: MemberRequest,
    inbox: Inbox,
    mailbox: Mailbox | None,
    draft: MailboxDraft,
    problems: dict[str, Sentence] | None = None,
    tried: dict[str, Any] | None = None,
) -> Template:
    template = "mailboxes/_form.html" if is_fragment_wanted(request) else "mailboxes/form.html"
    return page(
        request, template, status_code=422 if problems else 200, inbox=inbox, mailbox=mailbox,
        draft=draft, stored=stored_for(mailbox, draft), errors=spoken(problems or {}),
        tried=tried, safe=_SAFE, any=_ANY, why=_why(mailbox),
    )  # fmt: skip


handlers: list[Any] = [show_mailbox, change_mailbox, try_mailbox, show_state, fetch]
