"""Erasing a contact for good: every table that says something of them, in one transaction.

What the log tells of a delivery stays (that it was made, when, how it ended), but not what it said.
Which tables those are, and why the others are not, stands in `personal.py`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, case, cast, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from recado.automation.models import RuleVerdict
from recado.chatwoot.models import ChatwootArrival, ChatwootLink, ChatwootServer, Kind
from recado.contacts.models import Contact, ContactImport, ContactImportRow, CustomFilter
from recado.contacts.saving import delete_contact
from recado.conversations.models import Attachment, Conversation, Message
from recado.conversations.uploading import unheld
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.deliveries.leasing import end_leases
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.states import State, Why
from recado.erasing.tracing import (
    happened_to,
    is_told_in,
    is_written_in,
    marks_of,
    names,
    numbers_of,
)
from recado.events.models import Event
from recado.mail.models import Email
from recado.replays.models import Replay

_TOLD: Final = 200  # conversations, the newest, whose open pages hear of it


async def erase_contact(tx: Transaction, contact: Contact, *, now: datetime) -> list[str]:
    """Erase a contact with everything that is kept of them.

    Answers the keys of files that nothing holds any more: forget them after the commit. Calls that
    wait are called off; one that is under way may still arrive, and its answer is not kept.
    """
    keys = await _keys(tx, contact)
    await _tell_pages(tx, contact)
    await _forget_traces(tx, contact, now=now)
    marks = marks_of(contact)
    await _forget_searches(tx, contact.account_id, marks)
    await _forget_mirrored(tx, contact)
    await _forget_rows(tx, contact)
    await delete_contact(tx, contact)
    return await unheld(tx, keys)


async def _tell_pages(tx: Transaction, contact: Contact) -> None:
    """At the commit: lists are drawn anew, and what shows the contact or a conversation says that it is gone."""
    await notify_pages(tx, contact.account_id, "erasure")
    await notify_pages(tx, contact.account_id, "contact", id=contact.id)
    newest = numbers_of(contact).order_by(Conversation.id.desc()).limit(_TOLD)
    for number in await tx.scalars(newest):
        await notify_pages(tx, contact.account_id, "conversation", id=number)


async def _keys(tx: Transaction, contact: Contact) -> list[str]:
    query = (
        select(Attachment.key)
        .join(Message, Message.id == Attachment.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.contact_id == contact.id)
    )
    return list(await tx.scalars(query))


async def _forget_traces(tx: Transaction, contact: Contact, *, now: datetime) -> None:
    """Deliveries last name the events: so they go first, and what rules did to them by then is seen.

    A worker that tests rules on one of the events holds it: the deletion waits, and finds what came
    of it.
    """
    account_id = contact.account_id
    events = list(await tx.scalars(select(Event.id).where(happened_to(contact)).with_for_update()))
    told = list(await tx.scalars(select(Delivery.id).where(is_told_in(contact)).with_for_update()))
    await _empty(tx, told, now=now)
    await tx.execute(
        delete(RuleVerdict).where(
            RuleVerdict.account_id == account_id,
            or_(
                RuleVerdict.conversation_id.in_(numbers_of(contact)),
                RuleVerdict.event_id.in_(events),
            ),
        )
    )
    await tx.execute(delete(Email).where(is_written_in(contact)))
    await tx.execute(delete(Event).where(Event.id.in_(events)))


async def _empty(tx: Transaction, ids: Sequence[int], *, now: datetime) -> None:
    """Take from deliveries what they said and what was answered; call off those that wait."""
    waits = Delivery.state.in_([State.PENDING, State.HELD])
    nothing = func.jsonb_build_object(
        "method", Delivery.request["method"], "url", Delivery.lane, "headers", literal([], JSONB),
        "body", None, "is_dropped", True, "is_erased", True,
    )  # fmt: skip
    why = literal({"why": Why.ERASED}, JSONB)
    await tx.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(
            request=case((Delivery.request == {}, Delivery.request), else_=nothing),
            reason=case((waits, why), else_=_kept_reason()),
            state=case((waits, literal(State.CANCELLED.value)), else_=Delivery.state),
            finished_at=func.coalesce(Delivery.finished_at, now),
            due_at=None, held_until=None, awaits_answer=False, drops_bodies=False,
            answered={}, fingerprint=None,
        )
    )  # fmt: skip
    await end_leases(tx, ids)
    await tx.execute(
        update(Attempt)
        .where(Attempt.delivery_id.in_(ids))
        .values(response_headers=None, response_body=None, detail="")
    )


def _kept_reason() -> ColumnElement[Any]:
    """Of why a delivery ended, what names nothing of its content."""
    return func.jsonb_strip_nulls(
        func.jsonb_build_object(
            "why", Delivery.reason["why"], "status", Delivery.reason["status"],
            "trouble", Delivery.reason["trouble"], "who", Delivery.reason["who"],
        )
    )  # fmt: skip


async def _forget_searches(tx: Transaction, account_id: int, marks: Sequence[str]) -> None:
    """Filters and replays that look for this very contact."""
    for table, column in ((CustomFilter, CustomFilter.query), (Replay, Replay.wanted)):
        text = cast(column, Text)
        is_meant = [text.icontains(one, autoescape=True) for one in marks]
        if is_meant:
            await tx.execute(delete(table).where(table.account_id == account_id, or_(*is_meant)))


async def _forget_rows(tx: Transaction, contact: Contact) -> None:
    """Rows of lists that are still to be imported, or were refused; a first row in the place of headings."""
    imports = select(ContactImport.id).where(ContactImport.account_id == contact.account_id)
    await tx.execute(
        delete(ContactImportRow).where(
            ContactImportRow.import_id.in_(imports), names(contact, ContactImportRow.cells)
        )
    )
    headings = names(contact, ContactImport.headings)
    for one in await tx.scalars(
        select(ContactImport).where(ContactImport.id.in_(imports), headings)
    ):
        one.headings = [""] * len(one.headings)


async def _forget_mirrored(tx: Transaction, contact: Contact) -> None:
    """What came from another desk and waits, or is named in the report of moving in."""
    servers = select(ChatwootServer.id).where(ChatwootServer.account_id == contact.account_id)
    await tx.execute(
        delete(ChatwootArrival).where(
            ChatwootArrival.server_id.in_(servers), names(contact, ChatwootArrival.body)
        )
    )
    talks = select(Conversation.id).where(Conversation.contact_id == contact.id)
    others = select(Contact.id).where(  # so that a contact who was merged into this one goes too
        Contact.account_id == contact.account_id, Contact.id != contact.id
    )
    await tx.execute(
        update(ChatwootLink)
        .where(
            ChatwootLink.server_id.in_(servers),
            or_(
                (ChatwootLink.kind == Kind.CONTACT) & ChatwootLink.local_id.not_in(others),
                (ChatwootLink.kind == Kind.CONVERSATION) & ChatwootLink.local_id.in_(talks),
            ),
        )
        .values(name="", notes=[])
    )
