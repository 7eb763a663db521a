"""The variables that templates and conditions may name, and the facts they stand for.

Facts are one dictionary, frozen when something happens. This module holds the closed catalogue of
its standard names, most useful first (what a call to a CRM needs), and finds values by name. Names
are dotted; what follows `custom_attribute.` is one key, whatever characters it has.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from recado.lib.languages import Sentence, say

Facts = dict[str, Any]  # JSON: the shape differs by event, so values are of any JSON type
_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*")  # what Liquid reads after a dot; others need ["..."]
_ATTRIBUTES = "custom_attribute"


class Kind(StrEnum):
    """What a variable holds. The first eight are the types of custom attributes."""

    TEXT = "text"
    NUMBER = "number"
    CURRENCY = "currency"
    PERCENT = "percent"
    LINK = "link"
    DATE = "date"  # 2026-11-23
    LIST = "list"  # one text out of a list
    CHECKBOX = "checkbox"  # true or false
    TIME = "time"  # an instant: 2026-11-23T12:00:00Z
    MANY = "many"  # a JSON array
    OBJECT = "object"  # a JSON object, whose inside may be named too


KIND_LABELS: Final[Mapping[Kind, Sentence]] = {
    Kind.TEXT: say("Text"),
    Kind.NUMBER: say("Number"),
    Kind.CURRENCY: say("Currency"),
    Kind.PERCENT: say("Percent"),
    Kind.LINK: say("Link"),
    Kind.DATE: say("Date"),
    Kind.LIST: say("List"),
    Kind.CHECKBOX: say("Checkbox"),
    Kind.TIME: say("Date and time"),
    Kind.MANY: say("Several values"),
    Kind.OBJECT: say("Group of values"),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that templates may use: its kind, a label for people and a plausible JSON value."""

    name: str
    kind: Kind
    label: Sentence
    sample: Any  # any JSON value

    @property
    def placeholder(self) -> str:
        """What to write in a template: `{{ contact.name }}`."""
        return "{{ " + spelling(self.name) + " }}"


_MESSAGES: Final = [
    {"sender": "Maria Souza", "content": "Olá, quero saber do meu pedido.", "attachments": []},
    {"sender": "Ana Lima", "content": "Claro, qual é o número dele?", "attachments": []},
]
_TEXT, _NUMBER, _TIME = Kind.TEXT, Kind.NUMBER, Kind.TIME
_CHECKBOX, _MANY, _OBJECT = Kind.CHECKBOX, Kind.MANY, Kind.OBJECT
_EARLIER, _NOW = "2026-11-23T11:48:00Z", "2026-11-23T12:00:00Z"

STANDARD_VARIABLES: Final[tuple[Variable, ...]] = (
    Variable("contact.name", _TEXT, say("Contact name"), "Maria Souza"),
    Variable("contact.first_name", _TEXT, say("Contact first name"), "Maria"),
    Variable("contact.last_name", _TEXT, say("Contact last name"), "Souza"),
    Variable("contact.email", _TEXT, say("Contact email"), "maria.souza@example.com"),
    Variable("contact.phone_number", _TEXT, say("Contact phone number"), "+5511987654321"),
    Variable("contact.identifier", _TEXT, say("Contact identifier"), "CLI-1042"),
    Variable("contact.id", _NUMBER, say("Contact ID"), 7),
    Variable("message.content", _TEXT, say("Message text"), "Meu pedido é o 5531, obrigada!"),
    Variable("conversation.id", _NUMBER, say("Conversation number"), 12),
    Variable("conversation.status", _TEXT, say("Conversation status"), "open"),
    Variable("conversation.priority", _TEXT, say("Conversation priority"), "high"),
    Variable("conversation.labels", _MANY, say("Conversation labels"), ["vip", "pedido"]),
    Variable("conversation.created_at", _TIME, say("Conversation created at"), _EARLIER),
    Variable("inbox.name", _TEXT, say("Inbox name"), "Site"),
    Variable("inbox.id", _NUMBER, say("Inbox ID"), 2),
    Variable("agent.name", _TEXT, say("Agent name"), "Ana Lima"),
    Variable("agent.email", _TEXT, say("Agent email"), "ana.lima@example.com"),
    Variable("agent.first_name", _TEXT, say("Agent first name"), "Ana"),
    Variable("agent.last_name", _TEXT, say("Agent last name"), "Lima"),
    Variable("agent.available_name", _TEXT, say("Agent display name"), "Ana"),
    Variable("agent.id", _NUMBER, say("Agent ID"), 3),
    Variable("team.name", _TEXT, say("Team name"), "Vendas"),
    Variable("team.id", _NUMBER, say("Team ID"), 4),
    Variable("assignee.name", _TEXT, say("Assignee name"), "Ana Lima"),
    Variable("assignee.email", _TEXT, say("Assignee email"), "ana.lima@example.com"),
    Variable("assignee.first_name", _TEXT, say("Assignee first name"), "Ana"),
    Variable("assignee.last_name", _TEXT, say("Assignee last name"), "Lima"),
    Variable("assignee.available_name", _TEXT, say("Assignee display name"), "Ana"),
    Variable("assignee.id", _NUMBER, say("Assignee ID"), 3),
    Variable("message.id", _NUMBER, say("Message ID"), 5),
    Variable("message.message_type", _TEXT, say("Message direction"), "incoming"),
    Variable("message.private", _CHECKBOX, say("Message is a private note"), False),
    Variable("message.content_type", _TEXT, say("Message content type"), "text"),
    Variable("message.sender_type", _TEXT, say("Message sender type"), "contact"),
    Variable("message.attachments", _MANY, say("Message attachments"), []),
    Variable("message.created_at", _TIME, say("Message created at"), _NOW),
    Variable("conversation.recent_messages", _MANY, say("Recent messages"), _MESSAGES),
    Variable("conversation.contact_name", _TEXT, say("Conversation contact name"), "Maria Souza"),
    Variable("conversation.name", _TEXT, say("Conversation name"), "Maria Souza"),
    Variable("conversation.display_id", _NUMBER, say("Conversation number"), 12),
    Variable("conversation.db_id", _NUMBER, say("Conversation database ID"), 991),
    Variable("conversation.last_activity_at", _TIME, say("Last activity at"), _NOW),
    Variable(
        "conversation.additional_attributes",
        _OBJECT,
        say("Conversation technical details"),
        {"referer": "https://www.example.com/pedidos", "browser_language": "pt"},
    ),
    Variable(
        "contact.additional_attributes",
        _OBJECT,
        say("Contact technical details"),
        {"city": "Recife", "country": "Brasil", "country_code": "BR"},
    ),
    Variable("inbox.channel", _TEXT, say("Inbox channel"), "api"),
    Variable("inbox.within_business_hours", _CHECKBOX, say("Within business hours"), True),
    Variable("account.name", _TEXT, say("Account name"), "Acme"),
    Variable("account.id", _NUMBER, say("Account ID"), 1),
    Variable("event.name", _TEXT, say("Event name"), "message_created"),
    Variable("event.at", _TIME, say("Event time"), _NOW),
    Variable("changes", _OBJECT, say("What changed"), {"status": ["open", "resolved"]}),
)

