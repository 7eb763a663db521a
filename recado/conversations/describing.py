"""The facts of an event: one dictionary, frozen when it happens.

Conditions test it, templates print it, the log shows it. Pure: everything it tells is loaded.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from recado.accounts.models import User
from recado.contacts.describing import account_facts, contact_facts
from recado.conversations.models import Attachment, Conversation, Message
from recado.inboxes.models import Inbox
from recado.lib.facts import Facts


class Recent(NamedTuple):
    """A message among the last ones: of the person `user`, of the contact, or of Recado itself."""

    content: str
    user: str | None
    by_contact: bool
    files: tuple[str, ...]


def facts_about(
    conversation: Conversation,
    *,
    now: datetime,
    message: Message | None = None,
    recent: Sequence[Recent] = (),
    changes: dict[str, list[Any]] | None = None,
) -> Facts:
    """What is true of a conversation now; `recent` are its last messages, oldest first."""
    sender = message.sender_user if message else None
    return {
        "account": account_facts(conversation.account),
        "inbox": inbox_facts(conversation.inbox, now),
        "contact": contact_facts(conversation.contact),
        "conversation": _conversation(conversation, recent),
        "message": message_facts(message) if message else None,
        "agent": _user(sender or conversation.assignee),
        "assignee": _user(conversation.assignee),
        "team": _team(conversation),
        "changes": changes or {},
    }


def inbox_facts(inbox: Inbox, now: datetime) -> Facts:
    """The inbox's part."""
    return {
        "id": inbox.id,
        "name": inbox.name,
        "channel": inbox.channel,
        "within_business_hours": inbox.is_open(now),
    }


def _conversation(conversation: Conversation, recent: Sequence[Recent]) -> Facts:
    name = conversation.contact.told_name
    return {
        "id": conversation.display_id,
        "display_id": conversation.display_id,
        "db_id": conversation.id,
        "status": conversation.status,
        "priority": conversation.priority,
        "labels": conversation.labels,
        "contact_name": name,
        "name": name,
        "custom_attribute": conversation.custom_attributes,
        "additional_attributes": conversation.additional_attributes,
        "created_at": conversation.created_at.isoformat(),
        "last_activity_at": conversation.last_activity_at.isoformat(),
        **_clocks(conversation),
        "source_id": conversation.contact_inbox.source_id,
        "contact_inbox_id": conversation.contact_inbox_id,
        "hmac_verified": conversation.contact_inbox.hmac_verified,
        "recent_messages": [_recent(message, name) for message in recent],
    }


def _clocks(conversation: Conversation) -> Facts:
    """When what happened last; None for never."""
    times = {
        "updated_at": conversation.updated_at,
        "snoozed_until": conversation.snoozed_until,
        "waiting_since": conversation.waiting_since,
        "first_reply_created_at": conversation.first_reply_created_at,
        "agent_last_seen_at": conversation.agent_last_seen_at,
        "contact_last_seen_at": conversation.contact_last_seen_at,
    }
    return {name: moment.isoformat() if moment else None for name, moment in times.items()}


def sender_facts(message: Message) -> Facts | None:
    """Who sent a message, with `type` contact or user; None for Recado itself."""
    if message.sender_user is not None:
        return {**(_user(message.sender_user) or {}), "type": "user"}
    if message.sender_contact is not None:
        return {**contact_facts(message.sender_contact), "type": "contact"}
    if message.sender_bot is not None:
        return {"id": message.sender_bot.id, "name": message.sender_bot.name, "type": "agent_bot"}
    return None


def message_facts(message: Message) -> Facts:
    """The message's part; its attachments are loaded."""
    return {
        "id": message.id,
        "content": message.content,
        "message_type": message.message_type,
        "private": message.private,
        "content_type": message.content_type,
        "content_attributes": message.content_attributes,
        "status": message.status,
        "source_id": message.source_id,
        "echo_id": message.echo_id,
        "sender_type": message.sender_type,
        "bot": {"id": message.sender_bot.id, "name": message.sender_bot.name}
        if message.sender_bot
        else None,
        "attachments": [_attachment(one) for one in message.attachments],
        "created_at": message.created_at.isoformat(),
    } | ({"is_auto_reply": True} if _is_auto_reply(message) else {})


def _is_auto_reply(message: Message) -> bool:
    """Whether a mail program wrote it (out of office and the like), as bridges tell us."""
    email = message.content_attributes.get("email")
    return isinstance(email, dict) and email.get("auto_reply") is True


def _recent(message: Recent, contact_name: str) -> Facts:
    sender = message.user or (contact_name if message.by_contact else "")
    return {"sender": sender, "content": message.content, "attachments": list(message.files)}


def _attachment(attachment: Attachment) -> Facts:
    return {
        "id": attachment.id,
        "file_type": attachment.kind,
        "name": attachment.name,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "url": attachment.url,
    }


def _user(user: User | None) -> Facts | None:
    if user is None:
        return None
    first, _, last = user.name.partition(" ")
    return {
        "id": user.id,
        "name": user.name,
        "available_name": user.name,
        "first_name": first,
        "last_name": last.strip(),
        "email": user.email,
        "avatar_url": user.picture_url,
    }


def _team(conversation: Conversation) -> Facts | None:
    team = conversation.team
    return {"id": team.id, "name": team.name} if team else None
