"""Starting a conversation by hand."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, found, go_to, members_only, page, spoken
from recado.contacts.models import Contact
from recado.contacts.reading import contact_draft, nameless_problem
from recado.contacts.saving import (
    ContactDraft,
    contact_problems,
    contacts_page,
    create_contact,
    find_contact,
)
from recado.conversations.models import Conversation
from recado.conversations.pages.composing import kind_from, refuse_simulation
from recado.conversations.posting import message_problem
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.conversations.writing import Kind, Written, write
from recado.db.database import Database, Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Channel, Inbox
from recado.inboxes.opening import inboxes_for
from recado.lib.languages import Sentence, say
from recado.lib.mailing import MailTrouble
from recado.lib.numbers import number_in
from recado.mail.explaining import why_not
from recado.mail.writing import LONGEST_SUBJECT


@get("/app/conversations/new", guards=[members_only])
async def new_conversation(request: MemberRequest, database: Database) -> Template:
    query = request.query_params
    values = {"contact": query.get("contact", ""), "inbox": query.get("inbox", ""), "kind": ""}
    async with database.transaction() as tx:
        return await _new_page(tx, request, values)


@post("/app/conversations", guards=[members_only])
async def begin_conversation(
    request: MemberRequest, database: Database
) -> Template | Response[Any]:
    form = await request.form()
    values = {name: str(form[name]) for name in form}
    content, kind = values.get("content", ""), kind_from(values.get("kind", Kind.REPLY))
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        inbox = found(await _inbox(tx, request, values.get("inbox", "")))
        draft = contact_draft(form, [])
        contact, problems = await _chosen_contact(tx, request, values.get("contact", ""), draft)
        if inbox.channel == Channel.EMAIL:
            problems |= _mail_problems(kind, contact, draft)
        else:
            refuse_simulation(request, inbox, kind)
        if problem := message_problem(content):
            problems["content"] = problem
        if problems:
            return await _new_page(tx, request, values, problems)
        by = Cause(Actor.PERSON, request.user.user_id)
        contact = contact or await create_contact(tx, inbox.account_id, draft, now=now, cause=by)
        subject = " ".join(values.get("subject", "").split())[:LONGEST_SUBJECT]
        conversation = await _begin(tx, request, (contact, inbox, subject), now=now)
        written = Written(content.strip("\r\n"), kind)
        await write(tx, conversation, request.user, written, now=now)
    return go_to(request, f"/app/conversations/{conversation.display_id}")


def _mail_problems(kind: Kind, contact: Contact | None, draft: ContactDraft) -> dict[str, Sentence]:
    """Why an e-mail cannot be written like this."""
    problems: dict[str, Sentence] = {}
    if kind == Kind.CONTACT:
        problems["kind"] = say("In an e-mail inbox only you can write here: contacts send e-mails.")
    if not (contact.email if contact else draft.email):
        field = "contact" if contact else "email"
        problems[field] = why_not(MailTrouble.NO_ADDRESS)
    return problems


async def _begin(
    tx: Transaction, request: MemberRequest, what: tuple[Contact, Inbox, str], *, now: datetime
) -> Conversation:
    contact, inbox, subject = what
    told = {"mail_subject": subject} if subject and inbox.channel == Channel.EMAIL else {}
    contact_inbox = await introduce(tx, contact, inbox, source_id=None, now=now)
    by = Cause(Actor.PERSON, request.user.user_id)
    return await start_conversation(
        tx, found(contact_inbox), ConversationDraft(additional_attributes=told), cause=by, now=now
    )


async def _chosen_contact(
    tx: Transaction, request: MemberRequest, chosen: str, draft: ContactDraft
) -> tuple[Contact | None, dict[str, Sentence]]:
    """The contact that was chosen; or None and what is wrong with the new one that was typed."""
    account_id = request.user.account_id
    if chosen:
        return found(await find_contact(tx, account_id, number_in(chosen) or 0)), {}
    return None, nameless_problem(draft) | await contact_problems(tx, account_id, draft)


async def _inbox(tx: Transaction, request: MemberRequest, chosen: str) -> Inbox | None:
    inboxes = {str(one.id): one for one in await _inboxes(tx, request)}
    return inboxes.get(chosen)


async def _inboxes(tx: Transaction, request: MemberRequest) -> list[Inbox]:
    inboxes = await inboxes_for(tx, request.user)
    return [one for one in inboxes if one.channel in {Channel.API, Channel.EMAIL}]


async def _new_page(
    tx: Transaction,
    request: MemberRequest,
    values: dict[str, str],
    problems: dict[str, Sentence] | None = None,
) -> Template:
    account_id = request.user.account_id
    contacts, _ = await contacts_page(tx, account_id, sort="-last_activity_at")
    chosen = await find_contact(tx, account_id, number_in(values.get("contact")) or 0)
    if chosen is not None and chosen.id not in {one.id for one in contacts}:
        contacts.insert(0, chosen)
    empty = {"subject": "", "name": "", "email": "", "phone_number": "", "content": "", "kind": ""}
    return page(
        request, "conversations/new.html", status_code=422 if problems else 200,
        inboxes=await _inboxes(tx, request), contacts=contacts,
        values={**empty, **values}, errors=spoken(problems or {}),
    )  # fmt: skip


handlers: list[Any] = [new_conversation, begin_conversation]
