"""The out-of-office message: told once to each conversation for as long as nobody is there."""

from datetime import datetime

from recado.conversations.describing import facts_about
from recado.conversations.models import Conversation, Message, MessageType
from recado.lib.hours import last_turn
from recado.lib.templating import TemplateError, render_message


def excuse_for(conversation: Conversation, message: Message, *, now: datetime) -> str | None:
    """What to answer to a message that comes while the inbox is closed; None for nothing.

    Nothing to the muted and the blocked, nor to a mail program's automatic answer, which might answer back.
    """
    inbox = conversation.inbox
    is_unwanted = conversation.is_muted or conversation.contact.blocked
    is_due = message.message_type == MessageType.INCOMING and not is_unwanted
    if not is_due or not inbox.out_of_office or inbox.is_open(now) or _was_told(conversation, now):
        return None
    facts = facts_about(conversation, now=now, message=message)
    if facts["message"].get("is_auto_reply"):
        return None
    try:
        return render_message(inbox.out_of_office, facts).strip() or None
    except TemplateError:  # a value that cannot be put in: better the text as it was written
        return inbox.out_of_office


def _was_told(conversation: Conversation, now: datetime) -> bool:
    """Whether it was told since the inbox closed; one that never opens tells once."""
    hours, told = conversation.inbox.hours, conversation.excused_at
    if hours is None or told is None:
        return False
    closed = last_turn(hours, now)
    return closed is None or told >= closed.at
