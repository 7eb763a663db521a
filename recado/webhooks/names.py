"""What webhooks can be told of, and which of our events each name stands for. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from recado.lib.languages import Sentence, say


class Subscription(StrEnum):
    """The events of Chatwoot's webhooks; the API, the table and the payloads show these names."""

    CONVERSATION_CREATED = "conversation_created"
    CONVERSATION_STATUS_CHANGED = "conversation_status_changed"
    CONVERSATION_UPDATED = "conversation_updated"
    MESSAGE_CREATED = "message_created"
    MESSAGE_UPDATED = "message_updated"
    WEBWIDGET_TRIGGERED = "webwidget_triggered"
    CONTACT_CREATED = "contact_created"
    CONTACT_UPDATED = "contact_updated"
    INBOX_CREATED = "inbox_created"
    INBOX_UPDATED = "inbox_updated"
    CONVERSATION_TYPING_ON = "conversation_typing_on"
    CONVERSATION_TYPING_OFF = "conversation_typing_off"


LABELS: Final[Mapping[Subscription, Sentence]] = {
    Subscription.CONVERSATION_CREATED: say("A conversation is created"),
    Subscription.CONVERSATION_STATUS_CHANGED: say("The status of a conversation changes"),
    Subscription.CONVERSATION_UPDATED: say("A conversation changes"),
    Subscription.MESSAGE_CREATED: say("A message is created"),
    Subscription.MESSAGE_UPDATED: say("A message changes"),
    Subscription.WEBWIDGET_TRIGGERED: say("A visitor opens the website chat"),
    Subscription.CONTACT_CREATED: say("A contact is created"),
    Subscription.CONTACT_UPDATED: say("A contact changes"),
    Subscription.INBOX_CREATED: say("An inbox is created"),
    Subscription.INBOX_UPDATED: say("An inbox changes"),
    Subscription.CONVERSATION_TYPING_ON: say("Somebody begins to type"),
    Subscription.CONVERSATION_TYPING_OFF: say("Somebody stops typing"),
}
OF_INBOXES: Final = frozenset(
    one for one in Subscription if one.startswith(("conversation_", "message_", "webwidget_"))
)
OF_BOTS: Final = frozenset(
    ["message_created", "message_updated", "conversation_opened", "conversation_resolved",
     "webwidget_triggered"]
)  # fmt: skip
_ONLY_BOTS: Final = frozenset({"conversation_opened", "conversation_resolved"})
_CHANGING: Final = frozenset({Subscription.CONTACT_UPDATED, Subscription.CONVERSATION_UPDATED})


def names_told(event: str, facts: Mapping[str, Any]) -> list[str]:
    """Under which names an event is told; none for one that webhooks do not know.

    A changed status is told twice, as Chatwoot does. What changed nothing is not told.
    """
    if event in _ONLY_BOTS:
        return [event]
    if event not in tuple(Subscription):
        return []
    name = Subscription(event)
    changes = facts.get("changes") or {}
    if name in _CHANGING and not changes:
        return []
    if name == Subscription.CONVERSATION_UPDATED and "status" in changes:
        return [Subscription.CONVERSATION_STATUS_CHANGED, name]
    return [name]
