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
    LABEL_ADDED = "label_added"  # from here on: what a conversation or contact updated means
    LABEL_REMOVED = "label_removed"
    ASSIGNEE_CHANGED = "assignee_changed"
    TEAM_CHANGED = "team_changed"
    PRIORITY_CHANGED = "priority_changed"
    CONVERSATION_ATTRIBUTE_CHANGED = "conversation_attribute_changed"
    CONTACT_ATTRIBUTE_CHANGED = "contact_attribute_changed"
    SNOOZE_ENDED = "snooze_ended"
    AGENT_IDLE = "agent_idle"  # the contact waits for an answer; recorded as RULE_DUE
    CONTACT_IDLE = "contact_idle"  # an agent waits for the contact; recorded as RULE_DUE
    BUSINESS_HOURS_STARTED = "business_hours_started"  # of the inbox; recorded as RULE_DUE
    BUSINESS_HOURS_ENDED = "business_hours_ended"  # the same


class NoticeName(StrEnum):
    """What happens besides: webhooks and open pages are told, rules do not wait for it."""

    RULE_DUE = "rule_due"  # the time has come for one rule: its facts say which
    MESSAGE_UPDATED = "message_updated"
    CONVERSATION_TYPING_ON = "conversation_typing_on"
    CONVERSATION_TYPING_OFF = "conversation_typing_off"
    INBOX_CREATED = "inbox_created"
    INBOX_UPDATED = "inbox_updated"
    WEBWIDGET_TRIGGERED = "webwidget_triggered"
