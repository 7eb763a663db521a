"""Attributes × operators × value types: what a condition may say, and of which event.

A superset of what the API's users know: every operator of a value type is open to every attribute
of that type. What is new here: name, identifier, sender_type, has_attachment, within_business_hours, created_at,
last_activity_at, the operator `matches`, and two events about contacts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from recado.automation.known import Definitions
from recado.contacts.kinds import AttributeKind, AttributeModel
from recado.events.names import EventName
from recado.lib.languages import Sentence, say


class Operator(StrEnum):
    """How a condition compares; the API shows these names."""

    EQUAL_TO = "equal_to"
    NOT_EQUAL_TO = "not_equal_to"
    CONTAINS = "contains"
    DOES_NOT_CONTAIN = "does_not_contain"
    STARTS_WITH = "starts_with"
    MATCHES = "matches"  # a regular expression (RE2), anywhere in the text
    IS_PRESENT = "is_present"
    IS_NOT_PRESENT = "is_not_present"
    IS_GREATER_THAN = "is_greater_than"
    IS_LESS_THAN = "is_less_than"
    DAYS_BEFORE = "days_before"  # earlier than so many days before the event
    ATTRIBUTE_CHANGED = "attribute_changed"


class Kind(Enum):
    """What a value is, and so how it is read and compared; `values.py` does both."""

    TEXT = "text"  # people's words: case and accents do not count
    CODE = "code"  # addresses and identifiers: case does not count
    PHONE = "phone"  # only the digits count
    LANGUAGE = "language"  # pt_BR and pt-BR are the same
    CHOICE = "choice"  # one of a list; case does not count
    ID = "id"
    LABELS = "labels"
    NUMBER = "number"
    DATE = "date"  # a day, as written, whatever the time after it
    CHECKBOX = "checkbox"  # true or false


class Subject(Enum):
    """What an attribute is said of."""

    CONVERSATION = "conversation"
    CONTACT = "contact"
    MESSAGE = "message"


_EQUALITY: Final = (Operator.EQUAL_TO, Operator.NOT_EQUAL_TO)
_PRESENCE: Final = (Operator.IS_PRESENT, Operator.IS_NOT_PRESENT)
_CHOICE: Final = _EQUALITY + _PRESENCE
_TEXT: Final = (
    *_EQUALITY,
    Operator.CONTAINS,
    Operator.DOES_NOT_CONTAIN,
    Operator.STARTS_WITH,
    Operator.MATCHES,
    *_PRESENCE,
)
_ORDERED: Final = (*_CHOICE, Operator.IS_GREATER_THAN, Operator.IS_LESS_THAN)

OPERATORS: Final[Mapping[Kind, tuple[Operator, ...]]] = {
    Kind.TEXT: _TEXT,
    Kind.CODE: _TEXT,
    Kind.PHONE: _TEXT,
    Kind.LANGUAGE: _CHOICE,
    Kind.CHOICE: _CHOICE,
    Kind.ID: _CHOICE,
    Kind.LABELS: _CHOICE,
    Kind.NUMBER: _ORDERED,
    Kind.DATE: (*_ORDERED, Operator.DAYS_BEFORE),
    Kind.CHECKBOX: _CHOICE,
}

STATUSES: Final = ("open", "resolved", "pending", "snoozed")
PRIORITIES: Final = ("low", "medium", "high", "urgent")
MESSAGE_TYPES: Final = ("incoming", "outgoing", "activity", "template")
SENDER_TYPES: Final = ("contact", "user", "agent_bot")
NONE: Final = "nil"  # the API's spelling of "no priority", "nobody", "no team"
ALL: Final = "all"  # any status
_FIXED: Final = frozenset({"within_business_hours", "created_at", "last_activity_at"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something a condition can ask for. `path` leads to its value in the facts.

    `choices` are the values of a closed list, `is_optional` says that it may be missing,
    `has_none` that NONE is a value that stands for missing. `model` is set for custom attributes.
    """

    key: str
    subject: Subject
    kind: Kind
    label: Sentence | str
    path: tuple[str, ...]
    choices: tuple[str, ...] = ()
    is_optional: bool = True
    has_none: bool = False
    model: AttributeModel | None = None

    @property
    def operators(self) -> tuple[Operator, ...]:
        """Those that make sense for it, `attribute_changed` aside."""
        return OPERATORS[self.kind]

    @property
    def can_change(self) -> bool:
        """Whether an event may say that it changed."""
        is_fixed = self.key in _FIXED and self.model is None
        return self.subject is not Subject.MESSAGE and not is_fixed


def _of(subject: Subject, key: str, kind: Kind, label: Sentence, inside: str = "") -> Attribute:
    path = (subject.value, inside, key) if inside else (subject.value, key)
    return Attribute(key, subject, kind, label, path)


