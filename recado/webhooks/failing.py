"""What people see of a webhook that does not get through, in the transaction that records it.

The messages of an API inbox leave only by its webhook, those of a mirrored one only to its desk: one that did not get out is marked as failed,
and no longer when a later try brings it there. A bot that does not hear of a contact leaves the
conversation to people.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from recado.conversations.changing import change_conversation
from recado.conversations.correcting import (
    Arrival,
    MessageStatus,
    change_status,
    find_message,
)
from recado.conversations.finding import find_conversation, find_conversation_by_id
from recado.conversations.mailing import ERROR
from recado.conversations.models import Message, MessageType, Status
from recado.db.database import Transaction
from recado.deliveries.delivering import Tried
from recado.deliveries.explaining import explain
from recado.deliveries.settling import Settled
from recado.deliveries.states import State
from recado.events.causes import BY_SYSTEM
from recado.lib.languages import speaking
from recado.webhooks.tellers import Teller

_CARRIES: Final = (Teller.INBOX, Teller.CHATWOOT)  # messages leave only so
_BOT_TRIES: Final = 3  # as many as Chatwoot makes before a person takes over


async def show_failures(
    tx: Transaction, written: Sequence[tuple[Tried, Settled]], *, now: datetime
) -> None:
    """Mark the messages that did not leave their API inbox, and those that did after all."""
    for tried, settled in written:
        claimed = tried.claimed
        if claimed.told_by in _CARRIES and claimed.message_id is not None:
            await _mark(tx, claimed.account_id, claimed.message_id, settled, now=now)
        if claimed.told_by == Teller.AGENT_BOT and _is_given_up(tried, settled):
            await _hand_over(tx, claimed.account_id, claimed.conversation_id or 0, now=now)


def _is_given_up(tried: Tried, settled: Settled) -> bool:
    """Whether people should not wait for the bot any longer; it is still told, should it come back."""
    has_failed_again = tried.claimed.attempts_count + 1 >= _BOT_TRIES
    return settled.state != State.DELIVERED and (settled.state.is_end or has_failed_again)


async def _hand_over(tx: Transaction, account_id: int, display_id: int, *, now: datetime) -> None:
    conversation = await find_conversation(tx, account_id, display_id, for_change=True)
    if conversation is not None and conversation.status == Status.PENDING:
        await change_conversation(
            tx, conversation, {"status": Status.OPEN}, cause=BY_SYSTEM, now=now
        )


async def _mark(
    tx: Transaction, account_id: int, message_id: int, settled: Settled, *, now: datetime
) -> None:
    conversation_id = await tx.scalar(
        select(Message.conversation_id).where(
            Message.account_id == account_id,
            Message.id == message_id,
            Message.message_type == MessageType.OUTGOING,
            Message.private.is_(False),
        )
    )
    if conversation_id is None:
        return
    conversation = await find_conversation_by_id(tx, account_id, conversation_id, for_change=True)
    message = await find_message(tx, conversation, message_id) if conversation else None
    if conversation is None or message is None:
        return
    has_arrived = settled.state == State.DELIVERED
    arrival = Arrival(MessageStatus.SENT)
    if not has_arrived:
        with speaking(conversation.account.language):
            told = str(explain(settled.state, settled.reason).happened)
        arrival = Arrival(MessageStatus.FAILED, told)
    if _is_other(message, has_arrived=has_arrived):
        await change_status(tx, conversation, message, arrival, cause=BY_SYSTEM, now=now)


def _is_other(message: Message, *, has_arrived: bool) -> bool:
    """Only the step from sent to failed and back: what the integrator reported stays."""
    if has_arrived:
        return message.status == MessageStatus.FAILED and ERROR in message.content_attributes
    return message.status == MessageStatus.SENT
