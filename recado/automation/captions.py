"""What the form calls things: events, operators, effects and the values one can choose.

Labels of attributes stand with them in `catalogue.py`; whole sentences are made in `wording.py`.
"""

from collections.abc import Mapping
from typing import Final

from recado.automation.catalogue import ALL, NONE, Attribute, Kind, Operator
from recado.automation.effect_names import LAST_RESPONDING_AGENT, SELF, EffectName
from recado.automation.known import Known
from recado.automation.moments import OF_THE_CLOCK
from recado.automation.values import as_flag, as_id
from recado.events.names import EventName, NoticeName
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say

Words = Sentence | str  # either way, `str()` says it

EVENT_LABELS: Final[Mapping[str, Sentence]] = {
    EventName.CONVERSATION_CREATED: say("Conversation created"),
    EventName.CONVERSATION_UPDATED: say("Conversation updated"),
    EventName.CONVERSATION_OPENED: say("Conversation opened"),
    EventName.CONVERSATION_RESOLVED: say("Conversation resolved"),
    EventName.MESSAGE_CREATED: say("Message created"),
    EventName.CONTACT_CREATED: say("Contact created"),
    EventName.CONTACT_UPDATED: say("Contact updated"),
    EventName.SNOOZE_ENDED: say("Snooze ended"),
    EventName.AGENT_IDLE: say("No agent has replied for some time"),
    EventName.CONTACT_IDLE: say("The contact has not replied for some time"),
    EventName.BUSINESS_HOURS_STARTED: say("Business hours start"),
    EventName.BUSINESS_HOURS_ENDED: say("Business hours end"),
    EventName.LABEL_ADDED: say("Label added"),
    EventName.LABEL_REMOVED: say("Label removed"),
    EventName.ASSIGNEE_CHANGED: say("Assigned agent changed"),
    EventName.TEAM_CHANGED: say("Assigned team changed"),
    EventName.PRIORITY_CHANGED: say("Priority changed"),
    EventName.CONVERSATION_ATTRIBUTE_CHANGED: say("Custom attribute of the conversation changed"),
    EventName.CONTACT_ATTRIBUTE_CHANGED: say("Custom attribute of the contact changed"),
}

_NOTICES: Final[Mapping[str, Sentence]] = {
    NoticeName.MESSAGE_UPDATED: say("Message updated"),
    NoticeName.WEBWIDGET_TRIGGERED: say("Chat opened on the website"),
}


def event_label(name: str, facts: Facts) -> Words:
    """What happened, as people call it; a timer's event is told by what its rule waited for."""
    if name != NoticeName.RULE_DUE:
        return EVENT_LABELS.get(name) or _NOTICES.get(name) or name
    waited_for = facts["due"]["event"]
    label = EVENT_LABELS.get(waited_for, waited_for)
    return label if waited_for in OF_THE_CLOCK else say("After waiting: %(event)s", event=label)


OPERATOR_LABELS: Final[Mapping[Operator, Sentence]] = {
    Operator.EQUAL_TO: say("Equal to"),
    Operator.NOT_EQUAL_TO: say("Not equal to"),
    Operator.CONTAINS: say("Contains"),
    Operator.DOES_NOT_CONTAIN: say("Does not contain"),
    Operator.STARTS_WITH: say("Starts with"),
    Operator.MATCHES: say("Matches the regular expression"),
    Operator.IS_PRESENT: say("Is present"),
    Operator.IS_NOT_PRESENT: say("Is not present"),
    Operator.IS_GREATER_THAN: say("Is greater than"),
    Operator.IS_LESS_THAN: say("Is less than"),
    Operator.DAYS_BEFORE: say("Is more than so many days ago"),
    Operator.ATTRIBUTE_CHANGED: say("Changed"),
}

