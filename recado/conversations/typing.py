"""Somebody is typing, or has stopped: told at once, kept nowhere else.

Open pages of the account hear of it too, with the contact unnamed: not everybody sees every inbox.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recado.accounts.models import User
from recado.contacts.models import Contact
from recado.conversations.describing import facts_about
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.db.notifying import notify_pages
from recado.events.causes import Cause
from recado.events.names import NoticeName
from recado.events.recording import record_event
from recado.inboxes.models import AgentBot

_KINDS: Final = {User: "user", Contact: "contact", AgentBot: "agent_bot"}


@dataclass(frozen=True, slots=True)
class Sign:
    """Typing or no longer; a private note or a message."""

    is_on: bool
    is_private: bool = False


async def tell_typing(
    tx: Transaction,
    conversation: Conversation,
    who: User | Contact | AgentBot,
    sign: Sign,
    *,
    cause: Cause,
    now: datetime,
) -> None:
    """Record that `who` types in a conversation found with `for_change`, or has stopped."""
    kind = _KINDS[type(who)]
    typing = {"id": who.id, "name": who.name, "type": kind, "is_private": sign.is_private}
    name = NoticeName.CONVERSATION_TYPING_ON if sign.is_on else NoticeName.CONVERSATION_TYPING_OFF
    facts = {**facts_about(conversation, now=now), "typing": typing}
    await record_event(tx, name, facts, conversation_id=conversation.id, cause=cause, now=now)
    await notify_pages(
        tx, conversation.account_id, "typing", id=conversation.display_id, by=f"{kind}:{who.id}",
        name="" if isinstance(who, Contact) else who.name, on=sign.is_on,
    )  # fmt: skip