ALIASES: Final[Mapping[str, str]] = {"contact.phone": "contact.phone_number"}

# what came back, for the texts of an action that tell of it
RESPONSE_VARIABLES: Final[tuple[Variable, ...]] = (
    Variable("response.status", _NUMBER, say("Status of the answer"), 201),
    Variable("response.problem", _TEXT, say("What went wrong"), "The receiver answered 422."),
    Variable("response.body", _OBJECT, say("Body of the answer"), {"id": 881}),
    Variable("response.headers", _OBJECT, say("Headers of the answer"), {"location": "/881"}),
)

# names whose inside is free: the catalogue cannot list what stands there
OPEN_NAMES: Final = frozenset(
    {one.name for one in (*STANDARD_VARIABLES, *RESPONSE_VARIABLES) if one.kind in (_OBJECT, _MANY)}
)


def attribute_variable(
    model: str, key: str, label: Sentence, kind: Kind, sample: object = None
) -> Variable:
    """The variable of an account's custom attribute; `model` is contact or conversation.

    `label` holds the name that the account's people gave it.
    """
    name = attribute_name(model, key)
    return Variable(name, kind, label, _SAMPLES[kind] if sample is None else sample)


def attribute_name(model: str, key: str) -> str:
    """How templates name a custom attribute's value: contact.custom_attribute.cpf"""
    return f"{model}.{_ATTRIBUTES}.{key}"


_SAMPLES: Final[Mapping[Kind, Any]] = {
    Kind.TEXT: "exemplo",
    Kind.NUMBER: 42,
    Kind.CURRENCY: 149.9,
    Kind.PERCENT: 12.5,
    Kind.LINK: "https://www.example.com/pedidos/5531",
    Kind.DATE: "2026-11-23",
    Kind.LIST: "exemplo",
    Kind.CHECKBOX: True,
    Kind.TIME: _NOW,
    Kind.MANY: ["exemplo"],
    Kind.OBJECT: {},
}


def names_known(variables: Iterable[Variable]) -> frozenset[str]:
    """Every name that a template may use, aliases of these variables included."""
    names = {one.name for one in variables}
    return frozenset(names | {alias for alias, name in ALIASES.items() if name in names})


def path_of(name: str) -> tuple[str, ...]:
    """The keys that lead to a name's value; a custom attribute's key is never split."""
    first, _, rest = name.partition(".")
    if rest.startswith(_ATTRIBUTES + "."):
        return first, _ATTRIBUTES, rest[len(_ATTRIBUTES) + 1 :]
    return tuple(name.split("."))


def spelling(name: str) -> str:
    """How Liquid writes a name: `contact.custom_attribute["my.key"]` where a dot will not do."""
    first, *rest = path_of(name)
    return first + "".join(_step(key) for key in rest)


def _step(key: str) -> str:
    if _PLAIN_KEY.fullmatch(key):
        return "." + key
    return f"['{key}']" if '"' in key else f'["{key}"]'


def value_of(facts: Facts, name: str) -> Any:
    """The JSON value that a name stands for; None where it is missing."""
    value: Any = facts  # JSON
    for key in path_of(ALIASES.get(name, name)):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def with_values(facts: Facts, values: Mapping[str, object]) -> Facts:
    """A copy of the facts in which names have other values; the facts stay as they are.

    A group that is null (no agent, say) becomes an object. ValueError with the name where a name
    leads through something that is no object.
    """
    changed = dict(facts)
    for name, value in values.items():
        _set(changed, name, value)
    return changed


def _set(facts: Facts, name: str, value: object) -> None:
    *groups, last = path_of(ALIASES.get(name, name))
    at = facts
    for key in groups:
        inner = at.get(key)
        if inner is not None and not isinstance(inner, dict):
            raise ValueError(name)
        at[key] = at = dict(inner or {})
    at[last] = value


def sample_facts(variables: Iterable[Variable] = STANDARD_VARIABLES) -> Facts:
    """Complete and plausible facts: every standard variable's sample and those of `variables`."""
    samples = {one.name: one.sample for one in (*STANDARD_VARIABLES, *variables)}
    empty: Facts = {model: {_ATTRIBUTES: {}} for model in ("contact", "conversation")}
    return with_values(empty, samples)
