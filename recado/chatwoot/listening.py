"""Mirroring what came in, one webhook after the other, in the order in which each desk sent them."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update

from recado.chatwoot.mirroring import (
    InboxUnknown,
    mirror_contact,
    mirror_conversation,
)
from recado.chatwoot.mirroring_messages import mirror_message
from recado.chatwoot.models import ChatwootArrival, ChatwootServer
from recado.chatwoot.reading import Json, Unreadable, conversation_in, message_in, number_of
from recado.db.database import Transaction

_RETENTION: Final = timedelta(days=30)
_BATCH: Final = 1_000  # rows deleted in one transaction
_UNREADABLE = "unreadable"
_BUG = "bug"  # our own mistake; the log has the traceback


async def next_arrival(tx: Transaction) -> int | None:
    """What came in first of what waits."""
    query = select(ChatwootArrival.id).where(ChatwootArrival.trouble == "")
    return await tx.scalar(query.order_by(ChatwootArrival.id).limit(1))


async def mirror_arrival(tx: Transaction, arrival_id: int, *, now: datetime) -> None:
    """Mirror what a webhook tells, and forget it; one that says nothing to us stays, marked.

    The connection is locked meanwhile, so that two workers take turns. What is about an inbox that is
    not mirrored yet is found by the look that is due now.
    """
    arrival = await tx.get(ChatwootArrival, arrival_id)
    if arrival is None:
        return
    server = await tx.get(ChatwootServer, arrival.server_id, with_for_update=True)
    arrival = await tx.get(ChatwootArrival, arrival_id, populate_existing=True)
    if arrival is None or server is None:
        return  # another worker was here meanwhile
    try:
        async with tx.begin_nested():
            await _mirror(tx, server, arrival.body, now=now)
    except Unreadable:
        arrival.trouble = _UNREADABLE
        return
    except InboxUnknown:
        server.due_at = now
        server.imported = {**server.imported, "furnished_at": None}
    await tx.delete(arrival)


async def set_aside(tx: Transaction, arrival_id: int) -> None:
    """Let what we made a mistake about not stop what came after it."""
    mine = update(ChatwootArrival).where(ChatwootArrival.id == arrival_id)
    await tx.execute(mine.values(trouble=_BUG))


async def prune_arrivals(tx: Transaction, *, now: datetime) -> int:
    """Forget what could not be understood over 30 days ago; how many, at most a batch."""
    old = select(ChatwootArrival.id).where(
        ChatwootArrival.trouble != "", ChatwootArrival.received_at < now - _RETENTION
    )
    gone = delete(ChatwootArrival).where(ChatwootArrival.id.in_(old.limit(_BATCH)))
    return len((await tx.execute(gone.returning(ChatwootArrival.id))).all())


async def _mirror(tx: Transaction, server: ChatwootServer, body: Json, *, now: datetime) -> None:
    match str(body.get("event") or "").partition("_")[0]:
        case "message":
            theirs = message_in(body)
            told: Any = body.get("conversation")
            conversation = await mirror_conversation(
                tx, server, conversation_in(told if isinstance(told, dict) else {}), now=now
            )
            await mirror_message(tx, server, conversation, theirs, now=now)
        case "conversation":
            await mirror_conversation(tx, server, conversation_in(body), now=now)
        case "contact" if number_of(body):
            await mirror_contact(tx, server, body, now=now)
        case "contact":
            raise Unreadable
        case _:
            pass  # nothing that is mirrored
