"""A visitor opens the chat of a website: told to whoever listens; rules do not wait for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from recado.accounts.models import Account
from recado.contacts.describing import facts_about_contact
from recado.contacts.models import Contact
from recado.conversations.describing import facts_about, inbox_facts
from recado.conversations.identifying import newest_own_conversation
from recado.conversations.models import ContactInbox
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.events.names import NoticeName
from recado.events.recording import record_event
from recado.inboxes.models import Inbox

_TOLD: Final = ("initiated_at", "referer", "widget_language", "browser_language", "browser")
_LONGEST: Final = 500  # characters of one value
_MOST: Final = 10  # values in an object


async def tell_visit(
    tx: Transaction, inbox: Inbox, known: ContactInbox, told: Mapping[str, Any], *, now: datetime
) -> None:
    """Record that a visitor whom the inbox knows opens the chat; `told` is what their browser says."""
    conversation = await newest_own_conversation(tx, known, inbox.account_id)
    if conversation is None:
        account = await tx.get_one(Account, inbox.account_id)
        contact = await tx.get_one(Contact, known.contact_id)
        facts = {**facts_about_contact(account, contact), "inbox": inbox_facts(inbox, now)}
    else:
        facts = facts_about(conversation, now=now)
    visit = {
        "source_id": known.source_id,
        "contact_inbox_id": known.id,
        "info": circumstances(told),
    }
    await record_event(
        tx, NoticeName.WEBWIDGET_TRIGGERED, {**facts, "visit": visit},
        conversation_id=conversation.id if conversation else None,
        cause=Cause(Actor.CONTACT, known.contact_id), now=now,
    )  # fmt: skip


def circumstances(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of what a browser says about a visit: known names, short values, no depth."""
    return {name: _kept(told[name]) for name in _TOLD if name in told}


def _kept(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key)[:50]: _short(one) for key, one in list(value.items())[:_MOST]}
    return _short(value)


def _short(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:_LONGEST]
