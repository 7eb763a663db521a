"""A person of the account writes: a reply, a private note, or in the contact's place to try it out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from recado.accounts.models import Membership
from recado.conversations.addressing import Others
from recado.conversations.mailing import reach_of
from recado.conversations.models import Conversation, Message, MessageType
from recado.conversations.offering_mentions import with_mentions
from recado.conversations.posting import MessageDraft, StoredFile, post_message
from recado.conversations.seeing import mark_seen
from recado.conversations.watching import look_at
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Channel, Inbox


class Kind(StrEnum):
    """What somebody writes; `contact` is what the contact would have written."""

    REPLY = "reply"
    NOTE = "note"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Written:
    """What the reply form holds. `echo_id` is the form's own: sent twice, it is posted once."""

    content: str
    kind: Kind
    echo_id: str | None = None
    files: tuple[StoredFile, ...] = ()
    others: Others | None = None  # who gets a copy of an e-mail; None: those of the last letter


def may_simulate(member: Membership, inbox: Inbox) -> bool:
    """Whether somebody may write in the contact's place: to try rules out, where nobody is misled."""
    return member.is_administrator and inbox.channel == Channel.API


async def write(
    tx: Transaction, conversation: Conversation, member: Membership, written: Written, *,
    now: datetime,
) -> Message:  # fmt: skip
    """Post into a conversation found with `for_change`; whoever replies has seen it.

    A message in the contact's place starts rules exactly as a real one, and is marked.
    """
    if written.kind == Kind.CONTACT:
        return await _simulate(tx, conversation, member, written, now=now)
    await mark_seen(tx, conversation, now=now)
    await look_at(tx, conversation, member.user_id, now=now)
    is_note = written.kind == Kind.NOTE
    content = written.content
    draft = MessageDraft(
        await with_mentions(tx, conversation, content) if is_note else content,
        MessageType.OUTGOING,
        private=is_note,
        sender=member.user,
        content_attributes={} if is_note else await _others(tx, conversation, written),
        echo_id=written.echo_id,
        files=written.files,
    )
    by = Cause(Actor.PERSON, member.user_id)
    return await post_message(tx, conversation, draft, cause=by, now=now)


async def _others(tx: Transaction, conversation: Conversation, written: Written) -> dict[str, Any]:
    """What the message says of who gets a copy; nothing outside of e-mail inboxes."""
    if written.others is not None and conversation.inbox.channel == Channel.EMAIL:
        return written.others.as_attributes
    reach = await reach_of(tx, conversation)
    return Others(reach.cc).as_attributes if reach else {}


async def _simulate(
    tx: Transaction, conversation: Conversation, member: Membership, written: Written, *,
    now: datetime,
) -> Message:  # fmt: skip
    contact = conversation.contact
    draft = MessageDraft(
        written.content,
        MessageType.INCOMING,
        sender=contact,
        content_attributes={"simulated_by": member.user.name},
        echo_id=written.echo_id,
        files=written.files,
    )
    return await post_message(
        tx, conversation, draft, cause=Cause(Actor.CONTACT, contact.id), now=now
    )
