"""The closed list of what can happen."""

from enum import StrEnum


class EventName(StrEnum):
    """Every event that rules can wait for; the API and the tables show these names."""

    CONVERSATION_CREATED = "conversation_created"
    CONVERSATION_UPDATED = "conversation_updated"
    CONVERSATION_OPENED = "conversation_opened"
    CONVERSATION_RESOLVED = "conversation_resolved"
    MESSAGE_CREATED = "message_created"
    CONTACT_CREATED = "contact_created"
    CONTACT_UPDATED = "contact_updated"


class NoticeName(StrEnum):
    """What happens besides: webhooks and open pages are told, rules do not wait for it."""

    MESSAGE_UPDATED = "message_updated"
    CONVERSATION_TYPING_ON = "conversation_typing_on"
    CONVERSATION_TYPING_OFF = "conversation_typing_off"
    INBOX_CREATED = "inbox_created"
    INBOX_UPDATED = "inbox_updated"
    WEBWIDGET_TRIGGERED = "webwidget_triggered"
