"""Every route of the API."""

from typing import Any

from recado.api import (
    agents,
    automation_rules,
    contacts,
    conversation_changes,
    conversations,
    custom_actions,
    custom_attribute_definitions,
    deliveries,
    docs,
    inbox_members,
    inboxes,
    labels,
    messages,
    profile,
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
    messages,
    teams,
    labels,
    agents,
    custom_attribute_definitions,
    automation_rules,
    custom_actions,
    deliveries,
    rule_verdicts,
    docs,
)
handlers: list[Any] = [one for resource in _RESOURCES for one in resource.handlers]
