"""Pages of an inbox's mailbox: setting it up, trying it, and how it is going."""

from dataclasses import fields, replace
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
    form_page,
    found,
    found_for_change,
    go_to,
    is_fragment_wanted,
    page,
)
from recado.accounts.meeting import Values, first_meeting, meet
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
    draft_beside,
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
_WORDS: Final = {"imap_encryption": dict(_SAFE), "smtp_encryption": dict(_ANY)}


def _of(server: Sentence, field: Sentence) -> Sentence:
    return say("%(server)s: %(field)s", server=server, field=field)


_SERVER_FIELDS: Final = {
    "host": say("Server"), "port": say("Port"), "encryption": say("Encryption"),
    "user": say("User"),
}  # fmt: skip
_LABELS: Final = {  # of what two may both change: all but the passwords
    "address": say("E-mail address"), "sender_name": say("Sender's name"),
    **{f"imap_{one}": _of(say("Receiving"), told) for one, told in _SERVER_FIELDS.items()},
    "folder": say("Folder"),
    **{f"smtp_{one}": _of(say("Sending"), told) for one, told in _SERVER_FIELDS.items()},
    "is_active": say("Fetch and send"),
}  # fmt: skip


@get("/app/inboxes/{inbox_id:int}/mailbox", guards=[administrators_only])
async def show_mailbox(request: MemberRequest, database: Database, inbox_id: int) -> Template:
    async with database.transaction() as tx:
        inbox = await _found(tx, request, inbox_id)
        mailbox = await find_mailbox(tx, inbox)
    draft = draft_of(mailbox)
    return _form(request, inbox, mailbox, draft, meeting=first_meeting(_values(draft)))


@post("/app/inboxes/{inbox_id:int}/mailbox", guards=[administrators_only])
async def change_mailbox(
    request: MemberRequest, database: Database, outbound: Outbound, inbox_id: int
) -> Template | Response[Any]:
    form = await request.form()
    typed, by = draft_from(form), Cause(Actor.PERSON, request.user.user_id)
    async with database.transaction() as tx:
        inbox = await found_for_change(tx, await _found(tx, request, inbox_id))
        mailbox = await find_mailbox(tx, inbox)
        met = meet(form, _values(typed), _values(draft_of(mailbox)))
        draft, moved = draft_beside(typed, _drafted(typed, met.meant))
        problems = mailbox_problems(draft, stored_for(mailbox, draft)) | moved
        if taken := await taken_problem(tx, inbox, draft):
            problems["address"] = taken
        if problems or met.overlapping:
            again = met.again(_LABELS, problems, words=_WORDS)
            return _form(request, inbox, mailbox, draft, problems, meeting=again)
        await keep_mailbox(tx, inbox, draft, vault=outbound.vault, cause=by, now=datetime.now(UTC))
    return go_to(request, f"/app/inboxes/{inbox_id}")


@post("/app/inboxes/{inbox_id:int}/mailbox/try", status_code=200, guards=[administrators_only])
async def try_mailbox(
    request: MemberRequest, database: Database, outbound: Outbound, inbox_id: int
) -> Template:
    """Sign in at both servers as typed; saves nothing."""
    form = await request.form()
    draft = draft_from(form)
    async with database.transaction() as tx:
        inbox = await _found(tx, request, inbox_id)
        mailbox = await find_mailbox(tx, inbox)
        opened = meet(form, _values(draft), _values(draft_of(mailbox))).opened
        meeting = first_meeting(opened)
        problems = mailbox_problems(draft, stored_for(mailbox, draft))
        if problems:
            return _form(request, inbox, mailbox, draft, problems, meeting=meeting)
        imap, smtp = await servers_of_draft(tx, inbox, draft, outbound.vault)
    tried = await try_both(outbound.sender.dialer, imap, smtp)
    return _form(
        request, inbox, mailbox, draft, meeting=meeting,
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


def _values(draft: MailboxDraft) -> Values:
    """What the form shows of a draft: passwords never, and a port that is no number as nothing."""
    shown = {name: getattr(draft, name) for name in _LABELS}
    return {name: one if isinstance(one, bool) else str(one or "") for name, one in shown.items()}


def _drafted(typed: MailboxDraft, values: Values) -> MailboxDraft:
    ports = {name: int(one or 0) for name, one in values.items() if name.endswith("_port")}
    return replace(typed, **{**values, **ports})


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
    **drawn: Any,
) -> Template:
    """`drawn`: the `meeting` over the form, and what came of it where it was `tried`."""
    template = "mailboxes/_form.html" if is_fragment_wanted(request) else "mailboxes/form.html"
    return form_page(
        request, template, problems, inbox=inbox, mailbox=mailbox, draft=draft,
        stored=stored_for(mailbox, draft), safe=_SAFE, any=_ANY, why=_why(mailbox),
        **{"tried": None, **drawn},
    )  # fmt: skip


handlers: list[Any] = [show_mailbox, change_mailbox, try_mailbox, show_state, fetch]
