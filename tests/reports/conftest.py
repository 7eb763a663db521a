"""A desk with a history: conversations of some days, and calls that ended."""

from datetime import datetime, timedelta
from typing import Any

from recado.accounts.models import User
from recado.conversations.changing import change_conversation
from recado.conversations.models import Conversation, MessageType, Status
from recado.conversations.posting import MessageDraft, post_message
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.db.database import Transaction
from recado.deliveries.models import Attempt, Delivery
from recado.deliveries.states import State
from recado.events.causes import BY_SYSTEM
from recado.inboxes.models import Inbox
from tests.people import Cast, a_contact

ZONE = "America/Sao_Paulo"


async def a_talk(
    tx: Transaction, here: Cast, at: datetime, *, by: User, answered: int, resolved: int = 0
) -> Conversation:
    """A contact writes at a moment; `by` answers and resolves so many minutes later."""
    contact = await a_contact(tx, here.account, email=None, phone_number=None)
    talk = await _started(tx, here.inbox, contact, at)
    await _post(tx, talk, MessageDraft("Oi", MessageType.INCOMING, sender=contact), at)
    reply = MessageDraft("Olá", MessageType.OUTGOING, sender=by)
    await _post(tx, talk, reply, at + timedelta(minutes=answered))
    if resolved:
        change: Any = {"status": Status.RESOLVED, "assignee_id": by.id}
        then = at + timedelta(minutes=resolved)
        await change_conversation(tx, talk, change, cause=BY_SYSTEM, now=then)
    return talk


async def a_call(
    tx: Transaction, here: Cast, at: datetime, *, action: int = 1, **more: Any
) -> None:
    """A call that ended at a moment: delivered in 100 ms by default."""
    values: dict[str, Any] = {"state": State.DELIVERED, "status": 200, "milliseconds": 100.0}
    values |= {
        "lane": "https://crm.example:443",
        "is_test": False,
        "finished_at": at,
        "due_at": None,
    }
    values |= more
    status, took = values.pop("status"), values.pop("milliseconds")
    count = (await tx.connection()).info.setdefault("calls", 0)
    (await tx.connection()).info["calls"] = count + 1
    delivery = Delivery(
        account_id=here.account.id, webhook_id=f"msg_{id(values)}_{count}", action_id=action,
        action_name="CRM", request={}, attempts_count=1, created_at=at,
        **values,
    )  # fmt: skip
    tx.add(delivery)
    await tx.flush()
    if took is not None:
        tx.add(
            Attempt(
                delivery_id=delivery.id, number=1, started_at=at, milliseconds=took, status=status
            )
        )
        await tx.flush()


async def _started(tx: Transaction, inbox: Inbox, contact: Any, at: datetime) -> Conversation:
    known = await introduce(tx, contact, inbox, source_id=None, now=at)
    assert known is not None
    return await start_conversation(tx, known, ConversationDraft(), cause=BY_SYSTEM, now=at)


async def _post(tx: Transaction, talk: Conversation, draft: MessageDraft, at: datetime) -> None:
    await post_message(tx, talk, draft, cause=BY_SYSTEM, now=at)