_MORE: Final = "additional_attributes"
_MESSAGE: Final = (
    Attribute(
        "message_type",
        Subject.MESSAGE,
        Kind.CHOICE,
        say("Message type"),
        ("message", "message_type"),
        choices=MESSAGE_TYPES,
        is_optional=False,
    ),
    Attribute(
        "content",
        Subject.MESSAGE,
        Kind.TEXT,
        say("Message content"),
        ("message", "content"),
    ),
    Attribute(
        "private_note",
        Subject.MESSAGE,
        Kind.CHECKBOX,
        say("Private note"),
        ("message", "private"),
        is_optional=False,
    ),
    Attribute(
        "sender_type",
        Subject.MESSAGE,
        Kind.CHOICE,
        say("Message sender"),
        ("message", "sender_type"),
        choices=SENDER_TYPES,
        has_none=True,
    ),
    Attribute(
        "has_attachment",
        Subject.MESSAGE,
        Kind.CHECKBOX,
        say("Message has an attachment"),
        ("message", "attachments"),
        is_optional=False,
    ),
)
_CONVERSATION: Final = (
    Attribute(
        "status",
        Subject.CONVERSATION,
        Kind.CHOICE,
        say("Conversation status"),
        ("conversation", "status"),
        choices=STATUSES,
        is_optional=False,
    ),
    Attribute(
        "priority",
        Subject.CONVERSATION,
        Kind.CHOICE,
        say("Priority"),
        ("conversation", "priority"),
        choices=PRIORITIES,
        has_none=True,
    ),
    Attribute(
        "assignee_id",
        Subject.CONVERSATION,
        Kind.ID,
        say("Assigned agent"),
        ("assignee", "id"),
        has_none=True,
    ),
    Attribute(
        "team_id",
        Subject.CONVERSATION,
        Kind.ID,
        say("Assigned team"),
        ("team", "id"),
        has_none=True,
    ),
    Attribute(
        "inbox_id",
        Subject.CONVERSATION,
        Kind.ID,
        say("Inbox"),
        ("inbox", "id"),
        is_optional=False,
    ),
    Attribute(
        "within_business_hours",
        Subject.CONVERSATION,
        Kind.CHECKBOX,
        say("Within business hours"),
        ("inbox", "within_business_hours"),
        is_optional=False,
    ),
    _of(Subject.CONVERSATION, "labels", Kind.LABELS, say("Labels")),
    _of(
        Subject.CONVERSATION,
        "conversation_language",
        Kind.LANGUAGE,
        say("Conversation language"),
        _MORE,
    ),
    _of(Subject.CONVERSATION, "browser_language", Kind.LANGUAGE, say("Browser language"), _MORE),
    _of(Subject.CONVERSATION, "referer", Kind.CODE, say("Page where it began"), _MORE),
    _of(Subject.CONVERSATION, "mail_subject", Kind.TEXT, say("E-mail subject"), _MORE),
    _of(Subject.CONVERSATION, "created_at", Kind.DATE, say("Conversation began on")),
    _of(Subject.CONVERSATION, "last_activity_at", Kind.DATE, say("Last activity on")),
)
_CONTACT: Final = (
    _of(Subject.CONTACT, "name", Kind.TEXT, say("Contact name")),
    _of(Subject.CONTACT, "email", Kind.CODE, say("Contact email")),
    _of(Subject.CONTACT, "phone_number", Kind.PHONE, say("Contact phone number")),
    _of(Subject.CONTACT, "identifier", Kind.CODE, say("Contact identifier")),
    Attribute(
        "company", Subject.CONTACT, Kind.TEXT, say("Company"), ("contact", _MORE, "company_name")
    ),
    _of(Subject.CONTACT, "city", Kind.TEXT, say("City"), _MORE),
    _of(Subject.CONTACT, "country_code", Kind.CHOICE, say("Country"), _MORE),
)
STANDARD: Final[Mapping[str, Attribute]] = {
    one.key: one for one in _MESSAGE + _CONVERSATION + _CONTACT
}
ALIASES: Final = {"company_name": "company"}

_KINDS: Final = {
    AttributeKind.TEXT: Kind.TEXT,
    AttributeKind.NUMBER: Kind.NUMBER,
    AttributeKind.CURRENCY: Kind.NUMBER,
    AttributeKind.PERCENT: Kind.NUMBER,
    AttributeKind.LINK: Kind.CODE,
    AttributeKind.DATE: Kind.DATE,
    AttributeKind.LIST: Kind.CHOICE,
    AttributeKind.CHECKBOX: Kind.CHECKBOX,
}

_ABOUT_CONTACTS: Final = frozenset(
    {EventName.CONTACT_CREATED, EventName.CONTACT_UPDATED, EventName.CONTACT_ATTRIBUTE_CHANGED}
)
_WITHOUT_CHANGES: Final = frozenset(
    {
        EventName.CONVERSATION_CREATED,
        EventName.MESSAGE_CREATED,
        EventName.CONTACT_CREATED,
        EventName.SNOOZE_ENDED,
        EventName.AGENT_IDLE,
        EventName.CONTACT_IDLE,
        EventName.BUSINESS_HOURS_STARTED,
        EventName.BUSINESS_HOURS_ENDED,
    }
)


def has_conversation(event_name: EventName) -> bool:
    """Whether the facts of this event hold a conversation."""
    return event_name not in _ABOUT_CONTACTS


def has_changes(event_name: EventName) -> bool:
    """Whether the facts of this event say what changed."""
    return event_name not in _WITHOUT_CHANGES


def find_attribute(key: str, model: str, definitions: Definitions) -> Attribute | None:
    """The attribute that a condition means.

    With a model it is that model's custom attribute, otherwise the standard one, otherwise a
    conversation's custom attribute before a contact's. A model on a standard key is ignored.
    """
    if model and (model, key) in definitions:
        return custom_attribute(AttributeModel(model), key, definitions)
    standard = STANDARD.get(ALIASES.get(key, key))
    if standard or model:
        return standard
    models = (AttributeModel.CONVERSATION, AttributeModel.CONTACT)
    found = next((one for one in models if (one, key) in definitions), None)
    return custom_attribute(found, key, definitions) if found else None


def custom_attribute(model: AttributeModel, key: str, definitions: Definitions) -> Attribute:
    """A definition of the account as an Attribute."""
    info = definitions[model, key]
    subject = Subject(model.of)
    return Attribute(
        key,
        subject,
        _KINDS[info.type],
        info.label or key,
        (subject.value, "custom_attribute", key),
        tuple(info.values) if info.type == AttributeKind.LIST else (),
        model=model,
    )
