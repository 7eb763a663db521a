"""Every route of the API."""

from typing import Any

from recado.api import (
    agents,
    automation_rules,
    canned_responses,
    contacts,
    conversation_changes,
    conversation_signs,
    conversations,
    custom_actions,
    custom_attribute_definitions,
    custom_filters,
    deliveries,
    docs,
    inbox_members,
    inboxes,
    labels,
    message_changes,
    messages,
    profile,
    rule_trials,
    rule_verdicts,
    server,
    teams,
)

_RESOURCES = (
    server,
    profile,
    inboxes,
    inbox_members,
    contacts,
    conversations,
    conversation_changes,
    conversation_signs,
    messages,
    message_changes,
    teams,
    labels,
    agents,
    custom_attribute_definitions,
    canned_responses,
    custom_filters,
    automation_rules,
    custom_actions,
    deliveries,
    rule_trials,
    rule_verdicts,
    docs,
)
handlers: list[Any] = [one for resource in _RESOURCES for one in resource.handlers]
