"""Every route of the API."""

from typing import Any

from recado.api import (
    agents,
    contacts,
    conversation_changes,
    conversations,
    inbox_members,
    inboxes,
    labels,
    messages,
    profile,
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
)
handlers: list[Any] = [one for resource in _RESOURCES for one in resource.handlers]
