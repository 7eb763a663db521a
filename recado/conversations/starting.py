"""Starting a conversation, and introducing a contact to an inbox."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import select, update

from recado.accounts.models import Account, Membership
from recado.contacts.models import Contact
from recado.conversations.changing import deal_out
from recado.conversations.clocking import clock_start
from recado.conversations.describing import facts_about
from recado.conversations.finding import find_conversation
from recado.conversations.models import (
    DOUBTFUL,
    ContactInbox,
    Conversation,
    Status,
    first_status,
)
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.db.reading import Listing
from recado.events.causes import Cause
from recado.events.names import EventName
from recado.events.recording import record_event
from recado.inboxes.models import Inbox
from recado.inboxes.opening import SEEN_BY_ONE, sees_only


@dataclass(frozen=True, slots=True)
class ConversationDraft:
    """How a conversation starts; ids belong to the account."""

    status: Status = Status.OPEN
    assignee_id: int | None = None
    team_id: int | None = None
    custom_attributes: dict[str, Any] = field(default_factory=dict)
    additional_attributes: dict[str, Any] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    priority: str | None = None


async def introduce(
    tx: Transaction,
    contact: Contact,
    inbox: Inbox,
    *,
    source_id: str | None,
    now: datetime,
    is_claim: bool = False,
) -> ContactInbox | None:
    """The contact as this inbox knows it, made when there is none.

    Without `source_id` the newest one of the contact is taken, which is surely theirs if any is, or a
    random one made; where it `is_claim` of whoever asks, always a random one, since they must not
    learn another's. None when the inbox knows somebody else by this `source_id`.
    """
    query = select(ContactInbox).where(ContactInbox.inbox_id == inbox.id)
    if source_id:
        found = await tx.scalar(query.where(ContactInbox.source_id == source_id))
        if found is not None:
            return found if found.contact_id == contact.id else None
    elif not is_claim:
        query = query.where(ContactInbox.contact_id == contact.id)
        query = query.order_by(DOUBTFUL, ContactInbox.id.desc())
        if found := await tx.scalar(query.limit(1)):
            return found
    contact_inbox = ContactInbox(
        contact_id=contact.id,
        inbox_id=inbox.id,
        source_id=source_id or str(uuid4()),
        is_claim=is_claim,
        created_at=now,
    )
    tx.add(contact_inbox)
    await tx.flush()
    return contact_inbox


async def find_contact_inbox(tx: Transaction, inbox_id: int, source_id: str) -> ContactInbox | None:
    """Whom this inbox knows by `source_id`."""
    return await tx.scalar(
        select(ContactInbox).where(
            ContactInbox.inbox_id == inbox_id, ContactInbox.source_id == source_id
        )
    )


async def find_known(
    tx: Transaction,
    member: Membership,
    source_id: str,
    contact_id: int | None,
    inbox_id: int | None,
) -> ContactInbox | None:
    """Whom the oldest inbox that a person sees knows by `source_id`: this contact, in this inbox; None: any."""
    found = await _KNOWN.all(
        tx, account_id=member.account_id, user_id=sees_only(member), source_id=source_id,
        contact_id=contact_id, inbox_id=inbox_id,
    )  # fmt: skip
    return found[0] if found else None


_KNOWN: Final = Listing(
    ContactInbox,
    f"""contact_inboxes join inboxes on inboxes.id = inbox_id
    where {SEEN_BY_ONE} and source_id = :source_id
        and (:contact_id::bigint is null or contact_id = :contact_id)
        and (:inbox_id::bigint is null or inbox_id = :inbox_id)
    order by inbox_id limit 1""",
)


async def contact_inboxes_of(
    tx: Transaction, contact_ids: list[int]
) -> dict[int, list[tuple[ContactInbox, Inbox]]]:
    """How inboxes know these contacts, by contact id, oldest first."""
    query = (
        select(ContactInbox, Inbox)
        .join(Inbox, Inbox.id == ContactInbox.inbox_id)
        .where(ContactInbox.contact_id.in_(contact_ids))
        .order_by(ContactInbox.id)
    )
    found: dict[int, list[tuple[ContactInbox, Inbox]]] = {}
    for row in await tx.execute(query):
        found.setdefault(row[0].contact_id, []).append((row[0], row[1]))
    return found


async def start_conversation(
    tx: Transaction,
    contact_inbox: ContactInbox,
    draft: ConversationDraft,
    *,
    cause: Cause,
    now: datetime,
) -> Conversation:
    """Open a conversation, numbered next in its account, with everything loaded and locked.

    With a blocked contact it begins resolved, so that it asks nobody for an answer.
    """
    inbox = await tx.get_one(Inbox, contact_inbox.inbox_id)
    contact = await tx.get_one(Contact, contact_inbox.contact_id)
    number = await next_display_id(tx, inbox.account_id)
    tx.add(
        Conversation(
            account_id=inbox.account_id,
            display_id=number,
            inbox_id=inbox.id,
            contact_id=contact_inbox.contact_id,
            contact_inbox_id=contact_inbox.id,
            status=_status(draft, inbox, contact),
            assignee_id=draft.assignee_id,
            team_id=draft.team_id,
            custom_attributes=draft.custom_attributes,
            additional_attributes=draft.additional_attributes,
            labels=draft.labels,
            priority=draft.priority,
            last_activity_at=now,
            created_at=now,
            updated_at=now,
        )
    )
    await tx.flush()
    conversation = await find_conversation(tx, inbox.account_id, number, for_change=True)
    if conversation is None:
        raise RuntimeError("The conversation just written is not there.")
    tx.add(clock_start(conversation, now=now))
    await record_event(
        tx, EventName.CONVERSATION_CREATED, facts_about(conversation, now=now),
        conversation_id=conversation.id, cause=cause, now=now,
    )  # fmt: skip
    await notify_pages(tx, inbox.account_id, "conversation", id=number)
    if conversation.assignee_id is None:
        await deal_out(tx, conversation, now=now)
    return conversation


def _status(draft: ConversationDraft, inbox: Inbox, contact: Contact) -> str:
    if contact.blocked:
        return Status.RESOLVED
    return first_status(inbox) if draft.status == Status.OPEN else draft.status


async def next_display_id(tx: Transaction, account_id: int) -> int:
    """The number of the account's next conversation."""
    query = (
        update(Account)
        .where(Account.id == account_id)
        .values(last_display_id=Account.last_display_id + 1)
        .returning(Account.last_display_id)
    )
    return (await tx.execute(query)).scalar_one()
