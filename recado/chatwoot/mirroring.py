"""Mirroring: what is true of a conversation over there becomes true here, and what differs is an event.

States are compared, not changes replayed: what we wrote there ourselves comes back as what is here
already, and is no event. What we have just written, or are about to, is left alone until it has
settled, and looked at again then. What is older than the connection is history and starts no rule.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select, update

from recado.chatwoot.carrying_conversations import known_by, write_conversation
from recado.chatwoot.connecting import TOLD_BY
from recado.chatwoot.keeping_contacts import carry_contact, fitting
from recado.chatwoot.models import ChatwootLink, ChatwootServer, Kind
from recado.chatwoot.reading import (
    Json,
    RemoteConversation,
    contact_draft,
    moment,
    number_of,
)
from recado.chatwoot.remembering import Carried, Theirs, local_id, remember
from recado.contacts.models import Contact
from recado.contacts.saving import find_contact, update_contact
from recado.conversations.changing import Change, change_conversation
from recado.conversations.finding import find_conversation_by_id
from recado.conversations.models import ContactInbox, Conversation
from recado.conversations.starting import ConversationDraft, start_conversation
from recado.db.database import Transaction
from recado.deliveries.chaining import echoed
from recado.deliveries.models import Delivery
from recado.events.causes import Actor, Cause
from recado.events.models import Event

SETTLES: Final = timedelta(seconds=10)  # webhooks about what was before our change come until then
_PLACES: Final = {  # where we write what
    "labels": ("labels",),
    "custom_attributes": ("custom_attributes",),
    "toggle_status": ("status", "snoozed_until"),
    "toggle_priority": ("priority",),
    "assignments": ("assignee_id", "team_id"),
    "mute": ("is_muted", "status"),
    "unmute": ("is_muted",),
}


class InboxUnknown(Exception):
    """Its inbox is not mirrored yet: what the desk is set up with must be read again."""


def cause_of(server: ChatwootServer) -> Cause:
    """Who did what is mirrored: the other desk."""
    return Cause(Actor.CHATWOOT, server.id)


def is_news(server: ChatwootServer, at: datetime) -> bool:
    """Whether something happened since we are connected; by that desk's clock, which has seconds."""
    return server.connected_at is not None and at >= server.connected_at.replace(microsecond=0)


async def mirror_conversation(
    tx: Transaction, server: ChatwootServer, theirs: RemoteConversation, *, now: datetime
) -> Conversation:
    """The conversation here, as it is there; locked. InboxUnknown before its inbox is mirrored."""
    link = await _link(tx, server, theirs.id)
    ours = link.local_id if link else None
    conversation = (
        await find_conversation_by_id(tx, server.account_id, ours, for_change=True)
        if ours
        else None
    )
    contact = await mirror_contact(tx, server, theirs.contact, now=now)
    if conversation is None:
        conversation = await _begin(tx, server, theirs, contact, now=now)
        theirs_named = Theirs(Kind.CONVERSATION, theirs.id, f"#{theirs.id}")
        await remember(tx, server.id, theirs_named, Carried(conversation.id))
    elif not _is_stale(link, theirs):
        await _bring_up_to_date(tx, server, conversation, theirs, now=now)
    await _note_age(tx, server, theirs)
    return conversation


async def mirror_contact(
    tx: Transaction, server: ChatwootServer, item: Json, *, now: datetime
) -> Contact:
    """The contact here, as it is there; locked."""
    ours = await local_id(tx, server.id, Kind.CONTACT, number_of(item))
    contact = await find_contact(tx, server.account_id, ours, for_change=True) if ours else None
    if contact is None:
        began = moment(item.get("created_at"))
        cause = cause_of(server) if began and is_news(server, began) else None
        return await carry_contact(tx, server, item, now=now, cause=cause)
    if await _is_unsettled(tx, server, Delivery.request["url"].astext.contains(
        f"/contacts/{number_of(item)}", autoescape=True
    ), now=now):  # fmt: skip
        return contact
    draft, _ = await fitting(tx, server.account_id, contact_draft(item), but=contact.id)
    draft.avatar_url = draft.avatar_url or None
    await update_contact(tx, contact, draft, now=now, cause=cause_of(server))
    return contact


async def _begin(
    tx: Transaction, server: ChatwootServer, theirs: RemoteConversation, contact: Contact, *,
    now: datetime,
) -> Conversation:  # fmt: skip
    known, _ = await known_by(tx, server, theirs, contact, now=now)
    if known is None:
        raise InboxUnknown
    if not is_news(server, theirs.created_at):
        written = await write_conversation(tx, server, theirs, known)
        return await _locked(tx, server, written.id)
    return await _start(tx, server, theirs, known, now=now)


async def _start(
    tx: Transaction, server: ChatwootServer, theirs: RemoteConversation, known: ContactInbox, *,
    now: datetime,
) -> Conversation:  # fmt: skip
    draft = ConversationDraft(
        status=theirs.status,
        assignee_id=await _person(tx, server, theirs),
        team_id=await local_id(tx, server.id, Kind.TEAM, theirs.team_id),
        custom_attributes=theirs.custom_attributes,
        additional_attributes=theirs.additional_attributes
        | {"chatwoot_conversation_id": theirs.id},
        labels=theirs.labels,
        priority=theirs.priority,
    )
    return await start_conversation(tx, known, draft, cause=cause_of(server), now=now)