EFFECT_LABELS: Final[Mapping[EffectName, Sentence]] = {
    EffectName.SEND_CUSTOM_ACTION: say("Send custom action"),
    EffectName.ASSIGN_AGENT: say("Assign to agent"),
    EffectName.ASSIGN_TEAM: say("Assign a team"),
    EffectName.REMOVE_ASSIGNED_AGENT: say("Remove the assigned agent"),
    EffectName.REMOVE_ASSIGNED_TEAM: say("Remove the assigned team"),
    EffectName.ADD_LABEL: say("Add a label"),
    EffectName.REMOVE_LABEL: say("Remove a label"),
    EffectName.SEND_MESSAGE: say("Send a message"),
    EffectName.ADD_PRIVATE_NOTE: say("Add a private note"),
    EffectName.CHANGE_STATUS: say("Change the status"),
    EffectName.CHANGE_PRIORITY: say("Change the priority"),
    EffectName.RESOLVE_CONVERSATION: say("Resolve the conversation"),
    EffectName.OPEN_CONVERSATION: say("Open the conversation"),
    EffectName.PENDING_CONVERSATION: say("Mark the conversation as pending"),
    EffectName.SNOOZE_CONVERSATION: say("Snooze the conversation"),
    EffectName.MUTE_CONVERSATION: say("Mute the conversation"),
    EffectName.SET_CUSTOM_ATTRIBUTE: say("Set a custom attribute"),
    EffectName.SEND_WEBHOOK_EVENT: say("Send a webhook event"),
    EffectName.SEND_ATTACHMENT: say("Send a file"),
    EffectName.SEND_EMAIL_TRANSCRIPT: say("Send the transcript by e-mail"),
    EffectName.SEND_EMAIL_TO_TEAM: say("Send an e-mail to a team"),
}

CHOICE_LABELS: Final[Mapping[str, Mapping[str, Sentence]]] = {
    "status": {
        "open": say("Open"),
        "resolved": say("Resolved"),
        "pending": say("Pending"),
        "snoozed": say("Snoozed"),
        ALL: say("Any status"),
    },
    "priority": {
        NONE: say("No priority"),
        "low": say("Low"),
        "medium": say("Medium"),
        "high": say("High"),
        "urgent": say("Urgent"),
    },
    "message_type": {
        "incoming": say("Incoming message"),
        "outgoing": say("Outgoing message"),
        "activity": say("Activity"),
        "template": say("Message template"),
    },
    "sender_type": {
        "contact": say("The contact"),
        "user": say("An agent"),
        "agent_bot": say("A bot"),
        NONE: say("Recado itself or a rule"),
    },
    "assignee_id": {NONE: say("Nobody"), LAST_RESPONDING_AGENT: say("Whoever replied last")},
    "team_id": {NONE: say("No team")},
}
BY_HAND_LABELS: Final[Mapping[str, Sentence]] = {SELF: say("Whoever runs the macro")}

# What stands for the id of what is gone: in place of a name, or after what it is.
GONE: Final[Mapping[str, Sentence]] = {
    "assignee_id": say("somebody who left the account"),
    "team_id": say("a team that no longer exists"),
    "inbox_id": say("an inbox that no longer exists"),
    "the": say("that no longer exists"),  # "the team …"
}
GONE_OPTIONS: Final[Mapping[str, Sentence]] = {  # the same to choose from
    "assignee_id": say("Somebody who left the account"),
    "team_id": say("Deleted team"),
    "inbox_id": say("Deleted inbox"),
}


def value_label(attribute: Attribute, value: object, known: Known) -> Words:
    """A condition's value as people know it: a name for an id, a word for a choice."""
    if attribute.kind is Kind.CHECKBOX:
        return say("Yes") if as_flag(value) else say("No")
    if attribute.model is not None:
        return str(value)
    written = NONE if value is None else str(value)
    word = CHOICE_LABELS.get(attribute.key, {}).get(written)
    return word or named(attribute.key, value, names_of(attribute.key, known))


def named(key: str, value: object, names: Mapping[int, str]) -> Words:
    """The name behind an id of what `key` is about; where it is gone, one of GONE."""
    found = as_id(value)
    return str(value) if found is None else names.get(found) or GONE.get(key) or str(value)


def names_of(key: str, known: Known) -> Mapping[int, str]:
    """The names behind the ids of an attribute: of inboxes, agents or teams; else none."""
    names = {"inbox_id": known.inboxes, "assignee_id": known.agents, "team_id": known.teams}
    return names.get(key, {})
