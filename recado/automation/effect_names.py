"""The closed list of what a rule can do, the shape of each one's parameters.

Stored and sent as the API has it: `{"action_name": str, "action_params": list}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from recado.lib.languages import Sentence, say

MOST_EFFECTS: Final = 50  # of one rule
MOST_LABELS: Final = 100  # of one effect
MOST_ADDRESSES: Final = 20  # of one e-mail
MOST_TEAMS: Final = 100  # of one effect
LONGEST_TEXT: Final = 150_000  # characters of a message, as the API allows
LONGEST_VALUE: Final = 1_500  # characters of what a custom attribute is set to
LAST_RESPONDING_AGENT: Final = "last_responding_agent"
SELF: Final = "self"  # assign_agent, in macros alone: whoever runs it


class EffectName(StrEnum):
    """What a rule can do; the API shows these names as `action_name`."""

    ASSIGN_AGENT = "assign_agent"
    ASSIGN_TEAM = "assign_team"
    REMOVE_ASSIGNED_AGENT = "remove_assigned_agent"
    REMOVE_ASSIGNED_TEAM = "remove_assigned_team"
    ADD_LABEL = "add_label"
    REMOVE_LABEL = "remove_label"
    SEND_MESSAGE = "send_message"
    ADD_PRIVATE_NOTE = "add_private_note"
    CHANGE_STATUS = "change_status"
    CHANGE_PRIORITY = "change_priority"
    RESOLVE_CONVERSATION = "resolve_conversation"
    OPEN_CONVERSATION = "open_conversation"
    PENDING_CONVERSATION = "pending_conversation"
    SNOOZE_CONVERSATION = "snooze_conversation"
    MUTE_CONVERSATION = "mute_conversation"
    SEND_CUSTOM_ACTION = "send_custom_action"
    SET_CUSTOM_ATTRIBUTE = "set_custom_attribute"
    SEND_WEBHOOK_EVENT = "send_webhook_event"
    SEND_ATTACHMENT = "send_attachment"
    SEND_EMAIL_TRANSCRIPT = "send_email_transcript"
    SEND_EMAIL_TO_TEAM = "send_email_to_team"


class Shape(Enum):
    """What the parameters of an effect are; the form draws a field for each."""

    NOTHING = "nothing"
    AGENT = "agent"
    TEAM = "team"
    LABELS = "labels"
    TEXT = "text"
    STATUS = "status"
    PRIORITY = "priority"
    CUSTOM_ACTION = "custom_action"
    ATTRIBUTE = "attribute"  # {"attribute_key", "custom_attribute_type", "value"}
    SNOOZE = "snooze"
    URL = "url"
    FILES = "files"
    EMAILS = "emails"  # addresses, separated by commas, or variables that hold some
    TEAM_MAIL = "team_mail"  # {"team_ids": […], "message"}


SHAPES: Final[Mapping[EffectName, Shape]] = {
    EffectName.ASSIGN_AGENT: Shape.AGENT,
    EffectName.ASSIGN_TEAM: Shape.TEAM,
    EffectName.REMOVE_ASSIGNED_AGENT: Shape.NOTHING,
    EffectName.REMOVE_ASSIGNED_TEAM: Shape.NOTHING,
    EffectName.ADD_LABEL: Shape.LABELS,
    EffectName.REMOVE_LABEL: Shape.LABELS,
    EffectName.SEND_MESSAGE: Shape.TEXT,
    EffectName.ADD_PRIVATE_NOTE: Shape.TEXT,
    EffectName.CHANGE_STATUS: Shape.STATUS,
    EffectName.CHANGE_PRIORITY: Shape.PRIORITY,
    EffectName.RESOLVE_CONVERSATION: Shape.NOTHING,
    EffectName.OPEN_CONVERSATION: Shape.NOTHING,
    EffectName.PENDING_CONVERSATION: Shape.NOTHING,
    EffectName.SNOOZE_CONVERSATION: Shape.SNOOZE,
    EffectName.MUTE_CONVERSATION: Shape.NOTHING,
    EffectName.SEND_CUSTOM_ACTION: Shape.CUSTOM_ACTION,
    EffectName.SET_CUSTOM_ATTRIBUTE: Shape.ATTRIBUTE,
    EffectName.SEND_WEBHOOK_EVENT: Shape.URL,
    EffectName.SEND_ATTACHMENT: Shape.FILES,
    EffectName.SEND_EMAIL_TRANSCRIPT: Shape.EMAILS,
    EffectName.SEND_EMAIL_TO_TEAM: Shape.TEAM_MAIL,
}
BY_MAIL: Final = frozenset({EffectName.SEND_EMAIL_TRANSCRIPT, EffectName.SEND_EMAIL_TO_TEAM})

WITHOUT_CONVERSATION: Final = frozenset(
    {
        EffectName.SEND_CUSTOM_ACTION,
        EffectName.SET_CUSTOM_ATTRIBUTE,
        EffectName.SEND_WEBHOOK_EVENT,
    }
)
SNOOZES: Final[Mapping[str, Sentence]] = {  # what `snooze_conversation` takes; none: till a reply
    "60": say("for an hour"),
    "240": say("for four hours"),
    "1440": say("for a day"),
    "tomorrow": say("until tomorrow morning"),
    "next_week": say("until Monday morning"),
}
MOST_MINUTES: Final = 366 * 24 * 60  # of a snooze


@dataclass(frozen=True, slots=True)
class Setting:
    """A custom attribute and what it becomes: a plain value or a template; "" takes it away."""

    model: str
    key: str
    value: str

    @property
    def is_template(self) -> bool:
        """Whether the value is made of the event's facts."""
        return "{{" in self.value or "{%" in self.value


@dataclass(frozen=True, slots=True)
class TeamMail:
    """Whom an e-mail goes to, and what it says."""

    team_ids: tuple[int, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Files:
    """Which files are sent, by their ids."""

    ids: tuple[int, ...]


Value = int | str | tuple[str, ...] | Files | Setting | TeamMail | None


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect read. What `value` is depends on the shape of its name:

    AGENT an id, LAST_RESPONDING_AGENT or None (nobody); TEAM an id or None; LABELS titles; TEXT,
    STATUS the text; PRIORITY the name or None; CUSTOM_ACTION an id; ATTRIBUTE a Setting; SNOOZE
    minutes or a name, as text, or None; URL an address; EMAILS addresses or a template as one text;
    FILES a Files; TEAM_MAIL a TeamMail; NOTHING None.
    """

    name: EffectName
    value: Value