async def _locked(tx: Transaction, server: ChatwootServer, number: int) -> Conversation:
    found = await find_conversation_by_id(tx, server.account_id, number, for_change=True)
    if found is None:
        raise RuntimeError("The conversation just written is not there.")
    return found


async def _bring_up_to_date(
    tx: Transaction, server: ChatwootServer, conversation: Conversation,
    theirs: RemoteConversation, *, now: datetime,
) -> None:  # fmt: skip
    wanted: dict[str, Any] = {
        "status": theirs.status,
        "priority": theirs.priority,
        "labels": theirs.labels,
        "custom_attributes": theirs.custom_attributes,
        "assignee_id": await _person(tx, server, theirs),
        "team_id": await local_id(tx, server.id, Kind.TEAM, theirs.team_id),
        "snoozed_until": theirs.snoozed_until,
    }
    if theirs.muted is not None:
        wanted["is_muted"] = theirs.muted
    differing = {name: one for name, one in wanted.items() if getattr(conversation, name) != one}
    if not differing:
        return
    unsettled = await _unsettled(tx, server, conversation, now=now)
    if unsettled & set(differing):
        await _check_later(tx, server, theirs.id, now=now)
    change = Change(**{name: one for name, one in differing.items() if name not in unsettled})  # type: ignore[typeddict-item]
    number = conversation.display_id
    cause = await echoed(tx, cause_of(server), server.account_id, number, now=now)
    await change_conversation(tx, conversation, change, cause=cause, now=now)


async def _person(
    tx: Transaction, server: ChatwootServer, theirs: RemoteConversation
) -> int | None:
    return await local_id(tx, server.id, Kind.AGENT, number_of(theirs.assignee or {}))


async def _unsettled(
    tx: Transaction, server: ChatwootServer, conversation: Conversation, *, now: datetime
) -> set[str]:
    """What we are writing there just now, or have written a moment ago."""
    query = select(Delivery.request["url"].astext).where(
        Delivery.account_id == server.account_id,
        Delivery.conversation_id == conversation.display_id,
        Delivery.told_by == TOLD_BY,
        Delivery.told_by_id == server.id,
        or_(Delivery.finished_at.is_(None), Delivery.finished_at > now - SETTLES),
    )
    places = [url.rpartition("/")[2] for url in await tx.scalars(query) if url]
    written = {name for place in places for name in _PLACES.get(place, ())}
    return written | await _about_to_be_written(tx, conversation)


async def _about_to_be_written(tx: Transaction, conversation: Conversation) -> set[str]:
    """What has just changed here: its event waits, and will be written back."""
    query = select(Event.facts["changes"]).where(
        Event.account_id == conversation.account_id,
        Event.conversation_id == conversation.id,
        Event.processed_at.is_(None),
        Event.cause["actor"].astext != Actor.CHATWOOT,
    )
    return {name for changes in await tx.scalars(query) for name in changes or {}}


async def _is_unsettled(
    tx: Transaction, server: ChatwootServer, which: Any, *, now: datetime
) -> bool:
    query = select(Delivery.id).where(
        Delivery.account_id == server.account_id,
        Delivery.told_by == TOLD_BY,
        Delivery.told_by_id == server.id,
        Delivery.conversation_id.is_(None),
        or_(Delivery.finished_at.is_(None), Delivery.finished_at > now - SETTLES),
        which,
    )
    return await tx.scalar(query.limit(1)) is not None


async def _link(tx: Transaction, server: ChatwootServer, number: int) -> ChatwootLink | None:
    return await tx.get(
        ChatwootLink, (server.id, Kind.CONVERSATION, number), populate_existing=True
    )


def _is_stale(link: ChatwootLink | None, theirs: RemoteConversation) -> bool:
    """Whether we know newer things: webhooks overtake each other, and answers to questions."""
    known = link.told_at if link else None
    return known is not None and theirs.told_at is not None and theirs.told_at < known


async def _note_age(tx: Transaction, server: ChatwootServer, theirs: RemoteConversation) -> None:
    if theirs.told_at is not None:
        newer = or_(ChatwootLink.told_at.is_(None), ChatwootLink.told_at < theirs.told_at)
        mine = _mine(server, theirs.id)
        await tx.execute(update(ChatwootLink).where(*mine, newer).values(told_at=theirs.told_at))


async def _check_later(
    tx: Transaction, server: ChatwootServer, number: int, *, now: datetime
) -> None:
    later = update(ChatwootLink).where(*_mine(server, number))
    await tx.execute(later.values(check_at=now + SETTLES))


def _mine(server: ChatwootServer, number: int) -> tuple[Any, ...]:
    return (
        ChatwootLink.server_id == server.id,
        ChatwootLink.kind == Kind.CONVERSATION,
        ChatwootLink.remote_id == number,
    )
